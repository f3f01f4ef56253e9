"""The models that one call of a solution's function returned.

Nothing of them is in this process: they are asked about.
"""
import numpy as np

from grader.text import line, raised

SUBMODELS = ('encoder', 'decoder')
WEIGHTS = 2**22     # of a submodel that the grader sets; ours have 403,972


class Ended(Exception):
    """The solution's process gives no more answers.

    `machine` tells whether that was the machine's doing.
    """

    def __init__(self, why, machine=False):
        super().__init__(line(why))
        self.machine = machine


class Failed(Exception):
    """A point not met: the call that was made, and what came back."""

    def __init__(self, message):
        super().__init__(line(message))


def told(ask, call, question, *words, arrays=()):
    """Return the words and arrays of an answer; fail if a call raised.

    Args:
        ask: see Solution.
        call: str, what is called.
        question, words, arrays: see Process.ask().
    """
    words, arrays = ask(question, *words, arrays=arrays)
    if 'wrong' in words:
        raise Failed(f'{call}: {words["wrong"]}')
    if 'raised' in words:
        raise Failed(f'{call} raised {raised(words)}')
    return words, arrays


class Models:
    """The three models that one call returned, and the call as text.

    Args:
        ask: see Solution.
        call: str.
        words: dict, what is said of them.
    """

    def __init__(self, ask, call, words):
        self.ask, self.call = ask, call
        self.number, self.times = words['number'], words['times']
        self.optimizer, self.arguments = words['optimizer'], words['arguments']
        self.shapes = {name: [tuple(shape) for shape in shapes]
                       for name, shapes in words['shapes_of'].items()}
        self.known = {}                 # the weights that were set

    def check(self, passed, got, *values):
        """Fail with what came back unless `passed`."""
        if not passed:
            raise Failed(f'{self.call}: {got.format(*values)}')

    def weights(self, name):
        """Return the weights of a model."""
        _, arrays = self.ask('weights', self.number, name)
        self.check([array.shape for array in arrays] == self.shapes[name],
                   '{} has other weights than before', name)
        return arrays

    def set(self, name, weights):
        """Set the weights of a model."""
        told(self.ask, f'{self.call}: {name}.set_weights()', 'set',
             self.number, name, arrays=weights)
        self.known[name] = [np.asarray(weight, 'float32').astype('float64')
                            for weight in weights]

    def randomise(self, rng, positive=False, names=SUBMODELS):
        """Give every weight a random value, such that no layer saturates.

        Positive ones of positive images leave no relu unit without a gradient.
        """
        for name in names:
            # As floats, sizes that are only claimed do not overflow.
            self.check(sum(np.prod(shape, dtype=float) for shape in
                           self.shapes[name]) <= WEIGHTS,
                       '{} has more than {:,} weights', name, WEIGHTS)
            weights = []
            for shape in self.shapes[name]:
                sources = 3 if len(shape) == 1 else np.prod(shape[:-1])
                value = rng.normal(size=shape)
                weights.append(abs(value) / sources if positive else value / (
                    sources if len(shape) == 1 else sources**0.5))
            self.set(name, weights)

    def outputs(self, name, x):
        """Return the outputs of a model, arrays."""
        _, arrays = told(
            self.ask, f'{self.call}: {name} of the shape {np.shape(x)[1:]}',
            'run', self.number, name, arrays=[x])
        self.check(arrays and all(array.shape[:1] == (len(x),)
                                  for array in arrays),
                   '{} gives the shapes {} for {} images', name,
                   [array.shape for array in arrays], len(x))
        return arrays

    def run(self, name, x):
        """Return the output of a model, an array; of several, the first."""
        return self.outputs(name, x)[0]

    def loss(self, x, y, batch_size=128):
        """Return what evaluate() says of the loss."""
        return float(self._train('evaluate', batch_size, x, y)['loss'])

    def fit(self, x, y):
        """Train auto for an epoch."""
        self._train('fit', 16, x, y)

    def _train(self, method, batch_size, x, y):
        self.check(self.optimizer, 'auto is not compiled')
        words, _ = told(self.ask, f'{self.call}: auto.{method}()', method,
                        self.number, batch_size, arrays=[x, y])
        return words

    def targets(self, x, rng):
        """Return what auto is to make of x: x, if it gives its shape."""
        shape = self.run('auto', x[:1]).shape[1:]
        self.check(np.prod(shape) <= 8 * x[0].size,
                   'auto gives the shape {}, not {}', shape, x.shape[1:])
        return x if shape == x.shape[1:] else rng.random((len(x), *shape))
