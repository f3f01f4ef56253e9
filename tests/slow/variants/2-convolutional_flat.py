"""A flat model, and a call that unpacks its arguments otherwise."""
import tensorflow.keras as keras


def autoencoder(input_dims, filters, latent_dims):
    """Build a convolutional autoencoder."""
    from tensorflow.keras import layers
    encoding = []
    for n in filters:
        encoding += [layers.Conv2D(n, (3, 3), activation='relu',
                                   padding='same'),
                     layers.MaxPooling2D(pool_size=2, strides=2,
                                         padding='same')]
    decoding = []
    for n in filters[:0:-1]:
        decoding += [layers.Conv2D(n, (3, 3), activation='relu',
                                   padding='same'), layers.UpSampling2D(2)]
    decoding += [layers.Conv2D(filters[0], 3, activation='relu'),
                 layers.UpSampling2D((2, 2)),
                 layers.Conv2D(input_dims[2], 3, activation='sigmoid',
                               padding='same')]

    def through(x, chain):
        for layer in chain:
            x = layer(x)
        return x

    image, code = keras.Input(input_dims), keras.Input(latent_dims)
    codes = through(image, encoding)
    encoder = keras.Model(image, codes)
    decoder = keras.Model(code, through(code, decoding))
    auto = keras.Model(image, through(codes, decoding))
    auto.compile('adam', 'binary_crossentropy')
    return encoder, decoder, auto
