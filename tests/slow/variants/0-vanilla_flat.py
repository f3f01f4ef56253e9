"""One flat model; the encoder and the decoder are views of its layers."""
import tensorflow.keras as keras


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a vanilla autoencoder."""
    sizes = list(hidden_layers) + [latent_dims] + hidden_layers[::-1]
    image = x = keras.layers.Input((input_dims,))
    code = keras.layers.Input((latent_dims,))
    y = code
    for i, size in enumerate(sizes):
        layer = keras.layers.Dense(size, activation=keras.activations.relu)
        x = layer(x)
        if i == len(hidden_layers):
            encoder = keras.models.Model(inputs=image, outputs=x)
        if i > len(hidden_layers):
            y = layer(y)
    last = keras.layers.Dense(input_dims, activation='sigmoid')
    decoder = keras.models.Model(inputs=code, outputs=last(y))
    auto = keras.models.Model(inputs=image, outputs=last(x))
    auto.compile('Adam', keras.losses.binary_crossentropy)
    return encoder, decoder, auto
