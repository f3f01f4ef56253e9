"""A solution: the models that its function returns, and what they give.

Written for TensorFlow 1.15 (Python 3.7) and all that came after.
"""
import numpy as np

# Calls that a task's text promises, beside the one of its main.
DENSE = [(20, [8, 5], 3), (30, [7], 2)]
CALLS = {
    '0-vanilla': DENSE,
    '1-sparse': [call + (10e-6,) for call in DENSE],
    '2-convolutional': [((28, 28, 3), [5, 4, 3], (4, 4, 3)),
                        ((28, 28, 1), [5, 4], (7, 7, 4))],
    '3-variational': DENSE}


class Failed(Exception):
    """A point not met: the call that was made, and what came back.

    `point` names the point whose fault it is; None for the one being checked.
    """

    def __init__(self, message, point=None):
        super().__init__(message)
        self.point = point


class Models:
    """The three models that one call returned, and the call as text."""

    def __init__(self, call, models):
        self.call = call
        self.encoder, self.decoder, self.auto = models
        self.compiled = getattr(self.auto, 'optimizer', None) is not None

    def check(self, passed, got, *values):
        """Fail with what came back unless `passed`."""
        if not passed:
            raise Failed('{}: {}'.format(self.call,
                                         got.format(*map(plain, values))))


class Solution:
    """One task of one folder; its modules are where Python imports from.

    Args:
        task: str, such as '0-vanilla'.
        call: tuple, the arguments that the task's main gives.
    """

    def __init__(self, task, call):
        self.task = task
        self.calls = [call, *CALLS[task]]
        self.reading = None         # which reading of the text it took
        self.built = {}
        self.known = {}             # what points found out for each other

    def once(self, find):
        """Return find(self), found out once; Failed is raised each time."""
        if find not in self.known:
            try:
                self.known[find] = find(self), None
            except Failed as error:
                self.known[find] = None, error
        found, error = self.known[find]
        if error:
            raise error
        return found

    def function(self):
        """Import the module and return its function."""
        try:
            module = __import__(self.task)
        except BaseException as error:      # exit() in a solution, too
            raise Failed('import raised ' + said(error), 'three_models')
        names = ['autoencoder'] + ['sparse'] * (self.task == '1-sparse')
        for name in names:
            if callable(getattr(module, name, None)):
                return getattr(module, name)
        raise Failed('{}.py has no function {}'.format(
            self.task, ' or '.join(names)), 'three_models')

    def build(self, args=None, again=False):
        """Return the Models of a call, the first of its calls by default.

        They are built once, but for `again`. Where the first call fails, that
        is a fault of the point three_models.
        """
        point = 'three_models' if args in (None, self.calls[0]) else None
        args = args or self.calls[0]
        call = 'autoencoder({})'.format(', '.join(map(repr, args)))
        if again or call not in self.built:
            function = self.function()
            try:
                models = function(*[list(arg) if isinstance(arg, list) else
                                    arg for arg in args])
            except BaseException as error:
                raise Failed('{} raised {}'.format(call, said(error)), point)
            models = self.checked(models, call, point)
            if again:
                return models
            self.built[call] = models
        return self.built[call]

    @staticmethod
    def checked(models, call, point):
        """Return the Models of what a call returned, ready to be fitted."""
        import tensorflow.keras as keras
        if not isinstance(models, (list, tuple)) or len(models) != 3:
            raise Failed('{} returned {!r}, not three models'.format(
                call, models), point)
        for name, model in zip(('encoder', 'decoder', 'auto'), models):
            if not isinstance(model, keras.Model):
                raise Failed('{}: {} is {!r}, not a Keras model'.format(
                    call, name, model), point)
        models = Models(call, models)
        if not models.compiled:         # the other points can be checked
            models.auto.compile('adam', 'binary_crossentropy')
        return models

    def random(self, args=None):
        """Return the Models of a call with random weights."""
        models = self.build(args)
        randomise(models.encoder, 1)
        randomise(models.decoder, 2)
        return models

    def images(self, n=64, args=None):
        """Return n images for a call: few bright pixels, many dark."""
        rng = np.random.RandomState(0)
        size = np.append(n, (args or self.calls[0])[0])
        likely = np.where(rng.rand(*size[1:]) < 0.3, 0.9, 0.1)
        return np.clip(likely + rng.normal(scale=0.05, size=size), 0,
                       1).astype('float32')


def said(error):
    """Return an exception's type and the line that says most."""
    lines = [line.strip() for line in str(error).splitlines()
             if line.strip()] or ['']
    which = 0           # of TensorFlow's own, the first may only say where
    if lines[0] == 'in user code:':
        which = -1
    elif lines[0].startswith('Exception encountered') and lines[1:]:
        which = 1
    text = lines[which][:200]
    return type(error).__name__ + (': ' + text if text else '')


def plain(value):
    """Return a value whose text is that of plain Python numbers."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    return value


def randomise(model, seed, positive=False):
    """Give every weight a random value, such that no layer saturates.

    Positive ones of positive images leave no relu unit without a gradient.
    """
    rng = np.random.RandomState(seed)
    weights = []
    for weight in model.get_weights():
        sources = 3 if weight.ndim == 1 else np.prod(weight.shape[:-1])
        value = rng.normal(size=weight.shape)
        weights.append(abs(value) / sources if positive else
                       value / (sources if weight.ndim == 1 else
                                sources**0.5))
    model.set_weights(weights)


def run(models, half, x):
    """Return the output or outputs of a model as float64 arrays."""
    import tensorflow as tf
    model, x = getattr(models, half), np.asarray(x, 'float32')
    try:
        if tf.executing_eagerly():
            output = model(x)
        else:
            output = model.predict(x, batch_size=len(x))
    except Exception as error:
        raise Failed('{}: {} does not take an input of shape {}: {}'.format(
            models.call, half, plain(x.shape), said(error)), 'shapes')
    if isinstance(output, (list, tuple)):
        return [np.asarray(part, 'float64') for part in output]
    return np.asarray(output, 'float64')


def same(a, b):
    """Return whether two arrays agree to float32's accuracy."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, 2e-3, 1e-4)


def targets(models, x):
    """Return what auto is to make of x: x, if it gives its shape."""
    shape = run(models, 'auto', x[:1]).shape[1:]
    return x if shape == x.shape[1:] else np.random.RandomState(4).rand(
        len(x), *shape).astype('float32')


def loss_of(models, x, y, batch_size=64):
    """Return what evaluate() says of the loss."""
    return np.ravel(keras_says(models, 'evaluate', x, y,
                               batch_size=batch_size))[0]


def keras_says(models, method, x, y, **options):
    """Call a method of auto, 'evaluate' or 'fit'."""
    try:
        return getattr(models.auto, method)(x, y, verbose=0, **options)
    except Exception as error:
        raise Failed('{}: {}() raised {}'.format(
            models.call, method, said(error)), 'training_lowers_loss')


def kernels_of(model):
    """Return [kernel, bias] of each layer with weights, in order."""
    pairs = []
    for weight in model.get_weights():
        if weight.ndim > 1:
            pairs.append([weight, 0])
        elif pairs:
            pairs[-1][1] = weight
    return pairs
