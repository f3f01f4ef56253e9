"""The points of task 2; see common.py."""
import itertools

from grader import oracle
from grader.common import shapes_are
from grader.solution import kernels_of, product, same

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
    for steps in guesses if len(pairs) <= TRIED else ():
        if same(convolved(pairs, steps, x), output):
            return steps
    return None


def encoder_steps(solution):
    """Return the Models, the half, and its steps wanted and found."""
    models = solution.random()
    x = solution.rng.normal(size=(4, *solution.calls[0][0]))
    pairs = kernels_of(models.known['encoder'])
    wanted = [('same', 'relu', 'max pooling')] * len(pairs)
    return models, 'encoder', wanted, steps_of(
        pairs, x, models.run('encoder', x), wanted,
        [after for after in AFTER if after != 'upsampling'])


def decoder_steps(solution):
    """Return the Models, the half, and its steps wanted and found."""
    models = solution.random()
    pairs = kernels_of(models.known['decoder'])
    z = solution.rng.normal(size=(4, *solution.calls[0][2]))
    wanted = [('same', 'relu', 'upsampling')] * (len(pairs) - 2) + [
        ('valid', 'relu', 'upsampling'), ('same', 'sigmoid', 'nothing')]
    return models, 'decoder', wanted[-len(pairs):], steps_of(
        pairs, z, models.run('decoder', z), wanted[-len(pairs):],
        ('upsampling', 'nothing'))


def steps_are(models, half, wanted, found, some, parts=slice(None)):
    """Fail unless these steps of a half are those wanted."""
    models.check(found, 'the output of {} is not that of the convolutions '
                 'asked for', half)
    for i in range(len(wanted))[some]:
        models.check(found[i][parts] == wanted[i][parts],
                     'convolution {} of {} has {} padding, {} activation and '
                     'then {}', i + 1, half, *found[i])


def filters_are(solution, half, wanted):
    """Fail unless a half has these kernels."""
    for args in solution.calls:
        models = solution.build(args)
        shapes = [shape for shape in models.shapes[half] if len(shape) > 1]
        filters = [shape[-1] for shape in shapes]
        models.check(filters == wanted(args), 'the filters in {} are {}, not '
                     '{}', half, filters, wanted(args))
        models.check(all(len(shape) == 4 and shape[:2] == (3, 3)
                         for shape in shapes),
                     'the kernels in {} have the shapes {}', half, shapes)


def encoder_filters(solution):
    """filters is a list containing the number of filters for each
    convolutional layer in the encoder [...] a kernel size of (3, 3)"""
    filters_are(solution, 'encoder', lambda args: args[1])


def decoder_filters(solution):
    """the filters should be reversed for the decoder [...] a filter size of
    (3, 3) [...] The last convolution should have the same number of filters
    as the number of channels in input_dims"""
    filters_are(solution, 'decoder',
                lambda args: args[1][::-1] + [args[0][2]])


def encoder_convolutions(solution):
    """Each convolution in the encoder should use [...] same padding and relu
    activation"""
    steps_are(*solution.once(encoder_steps), slice(None), slice(2))


def encoder_pooling(solution):
    """followed by max pooling of size (2, 2)"""
    steps_are(*solution.once(encoder_steps), slice(None), slice(2, 3))


def decoder_convolutions(solution):
    """Each convolution in the decoder, except for the last two, should use
    [...] same padding and relu activation, followed by upsampling of size
    (2, 2)"""
    steps_are(*solution.once(decoder_steps), slice(-2))


def second_to_last_convolution(solution):
    """The second to last convolution should instead use valid padding"""
    steps_are(*solution.once(decoder_steps), slice(-2, -1))


def last_convolution(solution):
    """The last convolution should have [...] sigmoid activation and no
    upsampling"""
    steps_are(*solution.once(decoder_steps), slice(-1, None))


# A remark.

def other_sizes(solution):
    """images of other sizes, oblong or small: no text names them"""
    for args in OTHER_CALLS:
        shapes_are(solution.build(args, point='other_sizes'), *args)
