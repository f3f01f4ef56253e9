"""The penalty added by a subclass of Dense; the cross-entropy summed."""
import tensorflow.keras as keras


class Penalised(keras.layers.Dense):
    """A dense layer with an L1 penalty on what it gives."""

    def __init__(self, units, lambtha):
        """Keep the weight of the penalty."""
        super().__init__(units, activation='relu')
        self.lambtha = lambtha

    def call(self, inputs):
        """Give the codes, add the penalty."""
        codes = super().call(inputs)
        backend = keras.backend
        self.add_loss(self.lambtha * backend.mean(
            backend.sum(backend.abs(codes), axis=1)))
        return codes


def autoencoder(input_dims, hidden_layers, latent_dims, lambtha):
    """Build a sparse autoencoder."""
    image = x = keras.Input((input_dims,))
    for n in hidden_layers:
        x = keras.layers.Dense(n, 'relu')(x)
    encoder = keras.Model(image, Penalised(latent_dims, lambtha)(x))
    code = x = keras.Input((latent_dims,))
    for n in reversed(hidden_layers):
        x = keras.layers.Dense(n, 'relu')(x)
    decoder = keras.Model(code, keras.layers.Dense(input_dims, 'sigmoid')(x))
    picture = keras.Input((input_dims,))
    auto = keras.Model(picture, decoder(encoder(picture)))

    def loss(y_true, y_pred):
        return input_dims * keras.losses.binary_crossentropy(y_true, y_pred)

    auto.compile(optimizer='adam', loss=loss)
    return encoder, decoder, auto
