"""The points of the tasks of fully connected layers; see common.py."""
import itertools

import numpy as np

from grader import oracle
from grader.common import shapes_are, sizes_in_words, three_models
from grader.oracle import kernels_of, same
from grader.solution import requires

TRIED = 4       # layers, 6 activations each; more than the mains' calls have


def widths(shapes, heads):
    """Return the sizes of a chain of dense layers, input first; or None.

    The last layers of an encoder with two heads stand side by side.
    """
    kernels = [shape for shape in shapes if len(shape) > 1]
    if not kernels or any(len(shape) != 2 for shape in kernels):
        return None
    sizes = [kernels[0][0]] + [shape[1] for shape in kernels]
    return sizes[:-heads] + [sizes[-heads:]] if heads > 1 and (
        len(sizes) > heads and kernels[-1][0] == kernels[-2][0]) else sizes


def widths_are(solution, args, name):
    """Fail unless a submodel has the layers that a call asks for."""
    models = solution.build(args)
    heads = 2 if solution.task == '3-variational' and name == 'encoder' else 1
    wanted = {'encoder': [args[0], *args[1], args[2]],
              'decoder': [args[2], *reversed(args[1]), args[0]]}[name]
    if heads == 2:
        wanted[-1] = [args[2]] * 2
    found = widths(models.shapes[name], heads)
    models.check(found is not None, 'the layers in {} are not dense', name)
    models.check(found == wanted, 'the sizes of the layers in {} are {}, not '
                 '{}', name, sizes_in_words(found), sizes_in_words(wanted))


@requires(three_models)
def encoder_layers(solution):
    """hidden_layers is a list containing the number of nodes for each hidden
    layer in the encoder, respectively"""
    for args in solution.calls:
        widths_are(solution, args, 'encoder')


@requires(three_models)
def decoder_layers(solution):
    """the hidden layers should be reversed for the decoder"""
    for args in solution.calls:
        widths_are(solution, args, 'decoder')


def activations_of(pairs, x, output, wanted):
    """Return the activations that make x into output, or None."""
    sizes = [kernel.shape for kernel, _ in pairs]
    if any(len(size) != 2 for size in sizes) or [x.shape[1], *(
            size[1] for size in sizes)][:-1] != [size[0] for size in sizes]:
        return None                     # no chain of layers
    others = itertools.product(oracle.ACTIVATIONS, repeat=len(pairs))
    for names in [wanted, *(others if len(pairs) <= TRIED else ())]:
        with np.errstate(over='ignore'):
            if same(oracle.dense(x, pairs, names), output):
                return list(names)
    return None


def activations(solution, name):
    """Return the Models and the names of the activations of a submodel."""
    models, call = solution.random(), solution.calls[0]
    pairs = kernels_of(models.known[name])
    wanted = ['relu'] * len(pairs)
    if name == 'decoder':
        wanted[-1:] = ['sigmoid']
    x = solution.rng.normal(size=(64, call[0 if name == 'encoder' else 2]))
    return models, activations_of(pairs, x, models.run(name, x), wanted)


def names_are(models, names, name, some, wanted):
    """Fail unless the activations of these layers have the name wanted."""
    models.check(names, 'the output of {} is not that of dense layers with '
                 'the activations asked for', name)
    models.check(all(found == wanted for found in names[some]),
                 'the activations in {} are {}', name, ', '.join(names or ''))


@requires(three_models)
def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    names_are(*solution.once(activations, 'encoder'), 'encoder', slice(-1),
              'relu')


@requires(three_models)
def latent_relu(solution):
    """All layers should use a relu activation except for the last layer in
    the decoder"""
    names_are(*solution.once(activations, 'encoder'), 'encoder',
              slice(-1, None), 'relu')


@requires(three_models)
def decoder_hidden_relu(solution):
    """All layers should use a relu activation except for the last layer"""
    names_are(*solution.once(activations, 'decoder'), 'decoder', slice(-1),
              'relu')


@requires(three_models)
def decoder_output_sigmoid(solution):
    """the last layer in the decoder, which should use sigmoid"""
    names_are(*solution.once(activations, 'decoder'), 'decoder',
              slice(-1, None), 'sigmoid')


@requires(three_models)
def l1_on_the_codes(solution):
    """lambtha is the regularization parameter used for L1 regularization on
    the encoded output"""
    x = solution.images(4)
    for lambtha in (0.0, 0.1, 2.0):
        models = solution.random(solution.calls[0][:3] + (lambtha,))
        if lambtha == 0:
            weights = dict(models.known)
        for name in weights:
            models.set(name, weights[name])
        codes = models.run('encoder', x)
        # Of one image at a time, no version's way to average a penalty
        # matters.
        loss = models.loss(x, models.targets(x, np.random.default_rng(0)), 1)
        if lambtha == 0:
            without = loss
        penalty = lambtha * np.abs(codes).sum() / len(x)
        if models.times == 2:
            penalty *= 2
            solution.claim = ('that TensorFlow 1.15 counts the penalty once '
                              'for encoder and once for auto')
        models.check(same(loss - without, penalty),
                     'the loss is {:.5g} more than with lambtha = 0, where '
                     'lambtha * sum of |codes| is {:.5g} for each image',
                     loss - without, penalty)


# A remark.

@requires(three_models)
def no_hidden_layers(solution):
    """an empty list of hidden layers: no text says that it may be"""
    args = (12, [], 4) + solution.calls[0][3:]
    shapes_are(solution.build(args), *args)
    widths_are(solution, args, 'encoder')
    widths_are(solution, args, 'decoder')
