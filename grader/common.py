"""The points of every task: functions of the Solution.

The docstring of a point is the sentence of the task that it stands on. Points
look at numbers, not at code: weights are set, outputs compared with NumPy's.
"""
import numpy as np

from grader.oracle import cross_entropy
from grader.solution import HALVES, Failed, parts, plain, same

ARGUMENTS = {
    '0-vanilla': ['input_dims', 'hidden_layers', 'latent_dims'],
    '1-sparse': ['input_dims', 'hidden_layers', 'latent_dims', 'lambtha'],
    '2-convolutional': ['input_dims', 'filters', 'latent_dims'],
    '3-variational': ['input_dims', 'hidden_layers', 'latent_dims']}


def three_models(solution):
    """Returns: encoder, decoder, auto"""
    models = solution.build()
    x = {half: solution.rng.random((4, *size)) for half, size in
         inputs_of(*solution.calls[0]).items()}
    outputs = {half: [] for half in x}
    for _ in range(2):
        models.randomise(solution.rng, positive=True)
        for half in HALVES:
            models.check(all(map(same, models.weights(half),
                                 models.known[half])),
                         '{} does not keep the weights that it is given',
                         half)
        for half, found in outputs.items():
            try:
                found.append(parts(models.run(half, x[half])))
            except Failed:
                return                  # that is another point's fault
    for half, found in outputs.items():
        models.check(any(not same(a, b) for a, b in zip(*found)),
                     '{} gives the same whatever its weights are', half)
    solution.claim = 'that the three are Keras models'


def signature(solution):
    """Write a function def autoencoder(input_dims, ..., latent_dims)"""
    wanted = ARGUMENTS[solution.task]
    function = solution.once(type(solution).function)
    if solution.task == '1-sparse':
        solution.reading = 'the function is called ' + function['name']
    names, needed = function['arguments'], function['needed']
    if names[:len(wanted)] != wanted or len(needed) > len(wanted):
        raise Failed('its arguments are ({}), not ({})'.format(
            ', '.join(names), ', '.join(wanted)))
    solution.claim = 'the names of its arguments'


def shapes(solution):
    """input_dims [...] the dimensions of the model input; latent_dims [...]
    the dimensions of the latent space representation"""
    shapes_are(solution.build(), *solution.calls[0])


def inputs_of(input_dims, _, latent_dims, *more):
    """Return the shapes of what the models of a call take."""
    image, latent = (tuple(np.atleast_1d(size)) for size in
                     (input_dims, latent_dims))
    return {'encoder': image, 'decoder': latent, 'auto': image}


def shapes_are(models, *args):
    """Fail unless the models map images to codes to images of these sizes."""
    sizes = inputs_of(*args)
    for half, other in [('encoder', 'decoder'), ('decoder', 'encoder'),
                        ('auto', 'auto')]:
        wanted = sizes[other]
        for part in parts(models.run(half, np.full((2, *sizes[half]), 0.5))):
            models.check(part.shape[1:] == wanted,
                         '{} gives the shape {}, not {}', half,
                         part.shape[1:], wanted)


def own_weights(solution):
    """a function [...] that creates an autoencoder: a new one each call"""
    first, second = (solution.build(again=True) for _ in range(2))
    before = second.weights('auto')
    first.randomise(solution.rng, halves=['auto'])
    second.check(all(map(same, before, second.weights('auto'))),
                 'setting the weights of one model changed those of another')


def entropy_scale(solution):
    """Return what the cross-entropy's mean over pixels is multiplied by."""
    if solution.task == '1-sparse':     # the penalty is another point's
        models = solution.build(solution.calls[0][:3] + (0.0,),
                                point='l1_on_the_codes')
    else:
        models = solution.build()
    models.randomise(solution.rng)
    models.need_compiled()
    x = solution.images()
    y = models.targets(x, solution.rng)
    entropy = cross_entropy(y, models.run('auto', x))
    return scale_of(models, models.loss(x, y) / entropy.mean(),
                    entropy[0].size)


def scale_of(models, ratio, pixels):
    """Return 1 for the mean over pixels, pixels for the sum."""
    for scale in (1, pixels):
        if same(ratio, scale):
            return scale
    raise Failed('{}: the loss without penalties is {:.4g} times the mean '
                 'binary cross-entropy'.format(models.call, ratio))


def binary_cross_entropy(solution):
    """should be compiled using [...] binary cross-entropy loss"""
    scale = solution.once(entropy_scale)
    solution.reading = 'the cross-entropy is the {} over the pixels'.format(
        'mean' if scale == 1 else 'sum')


def auto_is_decoder_of_encoder(solution):
    """auto is the full autoencoder model"""
    models = solution.random()
    x = solution.images()
    codes = models.run('encoder', x)
    models.check(same(models.run('auto', x), models.run('decoder', codes)),
                 'auto does not give what decoder makes of the codes that '
                 'encoder gives')


# A remark.

def arguments_unchanged(solution):
    """a list of the caller's is the caller's: no text says so"""
    models = solution.build()
    models.check(models.arguments == repr(solution.calls[0]),
                 'changed its arguments to {}', models.arguments)


def sizes_in_words(sizes):
    """Return sizes of layers as text; those in a list stand side by side."""
    return ', '.join(' beside '.join(map(str, size)) if isinstance(
        size, list) else str(plain(size)) for size in sizes)
