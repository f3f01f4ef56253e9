"""In the manner of 1.15: no default activation, `keras.backend` throughout."""
import tensorflow.keras as keras

K = keras.backend


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build an autoencoder."""
    X_input = keras.Input(shape=(input_dims,))
    Y_prev = X_input
    for nodes in hidden_layers:
        Y_prev = keras.layers.Dense(units=nodes, activation=K.relu)(Y_prev)
    latent = keras.layers.Dense(units=latent_dims, activation=K.relu)(Y_prev)
    encoder = keras.Model(X_input, latent)
    X_decode = keras.Input(shape=(latent_dims,))
    Y_prev = X_decode
    for j in range(len(hidden_layers) - 1, -1, -1):
        Y_prev = keras.layers.Dense(units=hidden_layers[j],
                                    activation=K.relu)(Y_prev)
    output = keras.layers.Dense(units=input_dims, activation=K.sigmoid)(Y_prev)
    decoder = keras.Model(X_decode, output)
    auto = keras.Model(X_input, decoder(encoder(X_input)))

    def loss(y_true, y_pred):
        """Average over the pixels."""
        return K.mean(K.binary_crossentropy(y_true, y_pred), axis=-1)

    auto.compile(optimizer=keras.optimizers.Adam(), loss=loss)
    return encoder, decoder, auto
