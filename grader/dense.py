"""The points of the tasks of fully connected layers; see common.py."""
import numpy as np

from grader import oracle
from grader.layers import chain, explained, kernels_are, layers_are
from grader.models import SUBMODELS
from grader.oracle import kernels_of, same


def dense_layers(solution, name, args):
    """Fail unless a submodel has the layers that a call asks for."""
    image, hidden, latent, *_ = args
    wanted = chain([image, *hidden, latent])
    if name == 'decoder':
        wanted = chain([latent, *reversed(hidden), image])
    elif solution.task == '3-variational':
        wanted.append(wanted[-1])       # the mean's, the log variance's
    kernels_are(solution.build(args), name, wanted)


def encoder_layers(solution):
    """hidden_layers is a list containing the number of nodes for each hidden
    layer in the encoder, respectively"""
    for args in solution.calls:
        dense_layers(solution, 'encoder', args)


def decoder_layers(solution):
    """the hidden layers should be reversed for the decoder"""
    for args in solution.calls:
        dense_layers(solution, 'decoder', args)


def activations(solution, name):
    """Return what layers_are() takes of a submodel."""
    models, call = solution.random(), solution.calls[0]
    pairs = kernels_of(models.known[name])
    wanted = ['relu'] * len(pairs)
    if name == 'decoder':
        wanted[-1:] = ['sigmoid']
    wanted = {'activations': wanted}
    x = solution.rng.normal(size=(64, call[0 if name == 'encoder' else 2]))
    return models, name, wanted, explained(
        lambda activations: oracle.dense(x, pairs, activations), wanted,
        models.run(name, x))


def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    layers_are(*solution.once(activations, 'encoder'), slice(-1))


def latent_relu(solution):
    """All layers should use a relu activation except for the last layer in
    the decoder"""
    layers_are(*solution.once(activations, 'encoder'), slice(-1, None))


def decoder_hidden_relu(solution):
    """All layers should use a relu activation except for the last layer"""
    layers_are(*solution.once(activations, 'decoder'), slice(-1))


def decoder_output_sigmoid(solution):
    """the last layer in the decoder, which should use sigmoid"""
    layers_are(*solution.once(activations, 'decoder'), slice(-1, None))


def l1_on_the_codes(solution):
    """lambtha is the regularization parameter used for L1 regularization on
    the encoded output"""
    lambtha = 2.0
    free, models = (solution.random(solution.calls[0][:3] + (weight,))
                    for weight in (0.0, lambtha))
    for name in SUBMODELS:
        models.set(name, free.known[name])
    x = solution.images(4)
    y = models.targets(x, solution.rng)
    # Of one image at a time, no version's way to average a penalty matters.
    more = models.loss(x, y, 1) - free.loss(x, y, 1)
    # How often TensorFlow 1.15 counts it is a claim.
    penalty = models.times * lambtha * np.abs(
        models.run('encoder', x)).sum() / len(x)
    models.check(same(more, penalty), 'the loss is {:.5g} more than with '
                 'lambtha = 0, where lambtha * sum of |codes| is {:.5g} for '
                 'each image', more, penalty)
