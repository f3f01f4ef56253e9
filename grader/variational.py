"""The points of task 3; see common.py.

The encoder's outputs are judged in the order that the task asks for, whichever
they come in: a wrong order is one fault, that of `outputs_in_order`.
"""
import numpy as np

from grader import oracle
from grader.layers import explained, layers_are
from grader.oracle import kernels_of, same

NAMES = ('the latent representation', 'the mean', 'the log variance')
DRAWS = 10000


def given(models, x):
    """Return the encoder's three outputs, as they come."""
    outputs = models.outputs('encoder', x)
    models.check(len(outputs) == 3, 'encoder gives {} outputs, not 3',
                 len(outputs))
    return outputs


def drawn(solution):
    """Return the Models, which outputs of its encoder are z, the mean and the
    log variance, and these for one image, many times.

    z is the one that differs from draw to draw; the others are swapped only
    where that, and nothing else, explains how z is spread. The noise of a
    batch may be one for all: then there is one z.
    """
    args = solution.calls[1]
    models = solution.random(args)
    x = np.repeat(solution.images(1, args), DRAWS, axis=0)
    outputs, again = given(models, x), given(models, x[:2])
    models.check(all(output.shape == outputs[0].shape and output.ndim == 2
                     for output in outputs),
                 'encoder gives outputs of the shapes {}',
                 [output.shape[1:] for output in outputs])
    within = [np.ptp(output, axis=0).max() > 1e-3 for output in outputs]
    between = [not same(a[:2], b) for a, b in zip(outputs, again)]
    shared = not any(within) and any(between)
    vary = np.flatnonzero(between if shared else within)
    z = int(vary[0]) if len(vary) == 1 else 0
    if shared:
        outputs[z] = outputs[z][:1]
    order = [z, *(i for i in range(3) if i != z)]

    def fits(order):
        return all(error < limit for error, limit in errors(
            *(outputs[i] for i in order)))

    if not shared and not fits(order) and fits([z, *order[:0:-1]]):
        order[1:] = order[:0:-1]
    return models, order, [outputs[i] for i in order]


def errors(z, mean, log_var):
    """Return (error, limit) of the mean of z and of its spread."""
    with np.errstate(over='ignore'):        # the two may be swapped
        scale = np.exp(log_var[0] / 2)
        return [(np.abs((z.mean(axis=0) - mean[0]) / scale).max(),
                 6 / len(z)**0.5),
                (np.abs(z.std(axis=0) / scale - 1).max(),
                 6 / (2 * len(z))**0.5)]


def outputs_of(solution, models, x):
    """Return z, the mean and the log variance."""
    outputs = given(models, x)
    _, order, _ = solution.once(drawn)
    return [outputs[i] for i in order]


def auto_is_decoder_of_encoder(solution):
    """auto is the full autoencoder model"""
    models, args = solution.random(solution.calls[1]), solution.calls[1]
    x = np.repeat(solution.images(1, args), DRAWS, axis=0)
    z = outputs_of(solution, models, x)[0]
    ours, theirs = models.run('decoder', z), models.run('auto', x)
    _, _, draws = solution.once(drawn)
    if len(draws[0]) == 1:              # it cannot be told from one draw
        return
    if np.ptp(z, axis=0).max() > 1e-3:
        models.check(np.ptp(theirs, axis=0).max() > 1e-3,
                     'auto gives the same for every draw of z')
    models.check(ours.shape == theirs.shape, 'auto gives the shape {}, the '
                 'decoder {}', theirs.shape[1:], ours.shape[1:])
    spread = (ours.var(axis=0) + theirs.var(axis=0)) / DRAWS
    models.check(np.all(np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) <
                        6 * spread**0.5 + 1e-4),
                 'auto does not give, on average, what decoder makes of the '
                 'codes that encoder gives')


def outputs_in_order(solution):
    """encoder [...] should output the latent representation, the mean, and
    the log variance, respectively"""
    _, order, _ = solution.once(drawn)
    solution.build().check(order == [0, 1, 2], 'encoder gives {}', ', '.join(
        NAMES[order.index(i)] for i in range(3)))


def activations(solution):
    """Return what layers_are() takes of the encoder.

    Its heads, those of the mean and of the log variance, may come in either
    order, or be one layer.
    """
    models, call = solution.random(), solution.calls[0]
    x = solution.rng.normal(size=(16, call[0]))
    pairs = kernels_of(models.known['encoder'])
    _, *outputs = outputs_of(solution, models, x)
    for hidden, heads in [(pairs[:-2], pairs[-2:]),
                          (pairs[:-2], pairs[:-3:-1]),
                          (pairs[:-1], pairs[-1:] * 2)]:
        def compute(activations):
            return np.hstack([oracle.dense(
                x, [*hidden, head], [*activations[:-2], activation])
                for head, activation in zip(heads, activations[-2:])])

        wanted = {'activations': ['relu'] * len(hidden) + ['linear'] * 2}
        found = explained(compute, wanted, np.hstack(outputs))
        if found:
            break
    return models, 'encoder', wanted, found


def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    layers_are(*solution.once(activations), slice(-2))


def mean_and_log_variance_linear(solution):
    """the mean and log variance layers in the encoder, which should use None
    """
    layers_are(*solution.once(activations), slice(-2, None))


def z_mean(solution):
    """the latent representation, the mean: z is spread about the mean"""
    models, _, (z, mean, log_var) = solution.once(drawn)
    (error, limit), _ = errors(z, mean, log_var)
    models.check(error < limit, 'z is {} on average, its mean is {}',
                 z.mean(axis=0).round(3), mean[0].round(3))


def z_spread(solution):
    """the log variance: z's standard deviation is exp(log variance / 2)"""
    models, _, (z, mean, log_var) = solution.once(drawn)
    models.check(len(z) > 1, 'z is drawn once for all images of a batch')
    _, (error, limit) = errors(z, mean, log_var)
    models.check(error < limit, 'z has the standard deviation {}, where '
                 'exp(log variance / 2) is {}', z.std(axis=0).round(3),
                 np.exp(log_var[0] / 2).round(3))


def kl_divergence(solution):
    """creates a variational autoencoder: its loss has the KL divergence of
    N(mean, exp(log variance)) from N(0, 1)"""
    args = solution.calls[1]    # a third of the divergence is not a half
    models, x = solution.build(args), solution.images(args=args)
    pixels, latents = args[0], args[2]
    # It may be summed or averaged over the latents, divided by the pixels.
    scales = 1, 1 / latents, 1 / pixels, 1 / latents / pixels
    # A decoder that ignores z: what is left of a loss is the divergence.
    models.set('decoder', [np.zeros(s) for s in models.shapes['decoder']])
    known = []
    for scale in (0, 1, 1, 1):
        models.randomise(solution.rng, names=['encoder'])
        models.set('encoder', [
            scale * weight for weight in models.known['encoder']])
        _, mean, log_var = outputs_of(solution, models, x)
        known.append((models.loss(x, x),
                      oracle.divergence(mean, log_var).mean()))
    losses, divergences = np.subtract(known[1:], known[0]).T
    models.check(any(same(losses, scale * divergences) for scale in scales),
                 'a KL divergence of {:.5g} adds {:.5g} to the loss',
                 divergences[0], losses[0])
