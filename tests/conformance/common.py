"""The points of every task: functions of the Solution.

The docstring of a point is the sentence of the task that it stands on. Points
look at numbers, not at code: weights are set, outputs compared with NumPy's.
"""
import inspect

import numpy as np

from oracle import cross_entropy
from solution import (Failed, keras_says, loss_of, plain, randomise, run, same,
                      targets)

ARGUMENTS = {
    '0-vanilla': ['input_dims', 'hidden_layers', 'latent_dims'],
    '1-sparse': ['input_dims', 'hidden_layers', 'latent_dims', 'lambtha'],
    '2-convolutional': ['input_dims', 'filters', 'latent_dims'],
    '3-variational': ['input_dims', 'hidden_layers', 'latent_dims']}


def three_models(solution):
    """Returns: encoder, decoder, auto"""
    solution.build()


def signature(solution):
    """Write a function def autoencoder(input_dims, ..., latent_dims)"""
    wanted = ARGUMENTS[solution.task]
    function = solution.function()
    if solution.task == '1-sparse':
        solution.reading = 'the function is called ' + function.__name__
    parameters = inspect.signature(function).parameters.values()
    names = [p.name for p in parameters]
    needed = [p.name for p in parameters if p.default is p.empty]
    if names[:len(wanted)] != wanted or len(needed) > len(wanted):
        raise Failed('its arguments are ({}), not ({})'.format(
            ', '.join(names), ', '.join(wanted)))


def shapes(solution):
    """input_dims [...] the dimensions of the model input; latent_dims [...]
    the dimensions of the latent space representation"""
    shapes_are(solution.build(), *solution.calls[0])


def shapes_are(models, input_dims, _, latent_dims, *more):
    """Fail unless the models map images to codes to images of these sizes."""
    image, latent = (tuple(np.atleast_1d(size)) for size in
                     (input_dims, latent_dims))
    for half, size, wanted in [('encoder', image, latent),
                               ('decoder', latent, image),
                               ('auto', image, image)]:
        output = run(models, half, np.full((2,) + size, 0.5))
        for part in output if isinstance(output, list) else [output]:
            models.check(part.shape[1:] == wanted,
                         '{} gives the shape {}, not {}', half,
                         part.shape[1:], wanted)


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
    name = type(models.auto.optimizer).__name__
    models.check(models.compiled, 'auto is not compiled')
    models.check(name == 'Adam', 'the optimizer of auto is {}', name)


def binary_cross_entropy(solution):
    """should be compiled using [...] binary cross-entropy loss"""
    args = solution.calls[0]
    if solution.task == '1-sparse':
        args = args[:3] + (0.0,)        # the penalty is another point's
    models = solution.random(args)
    models.check(models.compiled, 'auto is not compiled')
    x = solution.images()
    y = targets(models, x)
    entropy = cross_entropy(y, run(models, 'auto', x))
    reading(solution, models, loss_of(models, x, y) / entropy.mean(),
            entropy[0].size)


def reading(solution, models, ratio, pixels):
    """Take the mean or the sum over pixels, whichever the loss is."""
    for value, name in [(1, 'mean'), (pixels, 'sum')]:
        if same(ratio, value):
            solution.reading = ('the cross-entropy is the {} over the pixels'
                                .format(name))
            return
    models.check(False, 'the loss without penalties is {:.4g} times the mean '
                 'binary cross-entropy', ratio)


def auto_is_decoder_of_encoder(solution):
    """auto is the full autoencoder model"""
    models = solution.random()
    x = solution.images()
    codes = run(models, 'encoder', x)
    models.check(same(run(models, 'auto', x), run(models, 'decoder', codes)),
                 'auto does not give what decoder makes of the codes that '
                 'encoder gives')


def trained(solution):
    """Return a new model that was fitted, its losses, and what moved."""
    models = solution.build(again=True)
    halves = {'encoder': models.encoder, 'decoder': models.decoder}
    for seed, half in enumerate(halves.values()):
        randomise(half, seed, positive=True)
    before = {name: half.get_weights() for name, half in halves.items()}
    x = solution.images(256)
    y = targets(models, x)
    losses = [loss_of(models, x, y)]
    keras_says(models, 'fit', x, y, epochs=12, batch_size=16)
    losses.append(loss_of(models, x, y))
    return models, losses, {
        name: any(np.any(a != b) for a, b in zip(
            before[name], half.get_weights()))
        for name, half in halves.items()}


def training_lowers_loss(solution):
    """the autoencoder model should be compiled: a fit lowers its loss"""
    models, (before, after), _ = solution.once(trained)
    models.check(after < before, 'the loss was {:.4g} before fit() and {:.4g} '
                 'after', before, after)


def training_changes_both(solution):
    """auto is the full autoencoder model: a fit trains both halves"""
    models, _, moved = solution.once(trained)
    for name, has_moved in moved.items():
        models.check(has_moved, 'fit() left the weights of {} as they were',
                     name)


# A remark.

def arguments_unchanged(solution):
    """a list of the caller's is the caller's: no text says so"""
    args = [list(arg) if isinstance(arg, list) else arg
            for arg in solution.calls[0]]
    models = solution.build()
    solution.function()(*args)
    models.check(tuple(args) == solution.calls[0],
                 'changed its argument to {}', plain(args[1]))
