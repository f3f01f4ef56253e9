"""The older name, and the penalty as a layer of its own."""
import tensorflow.keras as keras


def sparse(input_dims, hidden_layers, latent_dims, lambtha):
    """Build a sparse autoencoder."""
    image = x = keras.Input((input_dims,))
    for n in hidden_layers:
        x = keras.layers.Dense(n, 'relu')(x)
    x = keras.layers.Dense(latent_dims, 'relu')(x)
    x = keras.layers.ActivityRegularization(l1=lambtha)(x)
    encoder = keras.Model(image, x)
    code = x = keras.Input((latent_dims,))
    for n in hidden_layers[::-1]:
        x = keras.layers.Dense(n, 'relu')(x)
    decoder = keras.Model(code, keras.layers.Dense(input_dims, 'sigmoid')(x))
    auto = keras.Model(image, decoder(encoder(image)))
    auto.compile('adam', 'binary_crossentropy')
    return encoder, decoder, auto
