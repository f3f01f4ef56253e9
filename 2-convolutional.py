#!/usr/bin/env python3
"""Task 2: a convolutional autoencoder.

Source: J. Masci, U. Meier, D. Ciresan and J. Schmidhuber, "Stacked
Convolutional Auto-Encoders for Hierarchical Feature Extraction", ICANN 2011,
https://doi.org/10.1007/978-3-642-21735-7_7
"""
import tensorflow.keras as keras


def autoencoder(input_dims, filters, latent_dims):
    """Build a convolutional autoencoder, compiled and untrained.

    Every convolution is 3 x 3, padded and relu. In the encoder 2 x 2 max
    pooling follows each, in the decoder 2 x 2 upsampling. The decoder's last
    two are different: the second to last is not padded; the last, to the
    image's channels, is sigmoid, and nothing follows it. The loss is binary
    cross-entropy, in nats per pixel (the mean over the pixels and over the
    batch), minimised by Adam; pixels must lie in [0, 1].

    The convolution without padding takes off two rows and two columns: the
    reconstruction has the size of the image, as training needs, where each
    side is a multiple of 2 ** n less 4, with n >= 3 filters (28 for n = 3).

    Example:
        >>> encoder, decoder, auto = autoencoder(
        ...     (28, 28, 1), [16, 8, 8], (4, 4, 8))
        >>> encoder.output_shape, decoder.output_shape, auto.output_shape
        ((None, 4, 4, 8), (None, 28, 28, 1), (None, 28, 28, 1))

        Untrained, it makes a black image grey: ln 2 nats per pixel.

        >>> import numpy as np
        >>> black = np.zeros((1, 28, 28, 1))
        >>> round(float(auto.evaluate(black, black, verbose=0)), 4)
        0.6931

    Args:
        input_dims: tuple of 3 ints, the (height, width, channels) of an image.
        filters: sequence of ints, the filters of each convolution of the
            encoder; the decoder has them reversed.
        latent_dims: tuple of 3 ints, the (height, width, channels) of a code:
            the image's sides, halved and rounded up once for each filter, and
            the last of the filters.

    Returns:
        encoder: keras.Model, float32 images (batch, *input_dims) in,
            codes >= 0 (batch, *latent_dims) out.
        decoder: keras.Model, float32 codes (batch, *latent_dims) in,
            reconstructions in [0, 1] (batch, height, width, channels) out.
        auto: keras.Model, images in, reconstructions out; its layers are an
            input, `encoder` and `decoder`.

    Raises:
        ValueError: if a size is not a positive int, filters is empty, or
            latent_dims not the shape that the encoder gives; from Keras, if
            input_dims has not three sizes.
    """
    sizes = [*input_dims, *filters]
    if not all(hasattr(size, '__index__') and size > 0 for size in sizes):
        raise ValueError('input_dims and filters must be ints > 0, received: '
                         f'{input_dims} and {filters}')
    if not len(filters):
        raise ValueError('filters must have one int or more, received: []')
    # Keras takes Python's own ints only, not NumPy's.
    input_dims, filters = tuple(map(int, input_dims)), list(map(int, filters))

    # Said to each layer: a user's ~/.keras/keras.json may say otherwise.
    channels_last = {'data_format': 'channels_last'}
    inputs = keras.Input(shape=input_dims)      # (batch, *input_dims)
    x = inputs
    for channels in filters:
        x = keras.layers.Conv2D(channels, (3, 3), padding='same',
                                activation='relu', **channels_last)(x)
        x = keras.layers.MaxPooling2D((2, 2), padding='same',
                                      **channels_last)(x)
        # (batch, height / 2, width / 2, channels), rounded up
    encoder = keras.Model(inputs, x, name='encoder')

    shape = tuple(encoder.output_shape[1:])
    if not hasattr(latent_dims, '__iter__') or tuple(latent_dims) != shape:
        raise ValueError(
            f'latent_dims must be {shape}, as input_dims is {input_dims} and '
            f'filters {filters}, received: {latent_dims!r}')

    codes = keras.Input(shape=shape)            # (batch, *latent_dims)
    x = codes
    for channels in reversed(filters[1:]):
        x = keras.layers.Conv2D(channels, (3, 3), padding='same',
                                activation='relu', **channels_last)(x)
        x = keras.layers.UpSampling2D((2, 2), **channels_last)(x)
        # (batch, 2 * height, 2 * width, channels)
    x = keras.layers.Conv2D(filters[0], (3, 3), padding='valid',
                            activation='relu', **channels_last)(x)
    # (batch, height - 2, width - 2, filters[0])
    x = keras.layers.UpSampling2D((2, 2), **channels_last)(x)
    # (batch, 2 * height - 4, ...): the image's own size again
    reconstruction = keras.layers.Conv2D(input_dims[-1], (3, 3),
                                         padding='same',
                                         activation='sigmoid',
                                         **channels_last)(x)
    decoder = keras.Model(codes, reconstruction, name='decoder')

    images = keras.Input(shape=input_dims)      # (batch, *input_dims)
    auto = keras.Model(images, decoder(encoder(images)), name='autoencoder')
    auto.compile(optimizer='adam', loss='binary_crossentropy')
    return encoder, decoder, auto
