"""Modules of ours with one fault each, for the grader to find.

A mutant is {name: (task, [(old, new) or (old, new, how many) ...], the point
that must catch it)}; TensorFlow 1.15 builds more than the others.
"""
VANILLA, SPARSE = '0-vanilla', '1-sparse'
CONVOLUTIONAL, VARIATIONAL = '2-convolutional', '3-variational'
HIDDEN = "x = keras.layers.Dense(nodes, activation='relu')(x)"
DECODED = f"for nodes in reversed(hidden_layers):\n        {HIDDEN}"
LATENT = "keras.layers.Dense(latent_dims, activation='relu')(x)"
SIGMOID = "Dense(input_dims, activation='sigmoid')"
LOSS = "loss='binary_crossentropy'"
UNCHECKED = ("if not hasattr(latent_dims, '__iter__') or "
             'tuple(latent_dims) != shape:', 'if False:')
ENCODER_CONV = ("Conv2D(channels, (3, 3), padding='same',\n"
                "                                "
                "activation='relu', **channels_last)(x)\n"
                "        x = keras.layers.MaxPooling2D")
DECODER_CONV = ("Conv2D(channels, (3, 3), padding='same',\n"
                "                                "
                "activation='relu', **channels_last)(x)\n"
                "        x = keras.layers.UpSampling2D")
VALID = ("Conv2D(filters[0], (3, 3), padding='valid',\n"
         "                            activation='relu'")
LAST = ("Conv2D(input_dims[-1], (3, 3),\n"
        "                                         padding='same'")
MEAN = "mean = keras.layers.Dense(latent_dims, "
LOG_VAR = "log_var = keras.layers.Dense(latent_dims, "
SHARED = 'backend.shape(mean)', '(1, mean.shape[1])'
L1 = 'activity_regularizer=keras.regularizers.l1(lambtha)'


def other(text, activation='tanh', old='relu'):
    """Return the replacement of an activation, where text is first."""
    return text, text.replace(old, activation), 1


MUTANTS = {
    # Of the dense networks.
    'decoder not reversed': (VANILLA, [
        ('reversed(hidden_layers)', 'hidden_layers')], 'decoder_layers'),
    'hidden tanh in the encoder': (VANILLA, [other(HIDDEN)],
                                   'encoder_hidden_relu'),
    'hidden sigmoid in the encoder': (SPARSE, [other(HIDDEN, 'sigmoid')],
                                      'encoder_hidden_relu'),
    'hidden linear in the encoder': (VARIATIONAL, [other(HIDDEN, 'linear')],
                                     'encoder_hidden_relu'),
    'hidden tanh in the decoder': (VANILLA, [other(DECODED)],
                                   'decoder_hidden_relu'),
    'hidden elu in the decoder': (VARIATIONAL, [other(DECODED, 'elu')],
                                  'decoder_hidden_relu'),
    'latent linear': (VANILLA, [other(LATENT, 'linear')], 'latent_relu'),
    'latent sigmoid': (VANILLA, [other(LATENT, 'sigmoid')], 'latent_relu'),
    'latent tanh': (VANILLA, [other(LATENT)], 'latent_relu'),
    'output relu': (VANILLA, [other(SIGMOID, 'relu', 'sigmoid')],
                    'decoder_output_sigmoid'),
    'output linear': (VANILLA, [other(SIGMOID, 'linear', 'sigmoid')],
                      'decoder_output_sigmoid'),
    'output tanh': (VANILLA, [other(SIGMOID, 'tanh', 'sigmoid')],
                    'decoder_output_sigmoid'),
    'a hidden layer left out': (VANILLA, [
        ('for nodes in hidden_layers', 'for nodes in hidden_layers[1:]')],
        'encoder_layers'),
    'a hidden layer twice': (SPARSE, [
        ('for nodes in hidden_layers',
         'for nodes in hidden_layers[:1] + list(hidden_layers)')],
        'encoder_layers'),
    'a hidden layer left out of the decoder': (VANILLA, [
        ('reversed(hidden_layers)', 'hidden_layers[:0:-1]')],
        'decoder_layers'),
    'output of 784, whatever is asked for': (VANILLA, [
        (SIGMOID, SIGMOID.replace('input_dims', '784'))], 'decoder_layers'),
    'latent of 32, whatever is asked for': (VANILLA, [
        ('latent_dims, ', '32, ')], 'encoder_layers'),
    'layers of one size made once': (VANILLA, [
        ('reversed(hidden_layers)', 'sorted(set(hidden_layers))')],
        'decoder_layers'),
    'fails for one hidden layer': (SPARSE, [
        ('    inputs = ', '    if len(hidden_layers) > 1:\n'
         '        second = hidden_layers[1]\n    assert second\n'
         '    inputs = ')], 'encoder_layers'),
    # Of every task.
    'MSE for BCE': (VANILLA, [(LOSS, "loss='mse'")], 'binary_cross_entropy'),
    'MAE for BCE': (SPARSE, [(LOSS, "loss='mae'")], 'binary_cross_entropy'),
    'hinge for BCE': (CONVOLUTIONAL, [(LOSS, "loss='hinge'")],
                      'binary_cross_entropy'),
    'SGD for Adam': (VANILLA, [("'adam'", "'sgd'")], 'adam'),
    'SGD for Adam in the VAE': (VARIATIONAL, [("'adam'", "'sgd'")], 'adam'),
    'RMSprop for Adam': (CONVOLUTIONAL, [("'adam'", "'rmsprop'")], 'adam'),
    'Nadam for Adam': (VARIATIONAL, [("'adam'", "'nadam'")], 'adam'),
    'Adamax for Adam': (SPARSE, [("'adam'", "'adamax'")], 'adam'),
    'not compiled': (VANILLA, [
        ("    auto.compile(optimizer='adam', loss='binary_crossentropy')\n",
         '')], 'binary_cross_entropy'),
    'auto of another decoder': (VANILLA, [
        ('decoder(encoder(images))',
         'keras.models.clone_model(decoder)(encoder(images))')],
        'auto_is_decoder_of_encoder'),
    'auto of twice the code': (VANILLA, [
        ('decoder(encoder(images))',
         'decoder(keras.layers.Add()([encoder(images)] * 2))')],
        'auto_is_decoder_of_encoder'),
    'auto of half the picture': (SPARSE, [
        ('decoder(encoder(images))',
         'keras.layers.Average()([images, decoder(encoder(images))])')],
        'auto_is_decoder_of_encoder'),
    'encoder frozen': (VANILLA, [
        ('    images = ', '    encoder.trainable = False\n    images = ')],
        'training_changes_both'),
    'decoder frozen': (CONVOLUTIONAL, [
        ('    images = ', '    decoder.trainable = False\n    images = ')],
        'training_changes_both'),
    'shared across calls': (VANILLA, [
        ('def autoencoder(', 'CACHE = {}\n\n\ndef autoencoder(input_dims, '
         'hidden_layers, latent_dims):\n    """Build once."""\n'
         '    args = input_dims, hidden_layers, latent_dims\n'
         '    if str(args) not in CACHE:'
         '\n        CACHE[str(args)] = build(*args)\n'
         '    return CACHE[str(args)]\n\n\ndef build(')], 'own_weights'),
    'arguments renamed': (VANILLA, [('latent_dims', 'size')], 'signature'),
    'no loss': (VANILLA, [(", " + LOSS, '')],
                'binary_cross_entropy or three_models'),
    # Of task 1.
    'L1 on the hidden layers': (SPARSE, [
        (HIDDEN, HIDDEN.replace("'relu'", f"'relu', {L1}"), 1),
        (f"keras.backend.floatx(),\n        {L1}",
         'keras.backend.floatx()')],
        'l1_on_the_codes'),
    'L1 on the weights': (SPARSE, [
        ('activity_regularizer', 'kernel_regularizer')], 'l1_on_the_codes'),
    'L1 on the biases': (SPARSE, [
        ('activity_regularizer', 'bias_regularizer')], 'l1_on_the_codes'),
    'L1 of half the strength': (SPARSE, [
        ('l1(lambtha)', 'l1(lambtha / 2)')], 'l1_on_the_codes'),
    'L1 of twice the strength': (SPARSE, [
        ('l1(lambtha)', 'l1(lambtha * 2)')], 'l1_on_the_codes'),
    'L1 of a fixed strength': (SPARSE, [
        ('l1(lambtha)', 'l1(10e-6)')], 'l1_on_the_codes'),
    'L2 for L1': (SPARSE, [
        ('regularizers.l1', 'regularizers.l2')], 'l1_on_the_codes'),
    'L1 and L2': (SPARSE, [
        ('regularizers.l1(lambtha)', 'regularizers.l1_l2(lambtha, lambtha)')],
        'l1_on_the_codes'),
    'L1 on all layers': (SPARSE, [
        (HIDDEN, HIDDEN.replace("'relu'", f"'relu', {L1}"))],
        'l1_on_the_codes'),
    'no L1': (SPARSE, [(L1, "name='latent'")], 'l1_on_the_codes'),
    # Of task 2.
    'encoder tanh': (CONVOLUTIONAL, [other(ENCODER_CONV)],
                     'encoder_convolutions'),
    'encoder linear': (CONVOLUTIONAL, [other(ENCODER_CONV, 'linear')],
                       'encoder_convolutions'),
    'average pooling': (CONVOLUTIONAL, [
        ('MaxPooling2D', 'AveragePooling2D')], 'encoder_pooling'),
    'decoder padding valid': (CONVOLUTIONAL, [
        (DECODER_CONV, DECODER_CONV.replace('same', 'valid'))],
        'decoder_convolutions'),
    'decoder tanh': (CONVOLUTIONAL, [other(DECODER_CONV)],
                     'decoder_convolutions'),
    'decoder elu': (CONVOLUTIONAL, [other(DECODER_CONV, 'elu')],
                    'decoder_convolutions'),
    'second to last padding same': (CONVOLUTIONAL, [
        (VALID, VALID.replace('valid', 'same'))],
        'second_to_last_convolution'),
    'second to last tanh': (CONVOLUTIONAL, [other(VALID)],
                            'second_to_last_convolution'),
    'last padding valid': (CONVOLUTIONAL, [
        (LAST, LAST.replace('same', 'valid'))], 'last_convolution'),
    'last relu': (CONVOLUTIONAL, [("'sigmoid'", "'relu'")],
                  'last_convolution'),
    'last tanh': (CONVOLUTIONAL, [("'sigmoid'", "'tanh'")],
                  'last_convolution'),
    'decoder filters not reversed': (CONVOLUTIONAL, [
        ('reversed(filters[1:])', 'filters[:-1]'),
        ('Conv2D(filters[0]', 'Conv2D(filters[-1]')], 'decoder_filters'),
    'decoder filters off by one': (CONVOLUTIONAL, [
        ('reversed(filters[1:])', 'reversed(filters)')], 'decoder_filters'),
    'one channel for all': (CONVOLUTIONAL, [
        ('Conv2D(input_dims[-1]', 'Conv2D(1')], 'decoder_filters'),
    'kernels of 5 in the encoder': (CONVOLUTIONAL, [
        (ENCODER_CONV, ENCODER_CONV.replace('(3, 3)', '(5, 5)'))],
        'encoder_filters'),
    'a kernel of 5 at the end': (CONVOLUTIONAL, [
        (LAST, LAST.replace('(3, 3)', '(5, 5)'))], 'decoder_filters'),
    'fails for one filter': (CONVOLUTIONAL, [
        ('    inputs = ', '    if len(filters) > 1:\n'
         '        second = filters[1]\n    assert second\n    inputs = ')],
        'encoder_filters'),
    # Of task 3.
    'KL dropped': (VARIATIONAL, [
        ('self.add_loss(kl, inputs=inputs)',
         'self.add_loss(0 * kl, inputs=inputs)'),
        ('self.add_loss(kl)', 'self.add_loss(0 * kl)')], 'kl_divergence'),
    'KL sign flipped': (VARIATIONAL, [('kl = -0.5', 'kl = 0.5')],
                        'kl_divergence'),
    'KL half': (VARIATIONAL, [('kl = -0.5', 'kl = -0.25')], 'kl_divergence'),
    'KL twice': (VARIATIONAL, [('kl = -0.5', 'kl = -1.0')], 'kl_divergence'),
    'KL summed over the batch': (VARIATIONAL, [
        ('backend.mean(kl)', 'backend.sum(kl)')], 'kl_divergence'),
    'KL without exp': (VARIATIONAL, [
        ('- backend.exp(log_var), axis', '- log_var, axis')],
        'kl_divergence'),
    'KL without the mean': (VARIATIONAL, [
        ('- backend.square(mean) ', '')], 'kl_divergence'),
    'KL of the mean, not squared': (VARIATIONAL, [
        ('backend.square(mean)', 'backend.abs(mean)')], 'kl_divergence'),
    'exp(log_var) for exp(log_var / 2)': (VARIATIONAL, [
        ('exp(log_var / 2)', 'exp(log_var)')], 'z_spread'),
    'half the noise': (VARIATIONAL, [(' * noise', ' * noise / 2')],
                       'z_spread'),
    'mean and log variance swapped': (VARIATIONAL, [
        ('[latent, mean, log_var]', '[latent, log_var, mean]')],
        'outputs_in_order'),
    'z last': (VARIATIONAL, [
        ('[latent, mean, log_var]', '[mean, log_var, latent]'),
        ('encoder(images)[0]', 'encoder(images)[2]')], 'outputs_in_order'),
    'z not sampled': (VARIATIONAL, [(' * noise', ' * 0 * noise')],
                      'z_spread'),
    'auto of the mean': (VARIATIONAL, [
        ('encoder(images)[0]', 'encoder(images)[1]')],
        'auto_is_decoder_of_encoder'),
    'noise about 1': (VARIATIONAL, [
        (' * noise', ' * (1 + noise)')], 'z_mean'),
    'one layer for the mean and the log variance': (VARIATIONAL, [
        (f"{MEAN}name='mean', **exact)(x)",
         'heads = keras.layers.Dense(latent_dims, **exact)'),
        (f"{LOG_VAR}name='log_var', **exact)(x)",
         'mean, log_var = heads(x), heads(x)')],
        'encoder_layers'),
    'noise shared by a batch': (VARIATIONAL, [SHARED], 'z_spread'),
    'z last, noise shared by a batch': (VARIATIONAL, [
        SHARED, ('[latent, mean, log_var]', '[mean, log_var, latent]'),
        ('encoder(images)[0]', 'encoder(images)[2]')], 'outputs_in_order'),
    'mean relu': (VARIATIONAL, [
        (MEAN, f"{MEAN}activation='relu', ")],
        'mean_and_log_variance_linear'),
    'log variance tanh': (VARIATIONAL, [
        (LOG_VAR, f"{LOG_VAR}activation='tanh', ")],
        'mean_and_log_variance_linear'),
    'MSE in the VAE': (VARIATIONAL, [(LOSS, "loss='mse'")],
                       'binary_cross_entropy'),
    # What cannot be built or called.
    'encoder padding valid': (CONVOLUTIONAL, [UNCHECKED, (
        ENCODER_CONV, ENCODER_CONV.replace('same', 'valid'))],
        'shapes or three_models'),
    'pooling padding valid': (CONVOLUTIONAL, [UNCHECKED, (
        "MaxPooling2D((2, 2), padding='same'", "MaxPooling2D((2, 2)")],
        'shapes or three_models'),
    'two models returned': (VANILLA, [
        ('return encoder, decoder, auto', 'return encoder, decoder')],
        'three_models'),
    'syntax error': (VANILLA, [('def autoencoder(', 'def autoencoder((')],
                     'three_models'),
    'exit at import': (VANILLA, [
        ('def autoencoder(', 'exit(0)\n\n\ndef autoencoder(')],
        'three_models'),
    'error when called': (VANILLA, [
        ('    inputs = ', '    raise KeyError("x")\n    inputs = ')],
        'three_models')}
# What gives no answer: (task, replacements, what is said).
ENDING = {
    'process ended': (VANILLA, [
        ('    inputs = ', '    __import__("os")._exit(0)\n    inputs = ')],
        'the process ended with exit status 0'),
    'infinite loop': (VANILLA, [
        ('    inputs = ', '    while True:\n        pass\n    inputs = ')],
        'no answer within 5 seconds'),
    'missing': (VANILLA, [], 'there is no 0-vanilla.py')}
# What costs no point.
REMARKED = {
    'list reversed in place': (VANILLA, [
        ('input_dims, *hidden_layers, latent_dims = map(int, sizes)',
         'input_dims, latent_dims = int(input_dims), int(latent_dims)'),
        ('for nodes in reversed(hidden_layers)',
         'hidden_layers.reverse()\n    for nodes in hidden_layers')],
        'arguments_unchanged'),
    'a hidden layer or more': (VANILLA, [
        ('    inputs = ', '    hidden_layers[0]\n    inputs = ')],
        'no_hidden_layers'),
    'images of 28 x 28': (CONVOLUTIONAL, [
        ('shape=input_dims', 'shape=(28, 28, input_dims[2])')],
        'other_sizes')}
# rule: (old, new)
STYLE = {
    'is not executable': ('', ''),
    'the first line': ('#!/usr/bin/env python3\n', ''),
    'has no docstring': ('    """Build a vanilla',
                         '    x = """Build a vanilla'),
    'E225 missing whitespace': ('x = inputs', 'x=inputs'),
    'it has import numpy': (
        'import tensorflow.keras as keras',
        'import numpy\nimport tensorflow.keras as keras')}


def replaced(source, replacements):
    """Return a source with the replacements made."""
    for old, new, *count in replacements:
        assert old in source, old
        source = source.replace(old, new, *count)
    return source
