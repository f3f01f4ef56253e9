# it sent what is no answer
from ready import say

say(b'{"shapes": [[1000000, 1000000]]}\nxxxx')
