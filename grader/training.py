"""The points of every task on how auto is trained; see common.py.

What a fit does takes more than a pass to compute: here the grade rests on what
the solution's process says of its loss and its weights, and the page says so.
"""
import numpy as np

from grader.models import SUBMODELS

LOWER = 0.99        # than before a fit: by chance it may be a little lower
ONE_SIZE = 0.9      # of the largest update, the least
MOVED = 2e-6        # more than a rounding of float32


def trained(solution):
    """Return a new model, its updates, and its loss before and after a fit.

    The updates are those of each submodel's weights in a first step, of one
    batch, and in a fit of an epoch, lists of arrays.
    """
    models, rng = solution.new(solution.calls[0]), solution.rng
    models.randomise(rng, positive=True)
    x = solution.images(16) * 0.4           # of a fifth of the ink
    x += 0.2 - x.mean()
    first = _updates(models, x, models.targets(x, rng))

    models.randomise(rng, positive=True)
    # So far off that no step is too long; of a code that is drawn, as task
    # 3's, little matters: along its noise, the gradient would be large.
    weights = models.known['decoder']
    kernel = weights[0] / (1000 if solution.task == '3-variational' else 1)
    models.set('decoder', [kernel, *weights[1:]])
    x = solution.images(128)
    y = models.targets(x, rng)
    before = models.loss(x, y)
    epoch = _updates(models, x, y)
    return models, first, epoch, before, models.loss(x, y)


def _updates(models, x, y):
    """Fit; return how far each weight of each submodel moved, in arrays."""
    models.fit(x, y)
    return {name: [np.abs(new - old) for new, old in zip(
        models.weights(name), models.known[name])] for name in SUBMODELS}


def adam(solution):
    """should be compiled using adam optimization"""
    models = solution.build()
    models.check(models.optimizer, 'auto is not compiled')
    models.check(models.optimizer == 'Adam', 'the optimizer of auto is {}',
                 models.optimizer)
    models, updates, *_ = solution.once(trained)
    last = updates['decoder'][-1]
    largest = max(update.max() for name in SUBMODELS
                  for update in updates[name])
    models.check(largest > 0, 'fit() moves no weight')
    models.check(np.all(last[last > 0] > ONE_SIZE * largest), 'the optimizer '
                 'of auto is called Adam, but its first step moves weights by '
                 '{:.2g} and by {:.2g}', last.min(), largest)


def training_lowers_loss(solution):
    """the autoencoder model should be compiled: a fit lowers its loss"""
    models, _, _, before, after = solution.once(trained)
    models.check(after < LOWER * before, 'the loss was {:.4g} before fit() '
                 'and {:.4g} after', before, after)


def training_changes_both(solution):
    """auto is the full autoencoder model: a fit trains both of its parts"""
    models, first, epoch, *_ = solution.once(trained)
    for name in SUBMODELS:
        models.check(any(np.any(update > MOVED)
                         for update in first[name] + epoch[name]),
                     'fit() left the weights of {} as they were', name)
