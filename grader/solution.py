"""A solution, as far as it answers: the models that its function returns.

Weights and images come from a seed that it cannot know.
"""
import numpy as np

from grader.models import Failed, Models, told
from lab import TASKS

# Calls that a task's text promises, beside the one of its main: several
# layers, one, and layers of equal sizes.
DENSE = [(20, [8, 5], 3), (30, [7], 2), (16, [6, 6, 6], 4)]
CALLS = {
    '0-vanilla': DENSE,
    '1-sparse': [call + (10e-6,) for call in DENSE],
    '2-convolutional': [((28, 28, 3), [5, 4, 3], (4, 4, 3)),
                        ((28, 28, 1), [4], (14, 14, 4)),
                        ((28, 28, 1), [3, 3, 3], (4, 4, 3))],
    '3-variational': DENSE}


class Solution:
    """One task of one folder.

    Args:
        task: str, such as '0-vanilla'.
        ask: function of a question, words and arrays; it returns the words and
            the arrays of the answer.
        seed: int, of the weights and the images.
    """

    def __init__(self, task, ask, seed):
        self.task, self.ask = task, ask
        self.calls = [TASKS[task], *CALLS[task]]
        self.rng = np.random.default_rng([seed, int(task[0])])
        self.found = {}             # what points found out for each other

    def once(self, find, *args):
        """Return find(self, *args), found out once; it fails each time."""
        key = find, repr(args)
        if key not in self.found:
            try:
                self.found[key] = find(self, *args), None
            except Failed as error:
                self.found[key] = None, str(error)
        value, message = self.found[key]
        if message:
            raise Failed(message)
        return value

    def function(self):
        """Return the words about its function: name, arguments, needed."""
        return told(self.ask, 'import', 'find')[0]

    def new(self, args):
        """Return the Models of a call that is made now."""
        call = '{}({})'.format(self.once(Solution.function)['name'],
                               ', '.join(map(repr, args)))
        words, _ = told(self.ask, call, 'build', repr(tuple(args)))
        return Models(self.ask, call, words)

    def build(self, args=None):
        """Return the Models of a call, made once; by default the main's."""
        return self.once(Solution.new, args or self.calls[0])

    def random(self, args=None):
        """Return the Models of a call with random weights."""
        models = self.build(args)
        models.randomise(self.rng)
        return models

    def images(self, n=64, args=None):
        """Return n images for a call: few bright pixels, many dark."""
        shape = np.atleast_1d((args or self.calls[0])[0])
        return self.rng.random((n, *shape))**3
