"""Sequential parts, and a Sequential of the two."""
import tensorflow.keras as keras


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a vanilla autoencoder."""
    encoder = keras.Sequential([keras.Input((input_dims,))])
    for n in hidden_layers + [latent_dims]:
        encoder.add(keras.layers.Dense(n, 'relu'))
    decoder = keras.Sequential([keras.Input((latent_dims,))])
    for n in hidden_layers[::-1]:
        decoder.add(keras.layers.Dense(n, 'relu'))
    decoder.add(keras.layers.Dense(input_dims, 'sigmoid'))
    auto = keras.Sequential([keras.Input((input_dims,)), encoder, decoder])
    auto.compile(keras.optimizers.Adam(),
                 loss=keras.losses.BinaryCrossentropy(), metrics=['mse'])
    return encoder, decoder, auto
