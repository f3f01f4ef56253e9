"""The points of task 3; see common.py.

The encoder's outputs are judged in the order that the task asks for, whichever
they come in: a wrong order is one fault, that of `outputs_in_order`.
"""
import numpy as np

from grader import dense, oracle
from grader.common import three_models
from grader.models import parts
from grader.oracle import kernels_of, same
from grader.solution import requires

NAMES = ('the latent representation', 'the mean', 'the log variance')
DRAWS = 10000


def given(models, x):
    """Return the encoder's three outputs, as they come."""
    outputs = parts(models.run('encoder', x))
    models.check(len(outputs) == 3, 'encoder gives {} outputs, not 3',
                 len(outputs))
    return outputs


def drawn(solution):
    """Return the Models and the encoder's outputs for one image, many times.

    The noise of a batch may be one for all: where z does not differ in it, but
    from batch to batch, `shared` says so.
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
    return models, outputs, int(vary[0]) if len(vary) == 1 else 0, shared


def order(solution):
    """Return which outputs are z, the mean and the log variance.

    z is the one that differs from draw to draw. The others are swapped only
    where that, and nothing else, explains how z is spread.
    """
    _, outputs, z, shared = solution.once(drawn)
    mean, log_var = (i for i in range(3) if i != z)

    def fits(mean, log_var):
        return all(error < limit for error, limit in errors(
            outputs[z], outputs[mean], outputs[log_var]))

    if not shared and not fits(mean, log_var) and fits(log_var, mean):
        mean, log_var = log_var, mean
    return z, mean, log_var


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
    return [outputs[i] for i in solution.once(order)]


@requires(three_models)
def auto_is_decoder_of_encoder(solution):
    """auto is the full autoencoder model"""
    models, args = solution.random(solution.calls[1]), solution.calls[1]
    x = np.repeat(solution.images(1, args), DRAWS, axis=0)
    z = outputs_of(solution, models, x)[0]
    ours, theirs = models.run('decoder', z), models.run('auto', x)
    if solution.once(drawn)[-1]:        # it cannot be told from one draw
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


@requires(three_models)
def outputs_in_order(solution):
    """encoder [...] should output the latent representation, the mean, and
    the log variance, respectively"""
    found = solution.once(order)
    solution.build().check(found == (0, 1, 2), 'encoder gives {}', ', '.join(
        NAMES[found.index(i)] for i in range(3)))


def activations(solution):
    """Return the Models and the names of the encoder's activations.

    Its heads, those of the mean and of the log variance, may come in either
    order, or be one layer.
    """
    models, call = solution.random(), solution.calls[0]
    x = solution.rng.normal(size=(64, call[0]))
    pairs = kernels_of(models.known['encoder'])
    _, *outputs = outputs_of(solution, models, x)
    one = len(pairs) == len(call[1]) + 1
    hidden, heads = (pairs[:-1], pairs[-1:] * 2) if one else (
        pairs[:-2], pairs[-2:])
    for pair in (heads, heads[::-1]):
        mean, log_var = (dense.activations_of(
            hidden + [head], x, output, ['relu'] * len(hidden) + ['linear'])
            for head, output in zip(pair, outputs))
        if mean and log_var and mean[:-1] == log_var[:-1]:
            return models, mean + log_var[-1:]
    return models, None


@requires(three_models)
def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    dense.names_are(*solution.once(activations), 'encoder', slice(-2), 'relu')


@requires(three_models)
def mean_and_log_variance_linear(solution):
    """the mean and log variance layers in the encoder, which should use None
    """
    dense.names_are(*solution.once(activations), 'encoder', slice(-2, None),
                    'linear')


def sampled(solution):
    """Return the Models, the outputs for one image, and errors of its z."""
    models, outputs, _, shared = solution.once(drawn)
    z, mean, log_var = (outputs[i] for i in solution.once(order))
    if shared:                          # of a batch there is one draw
        z = z[:1]
    return models, z, mean[0], log_var[0], errors(z, mean, log_var)


@requires(three_models)
def z_mean(solution):
    """the latent representation, the mean: z is spread about the mean"""
    models, z, mean, _, ((error, limit), _) = solution.once(sampled)
    models.check(error < limit, 'z is {} on average, its mean is {}',
                 z.mean(axis=0).round(3), mean.round(3))


@requires(three_models)
def z_spread(solution):
    """the log variance: z's standard deviation is exp(log variance / 2)"""
    models, z, _, log_var, (_, (error, limit)) = solution.once(sampled)
    models.check(len(z) > 1, 'z is drawn once for all images of a batch')
    models.check(error < limit, 'z has the standard deviation {}, where '
                 'exp(log variance / 2) is {}', z.std(axis=0).round(3),
                 np.exp(log_var / 2).round(3))


@requires(three_models)
def kl_divergence(solution):
    """creates a variational autoencoder: its loss has the KL divergence of
    N(mean, exp(log variance)) from N(0, 1)"""
    args = solution.calls[1]    # a third of the divergence is not a half
    models, x = solution.new(args), solution.images(args=args)
    pixels, latents = args[0], args[2]
    scales = {'summed over the latents': 1,
              'averaged over the latents': 1 / latents,
              'summed over the latents, divided by the pixels': 1 / pixels,
              'averaged over the latents, divided by the pixels':
                  1 / latents / pixels}
    # A decoder that ignores z: what is left of a loss is the divergence.
    models.set('decoder', [np.zeros(s) for s in models.shapes['decoder']])
    found, known = set(scales), []
    for scale in (0, 1, 1, 1):
        models.randomise(solution.rng, names=['encoder'])
        models.set('encoder', [
            scale * weight for weight in models.known['encoder']])
        _, mean, log_var = outputs_of(solution, models, x)
        known.append((models.loss(x, x),
                      oracle.divergence(mean, log_var).mean()))
        loss, divergence = np.subtract(known[-1], known[0])
        if scale:
            fits = {name for name, scale in scales.items()
                    if same(loss, scale * divergence)}
            models.check(fits, 'a KL divergence of {:.5g} adds {:.5g} to the '
                         'loss', divergence, loss)
            found &= fits
    models.check(found, 'the KL divergence is of no one scale')
    solution.reading = f'the KL divergence is {sorted(found)[-1]}'
