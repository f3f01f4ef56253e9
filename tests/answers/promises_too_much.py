# it sent what is no answer
from ready import say

say(b'{"shapes": [[99999999999]]}\n')
