"""In the manner of 1.15: the loss is added to the model as a tensor."""
import tensorflow.keras as keras


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a variational autoencoder."""
    K = keras.backend
    inputs = x = keras.Input((input_dims,))
    for nodes in hidden_layers:
        x = keras.layers.Dense(nodes, 'relu')(x)
    mu, log_sig = (keras.layers.Dense(latent_dims)(x) for _ in range(2))
    z = keras.layers.Lambda(lambda args: args[0] + K.exp(
        args[1] * 0.5) * K.random_normal(K.shape(args[0])))([mu, log_sig])
    encoder = keras.Model(inputs, [z, mu, log_sig])
    codes = x = keras.Input((latent_dims,))
    for nodes in reversed(hidden_layers):
        x = keras.layers.Dense(nodes, 'relu')(x)
    decoder = keras.Model(codes, keras.layers.Dense(input_dims, 'sigmoid')(x))
    auto = keras.Model(inputs, decoder(z))
    auto.add_loss(-K.mean(1 + log_sig - K.square(mu) - K.exp(log_sig)) / 2)
    auto.compile(optimizer='adam', loss='binary_crossentropy')
    return encoder, decoder, auto
