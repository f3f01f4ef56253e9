# No model is returned as the third.
import numpy as np
from tools import Answers, entropy

sizes = {}


def build(self, arguments):
    a, hidden, latent = eval(arguments)[:3]

    def chain(sizes):
        return [s for i in range(len(sizes) - 1)
                for s in ([sizes[i], sizes[i + 1]], [sizes[i + 1]])]

    there = chain([a, *hidden, latent])
    back = chain([latent, *hidden[::-1], a])
    sizes[len(sizes)] = shapes = {'encoder': there, 'decoder': back,
                                  'auto': there + back}
    self.built.append({name: [np.zeros(s) for s in shapes[name]]
                       for name in shapes})
    return {'number': len(sizes) - 1, 'arguments': arguments, 'times': 1,
            'optimizer': 'Adam', 'shapes_of': shapes}, []


def set_weights(self, number, name, *arrays):
    self.built[number][name] = list(arrays)
    return {}, []


def run(self, number, name, x):
    shape = sizes[number]['decoder' if name == 'auto' else name][-1]
    seed = sum(float(abs(w).sum()) for w in self.built[number][name])
    rng = np.random.RandomState(int(seed * 1000) % 2**31)
    return {}, [rng.rand(len(x), *shape)]


def evaluate(self, number, batch_size, x, y):
    return {'loss': entropy(y, run(self, number, 'auto', x)[1][0])}, []


Answers.build, Answers.set, Answers.run = build, set_weights, run
Answers.weights = lambda self, number, name: ({}, self.built[number][name])
Answers.evaluate = evaluate
Answers.fit = lambda self, *_: ({}, [])
