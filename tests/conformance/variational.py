"""The points of task 3; see common.py.

The encoder's outputs are judged in the order that the task asks for, whichever
they come in: a wrong order is one fault, that of `outputs_in_order`.
"""
import numpy as np

import common
import dense
import oracle
from solution import Failed, kernels_of, loss_of, run, same

NAMES = ('the latent representation', 'the mean', 'the log variance')
DRAWS = 10000


def given(models, x):
    """Return the encoder's three outputs, as they come."""
    outputs = run(models, 'encoder', x)
    if not isinstance(outputs, list) or len(outputs) != 3:
        raise Failed('{}: encoder gives {} outputs, not 3'.format(
            models.call, len(outputs) if isinstance(outputs, list) else 1),
            'outputs_in_order')
    return outputs


def order(solution):
    """Return which outputs are z, the mean and the log variance.

    z is the one that differs from draw to draw. The others are swapped only
    where that, and nothing else, explains how z is spread.
    """
    models = solution.random()
    outputs = given(models, np.repeat(solution.images(1), DRAWS, axis=0))
    vary = [i for i, output in enumerate(outputs)
            if np.ptp(output, axis=0).max() > 1e-3]
    z = vary[0] if len(vary) == 1 else 0
    mean, log_var = (i for i in range(3) if i != z)

    def fits(mean, log_var):
        return all(error < limit for error, limit in errors(
            outputs[z], outputs[mean], outputs[log_var]))

    if not fits(mean, log_var) and fits(log_var, mean):
        mean, log_var = log_var, mean
    return z, mean, log_var


def errors(z, mean, log_var):
    """Return (error, limit) of the mean of z and of its spread."""
    with np.errstate(over='ignore'):        # the two may be swapped
        scale = np.exp(log_var[0] / 2)
        return [(np.abs((z.mean(axis=0) - mean[0]) / scale).max(),
                 5 / len(z)**0.5),
                (np.abs(z.std(axis=0) / scale - 1).max(),
                 5 / (2 * len(z))**0.5)]


def outputs_of(solution, models, x):
    """Return z, the mean and the log variance."""
    outputs = given(models, x)
    return [outputs[i] for i in solution.once(order)]


def sampled(solution):
    """Return the Models and the outputs for one image, encoded many times."""
    solution.once(order)
    models = solution.random()
    return models, outputs_of(solution, models, np.repeat(
        solution.images(1), DRAWS, axis=0))


def auto_is_decoder_of_encoder(solution):
    """auto is the full autoencoder model"""
    _, (z, _, _) = solution.once(sampled)
    models = solution.random()
    ours = run(models, 'decoder', z)
    given = run(models, 'auto', np.repeat(solution.images(1), DRAWS, axis=0))
    if np.ptp(z, axis=0).max() > 1e-3:
        models.check(np.ptp(given, axis=0).max() > 1e-3,
                     'auto gives the same for every draw of z')
    spread = (ours.var(axis=0) + given.var(axis=0)) / DRAWS
    models.check(np.all(np.abs(ours.mean(axis=0) - given.mean(axis=0)) <
                        6 * spread**0.5 + 1e-4),
                 'auto does not give, on average, what decoder makes of the '
                 'codes that encoder gives')


def outputs_in_order(solution):
    """encoder [...] should output the latent representation, the mean, and
    the log variance, respectively"""
    found = solution.once(order)
    solution.build().check(found == (0, 1, 2), 'encoder gives {}', ', '.join(
        NAMES[found.index(i)] for i in range(3)))


def encoder_activations(solution):
    """Return the Models and the names of the encoder's activations."""
    solution.once(order)
    models = solution.random()
    x = solution.images()
    pairs = kernels_of(models.encoder)
    _, mean, log_var = outputs_of(solution, models, x)
    for heads in (pairs[-2:], pairs[:-3:-1]):   # in either order
        found = [dense.activations_of(
            pairs[:-2] + [head], x, output,
            ['relu'] * (len(pairs) - 2) + ['linear'])
            for head, output in zip(heads, (mean, log_var))]
        if all(found) and found[0][:-1] == found[1][:-1]:
            return models, found[0] + found[1][-1:]
    return models, None


def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    dense.names_are(*solution.once(encoder_activations), 'encoder',
                    slice(-2), 'relu')


def mean_and_log_variance_linear(solution):
    """the mean and log variance layers in the encoder, which should use None
    """
    dense.names_are(*solution.once(encoder_activations), 'encoder',
                    slice(-2, None), 'linear')


def z_mean(solution):
    """the latent representation, the mean: z is spread about the mean"""
    models, outputs = solution.once(sampled)
    (error, limit), _ = errors(*outputs)
    models.check(error < limit, 'z is {} on average, its mean is {}',
                 outputs[0].mean(axis=0).round(3), outputs[1][0].round(3))


def z_spread(solution):
    """the log variance: z's standard deviation is exp(log variance / 2)"""
    models, outputs = solution.once(sampled)
    _, (error, limit) = errors(*outputs)
    models.check(error < limit, 'z has the standard deviation {}, where '
                 'exp(log variance / 2) is {}',
                 outputs[0].std(axis=0).round(3),
                 np.exp(outputs[2][0] / 2).round(3))


def deaf(solution, mean, log_var):
    """Return the loss and the KL divergence with a decoder that ignores z.

    The weights are random but for those of the mean and of the log variance,
    which are kept where wanted and else 0; the reconstruction is 0.5.
    """
    solution.once(order)
    args = solution.calls[1]    # a third of the divergence is not a half
    models, x = solution.random(args), solution.images(args=args)
    models.decoder.set_weights([weight * 0 for weight in
                                models.decoder.get_weights()])
    weights = models.encoder.get_weights()
    heads = [i for i, weight in enumerate(weights)
             if weight.shape[-1] == args[2]]
    before = outputs_of(solution, models, x)
    kept = []
    for i in heads:                         # which output does each move?
        changed = list(weights)
        changed[i] = weights[i] + 1
        models.encoder.set_weights(changed)
        moves_mean = not same(before[1],
                              outputs_of(solution, models, x)[1])
        kept.append(mean if moves_mean else log_var)
    for i, keep in zip(heads, kept):
        weights[i] = weights[i] * keep
    models.encoder.set_weights(weights)
    kl = oracle.divergence(*outputs_of(solution, models, x)[1:])
    return models, loss_of(models, x, x), kl.mean(), x[0].size


def variational_cross_entropy(solution):
    """should be compiled using [...] binary cross-entropy loss: the part that
    is left when the KL divergence is 0"""
    models, loss, _, pixels = deaf(solution, 0, 0)
    models.check(models.compiled, 'auto is not compiled')
    common.reading(solution, models, loss / np.log(2), pixels)
    # It must tell one reconstruction from another, too.
    models, x = solution.random(), solution.images()
    weights = models.decoder.get_weights()
    losses, expected = [], []
    for scale in (1, -1):
        models.decoder.set_weights([
            weight * (scale if i else 0) for i, weight in enumerate(weights)])
        losses.append(loss_of(models, x, x))    # whatever z is
        expected.append(oracle.cross_entropy(x, run(models, 'auto',
                                                    x)).mean())
    ratio = (losses[0] - losses[1]) / (expected[0] - expected[1])
    common.reading(solution, models, ratio, x[0].size)


def kl_divergence(solution):
    """creates a variational autoencoder: its loss has the KL divergence of
    N(mean, exp(log variance)) from N(0, 1)"""
    _, base, _, pixels = deaf(solution, 0, 0)
    latent = solution.calls[1][2]
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
