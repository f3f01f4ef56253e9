"""Activations as layers of their own, other names, a tuple returned late."""
import tensorflow.keras as keras


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a vanilla autoencoder."""
    def half(n, sizes, last):
        first = out = keras.Input(shape=(n,), name='in_of_%d' % n)
        for i, size in enumerate(sizes):
            out = keras.layers.Dense(size)(out)
            is_last = i == len(sizes) - 1
            out = keras.layers.Activation(last if is_last else 'relu')(out)
        return keras.Model(first, out)

    encoder = half(input_dims, [*hidden_layers, latent_dims], 'relu')
    decoder = half(latent_dims, [*hidden_layers[::-1], input_dims], 'sigmoid')
    auto = keras.Model(encoder.input, decoder(encoder.output))
    auto.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001),
                 loss=['binary_crossentropy'])
    return [encoder, decoder, auto]
