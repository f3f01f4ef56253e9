"""auto is a subclass of Model that computes its loss in train_step."""
import tensorflow as tf
import tensorflow.keras as keras


class VAE(keras.Model):
    """An encoder and a decoder, trained together."""

    def __init__(self, encoder, decoder, pixels):
        """Keep the two halves."""
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.pixels = pixels
        self.tracker = keras.metrics.Mean(name='loss')

    @property
    def metrics(self):
        """Let Keras reset the mean."""
        return [self.tracker]

    def call(self, inputs):
        """Encode and decode."""
        return self.decoder(self.encoder(inputs)[0])

    def total(self, data):
        """Return the loss: both parts averaged over the pixels."""
        images = data[0] if isinstance(data, tuple) else data
        z, mean, log_var = self.encoder(images)
        bce = keras.losses.binary_crossentropy(images, self.decoder(z))
        kl = -0.5 * tf.reduce_sum(
            1 + log_var - tf.square(mean) - tf.exp(log_var), axis=1)
        return tf.reduce_mean(bce + kl / self.pixels)

    def train_step(self, data):
        """Take a step."""
        with tf.GradientTape() as tape:
            loss = self.total(data)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        self.tracker.update_state(loss)
        return {'loss': self.tracker.result()}

    def test_step(self, data):
        """Evaluate."""
        self.tracker.update_state(self.total(data))
        return {'loss': self.tracker.result()}


class Draw(keras.layers.Layer):
    """Sample by reparameterisation."""

    def call(self, mean, log_var):
        """Sample."""
        return mean + tf.exp(0.5 * log_var) * tf.random.normal(tf.shape(mean))


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build a variational autoencoder."""
    image = x = keras.Input((input_dims,))
    for n in hidden_layers:
        x = keras.layers.Dense(n, 'relu')(x)
    mean = keras.layers.Dense(latent_dims)(x)
    log_var = keras.layers.Dense(latent_dims)(x)
    encoder = keras.Model(image, [Draw()(mean, log_var), mean, log_var])
    code = x = keras.Input((latent_dims,))
    for n in hidden_layers[::-1]:
        x = keras.layers.Dense(n, 'relu')(x)
    decoder = keras.Model(code, keras.layers.Dense(input_dims, 'sigmoid')(x))
    auto = VAE(encoder, decoder, input_dims)
    auto(tf.zeros((1, input_dims)))
    auto.compile(optimizer='adam', loss='binary_crossentropy')
    return encoder, decoder, auto
