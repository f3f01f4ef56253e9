"""A solution, as far as it answers: the models that its function returns.

Nothing of it is in this process. Weights and images come from a seed that it
cannot know. What it says is bounded before anything is computed of it.
"""
import functools
import operator
import re

import numpy as np

from grader.files import printable

# Calls that a task's text promises, beside the one of its main: several
# layers, one, and layers of equal sizes.
DENSE = [(20, [8, 5], 3), (30, [7], 2), (16, [6, 6, 6], 4)]
CALLS = {
    '0-vanilla': DENSE,
    '1-sparse': [call + (10e-6,) for call in DENSE],
    '2-convolutional': [((28, 28, 3), [5, 4, 3], (4, 4, 3)),
                        ((28, 28, 1), [4], (14, 14, 4)),
                        ((28, 28, 1), [3, 3, 3], (4, 4, 3))],
    '3-variational': DENSE}
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


def requires(*points):
    """Return a decorator: a point is judged where these points are passed."""
    def declare(point):
        point.requires = points
        return point
    return declare


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


class Solution:
    """One task of one folder.

    Args:
        task: str, such as '0-vanilla'.
        call: tuple, the arguments that the task's main gives.
        ask: function of a question, words and arrays; it returns the words and
            the arrays of the answer.
        seed: int, of the weights and the images.
    """

    def __init__(self, task, call, ask, seed):
        self.task, self.ask = task, ask
        self.calls = [call, *CALLS[task]]
        self.rng = np.random.default_rng([seed, int(task[0])])
        self.reading = self.claim = None    # of the point being judged
        self.found = {}             # what points found out for each other

    def once(self, find, *args):
        """Return find(self, *args), found out once; it fails each time."""
        key = find, repr(args)
        if key not in self.found:
            try:
                self.found[key] = find(self, *args), None
            except Failed as error:
                self.found[key] = None, str(error)
        value, message = self.found[key]
        if message:
            raise Failed(message)
        return value

    def function(self):
        """Return the words about its function: name, arguments, needed."""
        words, _ = self.ask('find')
        if 'raised' in words:
            raise Failed('import raised ' + raised(words))
        if 'wrong' in words:
            raise Failed(line(words['wrong']))
        try:
            return {'name': line(words['name']), 'arguments': list(map(
                line, words['arguments'])), 'needed': list(map(
                    line, words['needed']))}
        except (KeyError, TypeError):
            raise Ended(NO_ANSWER) from None

    def new(self, args):
        """Return the Models of a call that is made now."""
        call = '{}({})'.format(self.once(Solution.function)['name'],
                               ', '.join(map(repr, args)))
        words, _ = self.ask('build', repr(tuple(args)))
        if 'raised' in words:
            raise Failed(f'{call} raised {raised(words)}')
        if 'wrong' in words:
            raise Failed(f'{call}: {line(words["wrong"])}')
        return Models(self.ask, call, words)

    def build(self, args=None):
        """Return the Models of a call, made once; by default the main's."""
        return self.once(Solution.new, args or self.calls[0])

    def random(self, args=None):
        """Return the Models of a call with random weights."""
        models = self.build(args)
        models.randomise(self.rng)
        return models

    def images(self, n=64, args=None):
        """Return n images for a call: few bright pixels, many dark."""
        shape = np.atleast_1d((args or self.calls[0])[0])
        return self.rng.random((n, *shape))**3


def product(sizes):
    """Return the product of ints: unlike NumPy's, however large it is."""
    return functools.reduce(operator.mul, sizes, 1)


def line(text):
    """Return what a solution says as a line that a page may show."""
    return ' '.join(printable(re.sub(r'\x1b\[[0-9;]*m', '', str(text)[:4000])
                              .replace('\n', ' ')).split())[:2000]


def raised(words):
    """Return an exception's type and the sentence that says most."""
    lines = [part for part in map(line, str(words.get('message')).split('\n'))
             if part] or ['']
    which = 0           # of TensorFlow's own, the first may only say where
    if lines[0] == 'in user code:':
        which = -1
    elif lines[0].startswith('Exception encountered') and lines[1:]:
        which = 1
    text = lines[which]
    if len(text) > 200:                 # no word is cut
        text = text[:200].rpartition(' ')[0] + ' …'
    return line(words.get('raised')) + (': ' + text if text else '')


def parts(output):
    """Return a model's outputs as a list, also where it has one."""
    return output if isinstance(output, list) else [output]


def plain(value):
    """Return a value whose text is that of plain Python numbers."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    return value


def same(a, b):
    """Return whether two arrays agree to float32's accuracy."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, 2e-3, 1e-4)


def kernels_of(weights):
    """Return [kernel, bias] of each layer with weights, in order."""
    pairs = []
    for weight in weights:
        if weight.ndim > 1:
            pairs.append([weight, 0])
        elif pairs:
            pairs[-1][1] = weight
    return pairs
