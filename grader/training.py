"""The points of every task on how auto is trained; see common.py.

What the solution's process says of a loss is held against the loss that NumPy
computes of the weights, and its optimizer against what Adam does.
"""
import contextlib

import numpy as np

from grader import common, convolutional, dense, oracle, variational
from grader.solution import HALVES, Failed, kernels_of

LOWER = 0.99        # than before a fit: by chance it may be a little lower
CLOSE = 0.1         # to a step of Adam, in learning rates


def expected_loss(solution, models, x, y):
    """Return the loss of y from x with the weights that a process has.

    Where auto does not give what decoder makes of the codes, it is that of
    what it gives.

    Raises:
        Failed: if no network that the oracle knows explains its outputs.
    """
    of = variational if solution.task == '3-variational' else common
    scale = solution.once(of.entropy_scale)
    network = _convolutions if solution.task == '2-convolutional' else _dense
    output, activation, penalty = network(solution, models, x)
    if activation != 'sigmoid':     # each TensorFlow clips it in its own way
        raise Failed('not known')
    try:
        solution.once(of.auto_is_decoder_of_encoder)
        if of is variational:
            solution.once(variational.z_mean)
            solution.once(variational.z_spread)
    except Failed:
        output = models.run('auto', x)
    return scale * oracle.cross_entropy(y, output).mean() + penalty


def _convolutions(solution, models, x):
    """Return the reconstruction of x, its activation, and no penalty."""
    halves, found = [], []
    for half, find in [('encoder', convolutional.encoder_steps),
                       ('decoder', convolutional.decoder_steps)]:
        *_, steps = solution.once(find)
        halves.append((kernels_of(models.weights(half)), _known(steps)))
    for part in np.array_split(x, 8):       # all at once take 200 MB
        for half in halves:
            part = _known(convolutional.convolved(*half, part))
        found.append(part)
    return np.concatenate(found), steps[-1][1], 0


def _dense(solution, models, x):
    """Return the reconstruction of x, its activation, and the penalty."""
    encoder, decoder = (kernels_of(models.weights(half)) for half in HALVES)
    penalty = 0
    if solution.task == '3-variational':
        mean, log_var = variational.heads_of(solution, encoder, x, *_known(
            solution.once(variational.encoder_activations)[1]))
        codes = mean + np.exp(log_var / 2) * solution.rng.normal(
            size=mean.shape)
        penalty = solution.once(variational.divergence_scale)[0] * (
            oracle.divergence(mean, log_var).mean())
    else:
        codes = oracle.dense(x, encoder, _known(
            solution.once(dense.encoder_activations)[1]))
    if solution.task == '1-sparse':
        penalty = models.times * solution.calls[0][3] * np.abs(codes).sum(
            axis=1).mean()
    names = _known(solution.once(dense.decoder_activations)[1])
    return oracle.dense(codes, decoder, names), names[-1], penalty


def _known(found):
    """Return what was found out; Failed if that is None."""
    if found is None:
        raise Failed('not known')
    return found


def trained(solution):
    """Return a new model that was fitted, its losses, and what moved."""
    models = solution.once(common.fitted)
    for find in (steps, common.entropy_scale):  # that need these models as new
        with contextlib.suppress(Failed):
            solution.once(find)
    models.randomise(solution.rng, positive=True)
    _brighten(models, 2)            # so far off that no step is too long
    known = True
    if solution.task == '3-variational':
        try:
            variational.quieten(solution, models)
            # Of z only little matters: of a large gradient along it, SGD
            # would overshoot, where it is to lose no point but that of Adam.
            first, *weights = models.known['decoder']
            models.set('decoder', [first / 1000, *weights])
        except Failed:              # that is another point's
            known = False
    x = solution.images(128)
    y = models.targets(x, solution.rng)
    losses, expected = [], []
    for fits in (True, False):
        losses.append(models.loss(x, y))
        with contextlib.suppress(Failed):
            if known:
                expected.append(expected_loss(solution, models, x, y))
        if fits:
            models.fit(x, y)
    return models, losses, expected, {
        half: any(np.any(a != b) for a, b in zip(
            models.known[half], models.weights(half)))
        for half in HALVES}


def _brighten(models, by):
    """Add to the last bias, so that all reconstructions are brighter."""
    *weights, last = models.known['decoder']
    models.set('decoder', [*weights, last + by * (last.ndim == 1)])


def training_lowers_loss(solution):
    """the autoencoder model should be compiled: a fit lowers its loss"""
    models, losses, expected, _ = solution.once(trained)
    try:
        models.check(losses[1] < LOWER * losses[0], 'the loss was {:.4g} '
                     'before fit() and {:.4g} after', *losses)
    except Failed:              # with no probabilities it may not be lower
        solution.once(convolutional.last_convolution if solution.task ==
                      '2-convolutional' else dense.decoder_output_sigmoid)
        raise
    if not expected:
        solution.claim = 'that the loss which evaluate() gives is that of ' \
            'the weights'
    for loss, ours in zip(losses, expected):
        models.check(abs(loss - ours) < 2e-3 * ours, 'evaluate() gives the '
                     'loss {:.4g}, the weights give {:.4g}', loss, ours)


def training_changes_both(solution):
    """auto is the full autoencoder model: a fit trains both halves"""
    models, _, _, moved = solution.once(trained)
    for half, has_moved in moved.items():
        models.check(has_moved, 'fit() left the weights of {} as they were',
                     half)
    models, _, chosen, slopes, moves = solution.once(steps)
    for half in HALVES:
        of_half = _sloping(slopes) & [place[0] == half for place in chosen]
        models.check(np.all(slopes[:1, of_half] * moves[:1, of_half] < 0),
                     'fit() does not lower the loss by the weights of {}',
                     half)


def _sloping(slopes):
    """Return on which weights the loss depends in the first step."""
    return np.abs(slopes[0]) > 1e-3 * np.abs(slopes).max()


def steps(solution):
    """Return the Models, how all weights moved in a first step, and more.

    That is: some weights, by half and place; in several steps, from weights
    that are new each time, the slopes of the loss along them and their moves,
    arrays of shape (steps, weights).
    """
    models = solution.once(common.fitted)
    rng, moves, slopes = solution.rng, [], []
    chosen = [(half, rng.integers(np.prod(models.shapes[half][-1], dtype=int)))
              for half in ('encoder', 'decoder', 'decoder')]
    # Dark reconstructions of bright images, and so on: what makes one loss
    # another shows most where it is far from its minimum.
    for brightness, bias in [(0.2, 0), (0.8, -3), (0.5, 2)]:
        models.randomise(rng, positive=True)
        _brighten(models, bias)
        if solution.task == '3-variational':
            # Whatever z is drawn, it changes nothing.
            models.set('decoder', [models.known['decoder'][0] * 0,
                                   *models.known['decoder'][1:]])
        x = solution.images(16) * 0.4
        x += brightness - x.mean()
        y = np.clip(models.targets(x, rng), 0, 1)
        slopes.append([_slope(models, half, place, x, y)
                       for half, place in chosen])
        models.fit(x, y)
        moved = {half: [after - old for after, old in zip(
            models.weights(half), models.known[half])] for half in HALVES}
        if not moves:
            first = moved['encoder'] + moved['decoder']
        moves.append([moved[half][-1].flat[place] for half, place in chosen])
    return models, first, chosen, np.array(slopes), np.array(moves)


def _slope(models, half, place, x, y, by=0.01):
    """Return the slope of the loss along one of the last weights of a half."""
    weights, losses = models.known[half], []
    for sign in (1, -1):
        last = weights[-1].copy()
        last.flat[place] += sign * by
        models.set(half, weights[:-1] + [last])
        losses.append(models.loss(x, y))
    models.set(half, weights)
    return (losses[0] - losses[1]) / (2 * by)


def adam(solution):
    """should be compiled using adam optimization"""
    models = solution.build()
    models.need_compiled()
    models.check(models.optimizer == 'Adam', 'the optimizer of auto is {}',
                 models.optimizer)
    models, first, _, slopes, moves = solution.once(steps)
    size, last = max(np.abs(part).max() for part in first), np.abs(first[-1])
    models.check(size > 0, 'fit() moves no weight')
    models.check(np.all(last[last > 0] > (1 - CLOSE) * size), 'the optimizer '
                 'of auto is called Adam, but its first step moves weights by '
                 '{:.2g} and by {:.2g}', last.min(), size)
    # What NumPy's Adam makes of the slopes of those weights that are trained.
    some = _sloping(slopes) & np.any(moves != 0, axis=0)
    wanted = oracle.adam(slopes[:, some], size)
    models.check(np.all(np.abs(moves[:, some] - wanted) < CLOSE * size),
                 'the optimizer of auto is called Adam, but in three steps it '
                 'moves weights by {}, where Adam moves them by {}',
                 *(np.array([f'{n:.2g}' for n in np.ravel(which)])
                   for which in (moves[:, some], wanted)))
    if not some.any():
        solution.claim = 'the name of the optimizer'
