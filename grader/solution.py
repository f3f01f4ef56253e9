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
HALVES = ('encoder', 'decoder')
LAYERS = {'2-convolutional': 'encoder_filters'}     # else 'encoder_layers'
NO_ANSWER = 'it sent what is no answer'
WEIGHTS = 2**22     # of a half that the grader sets; ours have 403,972


class Ended(Exception):
    """The solution's process gives no more answers.

    `machine` tells whether that was the machine's doing.
    """

    def __init__(self, why, machine=False):
        super().__init__(why)
        self.machine = machine


class Failed(Exception):
    """A point not met: the call that was made, and what came back.

    `point` names the point whose fault it is; None for the one being judged.
    """

    def __init__(self, message, point=None):
        super().__init__(message if len(message) < 1000 else
                         message[:1000] + ' …')
        self.point = point


class Models:
    """The three models that one call returned, and the call as text.

    Args:
        ask: function of a question, words and arrays.
        call: str.
        told: dict, what the answer was.
    """

    def __init__(self, ask, call, told):
        self.ask, self.call = ask, call
        try:
            self.number, self.times = int(told['number']), int(told['times'])
            self.optimizer = told['optimizer'] and line(told['optimizer'])
            self.loss_given, self.arguments = told['loss'], told['arguments']
            self.shapes = {half: [tuple(map(int, shape)) for shape in
                                  told['shapes'][half]]
                           for half in [*HALVES, 'auto']}
            if any(min(shape, default=0) < 0 for half in self.shapes.values()
                   for shape in half):
                raise ValueError(self.shapes)
        except (KeyError, TypeError, ValueError):
            raise Ended(NO_ANSWER) from None
        self.known = {}                 # the weights that were set

    def check(self, passed, got, *values):
        """Fail with what came back unless `passed`."""
        if not passed:
            raise Failed('{}: {}'.format(self.call,
                                         got.format(*map(plain, values))))

    def weights(self, half):
        """Return the weights of a half."""
        _, arrays = self.ask('weights', self.number, half)
        if [array.shape for array in arrays] != self.shapes[half]:
            raise Failed('{}: {} has other weights than before'.format(
                self.call, half), 'three_models')
        return arrays

    def set(self, half, weights):
        """Set the weights of a half."""
        words, _ = self.ask('set', self.number, half, arrays=weights)
        if 'raised' in words:
            raise Failed('{}: {}.set_weights raised {}'.format(
                self.call, half, said(words)), 'three_models')
        self.known[half] = [np.asarray(weight, 'float32').astype('float64')
                            for weight in weights]

    def randomise(self, rng, positive=False, halves=HALVES):
        """Give every weight a random value, such that no layer saturates.

        Positive ones of positive images leave no relu unit without a gradient.
        """
        for half in halves:
            if sum(map(product, self.shapes[half])) > WEIGHTS:
                raise Failed(f'{self.call}: {half} has more than {WEIGHTS:,} '
                             'weights')
            weights = []
            for shape in self.shapes[half]:
                sources = 3 if len(shape) == 1 else np.prod(shape[:-1])
                value = rng.normal(size=shape)
                weights.append(abs(value) / sources if positive else value / (
                    sources if len(shape) == 1 else sources**0.5))
            self.set(half, weights)

    def need_compiled(self):
        """Fail unless auto is compiled, which is a fault of adam."""
        if not self.optimizer:
            raise Failed(f'{self.call}: auto is not compiled', 'adam')

    def run(self, half, x):
        """Return the output of a half, an array, or its outputs, a list."""
        words, arrays = self.ask('run', self.number, half, arrays=[x])
        if 'raised' in words:
            raise Failed('{}: {} does not take an input of shape {}: {}'
                         .format(self.call, half, np.shape(x), said(words)),
                         'shapes')
        if any(len(array) != len(x) if array.ndim else True
               for array in arrays) or not arrays:
            raise Failed('{}: {} gives the shapes {} for {} images'.format(
                self.call, half, [array.shape for array in arrays], len(x)),
                'shapes')
        return arrays if words.get('several') else arrays[0]

    def loss(self, x, y, batch_size=16):
        """Return what evaluate() says of the loss."""
        try:
            return float(self._keras_says('evaluate', batch_size, x=x,
                                          y=y)['loss'])
        except (KeyError, TypeError, ValueError):
            raise Ended(NO_ANSWER) from None

    def fit(self, x, y, batch_size=16):
        """Train auto for an epoch."""
        self._keras_says('fit', batch_size, x=x, y=y)

    def _keras_says(self, method, *words, x, y):
        told, _ = self.ask(method, self.number, *words, arrays=[x, y])
        if 'raised' in told:
            if self.optimizer and not self.loss_given:
                raise Failed(f'{self.call}: auto is compiled without a loss',
                             'binary_cross_entropy')
            raise Failed('{}: {}() raised {}'.format(
                self.call, method, said(told)), 'training_lowers_loss')
        return told

    def targets(self, x, rng):
        """Return what auto is to make of x: x, if it gives its shape."""
        shape = self.run('auto', x[:1]).shape[1:]
        if product(shape) > 8 * x[0].size:
            raise Failed(f'{self.call}: auto gives the shape {shape}, not '
                         f'{x.shape[1:]}', 'shapes')
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
        self.layers = LAYERS.get(task, 'encoder_layers')
        self.rng = np.random.default_rng([seed, int(task[0])])
        self.reading = self.claim = None    # of the point being judged
        self.built = {}
        self.known = {}             # what points found out for each other

    def once(self, find):
        """Return find(self), found out once; Failed is raised each time.

        That is the fault of the first point that needs it, or of `find`.
        """
        if find not in self.known:
            try:
                self.known[find] = find(self), None
            except Failed as error:
                error.point = error.point or find.__name__
                self.known[find] = None, error
        found, error = self.known[find]
        if error:
            raise error
        return found

    def function(self):
        """Return the words about its function: name, arguments, needed."""
        words, _ = self.ask('find')
        if 'raised' in words:
            raise Failed('import raised ' + said(words), 'three_models')
        if 'wrong' in words:
            raise Failed(line(words['wrong']), 'three_models')
        try:
            return {'name': line(words['name']), 'arguments': list(map(
                line, words['arguments'])), 'needed': list(map(
                    line, words['needed']))}
        except (KeyError, TypeError):
            raise Ended(NO_ANSWER) from None

    def build(self, args=None, again=False, point=None):
        """Return the Models of a call, the first of its calls by default.

        They are built once, but for `again`. Where the first call fails, that
        is a fault of the point three_models; where another one does, of
        `point`, by default the one about the sizes of the layers.
        """
        args = args or self.calls[0]
        if args == self.calls[0]:
            point = 'three_models'
        call = '{}({})'.format(self.once(Solution.function)['name'],
                               ', '.join(map(repr, args)))
        if not again and call in self.built:
            return self.built[call]
        words, _ = self.ask('build', repr(tuple(args)))
        for key, text in [('raised', '{} raised {}'), ('wrong', '{}: {}')]:
            if key in words:
                raise Failed(text.format(call, said(words) if key == 'raised'
                                         else line(words[key])),
                             point or self.layers)
        models = Models(self.ask, call, words)
        if not again:
            self.built[call] = models
        return models

    def random(self, args=None, point=None):
        """Return the Models of a call with random weights."""
        models = self.build(args, point=point)
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


def said(words):
    """Return an exception's type and the sentence that says most."""
    lines = [part for part in map(line, str(words.get('said')).split('\n'))
             if part] or ['']
    which = 0           # of TensorFlow's own, the first may only say where
    if lines[0] == 'in user code:':
        which = -1
    elif lines[0].startswith('Exception encountered') and lines[1:]:
        which = 1
    text = lines[which]
    if len(text) > 200:                 # no word is cut
        text = text[:200].rpartition(' ')[0] + ' …'
    return line(words['raised']) + (': ' + text if text else '')


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
