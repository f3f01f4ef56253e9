"""Modules of ours with one fault each, for the grader to find.

A mutant is {name: (task, the point that must catch it, replacements)}, a
replacement (old, new), or (old, new, n) of the n-th place only. Where it is
one point or another, TensorFlow 1.15 builds more than the others.
"""
VANILLA, SPARSE = '0-vanilla', '1-sparse'
CONVOLUTIONAL, VARIATIONAL = '2-convolutional', '3-variational'
# In tasks 0 and 1 the first is in the encoder, the second the latent layer's,
# the third in the decoder; in task 3 there is no second; in task 2 the first
# is in the encoder, the others in the decoder.
RELU, SIGMOID = "'relu'", "'sigmoid'"
LINEAR, TANH, ELU = "'linear'", "'tanh'", "'elu'"
SAME, VALID = "padding='same'", "padding='valid'"
OUTPUTS = '[latent, mean, log_var]'
BEGIN = '    inputs = '
UNCHECKED = ("if not hasattr(latent_dims, '__iter__') or "
             'tuple(latent_dims) != shape:', 'if False:')
SHARED = 'backend.shape(mean)', '(1, mean.shape[1])'
L1 = 'activity_regularizer=keras.regularizers.l1(lambtha)'
CACHED = '''
CACHE = {}


def autoencoder(input_dims, hidden_layers, latent_dims):
    """Build once."""
    args = input_dims, hidden_layers, latent_dims
    if str(args) not in CACHE:
        CACHE[str(args)] = build(*args)
    return CACHE[str(args)]


def build('''

MUTANTS = {
    # Of the dense networks.
    'decoder not reversed': (VANILLA, 'decoder_layers', (
        'reversed(hidden_layers)', 'hidden_layers')),
    'hidden tanh in the encoder': (
        VANILLA, 'encoder_hidden_relu', (RELU, TANH, 1)),
    'hidden sigmoid in the encoder': (
        SPARSE, 'encoder_hidden_relu', (RELU, SIGMOID, 1)),
    'hidden linear in the encoder': (
        VARIATIONAL, 'encoder_hidden_relu', (RELU, LINEAR, 1)),
    'hidden tanh in the decoder': (
        VANILLA, 'decoder_hidden_relu', (RELU, TANH, 3)),
    'hidden elu in the decoder': (
        VARIATIONAL, 'decoder_hidden_relu', (RELU, ELU, 2)),
    'latent linear': (VANILLA, 'latent_relu', (RELU, LINEAR, 2)),
    'output relu': (VANILLA, 'decoder_output_sigmoid', (SIGMOID, RELU)),
    'a hidden layer left out': (VANILLA, 'encoder_layers', (
        'for nodes in hidden_layers', 'for nodes in hidden_layers[1:]')),
    'a hidden layer twice': (SPARSE, 'encoder_layers', (
        'for nodes in hidden_layers',
        'for nodes in hidden_layers[:1] + list(hidden_layers)')),
    'output of 784, whatever is asked for': (VANILLA, 'decoder_layers', (
        'Dense(input_dims', 'Dense(784')),
    'latent of 32, whatever is asked for': (VANILLA, 'encoder_layers', (
        'latent_dims, ', '32, ')),
    'layers of one size made once': (VANILLA, 'decoder_layers', (
        'reversed(hidden_layers)', 'sorted(set(hidden_layers))')),
    'fails for one hidden layer': (SPARSE, 'encoder_layers', (
        BEGIN, '    if len(hidden_layers) > 1:\n'
        '        second = hidden_layers[1]\n    assert second\n' + BEGIN)),
    # Of every task.
    'MSE for BCE': (VANILLA, 'binary_cross_entropy', (
        'binary_crossentropy', 'mse')),
    'MAE for BCE': (SPARSE, 'binary_cross_entropy', (
        'binary_crossentropy', 'mae')),
    'hinge for BCE': (CONVOLUTIONAL, 'binary_cross_entropy', (
        'binary_crossentropy', 'hinge')),
    'MSE in the VAE': (VARIATIONAL, 'binary_cross_entropy', (
        'binary_crossentropy', 'mse')),
    'SGD for Adam': (VANILLA, 'adam', ("'adam'", "'sgd'")),
    'SGD called Adam': (CONVOLUTIONAL, 'adam', (
        "'adam'", "type('Adam', (keras.optimizers.SGD,), {})()")),
    'SGD for Adam in the VAE': (VARIATIONAL, 'adam', ("'adam'", "'sgd'")),
    'RMSprop for Adam': (CONVOLUTIONAL, 'adam', ("'adam'", "'rmsprop'")),
    'Nadam for Adam': (VARIATIONAL, 'adam', ("'adam'", "'nadam'")),
    'Adamax for Adam': (SPARSE, 'adam', ("'adam'", "'adamax'")),
    'not compiled': (VANILLA, 'binary_cross_entropy', (
        "    auto.compile(optimizer='adam', loss='binary_crossentropy')\n",
        '')),
    'no loss': (VANILLA, 'binary_cross_entropy or three_models', (
        ", loss='binary_crossentropy'", '')),
    'auto of another decoder': (VANILLA, 'auto_is_decoder_of_encoder', (
        'decoder(encoder(images))',
        'keras.models.clone_model(decoder)(encoder(images))')),
    'auto of twice the code': (VANILLA, 'auto_is_decoder_of_encoder', (
        'decoder(encoder(images))',
        'decoder(keras.layers.Add()([encoder(images)] * 2))')),
    'auto of half the picture': (SPARSE, 'auto_is_decoder_of_encoder', (
        'decoder(encoder(images))',
        'keras.layers.Average()([images, decoder(encoder(images))])')),
    'encoder frozen': (VANILLA, 'training_changes_both', (
        '    images = ', '    encoder.trainable = False\n    images = ')),
    'decoder frozen': (CONVOLUTIONAL, 'training_changes_both', (
        '    images = ', '    decoder.trainable = False\n    images = ')),
    'shared across calls': (VANILLA, 'own_weights', (
        'def autoencoder(', CACHED)),
    'arguments renamed': (VANILLA, 'signature', ('latent_dims', 'size')),
    # Of task 1.
    'L1 on the hidden layers': (
        SPARSE, 'l1_on_the_codes', ("'relu')", f"'relu', {L1})", 1),
        (f',\n        {L1})(x)', ')(x)')),
    'L1 on the weights': (SPARSE, 'l1_on_the_codes', (
        'activity_regularizer', 'kernel_regularizer')),
    'L1 of twice the strength': (SPARSE, 'l1_on_the_codes', (
        'l1(lambtha)', 'l1(lambtha * 2)')),
    'L1 of a fixed strength': (SPARSE, 'l1_on_the_codes', (
        'l1(lambtha)', 'l1(10e-6)')),
    'L2 for L1': (SPARSE, 'l1_on_the_codes', (
        'regularizers.l1', 'regularizers.l2')),
    'L1 on all layers': (SPARSE, 'l1_on_the_codes', (
        "'relu')", f"'relu', {L1})")),
    'no L1': (SPARSE, 'l1_on_the_codes', (L1, "name='latent'")),
    # Of task 2.
    'encoder linear': (
        CONVOLUTIONAL, 'encoder_convolutions', (RELU, LINEAR, 1)),
    'average pooling': (CONVOLUTIONAL, 'encoder_pooling', (
        'MaxPooling2D', 'AveragePooling2D')),
    'decoder padding valid': (
        CONVOLUTIONAL, 'decoder_convolutions', (SAME, VALID, 3)),
    'decoder elu': (CONVOLUTIONAL, 'decoder_convolutions', (RELU, ELU, 2)),
    'second to last padding same': (
        CONVOLUTIONAL, 'second_to_last_convolution', (VALID, SAME)),
    'second to last tanh': (
        CONVOLUTIONAL, 'second_to_last_convolution', (RELU, TANH, 3)),
    'last padding valid': (
        CONVOLUTIONAL, 'last_convolution', (SAME, VALID, 4)),
    'last relu': (CONVOLUTIONAL, 'last_convolution', (SIGMOID, RELU)),
    'decoder filters not reversed': (CONVOLUTIONAL, 'decoder_filters', (
        'reversed(filters[1:])', 'filters[:-1]'),
        ('Conv2D(filters[0]', 'Conv2D(filters[-1]')),
    'one channel for all': (CONVOLUTIONAL, 'decoder_filters', (
        'Conv2D(input_dims[-1]', 'Conv2D(1')),
    'kernels of 5 in the encoder': (
        CONVOLUTIONAL, 'encoder_filters', ('(3, 3)', '(5, 5)', 1)),
    'a kernel of 5 at the end': (
        CONVOLUTIONAL, 'decoder_filters', ('(3, 3)', '(5, 5)', 4)),
    'fails for one filter': (CONVOLUTIONAL, 'encoder_filters', (
        BEGIN, '    if len(filters) > 1:\n'
        '        second = filters[1]\n    assert second\n' + BEGIN)),
    # Of task 3.
    'KL dropped': (VARIATIONAL, 'kl_divergence', (
        'add_loss(kl', 'add_loss(0 * kl')),
    'KL sign flipped': (VARIATIONAL, 'kl_divergence', (
        'kl = -0.5', 'kl = 0.5')),
    'KL half': (VARIATIONAL, 'kl_divergence', ('kl = -0.5', 'kl = -0.25')),
    'KL summed over the batch': (VARIATIONAL, 'kl_divergence', (
        'backend.mean(kl)', 'backend.sum(kl)')),
    'KL without exp': (VARIATIONAL, 'kl_divergence', (
        '- backend.exp(log_var), axis', '- log_var, axis')),
    'KL without the mean': (VARIATIONAL, 'kl_divergence', (
        '- backend.square(mean) ', '')),
    'KL of the mean, not squared': (VARIATIONAL, 'kl_divergence', (
        'backend.square(mean)', 'backend.abs(mean)')),
    'exp(log_var) for exp(log_var / 2)': (VARIATIONAL, 'z_spread', (
        'exp(log_var / 2)', 'exp(log_var)')),
    'z not sampled': (VARIATIONAL, 'z_spread', (' * noise', ' * 0 * noise')),
    'noise shared by a batch': (VARIATIONAL, 'z_spread', SHARED),
    'noise about 1': (VARIATIONAL, 'z_mean', (' * noise', ' * (1 + noise)')),
    'mean and log variance swapped': (VARIATIONAL, 'outputs_in_order', (
        OUTPUTS, '[latent, log_var, mean]')),
    'z last': (VARIATIONAL, 'outputs_in_order', (
        OUTPUTS, '[mean, log_var, latent]'), ('(images)[0]', '(images)[2]')),
    'z last, noise shared by a batch': (
        VARIATIONAL, 'outputs_in_order', SHARED, (
            OUTPUTS, '[mean, log_var, latent]'),
        ('(images)[0]', '(images)[2]')),
    'auto of the mean': (VARIATIONAL, 'auto_is_decoder_of_encoder', (
        '(images)[0]', '(images)[1]')),
    'one layer for the mean and the log variance': (
        VARIATIONAL, 'encoder_layers', (
            "log_var = keras.layers.Dense(latent_dims, name='log_var', "
            '**exact)(x)', 'log_var = encode(x)'), (
            "mean = keras.layers.Dense(latent_dims, name='mean', **exact)(x)",
            'encode = keras.layers.Dense(latent_dims, **exact)\n'
            '    mean = encode(x)')),
    'mean relu': (VARIATIONAL, 'mean_and_log_variance_linear', (
        "name='mean'", "activation='relu'")),
    'log variance tanh': (VARIATIONAL, 'mean_and_log_variance_linear', (
        "name='log_var'", "activation='tanh'")),
    # What cannot be built or called.
    'encoder padding valid': (
        CONVOLUTIONAL, 'shapes or three_models', UNCHECKED, (SAME, VALID, 1)),
    'pooling padding valid': (
        CONVOLUTIONAL, 'shapes or three_models', UNCHECKED, (SAME, VALID, 2)),
    'two models returned': (VANILLA, 'three_models', (
        'return encoder, decoder, auto', 'return encoder, decoder')),
    'syntax error': (VANILLA, 'three_models', (
        'def autoencoder(', 'def autoencoder((')),
    'exit at import': (VANILLA, 'three_models', (
        'def autoencoder(', 'exit(0)\n\n\ndef autoencoder(')),
    'error when called': (VANILLA, 'three_models', (
        BEGIN, '    raise KeyError("x")\n' + BEGIN)),
    # A remark, which costs no point.
    'list reversed in place': (VANILLA, 'arguments_unchanged', (
        'input_dims, *hidden_layers, latent_dims = map(int, sizes)',
        'input_dims, latent_dims = int(input_dims), int(latent_dims)'), (
        'for nodes in reversed(hidden_layers)',
        'hidden_layers.reverse()\n    for nodes in hidden_layers'))}


def replaced(source, replacements):
    """Return a source with the replacements made."""
    for old, new, *place in replacements:
        parts = source.split(old)
        assert len(parts) > max(place, default=1), old
        for n in place:
            parts[n - 1:n + 1] = [parts[n - 1] + new + parts[n]]
        source = (old if place else new).join(parts)
    return source
