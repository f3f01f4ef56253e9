#!/usr/bin/env python3
"""Task 3: a variational autoencoder.

Source: D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes", ICLR
2014, https://arxiv.org/abs/1312.6114: the reparameterisation is its section
2.4, the divergence its appendix B.
"""
import tensorflow.keras as keras


class Sampling(keras.layers.Layer):
    """Draw z from N(mean, exp(log_var)) and add the KL divergence to the loss.

    The divergence is that from N(0, 1), summed over the latent dimensions, the
    mean over the batch, in nats per image. It is a layer because a layer's
    loss is saved, reloaded and trained with on every version of Keras.
    """

    def __init__(self, **settings):
        """Take what any layer takes."""
        super().__init__(**settings)
        # Keras 3 keeps the state of the noise in a layer. Without it XLA would
        # draw the same noise whatever the seed.
        if hasattr(keras, 'random'):
            self.seed_generator = keras.random.SeedGenerator()

    def call(self, inputs):
        """Sample by reparameterisation, z = mean + standard deviation * noise.

        Args:
            inputs: list [mean, log_var] of floats, (batch, latent_dims) each.

        Returns:
            z: floats, (batch, latent_dims), drawn anew at every call.
        """
        backend = keras.backend
        mean, log_var = inputs                              # (batch, latent)
        kl = -0.5 * backend.sum(
            1 + log_var - backend.square(mean) - backend.exp(log_var), axis=-1)
        kl = backend.mean(kl)                               # (batch,) -> ()
        try:
            # TensorFlow 1 counts the loss in each model of this layer, unless
            # it is told which input the loss comes from; Keras 3 can tell.
            self.add_loss(kl, inputs=inputs)
        except TypeError:
            self.add_loss(kl)
        if hasattr(keras, 'random'):
            noise = keras.random.normal(                    # (batch, latent)
                backend.shape(mean), dtype=mean.dtype,
                seed=self.seed_generator)
        else:
            noise = backend.random_normal(backend.shape(mean),
                                          dtype=mean.dtype)
        return mean + backend.exp(log_var / 2) * noise


# Keras finds the layer of a saved model by this name once this module is
# imported. No class statement can give another layer the same name.
REGISTERED = 'autoencoders>Sampling'
keras.utils.get_custom_objects()[REGISTERED] = Sampling
if hasattr(keras.utils, 'register_keras_serializable'):
    del keras.utils.get_custom_objects()[REGISTERED]    # of an earlier import
    keras.utils.register_keras_serializable('autoencoders')(Sampling)
else:                                                   # TensorFlow 1
    Sampling.__name__ = REGISTERED


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a variational autoencoder, compiled and untrained.

    Every layer is relu but the mean and the log variance, which are linear,
    and the last of the decoder, which is sigmoid. The loss is binary
    cross-entropy summed over the pixels plus the KL divergence summed over the
    latent dimensions, in nats per image (the mean over the batch), minimised
    by Adam; pixels must lie in [0, 1].

    Example:
        >>> encoder, decoder, auto = autoencoder(784, [512], 2)
        >>> encoder.output_shape        # of z, the mean and the log variance
        [(None, 2), (None, 2), (None, 2)]
        >>> decoder.output_shape, auto.output_shape
        ((None, 784), (None, 784))

        Untrained, it makes a black image nearly grey, 784 * ln 2 = 543.4 nats,
        and adds no divergence, as the mean and the log variance are 0.

        >>> import numpy as np
        >>> black = np.zeros((1000, 784))
        >>> loss = auto.evaluate(black, black, batch_size=1000, verbose=0)
        >>> 540 < loss < 550
        True

    Args:
        input_dims: int, the number of pixels of an image.
        hidden_layers: sequence of ints, the nodes of each hidden layer of the
            encoder; the decoder has them reversed. With [], the encoder and
            the decoder are a single layer each.
        latent_dims: int, the size of the latent space.

    Returns:
        encoder: keras.Model, float32 images (batch, input_dims) in, a list of
            three out: z, drawn anew at every call, its mean and its log
            variance (natural logarithm), (batch, latent_dims) each.
        decoder: keras.Model, float32 codes (batch, latent_dims) in,
            reconstructions in [0, 1] (batch, input_dims) out.
        auto: keras.Model, images in, reconstructions out; its layers are an
            input, `encoder` and `decoder`.

    Raises:
        ValueError: if a size is not a positive int.
    """
    sizes = [input_dims, *hidden_layers, latent_dims]
    if not all(hasattr(size, '__index__') and size > 0 for size in sizes):
        raise ValueError('input_dims, hidden_layers and latent_dims must be '
                         f'ints > 0, received: {sizes}')
    # Keras takes Python's own ints only, not NumPy's.
    input_dims, *hidden_layers, latent_dims = map(int, sizes)

    inputs = keras.Input(shape=(input_dims,))               # (batch, input)
    x = inputs
    for nodes in hidden_layers:
        x = keras.layers.Dense(nodes, activation='relu')(x)  # (batch, nodes)
    # Not a policy's float16: z and the divergence are exact under it, too.
    exact = {'dtype': keras.backend.floatx()}
    mean = keras.layers.Dense(latent_dims, name='mean', **exact)(x)
    log_var = keras.layers.Dense(latent_dims, name='log_var', **exact)(x)
    latent = Sampling(name='sampling', **exact)([mean, log_var])
    encoder = keras.Model(inputs, [latent, mean, log_var], name='encoder')

    codes = keras.Input(shape=(latent_dims,))               # (batch, latent)
    x = codes
    for nodes in reversed(hidden_layers):
        x = keras.layers.Dense(nodes, activation='relu')(x)  # (batch, nodes)
    reconstruction = keras.layers.Dense(input_dims, activation='sigmoid')(x)
    decoder = keras.Model(codes, reconstruction, name='decoder')

    images = keras.Input(shape=(input_dims,))               # (batch, input)
    auto = keras.Model(images, decoder(encoder(images)[0]), name='autoencoder')
    # Keras averages the cross-entropy over the pixels: times input_dims, it is
    # their sum, the log-likelihood that the divergence is weighed against.
    auto.compile(optimizer='adam', loss='binary_crossentropy',
                 loss_weights=[input_dims])
    return encoder, decoder, auto
