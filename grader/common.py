"""The points of every task: functions of the Solution.

The docstring of a point is the sentence of the task that it stands on. Points
look at numbers, not at code: weights are set, outputs compared with NumPy's.
Where a sentence can be read in two ways, both pass.
"""
import numpy as np

from grader.models import SUBMODELS, Failed
from grader.oracle import cross_entropy, same
from grader.solution import Solution

ARGUMENTS = {
    '0-vanilla': ['input_dims', 'hidden_layers', 'latent_dims'],
    '1-sparse': ['input_dims', 'hidden_layers', 'latent_dims', 'lambtha'],
    '2-convolutional': ['input_dims', 'filters', 'latent_dims'],
    '3-variational': ['input_dims', 'hidden_layers', 'latent_dims']}


def three_models(solution):
    """Returns: encoder, decoder, auto"""
    models = solution.random()
    for name in SUBMODELS:
        models.check(all(map(same, models.weights(name), models.known[name])),
                     '{} does not keep the weights that it is given', name)


def signature(solution):
    """Write a function def autoencoder(input_dims, ..., latent_dims)"""
    wanted = ARGUMENTS[solution.task]
    function = solution.once(Solution.function)
    names = function['arguments']
    if names[:len(wanted)] != wanted or len(function['needed']) > len(wanted):
        raise Failed('its arguments are ({}), not ({})'.format(
            ', '.join(names), ', '.join(wanted)))


def shapes(solution):
    """input_dims [...] the dimensions of the model input; latent_dims [...]
    the dimensions of the latent space representation"""
    models, (image, _, code, *_) = solution.build(), solution.calls[0]
    image, code = tuple(np.atleast_1d(image)), tuple(np.atleast_1d(code))
    sizes = {'encoder': image, 'decoder': code, 'auto': image}
    # Of as many images as others run: what they are told, this is told first.
    outputs = {name: models.outputs(name, np.full((4, *size), 0.5))
               for name, size in sizes.items()}
    for name, other in [('encoder', 'decoder'), ('decoder', 'encoder'),
                        ('auto', 'auto')]:
        for output in outputs[name]:
            models.check(output.shape[1:] == sizes[other],
                         '{} gives the shape {}, not {}', name,
                         output.shape[1:], tuple(map(int, sizes[other])))


def own_weights(solution):
    """a function [...] that creates an autoencoder: a new one each call"""
    first, second = solution.build(), solution.new(solution.calls[0])
    before = second.weights('auto')
    first.randomise(solution.rng, names=['auto'])
    second.check(all(map(same, before, second.weights('auto'))),
                 'setting the weights of one model changed those of another')


def binary_cross_entropy(solution):
    """should be compiled using [...] binary cross-entropy loss"""
    models, x = solution.build(), solution.images()
    # With codes of 0 there is no penalty on them, and no divergence; what is
    # drawn about them, the decoder does not see.
    models.set('encoder', [np.zeros(s) for s in models.shapes['encoder']])
    y = models.targets(x, solution.rng)
    for _ in range(2):
        models.randomise(solution.rng, names=['decoder'])
        first, *others = models.known['decoder']
        models.set('decoder', [0 * first, *others])
        entropy = cross_entropy(y, models.run('auto', x))
        ratio = models.loss(x, y) / entropy.mean()
        models.check(same(ratio, 1) or same(ratio, entropy[0].size),
                     'the loss without penalties is {:.4g} times the mean '
                     'binary cross-entropy', ratio)


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
