"""In the manner of 1.15: a variable for each layer, all arguments by name."""
import tensorflow.keras as K


def autoencoder(input_dims, filters, latent_dims):
    """Build a convolutional autoencoder."""
    inputs = K.layers.Input(shape=input_dims, name='images')
    pooled = inputs
    for i in range(len(filters)):
        convolved = K.layers.Conv2D(filters=filters[i], kernel_size=(3, 3),
                                    strides=(1, 1), padding='same',
                                    activation=K.activations.relu)(pooled)
        pooled = K.layers.MaxPooling2D(pool_size=(2, 2),
                                       padding='same')(convolved)
    encoder = K.models.Model(inputs=inputs, outputs=pooled)
    codes = K.layers.Input(shape=latent_dims, name='codes')
    up = codes
    for i in range(len(filters) - 1, 0, -1):
        convolved = K.layers.Conv2D(filters=filters[i], kernel_size=(3, 3),
                                    padding='same', activation='relu')(up)
        up = K.layers.UpSampling2D(size=(2, 2))(convolved)
    cropped = K.layers.Conv2D(filters=filters[0], kernel_size=(3, 3),
                              padding='valid', activation='relu')(up)
    up = K.layers.UpSampling2D(size=(2, 2))(cropped)
    outputs = K.layers.Conv2D(filters=input_dims[-1], kernel_size=(3, 3),
                              padding='same', activation='sigmoid')(up)
    decoder = K.models.Model(inputs=codes, outputs=outputs)
    auto = K.models.Model(inputs=inputs, outputs=decoder(encoder(inputs)))
    auto.compile(optimizer=K.optimizers.Adam(),
                 loss=K.losses.binary_crossentropy)
    return encoder, decoder, auto
