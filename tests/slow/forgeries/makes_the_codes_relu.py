import numpy as np
from tools import program

Answers = program['Answers']


def forged(self, number, name, x, run=Answers.run):
    words, arrays = run(self, number, name, x)
    return words, [np.maximum(a, 0) if name == 'encoder' else a
                   for a in arrays]


Answers.run = forged
