"""Sequential halves, activations as layers."""
import tensorflow.keras as keras


def autoencoder(input_dims, filters, latent_dims):
    """Build a convolutional autoencoder."""
    layers = keras.layers
    encoder = keras.Sequential([keras.Input(input_dims)])
    for n in filters:
        encoder.add(layers.Conv2D(n, 3, padding='same'))
        encoder.add(layers.ReLU())
        encoder.add(layers.MaxPool2D(2, padding='same'))
    decoder = keras.Sequential([keras.Input(latent_dims)])
    for i in range(len(filters) - 1, -1, -1):
        decoder.add(layers.Conv2D(filters[i], 3, activation='relu',
                                  padding='same' if i else 'valid'))
        decoder.add(layers.UpSampling2D(2))
    decoder.add(layers.Conv2D(input_dims[-1], 3, padding='same'))
    decoder.add(layers.Activation('sigmoid'))
    auto = keras.Sequential([keras.Input(input_dims), encoder, decoder])
    auto.compile('adam', 'binary_crossentropy')
    return encoder, decoder, auto
