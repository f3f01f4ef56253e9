"""In the manner of 1.15: a loss that closes over the encoder's tensors."""
import tensorflow.keras as keras


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a variational autoencoder."""
    backend = keras.backend

    def sampling(args):
        """Draw z."""
        z_mean, z_log_sigma = args
        epsilon = backend.random_normal(shape=(
            backend.shape(z_mean)[0], latent_dims), mean=0., stddev=1.)
        return z_mean + backend.exp(z_log_sigma / 2) * epsilon

    inputs = keras.Input(shape=(input_dims,))
    x = inputs
    for nodes in hidden_layers:
        x = keras.layers.Dense(nodes, activation='relu')(x)
    z_mean = keras.layers.Dense(latent_dims, activation=None)(x)
    z_log_sigma = keras.layers.Dense(latent_dims, activation=None)(x)
    z = keras.layers.Lambda(sampling, output_shape=(latent_dims,))(
        [z_mean, z_log_sigma])
    encoder = keras.Model(inputs, [z, z_mean, z_log_sigma])
    latent = x = keras.Input(shape=(latent_dims,))
    for nodes in hidden_layers[::-1]:
        x = keras.layers.Dense(nodes, activation='relu')(x)
    decoder = keras.Model(latent, keras.layers.Dense(
        input_dims, activation='sigmoid')(x))
    auto = keras.Model(inputs, decoder(encoder(inputs)[0]))

    def vae_loss(y_true, y_pred):
        """Sum the cross-entropy and the divergence."""
        reconstruction = keras.losses.binary_crossentropy(y_true, y_pred)
        kl = 1 + z_log_sigma - backend.square(z_mean) - backend.exp(
            z_log_sigma)
        return reconstruction * input_dims - 0.5 * backend.sum(kl, axis=-1)

    auto.compile(optimizer='adam', loss=vae_loss)
    return encoder, decoder, auto
