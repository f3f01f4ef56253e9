"""The points of the four tasks, checked on one solution in this process.

    python points.py TASK FOLDER RESULTS [POINT ...]

imports TASK.py from FOLDER and writes a line of JSON for each point to the
file RESULTS, as soon as it is known. A point is a function of the Solution;
its docstring is the sentence of the task that it stands on. Points look at
numbers, not at code: weights are set, outputs compared with NumPy's.
"""
import inspect
import itertools
import json
import sys

import numpy as np

LAMBTHA = 0.1
DENSE_CALLS = [(20, [8, 5], 3), (30, [7], 2), (12, [], 4)]
CONV_CALLS = [((28, 44, 2), [4, 3, 2], (4, 6, 2)),
              ((28, 28, 1), [5, 4, 3], (4, 4, 3)),
              ((12, 12, 3), [4, 3, 2, 2], (1, 1, 2))]
ACTIVATIONS = {
    'relu': lambda x: np.maximum(x, 0),
    'linear': lambda x: x,
    'sigmoid': lambda x: 1 / (1 + np.exp(-x)),
    'tanh': np.tanh,
    'elu': lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    'softplus': lambda x: np.logaddexp(x, 0)}


class Failed(Exception):
    """A point not met; says the call that was made and what came back."""


class Models:
    """The three models that one call returned, and the call as text."""

    def __init__(self, call, encoder, decoder, auto):
        self.call = call
        self.encoder = encoder
        self.decoder = decoder
        self.auto = auto

    def check(self, passed, got, *values):
        """Fail with what came back unless `passed`."""
        if not passed:
            raise Failed('{}: {}'.format(self.call, got.format(*values)))


class Solution:
    """One task of one folder."""

    def __init__(self, task):
        self.task = task
        self.reading = None         # which reading of the text it took
        self.built = {}
        self.trained = None

    def function(self):
        """Import the module and return its function."""
        module = __import__(self.task)
        names = ['autoencoder'] + ['sparse'] * (self.task == '1-sparse')
        for name in names:
            if callable(getattr(module, name, None)):
                return getattr(module, name)
        raise Failed('{}.py has no function {}'.format(
            self.task, ' or '.join(names)))

    def calls(self):
        """Return the arguments that the points build models with."""
        if self.task == '2-convolutional':
            return CONV_CALLS
        if self.task == '1-sparse':
            return [call + (LAMBTHA,) for call in DENSE_CALLS]
        return DENSE_CALLS

    def build(self, args=None, again=False):
        """Return the Models of a call, the first of calls() by default."""
        args = args or self.calls()[0]
        call = 'autoencoder({})'.format(', '.join(map(repr, args)))
        if again or call not in self.built:
            function = self.function()
            try:
                models = function(*args)
            except BaseException as error:
                raise Failed('{} raised {}'.format(call, said(error)))
            if not isinstance(models, (list, tuple)) or len(models) != 3:
                raise Failed('{} returned {!r}, not three models'.format(
                    call, models))
            if again:
                return Models(call, *models)
            self.built[call] = Models(call, *models)
        return self.built[call]

    def random(self):
        """Return the Models of the first call with random weights."""
        models = self.build()
        randomise(models.encoder, 1)
        randomise(models.decoder, 2)
        return models

    def images(self, n=64):
        """Return n images for the first call: few bright pixels, many dark."""
        rng = np.random.RandomState(0)
        size = np.append(n, self.calls()[0][0])
        likely = np.where(rng.rand(*size[1:]) < 0.3, 0.9, 0.1)
        return np.clip(likely + rng.normal(scale=0.05, size=size), 0,
                       1).astype('float32')


def said(error):
    """Return an exception's type and the first line of what it says."""
    text = str(error).strip().split('\n')[0][:200]
    return type(error).__name__ + (': ' + text if text else '')


def randomise(model, seed):
    """Give every weight a random value, such that no layer saturates."""
    rng = np.random.RandomState(seed)
    model.set_weights([
        rng.normal(size=weight.shape) / (3 if weight.ndim == 1 else
                                         np.prod(weight.shape[:-1])**0.5)
        for weight in model.get_weights()])


def run(model, x):
    """Return a model's output or outputs as float64 arrays."""
    output = model(np.asarray(x, 'float32'))
    if isinstance(output, (list, tuple)):
        return [np.asarray(part, 'float64') for part in output]
    return np.asarray(output, 'float64')


def same(a, b):
    """Return whether two arrays agree to float32's accuracy."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, 2e-3, 1e-4)


def loss_of(models, x, batch_size=64):
    """Return what evaluate() says of the loss."""
    return np.ravel(models.auto.evaluate(x, x, batch_size=batch_size,
                                         verbose=0))[0]


def cross_entropy(x, p):
    """Return the binary cross-entropy of each pixel, in nats."""
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -(x * np.log(p) + (1 - x) * np.log(1 - p))


def kernels_of(model):
    """Return [kernel, bias] of each layer with weights, in order."""
    pairs = []
    for weight in model.get_weights():
        if weight.ndim > 1:
            pairs.append([weight, 0])
        elif pairs:
            pairs[-1][1] = weight
    return pairs


def widths(model):
    """Return the sizes of a chain of dense layers, input first."""
    kernels = [kernel for kernel, _ in kernels_of(model)]
    return [kernels[0].shape[0]] + [k.shape[1] for k in kernels] if all(
        kernel.ndim == 2 for kernel in kernels) and kernels else None


def dense_chain(pairs, names, x):
    """Return the output of dense layers with the activations named."""
    for (kernel, bias), name in zip(pairs, names):
        x = ACTIVATIONS[name](x @ kernel + bias)
    return x


def activations_of(pairs, x, output, wanted):
    """Return the activations that make x into output, or None."""
    for names in itertools.chain([wanted], itertools.product(
            ACTIVATIONS, repeat=len(pairs))):
        with np.errstate(over='ignore'):
            if same(dense_chain(pairs, names, x), output):
                return list(names)
    return None


def training(solution):
    """Fit a new model, once; return it, its losses, and whether each half
    moved."""
    if solution.trained is None:
        solution.trained = fit(solution)
    return solution.trained


def fit(solution):
    """Fit a new model; see training."""
    models = solution.build(again=True)
    randomise(models.encoder, 1)        # else chance may leave no unit alive
    randomise(models.decoder, 2)
    x = solution.images(256)
    before = [models.encoder.get_weights(), models.decoder.get_weights()]
    first = loss_of(models, x)
    try:
        models.auto.fit(x, x, epochs=12, batch_size=16, verbose=0)
    except Exception as error:
        raise Failed('{}: fit() raised {}'.format(models.call, said(error)))
    after = [models.encoder.get_weights(), models.decoder.get_weights()]
    moved = [any(np.any(a != b) for a, b in zip(old, new))
             for old, new in zip(before, after)]
    return models, first, loss_of(models, x), moved


# The points of every task.

def signature(solution):
    """Write a function def autoencoder(input_dims, ..., latent_dims)"""
    wanted = {'1-sparse': ['input_dims', 'hidden_layers', 'latent_dims',
                           'lambtha'],
              '2-convolutional': ['input_dims', 'filters', 'latent_dims']}.get(
                  solution.task, ['input_dims', 'hidden_layers',
                                  'latent_dims'])
    function = solution.function()
    if solution.task == '1-sparse':
        solution.reading = 'the function is called ' + function.__name__
    parameters = inspect.signature(function).parameters.values()
    names = [p.name for p in parameters]
    needed = [p.name for p in parameters if p.default is p.empty]
    if names[:len(wanted)] != wanted or len(needed) > len(wanted):
        raise Failed('its arguments are ({}), not ({})'.format(
            ', '.join(names), ', '.join(wanted)))


def three_models(solution):
    """Returns: encoder, decoder, auto"""
    import tensorflow.keras as keras
    for args in solution.calls():
        models = solution.build(args)
        for name in ('encoder', 'decoder', 'auto'):
            model = getattr(models, name)
            models.check(isinstance(model, keras.Model),
                         '{} is {!r}, not a Keras model', name, model)


def shapes(solution):
    """input_dims [...] the dimensions of the model input; latent_dims [...]
    the dimensions of the latent space representation"""
    for args in solution.calls():
        models = solution.build(args)
        image, latent = (tuple(np.atleast_1d(size)) for size in
                         (args[0], args[2]))
        x, z = (np.full((2,) + size, 0.5) for size in (image, latent))
        for name, model, given, wanted in [
                ('encoder', models.encoder, x, latent),
                ('decoder', models.decoder, z, image),
                ('auto', models.auto, x, image)]:
            try:
                output = run(model, given)
            except Exception as error:
                raise Failed('{}: {} does not take an input of shape {}: {}'
                             .format(models.call, name, given.shape,
                                     said(error)))
            for part in output if isinstance(output, list) else [output]:
                models.check(part.shape[1:] == wanted,
                             '{} gives the shape {}, not {}', name,
                             part.shape[1:], wanted)


def arguments_unchanged(solution):
    """hidden_layers is a list (filters is a list): the caller's own"""
    args = [list(arg) if isinstance(arg, list) else arg
            for arg in solution.calls()[0]]
    models = solution.build(args, again=True)
    models.check(tuple(args) == solution.calls()[0],
                 'changed its argument to {}', args[1])


def own_weights(solution):
    """a function [...] that creates an autoencoder: a new one each call"""
    first, second = (solution.build(again=True) for _ in range(2))
    before = second.auto.get_weights()
    randomise(first.auto, 3)
    second.check(all(np.array_equal(a, b) for a, b in zip(
        before, second.auto.get_weights())),
        'setting the weights of one model changed those of another')


def adam(solution):
    """should be compiled using adam optimization"""
    models = solution.build()
    name = type(getattr(models.auto, 'optimizer', None)).__name__
    models.check(name == 'Adam', 'the optimizer of auto is {}', name)


def auto_is_decoder_of_encoder(solution):
    """auto is the full autoencoder model"""
    models = solution.random()
    if solution.task == '3-variational':
        silence(models)
    x = solution.images()
    codes = run(models.encoder, x)
    wanted = run(models.decoder, codes[0] if isinstance(codes, list)
                 else codes)
    models.check(same(run(models.auto, x), wanted),
                 'auto does not give what decoder makes of the codes that '
                 'encoder gives')


def training_lowers_loss(solution):
    """the autoencoder model should be compiled: a fit lowers its loss"""
    models, before, after, _ = training(solution)
    models.check(after < before, 'the loss was {:.4g} before fit() and {:.4g} '
                 'after', before, after)


def training_changes_both(solution):
    """auto is the full autoencoder model: a fit trains both halves"""
    models, _, _, moved = training(solution)
    for name, has_moved in zip(('encoder', 'decoder'), moved):
        models.check(has_moved, 'fit() left the weights of {} as they were',
                     name)


def binary_cross_entropy(solution):
    """[...] and binary cross-entropy loss"""
    models = solution.random()
    x = solution.images()
    pixels = cross_entropy(x, run(models.auto, x))
    # Of one image at a time, no version's way to average a penalty matters.
    loss = loss_of(models, x, 1 if solution.task == '1-sparse' else 64)
    if solution.task == '1-sparse':
        loss -= LAMBTHA * np.abs(run(models.encoder, x)).sum() / len(x)
    reading(solution, models, loss / pixels.mean(), pixels[0].size)


def reading(solution, models, ratio, pixels):
    """Take the mean or the sum over pixels, whichever the loss is."""
    for value, name in [(1, 'mean'), (pixels, 'sum')]:
        if same(ratio, value):
            solution.reading = ('the cross-entropy is the {} over the pixels'
                                .format(name))
            return value
    models.check(False, 'the loss without penalties is {:.4g} times the mean '
                 'binary cross-entropy', ratio)


# The points of the tasks of fully connected layers.

def encoder_layers(solution):
    """hidden_layers is a list containing the number of nodes for each hidden
    layer in the encoder, respectively"""
    heads = 2 if solution.task == '3-variational' else 1
    for args in solution.calls():
        models = solution.build(args)
        wanted = [args[0], *args[1]] + [args[2]] * heads
        models.check(widths(models.encoder) == wanted,
                     "the layers' sizes in encoder are {}, not {}",
                     widths(models.encoder), wanted)


def decoder_layers(solution):
    """the hidden layers should be reversed for the decoder"""
    for args in solution.calls():
        models = solution.build(args)
        wanted = [args[2], *reversed(args[1]), args[0]]
        models.check(widths(models.decoder) == wanted,
                     "the layers' sizes in decoder are {}, not {}",
                     widths(models.decoder), wanted)


def encoder_activations(solution):
    """Return the Models and the names of the encoder's activations."""
    models = solution.random()
    x = solution.images()
    pairs = kernels_of(models.encoder)
    if solution.task != '3-variational':
        wanted = ['relu'] * len(pairs)
        return models, activations_of(pairs, x, run(models.encoder, x), wanted)
    _, mean, log_var = outputs(solution, models, x)
    for heads in (pairs[-2:], pairs[:-3:-1]):   # in either order
        found = [activations_of(pairs[:-2] + [head], x, output,
                                ['relu'] * (len(pairs) - 2) + ['linear'])
                 for head, output in zip(heads, (mean, log_var))]
        if all(found) and found[0][:-1] == found[1][:-1]:
            return models, found[0] + found[1][-1:]
    return models, None


def names_are(models, half, names, some, wanted):
    """Fail unless the activations of these layers have the name wanted."""
    models.check(names, 'the output of {} is not that of dense layers with '
                 'the activations asked for', half)
    models.check(all(name == wanted for name in names[some]),
                 'the activations in {} are {}', half, ', '.join(names))


def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    models, names = encoder_activations(solution)
    names_are(models, 'encoder', names,
              slice(-2 if solution.task == '3-variational' else -1), 'relu')


def latent_relu(solution):
    """All layers should use a relu activation except for the last layer in
    the decoder"""
    models, names = encoder_activations(solution)
    names_are(models, 'encoder', names, slice(-1, None), 'relu')


def decoder_activations(solution):
    """Return the Models and the names of the decoder's activations."""
    models = solution.random()
    pairs = kernels_of(models.decoder)
    z = np.random.RandomState(3).normal(size=(64, len(pairs[0][0])))
    return models, activations_of(pairs, z, run(models.decoder, z),
                                  ['relu'] * (len(pairs) - 1) + ['sigmoid'])


def decoder_hidden_relu(solution):
    """All layers should use a relu activation except for the last layer"""
    models, names = decoder_activations(solution)
    names_are(models, 'decoder', names, slice(-1), 'relu')


def decoder_output_sigmoid(solution):
    """the last layer in the decoder, which should use sigmoid"""
    models, names = decoder_activations(solution)
    names_are(models, 'decoder', names, slice(-1, None), 'sigmoid')


# Task 1.

def l1_on_the_codes(solution):
    """lambtha is the regularization parameter used for L1 regularization on
    the encoded output"""
    x = solution.images()
    for lambtha in (0.0, LAMBTHA, 2.0):
        models = solution.build(DENSE_CALLS[0] + (lambtha,))
        randomise(models.encoder, 1)
        randomise(models.decoder, 2)
        codes = run(models.encoder, x)
        pixels = cross_entropy(x, run(models.decoder, codes))
        penalty = lambtha * np.abs(codes).sum() / len(x)
        loss = loss_of(models, x, 1)        # see binary_cross_entropy
        models.check(any(same(loss, total + penalty) for total in
                         (pixels.mean(), pixels.mean() * pixels[0].size)),
                     'the loss is {:.5g} where binary cross-entropy is {:.5g} '
                     'and lambtha * sum of |codes| is {:.5g} for each image',
                     loss, pixels.mean(), penalty)


# Task 2.

def convolve(x, kernel, bias, padding):
    """Return the convolution that Keras calls Conv2D."""
    size = np.array(kernel.shape[:2])
    if padding == 'same':
        x = np.pad(x, [(0, 0)] + [((n - 1) // 2, n // 2) for n in size] +
                   [(0, 0)])
    height, width = np.array(x.shape[1:3]) - size + 1
    return bias + sum(x[:, i:i + height, j:j + width] @ kernel[i, j]
                      for i, j in np.ndindex(*size))


def pooled(x, how):
    """Return x after 2 x 2 pooling, upsampling, or nothing."""
    if how == 'upsampling':
        return x.repeat(2, axis=1).repeat(2, axis=2)
    if how == 'nothing':
        return x
    function, padding = how.split()
    rows, columns = x.shape[1] % 2, x.shape[2] % 2
    if padding == 'same':
        x = np.pad(x, [(0, 0), (0, rows), (0, columns), (0, 0)],
                   constant_values=np.nan)
    else:
        x = x[:, :x.shape[1] - rows, :x.shape[2] - columns]
    x = x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2, -1)
    return (np.nanmax if function == 'max' else np.nanmean)(x, axis=(2, 4))


def convolved(pairs, steps, x):
    """Return the output of convolutions; None where x becomes too small."""
    for (kernel, bias), (padding, name, after) in zip(pairs, steps):
        if min(x.shape[1:3]) < 4:       # too small to convolve and to pool
            if padding == 'valid' or after.endswith('valid'):
                return None
        x = ACTIVATIONS[name](convolve(x, kernel, bias, padding))
        x = pooled(x, after)
    return x


def steps_of(pairs, x, output, wanted, afters):
    """Return the (padding, activation, what follows) that explain output.

    Those wanted are tried first, then those with one step otherwise, those
    with all steps otherwise, and those with the valid padding elsewhere.
    """
    others = list(itertools.product(('same', 'valid'), ACTIVATIONS, afters))
    guesses = [wanted]
    guesses += [wanted[:i] + [other] + wanted[i + 1:]
                for i in range(len(wanted)) for other in others]
    guesses += [[other] * i + wanted[i:] for other in others
                for i in (len(wanted), len(wanted) - 2)]
    guesses += [[(padding, name if relu == 'relu' else relu, after)
                 for padding, relu, after in wanted] for name in ACTIVATIONS]
    guesses += [[('valid' if i == valid else 'same',) + step[1:]
                 for i, step in enumerate(wanted)]
                for valid in range(-1, len(wanted))]
    for steps in guesses:
        if same(convolved(pairs, steps, x), output):
            return steps
    return None


def encoder_steps(solution):
    """Return the Models, the half, and its steps wanted and found."""
    models = solution.random()
    x, pairs = solution.images(4), kernels_of(models.encoder)
    wanted = [('same', 'relu', 'max same')] * len(pairs)
    return models, 'encoder', wanted, steps_of(
        pairs, x, run(models.encoder, x), wanted,
        ('max same', 'max valid', 'average same', 'nothing'))


def decoder_steps(solution):
    """Return the Models, the half, and its steps wanted and found."""
    models = solution.random()
    pairs = kernels_of(models.decoder)
    z = np.random.RandomState(3).rand(4, *CONV_CALLS[0][2])
    wanted = [('same', 'relu', 'upsampling')] * (len(pairs) - 2) + [
        ('valid', 'relu', 'upsampling'), ('same', 'sigmoid', 'nothing')]
    return models, 'decoder', wanted, steps_of(
        pairs, z, run(models.decoder, z), wanted, ('upsampling', 'nothing'))


def steps_are(models, half, wanted, found, some, parts=slice(None)):
    """Fail unless these steps of a half are those wanted."""
    models.check(found, 'the output of {} is not that of the convolutions '
                 'asked for', half)
    for i in range(len(wanted))[some]:
        models.check(found[i][parts] == wanted[i][parts],
                     'convolution {} of {} has {} padding, {} activation and '
                     'then {}', i + 1, half, *found[i])


def filters_are(solution, half, wanted):
    """Fail unless a half has these kernels."""
    for args in solution.calls():
        models = solution.build(args)
        shapes_ = [kernel.shape for kernel, _ in
                   kernels_of(getattr(models, half))]
        filters = [shape[-1] for shape in shapes_]
        models.check(filters == wanted(args), 'the filters in {} are {}, not '
                     '{}', half, filters, wanted(args))
        models.check(all(shape[:2] == (3, 3) for shape in shapes_),
                     'the kernels in {} have the shapes {}', half, shapes_)


def encoder_filters(solution):
    """filters is a list containing the number of filters for each
    convolutional layer in the encoder [...] a kernel size of (3, 3)"""
    filters_are(solution, 'encoder', lambda args: args[1])


def decoder_filters(solution):
    """the filters should be reversed for the decoder [...] a filter size of
    (3, 3) [...] The last convolution should have the same number of filters
    as the number of channels in input_dims"""
    filters_are(solution, 'decoder',
                lambda args: args[1][::-1] + [args[0][2]])


def encoder_convolutions(solution):
    """Each convolution in the encoder should use [...] same padding and relu
    activation"""
    steps_are(*encoder_steps(solution), slice(None), slice(2))


def encoder_pooling(solution):
    """followed by max pooling of size (2, 2)"""
    steps_are(*encoder_steps(solution), slice(None), slice(2, 3))


def decoder_convolutions(solution):
    """Each convolution in the decoder, except for the last two, should use
    [...] same padding and relu activation, followed by upsampling of size
    (2, 2)"""
    steps_are(*decoder_steps(solution), slice(-2))


def second_to_last_convolution(solution):
    """The second to last convolution should instead use valid padding"""
    steps_are(*decoder_steps(solution), slice(-2, -1))


def last_convolution(solution):
    """The last convolution should have [...] sigmoid activation and no
    upsampling"""
    steps_are(*decoder_steps(solution), slice(-1, None))


# Task 3.

def outputs(solution, models, x):
    """Return the encoder's three outputs."""
    given = run(models.encoder, x)
    models.check(isinstance(given, list) and len(given) == 3,
                 'encoder gives {} outputs, not 3',
                 len(given) if isinstance(given, list) else 1)
    return given


def silence(models):
    """Set the log variance to about -60, so that z is the mean."""
    weights = models.encoder.get_weights()
    x = np.zeros((1,) + models.encoder.input_shape[1:])
    for i, weight in enumerate(weights):
        if weight.ndim == 1 and len(weight) == DENSE_CALLS[0][2]:
            changed = list(weights)
            changed[i] = weight - 60
            models.encoder.set_weights(changed)
            given = run(models.encoder, x)
            if isinstance(given, list) and given[-1].max() < -40:
                return
    models.encoder.set_weights(weights)
    models.check(False, 'no bias of encoder moves its third output alone')


def sampled(solution, n=20000):
    """Return the Models and the outputs for one image, encoded n times."""
    models = solution.random()
    x = np.repeat(solution.images(1), n, axis=0)
    return models, outputs(solution, models, x)


def outputs_in_order(solution):
    """encoder [...] should output the latent representation, the mean, and
    the log variance, respectively"""
    models, (z, mean, log_var) = sampled(solution)
    models.check(np.ptp(z, axis=0).min() > 0,
                 'output 1, the latent representation, is the same for every '
                 'draw')
    for i, output in enumerate((mean, log_var), 2):
        models.check(np.ptp(output, axis=0).max() < 1e-3,
                     'output {} differs from draw to draw', i)


def mean_and_log_variance_linear(solution):
    """the mean and log variance layers in the encoder, which should use None
    """
    models, names = encoder_activations(solution)
    names_are(models, 'encoder', names, slice(-2, None), 'linear')


def z_mean(solution):
    """the latent representation, the mean: z is spread about the mean"""
    models, (z, mean, log_var) = sampled(solution)
    error = (z.mean(axis=0) - mean[0]) / np.exp(log_var[0] / 2)
    models.check(np.abs(error).max() < 5 / len(z)**0.5,
                 'z is {} on average, its mean is {}',
                 z.mean(axis=0).round(3), mean[0].round(3))


def z_spread(solution):
    """the log variance: z's standard deviation is exp(log variance / 2)"""
    models, (z, _, log_var) = sampled(solution)
    wanted = np.exp(log_var[0] / 2)
    models.check(np.abs(z.std(axis=0) / wanted - 1).max() < 5 / (
        2 * len(z))**0.5, 'z has the standard deviation {}, where exp(log '
        'variance / 2) is {}', z.std(axis=0).round(3), wanted.round(3))


def deaf(solution, mean, log_var):
    """Return the loss and the KL divergence with a decoder that ignores z.

    The weights are random but for those of the mean and of the log variance,
    which are kept where wanted and else 0; the reconstruction is 0.5.
    """
    models = solution.random()
    models.decoder.set_weights([weight * 0 for weight in
                                models.decoder.get_weights()])
    x = solution.images()
    weights = models.encoder.get_weights()
    latent = DENSE_CALLS[0][2]
    heads = [i for i, weight in enumerate(weights)
             if weight.shape[-1] == latent]
    kept = []
    for i in heads:                         # which output does each move?
        before = outputs(solution, models, x)
        changed = list(weights)
        changed[i] = weights[i] + 1
        models.encoder.set_weights(changed)
        after = outputs(solution, models, x)
        models.encoder.set_weights(weights)
        moves_mean = not same(before[1], after[1])
        kept.append(mean if moves_mean else log_var)
    for i, keep in zip(heads, kept):
        weights[i] = weights[i] * keep
    models.encoder.set_weights(weights)
    _, mean, log_var = outputs(solution, models, x)
    kl = np.sum(np.exp(log_var) + mean**2 - 1 - log_var, axis=1) / 2
    return models, loss_of(models, x), kl.mean(), x[0].size


def variational_cross_entropy(solution):
    """compiled using [...] binary cross-entropy loss: the part that is left
    when the KL divergence is 0"""
    models, loss, _, pixels = deaf(solution, 0, 0)
    reading(solution, models, loss / np.log(2), pixels)
    # It must tell one reconstruction from another, too.
    models = solution.random()
    silence(models)
    weights = models.decoder.get_weights()
    x = solution.images()
    losses, expected = [], []
    for scale in (1, -1):
        models.decoder.set_weights([weight * scale for weight in weights])
        losses.append(loss_of(models, x))
        expected.append(cross_entropy(x, run(models.auto, x)).mean())
    ratio = (losses[0] - losses[1]) / (expected[0] - expected[1])
    reading(solution, models, ratio, pixels)


def kl_divergence(solution):
    """creates a variational autoencoder: its loss has the KL divergence of
    N(mean, exp(log variance)) from N(0, 1)"""
    _, base, _, pixels = deaf(solution, 0, 0)
    latent = DENSE_CALLS[0][2]
    weights = {'summed over the latents': 1,
               'averaged over the latents': 1 / latent,
               'summed over the latents, divided by the pixels': 1 / pixels,
               'averaged over the latents, divided by the pixels':
                   1 / latent / pixels}
    found = []
    for mean, log_var in [(1, 0), (0, 1), (1, 1)]:
        models, loss, kl, _ = deaf(solution, mean, log_var)
        ratio = (loss - base) / kl
        names = [name for name, weight in weights.items()
                 if same(ratio, weight)]
        models.check(names, 'where the KL divergence is {:.5g}, it adds '
                     '{:.5g} to the loss', kl, loss - base)
        found += names
    models.check(len(set(found)) == 1, 'the KL divergence is {}',
                 ' and '.join(found))
    solution.reading = 'the KL divergence is ' + found[0]


COMMON = [three_models, shapes, arguments_unchanged, own_weights, adam,
          auto_is_decoder_of_encoder, training_lowers_loss,
          training_changes_both]
DENSE = [encoder_layers, decoder_layers, encoder_hidden_relu,
         decoder_hidden_relu, decoder_output_sigmoid]
POINTS = {
    '0-vanilla': [signature, *COMMON, binary_cross_entropy, *DENSE,
                  latent_relu],
    '1-sparse': [signature, *COMMON, binary_cross_entropy, *DENSE,
                 latent_relu, l1_on_the_codes],
    '2-convolutional': [
        signature, *COMMON, binary_cross_entropy, encoder_filters,
        decoder_filters, encoder_convolutions, encoder_pooling,
        decoder_convolutions, second_to_last_convolution, last_convolution],
    '3-variational': [
        signature, *COMMON, *DENSE, outputs_in_order,
        mean_and_log_variance_linear, z_mean, z_spread,
        variational_cross_entropy, kl_divergence]}


def main(task, folder, results, *only):
    """Check the points, all or only those named, whichever of them fail."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    solution = Solution(task)
    for point in POINTS[task]:
        if only and point.__name__ not in only:
            continue
        solution.reading = None
        try:
            point(solution)
            failure = None
        except Failed as error:
            failure = str(error)
        except BaseException as error:      # exit() in a solution, too
            failure = said(error)
        with open(results, 'a') as stream:
            json.dump({'point': point.__name__, 'failure': failure,
                       'reading': solution.reading}, stream)
            stream.write('\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
