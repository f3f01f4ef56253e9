"""The points of the tasks of fully connected layers; see common.py."""
import itertools

import numpy as np

import oracle
from common import shapes_are
from solution import kernels_of, loss_of, run, same, targets


def widths(model):
    """Return the sizes of a chain of dense layers, input first."""
    kernels = [kernel for kernel, _ in kernels_of(model)]
    return [kernels[0].shape[0]] + [k.shape[1] for k in kernels] if all(
        kernel.ndim == 2 for kernel in kernels) and kernels else None


def widths_are(solution, args, half):
    """Fail unless a half has the layers that a call asks for."""
    models = solution.build(args)
    heads = 2 if solution.task == '3-variational' else 1
    wanted = {'encoder': [args[0], *args[1]] + [args[2]] * heads,
              'decoder': [args[2], *reversed(args[1]), args[0]]}[half]
    found = widths(getattr(models, half))
    models.check(found == wanted, "the layers' sizes in {} are {}, not {}",
                 half, found, wanted)


def encoder_layers(solution):
    """hidden_layers is a list containing the number of nodes for each hidden
    layer in the encoder, respectively"""
    for args in solution.calls:
        widths_are(solution, args, 'encoder')


def decoder_layers(solution):
    """the hidden layers should be reversed for the decoder"""
    for args in solution.calls:
        widths_are(solution, args, 'decoder')


def activations_of(pairs, x, output, wanted):
    """Return the activations that make x into output, or None."""
    for names in itertools.chain([wanted], itertools.product(
            oracle.ACTIVATIONS, repeat=len(pairs))):
        with np.errstate(over='ignore'):
            if same(oracle.dense(x, pairs, names), output):
                return list(names)
    return None


def encoder_activations(solution):
    """Return the Models and the names of the encoder's activations."""
    models = solution.random()
    x = solution.images()
    pairs = kernels_of(models.encoder)
    return models, activations_of(pairs, x, run(models, 'encoder', x),
                                  ['relu'] * len(pairs))


def decoder_activations(solution):
    """Return the Models and the names of the decoder's activations."""
    models = solution.random()
    pairs = kernels_of(models.decoder)
    z = np.random.RandomState(3).normal(size=(64, len(pairs[0][0])))
    return models, activations_of(pairs, z, run(models, 'decoder', z),
                                  ['relu'] * (len(pairs) - 1) + ['sigmoid'])


def names_are(models, names, half, some, wanted):
    """Fail unless the activations of these layers have the name wanted."""
    models.check(names, 'the output of {} is not that of dense layers with '
                 'the activations asked for', half)
    models.check(all(name == wanted for name in names[some]),
                 'the activations in {} are {}', half, ', '.join(names or ''))


def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    names_are(*solution.once(encoder_activations), 'encoder', slice(-1),
              'relu')


def latent_relu(solution):
    """All layers should use a relu activation except for the last layer in
    the decoder"""
    names_are(*solution.once(encoder_activations), 'encoder',
              slice(-1, None), 'relu')


def decoder_hidden_relu(solution):
    """All layers should use a relu activation except for the last layer"""
    names_are(*solution.once(decoder_activations), 'decoder', slice(-1),
              'relu')


def decoder_output_sigmoid(solution):
    """the last layer in the decoder, which should use sigmoid"""
    names_are(*solution.once(decoder_activations), 'decoder',
              slice(-1, None), 'sigmoid')


def l1_on_the_codes(solution):
    """lambtha is the regularization parameter used for L1 regularization on
    the encoded output"""
    import tensorflow as tf
    x = solution.images()
    losses, penalties = [], []
    for lambtha in (0.0, 0.1, 2.0):
        models = solution.random(solution.calls[0][:3] + (lambtha,))
        codes = run(models, 'encoder', x)
        # Of one image at a time, no version's way to average a penalty
        # matters.
        losses.append(loss_of(models, x, targets(models, x), 1))
        penalties.append(lambtha * np.abs(codes).sum() / len(x))
        if not tf.executing_eagerly():
            # TensorFlow 1.15 counts it for each input that the codes have:
            # twice, if auto is made of the encoder's own.
            penalties[-1] *= max(1, len(models.auto.get_losses_for(
                models.auto.inputs)))
        models.check(same(losses[-1] - losses[0], penalties[-1]),
                     'the loss is {:.5g} more than with lambtha = 0, where '
                     'lambtha * sum of |codes| is {:.5g} for each image',
                     losses[-1] - losses[0], penalties[-1])


# A remark.

def no_hidden_layers(solution):
    """an empty list of hidden layers: no text says that it may be"""
    args = (12, [], 4) + solution.calls[0][3:]
    shapes_are(solution.build(args), *args)
    widths_are(solution, args, 'encoder')
    widths_are(solution, args, 'decoder')
