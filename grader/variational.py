"""The points of task 3; see common.py.

The encoder's outputs are judged in the order that the task asks for, whichever
they come in: a wrong order is one fault, that of `outputs_in_order`.
"""
import numpy as np

from grader import common, dense, oracle
from grader.solution import Failed, kernels_of, parts, same

NAMES = ('the latent representation', 'the mean', 'the log variance')
DRAWS = 10000


def given(models, x):
    """Return the encoder's three outputs, as they come."""
    outputs = parts(models.run('encoder', x))
    if len(outputs) != 3:
        raise Failed(f'{models.call}: encoder gives {len(outputs)} outputs, '
                     'not 3', 'outputs_in_order')
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
    if any(output.shape != outputs[0].shape or output.ndim != 2
           for output in outputs):
        raise Failed('{}: encoder gives outputs of the shapes {}'.format(
            models.call, [output.shape[1:] for output in outputs]), 'shapes')
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


def sampled(solution):
    """Return the Models and the outputs for one image, encoded many times."""
    models, outputs, _, shared = solution.once(drawn)
    if shared:
        raise Failed(f'{models.call}: z is drawn once for all images of a '
                     'batch', 'z_spread')
    return models, [outputs[i] for i in solution.once(order)]


def auto_is_decoder_of_encoder(solution):
    """auto is the full autoencoder model"""
    args = solution.calls[1]
    models = solution.random(args)
    x = np.repeat(solution.images(1, args), DRAWS, axis=0)
    _, _, _, shared = solution.once(drawn)
    z = outputs_of(solution, models, x)[0]
    ours, theirs = models.run('decoder', z), models.run('auto', x)
    if shared:                  # it cannot be told from one draw
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
    found = solution.once(order)
    solution.build().check(found == (0, 1, 2), 'encoder gives {}', ', '.join(
        NAMES[found.index(i)] for i in range(3)))


def apart(solution, pairs):
    """Return the hidden layers and the two heads, which may be one layer."""
    if len(pairs) == len(solution.calls[0][1]) + 1:
        return pairs[:-1], pairs[-1:] * 2
    return pairs[:-2], pairs[-2:]


def encoder_activations(solution):
    """Return the Models and the names of the encoder's activations.

    With them goes whether the layer of the log variance stands before that of
    the mean.
    """
    solution.once(order)
    models = solution.random()
    x = solution.rng.normal(size=(64, solution.calls[0][0]))
    pairs = kernels_of(models.known['encoder'])
    _, mean, log_var = outputs_of(solution, models, x)
    hidden, heads = apart(solution, pairs)
    for turned in (False, True):
        found = [dense.activations_of(
            hidden + [head], x, output, ['relu'] * len(hidden) + ['linear'])
            for head, output in zip(heads[::-1] if turned else heads,
                                    (mean, log_var))]
        if all(found) and found[0][:-1] == found[1][:-1]:
            return models, (found[0] + found[1][-1:], turned)
    return models, None


def quieten(solution, models):
    """Make z all but the mean, by a log variance of -10, where that is known.
    """
    try:
        _, found = solution.once(encoder_activations)
    except Failed:                      # that is another point's
        return
    weights = models.known['encoder']
    if found and found[0][-1] == 'linear' and [
            weight.ndim for weight in weights[-4:]] == [2, 1, 2, 1]:
        start = len(weights) - (4 if found[1] else 2)
        models.set('encoder', weights[:start] + [
            weights[start] / 100, weights[start + 1] - 10,
            *weights[start + 2:]])


def names_of(solution):
    """Return the Models and the names of the encoder's activations alone."""
    models, found = solution.once(encoder_activations)
    return models, found and found[0]


def encoder_hidden_relu(solution):
    """All layers should use a relu activation except [...]"""
    dense.names_are(*names_of(solution), 'encoder', slice(-2), 'relu')


def mean_and_log_variance_linear(solution):
    """the mean and log variance layers in the encoder, which should use None
    """
    dense.names_are(*names_of(solution), 'encoder', slice(-2, None), 'linear')


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


def deaf(solution):
    """Return a function of what is kept of the mean and of the log variance.

    It returns the loss and the KL divergence with a decoder that ignores z;
    the weights are random but for those of the two, which are kept or else 0.
    The reconstruction is 0.5.
    """
    solution.once(order)
    args = solution.calls[1]    # a third of the divergence is not a half
    models, x = solution.build(args, again=True), solution.images(args=args)
    models.randomise(solution.rng, halves=['encoder'])
    models.set('decoder', [np.zeros(s) for s in models.shapes['decoder']])
    weights = models.known['encoder']
    heads = [i for i, weight in enumerate(weights)
             if weight.shape[-1] == args[2]]
    before = outputs_of(solution, models, x)
    of_mean = []
    for i in heads:                         # which output does each move?
        models.set('encoder', [weight + (j == i)
                               for j, weight in enumerate(weights)])
        of_mean.append(not same(before[1],
                                outputs_of(solution, models, x)[1]))

    def loss_and_divergence(mean, log_var):
        kept = list(weights)
        for i, moves_mean in zip(heads, of_mean):
            kept[i] = weights[i] * (mean if moves_mean else log_var)
        models.set('encoder', kept)
        kl = oracle.divergence(*outputs_of(solution, models, x)[1:])
        return models.loss(x, x), kl.mean()

    return models, loss_and_divergence, x[0].size


def entropy_scale(solution):
    """Return what the cross-entropy's mean over pixels is multiplied by."""
    solution.build().need_compiled()
    models, find, pixels = solution.once(deaf)
    loss, _ = find(0, 0)
    common.scale_of(models, loss / np.log(2), pixels)
    # It must tell one reconstruction from another, too.
    models, x = solution.random(), solution.images()
    weights = models.known['decoder']
    losses, expected = [], []
    for scale in (1, -1):
        models.set('decoder', [
            weight * (scale if i else 0) for i, weight in enumerate(weights)])
        losses.append(models.loss(x, x))        # whatever z is
        expected.append(oracle.cross_entropy(
            x, models.run('auto', x)).mean())
    return common.scale_of(models, (losses[0] - losses[1]) / (
        expected[0] - expected[1]), x[0].size)


def variational_cross_entropy(solution):
    """should be compiled using [...] binary cross-entropy loss: the part that
    is left when the KL divergence is 0"""
    scale = solution.once(entropy_scale)
    solution.reading = 'the cross-entropy is the {} over the pixels'.format(
        'mean' if scale == 1 else 'sum')


def divergence_scale(solution):
    """Return what the KL divergence is multiplied by, in the call of the main,
    and this in words.
    """
    models, find, pixels = solution.once(deaf)
    base, _ = find(0, 0)
    latent, main = solution.calls[1][2], solution.calls[0]
    scales = {'summed over the latents': (1, 1),
              'averaged over the latents': (1 / latent, 1 / main[2]),
              'summed over the latents, divided by the pixels':
                  (1 / pixels, 1 / main[0]),
              'averaged over the latents, divided by the pixels':
                  (1 / latent / pixels, 1 / main[2] / main[0])}
    found = []
    for mean, log_var in [(1, 0), (0, 1), (1, 1)]:
        loss, kl = find(mean, log_var)
        if kl < 1e-6:           # one layer for both, which is another fault
            continue
        names = [name for name, (scale, _) in scales.items()
                 if same((loss - base) / kl, scale)]
        models.check(names, 'a KL divergence of {:.5g} adds {:.5g} to the '
                     'loss', kl, loss - base)
        found += names
    models.check(len(set(found)) == 1, 'the KL divergence is {}',
                 ' and '.join(found) or 'always 0')
    return scales[found[0]][1], found[0]


def kl_divergence(solution):
    """creates a variational autoencoder: its loss has the KL divergence of
    N(mean, exp(log variance)) from N(0, 1)"""
    _, words = solution.once(divergence_scale)
    solution.reading = 'the KL divergence is ' + words
