# it sent what is no answer
from ready import say

say(b'{"shapes": [[-1, -2]]}\nxxxxxxxx')
