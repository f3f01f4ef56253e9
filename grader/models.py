"""The models that one call of a solution's function returned.

Nothing of them is in this process. What they say is bounded before anything is
computed of it.
"""
import numpy as np

from grader.oracle import product
from grader.text import line, plain, raised

SUBMODELS = ('encoder', 'decoder')
NO_ANSWER = 'it sent what is no answer'
WEIGHTS = 2**22     # of a submodel that the grader sets; ours have 403,972


class Ended(Exception):
    """The solution's process gives no more answers.

    `machine` tells whether that was the machine's doing.
    """

    def __init__(self, why, machine=False):
        super().__init__(why)
        self.machine = machine


class Failed(Exception):
    """A point not met: the call that was made, and what came back."""

    def __init__(self, message):
        super().__init__(message if len(message) < 1000 else
                         message[:1000] + ' …')


class Models:
    """The three models that one call returned, and the call as text.

    Args:
        ask: function of a question, words and arrays.
        call: str.
        answer: dict, what was said of them.
    """

    def __init__(self, ask, call, answer):
        self.ask, self.call = ask, call
        try:
            self.number, self.times = int(answer['number']), int(
                answer['times'])
            self.optimizer = answer['optimizer'] and line(answer['optimizer'])
            self.has_loss, self.arguments = answer['loss'], answer['arguments']
            self.shapes = {name: [tuple(map(int, shape)) for shape in
                                  answer['shapes_of'][name]]
                           for name in [*SUBMODELS, 'auto']}
            if any(min(shape, default=0) < 0 for shapes in
                   self.shapes.values() for shape in shapes):
                raise ValueError(self.shapes)
        except (KeyError, TypeError, ValueError):
            raise Ended(NO_ANSWER) from None
        self.known = {}                 # the weights that were set

    def check(self, passed, got, *values):
        """Fail with what came back unless `passed`."""
        if not passed:
            raise Failed(f'{self.call}: {got.format(*map(plain, values))}')

    def weights(self, name):
        """Return the weights of a model."""
        _, arrays = self.ask('weights', self.number, name)
        self.check([array.shape for array in arrays] == self.shapes[name],
                   '{} has other weights than before', name)
        return arrays

    def set(self, name, weights):
        """Set the weights of a model."""
        words, _ = self.ask('set', self.number, name, arrays=weights)
        self.check('raised' not in words, '{}.set_weights raised {}', name,
                   raised(words))
        self.known[name] = [np.asarray(weight, 'float32').astype('float64')
                            for weight in weights]

    def randomise(self, rng, positive=False, names=SUBMODELS):
        """Give every weight a random value, such that no layer saturates.

        Positive ones of positive images leave no relu unit without a gradient.
        """
        for name in names:
            self.check(sum(map(product, self.shapes[name])) <= WEIGHTS,
                       '{} has more than {:,} weights', name, WEIGHTS)
            weights = []
            for shape in self.shapes[name]:
                sources = 3 if len(shape) == 1 else np.prod(shape[:-1])
                value = rng.normal(size=shape)
                weights.append(abs(value) / sources if positive else value / (
                    sources if len(shape) == 1 else sources**0.5))
            self.set(name, weights)

    def run(self, name, x):
        """Return the output of a model, an array, or its outputs, a list."""
        words, arrays = self.ask('run', self.number, name, arrays=[x])
        self.check('raised' not in words,
                   '{} does not take an input of shape {}: {}', name,
                   np.shape(x)[1:], raised(words))
        self.check(arrays and all(array.shape[:1] == (len(x),)
                                  for array in arrays),
                   '{} gives the shapes {} for {} images', name,
                   [array.shape for array in arrays], len(x))
        return arrays if words.get('several') else arrays[0]

    def loss(self, x, y, batch_size=128):
        """Return what evaluate() says of the loss."""
        try:
            return float(self._train('evaluate', batch_size, x, y)['loss'])
        except (KeyError, TypeError, ValueError):
            raise Ended(NO_ANSWER) from None

    def fit(self, x, y, batch_size=16):
        """Train auto for an epoch."""
        self._train('fit', batch_size, x, y)

    def _train(self, method, batch_size, x, y):
        self.check(self.optimizer, 'auto is not compiled')
        words, _ = self.ask(method, self.number, batch_size, arrays=[x, y])
        self.check('raised' not in words or self.has_loss,
                   'auto is compiled without a loss')
        self.check('raised' not in words,
                   'evaluate() or fit() raised {}', raised(words))
        return words

    def targets(self, x, rng):
        """Return what auto is to make of x: x, if it gives its shape."""
        shape = self.run('auto', x[:1]).shape[1:]
        self.check(product(shape) <= 8 * x[0].size,
                   'auto gives the shape {}, not {}', shape, x.shape[1:])
        return x if shape == x.shape[1:] else rng.random((len(x), *shape))


def parts(output):
    """Return a model's outputs as a list, also where it has one."""
    return output if isinstance(output, list) else [output]
