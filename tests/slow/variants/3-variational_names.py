"""In the manner of 1.15, but for the loss: a layer hands on what it adds."""
import tensorflow.keras as K


class Divergence(K.layers.Layer):
    """Add the divergence to the loss, and hand on its inputs."""

    def call(self, inputs):
        """Give the mean and the log variance."""
        z_mean, z_log_var = inputs
        kl = K.backend.sum(1 + z_log_var - K.backend.square(z_mean) -
                           K.backend.exp(z_log_var), axis=1)
        self.add_loss(K.backend.mean(kl * -0.5))
        return [z_mean * 1, z_log_var * 1]


def sampling(args):
    """Draw z."""
    z_mean, z_log_var = args
    return z_mean + K.backend.exp(
        z_log_var / 2) * K.backend.random_normal(K.backend.shape(z_mean))


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a variational autoencoder."""
    inputs = K.layers.Input(shape=(input_dims,))
    hidden = inputs
    for i in range(len(hidden_layers)):
        hidden = K.layers.Dense(units=hidden_layers[i],
                                activation='relu')(hidden)
    z_mean = K.layers.Dense(units=latent_dims, activation=None)(hidden)
    z_log_var = K.layers.Dense(units=latent_dims, activation=None)(hidden)
    z_mean, z_log_var = Divergence()([z_mean, z_log_var])
    z = K.layers.Lambda(sampling,
                        output_shape=(latent_dims,))([z_mean, z_log_var])
    encoder = K.models.Model(inputs=inputs, outputs=[z, z_mean, z_log_var])
    codes = K.layers.Input(shape=(latent_dims,))
    hidden = codes
    for i in reversed(range(len(hidden_layers))):
        hidden = K.layers.Dense(units=hidden_layers[i],
                                activation='relu')(hidden)
    outputs = K.layers.Dense(units=input_dims, activation='sigmoid')(hidden)
    decoder = K.models.Model(inputs=codes, outputs=outputs)
    auto = K.models.Model(inputs=inputs, outputs=decoder(z))
    auto.compile(optimizer='adam', loss=lambda x, y: K.backend.sum(
        K.backend.binary_crossentropy(x, y), axis=-1))
    return encoder, decoder, auto
