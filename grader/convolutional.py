"""The points of task 2; see common.py."""
import itertools

from grader import oracle
from grader.common import shapes_are, three_models
from grader.oracle import kernels_of, product, same
from grader.solution import requires

TRIED = 8       # convolutions; the main's call has 4 at most
PIXELS = 2**18  # times channels, of an image upsampled; ours have 50,176
# What no text names: other sizes of images, more pooling than 28 pixels take.
OTHER_CALLS = [((28, 44, 2), [4, 3, 2], (4, 6, 2)),
               ((12, 12, 3), [4, 3, 2, 2], (1, 1, 2))]
AFTER = {'max pooling': oracle.pool,
         'max pooling with valid padding': lambda x: oracle.pool(
             x, padding='valid'),
         'average pooling': lambda x: oracle.pool(x, 'average'),
         'upsampling': oracle.upsample,
         'nothing': lambda x: x}


def convolved(pairs, steps, x):
    """Return the output of convolutions; None where they cannot follow."""
    for (kernel, bias), (padding, name, after) in zip(pairs, steps):
        if kernel.ndim != 4 or x.ndim != 4 or kernel.shape[2] != x.shape[3]:
            return None
        if min(x.shape[1:3]) < 4 and 'valid' in padding + after:
            return None
        if product(kernel.shape[:2]) > 7 * 7 or (
                4 * product(x.shape[1:3]) * kernel.shape[3] > PIXELS):
            return None
        x = AFTER[after](oracle.ACTIVATIONS[name](
            oracle.convolve(x, kernel, bias, padding)))
    return x


def steps_of(pairs, x, output, wanted, afters):
    """Return the (padding, activation, what follows) that explain output.

    Those wanted are tried first, then those with one step otherwise, those
    with all steps otherwise, and those with the valid padding elsewhere.
    """
    others = list(itertools.product(('same', 'valid'), oracle.ACTIVATIONS,
                                    afters))
    guesses = [wanted]
    guesses += [wanted[:i] + [other] + wanted[i + 1:]
                for i in range(len(wanted)) for other in others]
    guesses += [[other] * i + wanted[i:] for other in others
                for i in (len(wanted), len(wanted) - 2)]
    guesses += [[(padding, name if relu == 'relu' else relu, after)
                 for padding, relu, after in wanted]
                for name in oracle.ACTIVATIONS]
    guesses += [[('valid' if i == valid else 'same',) + step[1:]
                 for i, step in enumerate(wanted)]
                for valid in range(-1, len(wanted))]
    for guess in guesses if len(pairs) <= TRIED else ():
        if same(convolved(pairs, guess, x), output):
            return guess
    return None


def steps(solution, name):
    """Return the Models, the submodel, and its steps wanted and found."""
    models, call = solution.random(), solution.calls[0]
    pairs = kernels_of(models.known[name])
    if name == 'encoder':
        size, afters = call[0], [after for after in AFTER
                                 if after != 'upsampling']
        wanted = [('same', 'relu', 'max pooling')] * len(pairs)
    else:
        size, afters = call[2], ['upsampling', 'nothing']
        wanted = [('same', 'relu', 'upsampling')] * (len(pairs) - 2) + [
            ('valid', 'relu', 'upsampling'), ('same', 'sigmoid', 'nothing')]
        wanted = wanted[-len(pairs):]
    x = solution.rng.normal(size=(4, *size))
    # Of one image: many guesses are computed where the first is wrong.
    return models, name, wanted, steps_of(
        pairs, x[:1], models.run(name, x)[:1], wanted, afters)


def steps_are(models, name, wanted, found, some, parts=slice(None)):
    """Fail unless these steps of a submodel are those wanted."""
    models.check(found, 'the output of {} is not that of the convolutions '
                 'asked for', name)
    for i in range(len(wanted))[some]:
        models.check(found[i][parts] == wanted[i][parts],
                     'convolution {} of {} has {} padding, {} activation and '
                     'then {}', i + 1, name, *found[i])


def filters_are(solution, name, wanted):
    """Fail unless a submodel has these kernels."""
    for args in solution.calls:
        models = solution.build(args)
        shapes = [shape for shape in models.shapes[name] if len(shape) > 1]
        filters = [shape[-1] for shape in shapes]
        models.check(filters == wanted(args), 'the filters in {} are {}, not '
                     '{}', name, filters, wanted(args))
        models.check(all(len(shape) == 4 and shape[:2] == (3, 3)
                         for shape in shapes),
                     'the kernels in {} have the shapes {}', name, shapes)


@requires(three_models)
def encoder_filters(solution):
    """filters is a list containing the number of filters for each
    convolutional layer in the encoder [...] a kernel size of (3, 3)"""
    filters_are(solution, 'encoder', lambda args: args[1])


@requires(three_models)
def decoder_filters(solution):
    """the filters should be reversed for the decoder [...] a filter size of
    (3, 3) [...] The last convolution should have the same number of filters
    as the number of channels in input_dims"""
    filters_are(solution, 'decoder',
                lambda args: args[1][::-1] + [args[0][2]])


@requires(three_models)
def encoder_convolutions(solution):
    """Each convolution in the encoder should use [...] same padding and relu
    activation"""
    steps_are(*solution.once(steps, 'encoder'), slice(None), slice(2))


@requires(three_models)
def encoder_pooling(solution):
    """followed by max pooling of size (2, 2)"""
    steps_are(*solution.once(steps, 'encoder'), slice(None), slice(2, 3))


@requires(three_models)
def decoder_convolutions(solution):
    """Each convolution in the decoder, except for the last two, should use
    [...] same padding and relu activation, followed by upsampling of size
    (2, 2)"""
    steps_are(*solution.once(steps, 'decoder'), slice(-2))


@requires(three_models)
def second_to_last_convolution(solution):
    """The second to last convolution should instead use valid padding"""
    steps_are(*solution.once(steps, 'decoder'), slice(-2, -1))


@requires(three_models)
def last_convolution(solution):
    """The last convolution should have [...] sigmoid activation and no
    upsampling"""
    steps_are(*solution.once(steps, 'decoder'), slice(-1, None))


# A remark.

@requires(three_models)
def other_sizes(solution):
    """images of other sizes, oblong or small: no text names them"""
    for args in OTHER_CALLS:
        shapes_are(solution.build(args), *args)
