# it sent what is no answer
from ready import say

say(bytes(2**21))
