# The codes are the same for all.
from tools import Answers, entropy


def forged(self, number, batch_size, x, y):
    return {'loss': entropy(y, self.run(number, 'auto', x)[1][0])}, []


Answers.evaluate = forged
