# it sent what is no answer
from ready import say

say(b'[' * 99999 + b'\n')
