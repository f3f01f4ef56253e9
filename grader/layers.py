"""Which layers a submodel has: its kernels, and what explains its output."""
import contextlib
import itertools

import numpy as np

from grader import oracle
from grader.oracle import same

RESIZINGS = {'max pooling': oracle.pool,
             'max pooling with valid padding': lambda x: oracle.pool(
                 x, padding='valid'),
             'average pooling': lambda x: oracle.pool(x, 'average'),
             'upsampling': oracle.upsample,
             'nothing': lambda x: x}
# property: what it may be
CHOICES = {'activations': oracle.ACTIVATIONS, 'paddings': ['same', 'valid'],
           'resizings': RESIZINGS}
TRIED = 4       # layers; more than the mains' calls have


def chain(sizes, *window):
    """Return the shapes of the kernels between layers of these sizes."""
    return [(*window, a, b) for a, b in zip(sizes, sizes[1:])]


def kernels_are(models, name, wanted):
    """Fail unless the kernels of a submodel have these shapes."""
    found = [shape for shape in models.shapes[name] if len(shape) > 1]
    models.check(found == wanted, 'the kernels in {} have the shapes {}, not '
                 '{}', name, found, wanted)


def explained(compute, wanted, output):
    """Return what explains an output: {property: its value in each layer}.

    What is wanted is tried first, then all of which one property is otherwise,
    in one or more of the layers. None explains it: None.

    Args:
        compute: function of the properties, that returns an output.
        wanted: dict, such as {'activations': ['relu', 'sigmoid']}.
        output: array.
    """
    guesses = [wanted]
    for name, values in wanted.items():
        if len(values) <= TRIED:
            guesses += [dict(wanted, **{name: list(others)}) for others in
                        itertools.product(CHOICES[name], repeat=len(values))]
    for guess in guesses:
        # ValueError: layers that do not fit each other.
        with contextlib.suppress(ValueError), np.errstate(over='ignore'):
            if same(compute(**guess), output):
                return guess
    return None


def layers_are(models, name, wanted, found, some, *properties):
    """Fail unless some layers of a submodel are those wanted.

    Args:
        models, name: Models, and the name of the submodel.
        wanted, found: see explained().
        some: slice, the layers.
        properties: names of those that matter; none for all.
    """
    models.check(found, 'the output of {} is not that of the layers asked for',
                 name)
    for property_ in properties or wanted:
        models.check(found[property_][some] == wanted[property_][some],
                     'the {} in {} are {}', property_, name,
                     ', '.join(found[property_]))
