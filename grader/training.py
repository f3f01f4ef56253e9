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
    """Return the models, the loss before and after a fit of an epoch, and
    {submodel: how far each of its weights moved, arrays}.
    """
    models, rng = solution.build(), solution.rng
    models.randomise(rng, positive=True)
    # So far off that no step is too long; of a code that is drawn, as task
    # 3's, little matters: along its noise, the gradient would be large.
    weights = models.known['decoder']
    kernel = weights[0] / (1000 if solution.task == '3-variational' else 1)
    models.set('decoder', [kernel, *weights[1:]])
    x = solution.images(128)
    y = models.targets(x, rng)
    before = models.loss(x, y)
    updates = fit(models, x, y)
    return models, before, models.loss(x, y), updates


def fit(models, x, y):
    """Fit; return {submodel: how far each of its weights moved, arrays}."""
    models.fit(x, y)
    return {name: [np.abs(new - old) for new, old in zip(
        models.weights(name), models.known[name])] for name in SUBMODELS}


def adam(solution):
    """should be compiled using adam optimization"""
    models = solution.new(solution.calls[0])    # its first step is to come
    models.check(models.optimizer, 'auto is not compiled')
    models.check(models.optimizer == 'Adam', 'the optimizer of auto is {}',
                 models.optimizer)
    models.randomise(solution.rng, positive=True)
    x = solution.images(16) * 0.4       # a batch, darker than what is drawn
    updates = fit(models, x, models.targets(x, solution.rng))['decoder']
    sizes = [moved.max() for moved in updates if moved.any()] or [0]
    models.check(min(sizes) >= ONE_SIZE * max(sizes), 'the optimizer of auto '
                 'is called Adam, but its first step moves weights by {:.2g} '
                 'and by {:.2g}', min(sizes), max(sizes))


def training_lowers_loss(solution):
    """the autoencoder model should be compiled: a fit lowers its loss"""
    models, before, after, _ = solution.once(trained)
    models.check(after < LOWER * before, 'the loss was {:.4g} before fit() '
                 'and {:.4g} after', before, after)


def training_changes_both(solution):
    """auto is the full autoencoder model: a fit trains both of its parts"""
    models, _, _, updates = solution.once(trained)
    for name in SUBMODELS:
        models.check(any(np.any(moved > MOVED) for moved in updates[name]),
                     'fit() left the weights of {} as they were', name)
