# it sent what is no answer
from ready import say

say(b'word\n')
