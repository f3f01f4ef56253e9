"""z from a Lambda; the divergence, averaged over the latents, from a layer."""
import tensorflow.keras as keras

K = keras.backend


class Divergence(keras.layers.Layer):
    """Add the divergence to the loss."""

    def call(self, inputs):
        """Give the mean as it is."""
        mean, log_var = inputs
        self.add_loss(K.mean(-0.5 * (1 + log_var - K.square(mean) -
                                     K.exp(log_var))))
        return mean


def draw(args):
    """Sample by reparameterisation."""
    mu, log_sig = args
    return mu + K.exp(log_sig / 2) * K.random_normal(K.shape(mu))


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a variational autoencoder."""
    image = x = keras.Input((input_dims,))
    for n in hidden_layers:
        x = keras.layers.Dense(n, 'relu')(x)
    log_sig = keras.layers.Dense(latent_dims)(x)    # in the other order
    mu = keras.layers.Dense(latent_dims, activation=None)(x)
    mu = Divergence()([mu, log_sig])
    z = keras.layers.Lambda(draw, output_shape=(latent_dims,))([mu, log_sig])
    encoder = keras.Model(image, [z, mu, log_sig])
    code = x = keras.Input((latent_dims,))
    for n in hidden_layers[::-1]:
        x = keras.layers.Dense(n, 'relu')(x)
    decoder = keras.Model(code, keras.layers.Dense(input_dims, 'sigmoid')(x))
    auto = keras.Model(image, decoder(z))

    def loss(x, y):
        return keras.losses.binary_crossentropy(x, y) * input_dims

    auto.compile('adam', loss)
    return encoder, decoder, auto
