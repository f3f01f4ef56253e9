"""The mean cross-entropy + the summed divergence: the other reading."""
import tensorflow.keras as keras


class Reparameterize(keras.layers.Layer):
    """Sample, and add the divergence to the loss."""

    def call(self, inputs):
        """Sample."""
        mu, log_sigma = inputs
        b = keras.backend
        kl = b.sum(b.exp(log_sigma) + b.square(mu) - 1 - log_sigma, axis=-1)
        self.add_loss(b.mean(kl) / 2)
        return mu + b.exp(log_sigma / 2) * b.random_normal(b.shape(mu))


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a variational autoencoder."""
    encoder_in = h = keras.layers.Input(shape=(input_dims,))
    for n in hidden_layers:
        h = keras.layers.Dense(n, activation='relu')(h)
    mu = keras.layers.Dense(latent_dims, name='mu')(h)
    log_sigma = keras.layers.Dense(latent_dims, name='log_sigma')(h)
    z = Reparameterize()((mu, log_sigma))
    encoder = keras.Model(encoder_in, (z, mu, log_sigma))
    decoder_in = h = keras.layers.Input(shape=(latent_dims,))
    for i in range(1, len(hidden_layers) + 1):
        h = keras.layers.Dense(hidden_layers[-i], activation='relu')(h)
    out = keras.layers.Dense(input_dims, activation='sigmoid')(h)
    decoder = keras.Model(decoder_in, out)
    auto = keras.Model(encoder_in, decoder(z))
    auto.compile(optimizer='adam', loss='binary_crossentropy')
    return encoder, decoder, auto
