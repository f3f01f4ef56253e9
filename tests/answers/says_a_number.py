# it sent what is no answer
from ready import say

say(b'1\n')
