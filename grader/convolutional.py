"""The points of task 2; see common.py."""
from grader import oracle
from grader.layers import (RESIZINGS, chain, explained, kernels_are,
                           layers_are)
from grader.oracle import kernels_of

PIXELS = 2**18  # times channels, of an image upsampled; ours have 50,176


def convolved(pairs, x, paddings, activations, resizings):
    """Return the output of convolutions."""
    for (kernel, bias), padding, activation, resizing in zip(
            pairs, paddings, activations, resizings):
        if kernel.ndim != 4 or kernel[..., 0, 0].size > 7 * 7 or (
                4 * x[0, ..., 0].size * kernel.shape[3] > PIXELS):
            raise ValueError(f'no convolution, or a large one: {kernel.shape}')
        x = RESIZINGS[resizing](oracle.ACTIVATIONS[activation](
            oracle.convolve(x, kernel, bias, padding)))
    return x


def layers(solution, name):
    """Return what layers_are() takes of a submodel."""
    models, call = solution.random(), solution.calls[0]
    pairs = kernels_of(models.known[name])
    n = len(pairs)
    wanted = {'paddings': ['same'] * n, 'activations': ['relu'] * n,
              'resizings': ['max pooling'] * n}
    if name == 'decoder':
        wanted = {'paddings': (['same'] * n + ['valid', 'same'])[-n:],
                  'activations': ['relu'] * (n - 1) + ['sigmoid'],
                  'resizings': ['upsampling'] * (n - 1) + ['nothing']}
    x = solution.rng.normal(size=(4, *call[0 if name == 'encoder' else 2]))
    # Of one image: much is computed where the first guess is wrong.
    return models, name, wanted, explained(
        lambda **properties: convolved(pairs, x[:1], **properties), wanted,
        models.run(name, x)[:1])


def encoder_filters(solution):
    """filters is a list containing the number of filters for each
    convolutional layer in the encoder [...] a kernel size of (3, 3)"""
    for args in solution.calls:
        image, filters, _ = args
        kernels_are(solution.build(args), 'encoder',
                    chain([image[2], *filters], 3, 3))


def decoder_filters(solution):
    """the filters should be reversed for the decoder [...] a filter size of
    (3, 3) [...] The last convolution should have the same number of filters
    as the number of channels in input_dims"""
    for args in solution.calls:
        image, filters, latent = args
        kernels_are(solution.build(args), 'decoder',
                    chain([latent[2], *reversed(filters), image[2]], 3, 3))


def encoder_convolutions(solution):
    """Each convolution in the encoder should use [...] same padding and relu
    activation"""
    layers_are(*solution.once(layers, 'encoder'), slice(None), 'paddings',
               'activations')


def encoder_pooling(solution):
    """followed by max pooling of size (2, 2)"""
    layers_are(*solution.once(layers, 'encoder'), slice(None), 'resizings')


def decoder_convolutions(solution):
    """Each convolution in the decoder, except for the last two, should use
    [...] same padding and relu activation, followed by upsampling of size
    (2, 2)"""
    layers_are(*solution.once(layers, 'decoder'), slice(-2))


def second_to_last_convolution(solution):
    """The second to last convolution should instead use valid padding"""
    layers_are(*solution.once(layers, 'decoder'), slice(-2, -1))


def last_convolution(solution):
    """The last convolution should have [...] sigmoid activation and no
    upsampling"""
    layers_are(*solution.once(layers, 'decoder'), slice(-1, None))
