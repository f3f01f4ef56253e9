"""The points of every task on how auto is trained; see common.py.

What a fit does takes more than a pass to compute: here the grade rests on what
the solution's process says of its loss and its weights, and the page says so.
"""
import numpy as np

from grader import convolutional, dense, variational
from grader.solution import HALVES, Failed

LOWER = 0.99        # than before a fit: by chance it may be a little lower
ONE_SIZE = 0.9      # of the longest move, the least
MOVED = 2e-6        # more than a rounding of float32


def trained(solution):
    """Return a new model, how it moved, and its loss before and after a fit.

    The moves are those of each half in a first step, of one batch, a list of
    arrays; then it is fitted for an epoch. With them goes whether the weights
    of each half moved in either.
    """
    models, rng = solution.build(again=True), solution.rng
    models.randomise(rng, positive=True)
    x = solution.images(16) * 0.4           # of a fifth of the ink
    x += 0.2 - x.mean()
    moves = _moves(models, x, models.targets(x, rng))
    moved = {half: _is_move(moves[half]) for half in HALVES}

    models.randomise(rng, positive=True)
    # Brighter reconstructions: so far off that no step is too long.
    *weights, last = models.known['decoder']
    weights.append(last + 2 * (last.ndim == 1))
    if solution.task == '3-variational':
        variational.quieten(solution, models)
        # Of z only little matters: of a large gradient along it, SGD would
        # overshoot, where it is to lose no point but that of Adam.
        weights[0] = weights[0] / 1000
    models.set('decoder', weights)
    x = solution.images(128)
    y = models.targets(x, rng)
    before = models.loss(x, y)
    for half, changes in _moves(models, x, y).items():
        moved[half] |= _is_move(changes)
    return models, moves, moved, before, models.loss(x, y)


def _moves(models, x, y):
    """Fit; return how far each weight of each half moved, lists of arrays."""
    models.fit(x, y)
    return {half: [np.abs(new - old) for new, old in zip(
        models.weights(half), models.known[half])] for half in HALVES}


def _is_move(changes):
    """Return whether any of the weights moved."""
    return any(np.any(change > MOVED) for change in changes)


def training_lowers_loss(solution):
    """the autoencoder model should be compiled: a fit lowers its loss"""
    models, _, _, before, after = solution.once(trained)
    try:
        models.check(after < LOWER * before, 'the loss was {:.4g} before '
                     'fit() and {:.4g} after', before, after)
    except Failed:              # with no probabilities it may not be lower
        solution.once(convolutional.last_convolution if solution.task ==
                      '2-convolutional' else dense.decoder_output_sigmoid)
        raise
    solution.claim = 'that the loss which evaluate() gives is that of the ' \
        'weights'


def training_changes_both(solution):
    """auto is the full autoencoder model: a fit trains both halves"""
    models, _, moved, _, _ = solution.once(trained)
    for half, has_moved in moved.items():
        models.check(has_moved, 'fit() left the weights of {} as they were',
                     half)
    solution.claim = 'that it is fit() which moves the weights'


def adam(solution):
    """should be compiled using adam optimization"""
    models = solution.build()
    models.need_compiled()
    models.check(models.optimizer == 'Adam', 'the optimizer of auto is {}',
                 models.optimizer)
    models, moves, *_ = solution.once(trained)
    last = moves['decoder'][-1]
    longest = max(move.max() for half in HALVES for move in moves[half])
    models.check(longest > 0, 'fit() moves no weight')
    models.check(np.all(last[last > 0] > ONE_SIZE * longest), 'the optimizer '
                 'of auto is called Adam, but its first step moves weights by '
                 '{:.2g} and by {:.2g}', last.min(), longest)
    solution.claim = 'the name of the optimizer: others move weights by one ' \
        'size in a first step, too'
