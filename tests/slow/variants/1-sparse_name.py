"""In the manner of 1.15: the function is called sparse."""
import tensorflow.keras as K


def sparse(input_dims, hidden_layers, latent_dims, lambtha):
    """Build a sparse autoencoder."""
    inputs = K.layers.Input(shape=(input_dims,))
    hidden = K.layers.Dense(hidden_layers[0], activation='relu')(inputs)
    for i in range(1, len(hidden_layers)):
        hidden = K.layers.Dense(hidden_layers[i], activation='relu')(hidden)
    encoded = K.layers.Dense(
        latent_dims, activation='relu',
        activity_regularizer=K.regularizers.l1(lambtha))(hidden)
    encoder = K.models.Model(inputs=inputs, outputs=encoded)
    coded = K.layers.Input(shape=(latent_dims,))
    hidden = K.layers.Dense(hidden_layers[-1], activation='relu')(coded)
    for i in range(len(hidden_layers) - 2, -1, -1):
        hidden = K.layers.Dense(hidden_layers[i], activation='relu')(hidden)
    decoded = K.layers.Dense(input_dims, activation='sigmoid')(hidden)
    decoder = K.models.Model(inputs=coded, outputs=decoded)
    auto = K.models.Model(inputs=inputs, outputs=decoder(encoder(inputs)))
    auto.compile(optimizer='Adam', loss='binary_crossentropy')
    return encoder, decoder, auto
