"""The four modules: their structure, and their numbers against NumPy's.

Written for TensorFlow 1.15 (Python 3.7) and all that came after.
"""
import doctest
import inspect

import numpy as np
import pytest
import tensorflow.keras as keras

from grader.oracle import (ACTIVATIONS, convolve, cross_entropy, dense,
                           divergence, pool, upsample)
from lab import TASKS

DENSE = ['0-vanilla', '1-sparse', '3-variational']
LAMBTHA = 0.01
SMALL = {'0-vanilla': (20, [8, 5], 3), '1-sparse': (20, [8, 5], 3, LAMBTHA),
         '2-convolutional': ((12, 28, 2), [4, 3, 2], (2, 4, 2)),
         '3-variational': (20, [8, 5], 3)}


def build(task, *args):
    """Build a task's three models, on a graph of their own."""
    keras.backend.clear_session()
    return __import__(task).autoencoder(*args)


def build_dense(task, *args):
    """Build a task of fully connected layers; all take these arguments."""
    return build(task, *args, *([LAMBTHA] if task == '1-sparse' else []))


def randomise(model, scale=0.5):
    """Give every weight, the biases too, a random value; return model."""
    rng = np.random.RandomState(1)
    model.set_weights([rng.normal(scale=scale, size=weight.shape)
                       for weight in model.get_weights()])
    return model


def images(task, n=32):
    """Return n random images that fit SMALL."""
    size = np.append(n, SMALL[task][0])
    return np.random.RandomState(0).rand(*size).astype('float32')


def layers(model):
    """Return a model's layers without its inputs."""
    return [layer for layer in model.layers
            if not isinstance(layer, keras.layers.InputLayer)]


def nodes(model):
    """Return (nodes, activation) of a model's Dense layers."""
    return [(layer.units, layer.activation.__name__) for layer in
            layers(model) if isinstance(layer, keras.layers.Dense)]


@pytest.mark.parametrize('task, names', [
    ('0-vanilla', ['input_dims', 'hidden_layers', 'latent_dims']),
    ('1-sparse', ['input_dims', 'hidden_layers', 'latent_dims', 'lambtha']),
    ('2-convolutional', ['input_dims', 'filters', 'latent_dims']),
    ('3-variational', ['input_dims', 'hidden_layers', 'latent_dims'])])
def test_signature(task, names):
    """The arguments have the names that the tasks give them."""
    function = __import__(task).autoencoder
    assert list(inspect.signature(function).parameters) == names


@pytest.mark.parametrize('task', TASKS)
def test_example(task):
    """The example in the docstring is true."""
    keras.backend.clear_session()
    failed, attempted = doctest.testmod(__import__(task))
    assert attempted >= 4 and failed == 0


@pytest.mark.task('1-sparse')
def test_sparse_by_its_older_name():
    """Older graders import `sparse` from 1-sparse."""
    module = __import__('1-sparse')
    assert module.sparse is module.autoencoder


@pytest.mark.parametrize('task', DENSE)
@pytest.mark.parametrize('hidden', [[128, 64], [7], (5, 4, 3), []])
def test_dense_structure(task, hidden):
    """Hidden layers mirror; relu but for the ends that the task names."""
    given = list(hidden)
    encoder, decoder, _ = build_dense(task, 784, hidden, 32)
    ends = ([(32, 'linear')] * 2 if task == '3-variational'
            else [(32, 'relu')])
    assert nodes(encoder) == [(n, 'relu') for n in given] + ends
    assert nodes(decoder) == ([(n, 'relu') for n in given[::-1]] +
                              [(784, 'sigmoid')])
    assert list(hidden) == given                            # not reversed


@pytest.mark.task('2-convolutional')
@pytest.mark.parametrize('size, filters, latent', [
    ((28, 28, 1), [16, 8, 8], (4, 4, 8)),
    ((28, 60, 3), [5, 4, 3], [4, 8, 3]),
    ((12, 12, 1), [4, 3, 2, 2], (1, 1, 2)),
    ((28, 28, 1), (6,), (14, 14, 6))])
def test_convolutional_structure(size, filters, latent):
    """Convolutions and what follows them, in order; the filters mirror."""
    encoder, decoder, auto = build('2-convolutional', size, filters, latent)

    def conv(n, padding='same', activation='relu'):
        return ('Conv2D', n, (3, 3), padding, activation)

    def seen(model):
        return [('Conv2D', layer.filters, layer.kernel_size, layer.padding,
                 layer.activation.__name__)
                if isinstance(layer, keras.layers.Conv2D) else
                (type(layer).__name__,
                 layer.size if hasattr(layer, 'size') else layer.pool_size)
                for layer in layers(model)]

    pool, up = ('MaxPooling2D', (2, 2)), ('UpSampling2D', (2, 2))
    wanted = [step for n in filters for step in (conv(n), pool)]
    assert seen(encoder) == wanted
    wanted = [step for n in reversed(filters) for step in (conv(n), up)]
    wanted[-2] = conv(filters[0], 'valid')
    assert seen(decoder) == wanted + [conv(size[2], 'same', 'sigmoid')]
    assert tuple(encoder.output_shape[1:]) == tuple(latent)
    if len(filters) >= 3:
        assert tuple(auto.output_shape[1:]) == size


@pytest.mark.parametrize('task', TASKS)
def test_models(task):
    """The three models: names, nesting, optimizer and loss."""
    encoder, decoder, auto = build(task, *SMALL[task])
    assert [model.name for model in (encoder, decoder, auto)] == [
        'encoder', 'decoder', 'autoencoder']
    assert isinstance(auto.layers[0], keras.layers.InputLayer)
    assert auto.layers[1:] == [encoder, decoder]
    assert auto.loss == 'binary_crossentropy'
    config = auto.optimizer.get_config()
    adam = keras.optimizers.Adam(name=config['name'])
    assert isinstance(auto.optimizer, type(adam))
    assert config == adam.get_config()                      # its defaults
    x = images(task)
    assert isinstance(auto.evaluate(x, x, verbose=0), float)
    for layer in layers(encoder) + layers(decoder):     # plot_model reads it
        assert (not hasattr(keras.utils, 'register_keras_serializable')
                or type(layer).__name__.isidentifier())


@pytest.mark.parametrize('task', TASKS)
def test_fit_moves_every_weight(task):
    """The loss of the second ten steps is lower."""
    _, _, auto = build(task, *SMALL[task])
    before = randomise(auto, 0.3).get_weights()
    x = np.concatenate([images(task)] * 10)
    losses = auto.fit(x, x, epochs=2, verbose=0).history['loss']
    assert losses[1] < losses[0]
    for weight, old in zip(auto.get_weights(), before):
        assert np.any(weight != old)


@pytest.mark.parametrize('task', DENSE)
def test_dense_numbers(task):
    """Encoder and decoder are matrix products, relu and sigmoid."""
    encoder, decoder, _ = build(task, *SMALL[task])
    weights = [layer.get_weights() for layer in layers(randomise(encoder))
               if layer.get_weights()]
    x = images(task)
    hidden = dense(x, weights[:2], ['relu'] * 2)
    if task == '3-variational':
        wanted = [dense(hidden, [head], ['linear']) for head in weights[2:]]
        given = encoder.predict(x)[1:]
    else:
        wanted = [dense(hidden, weights[2:], ['relu'])]
        given = [encoder.predict(x)]
    np.testing.assert_allclose(given, wanted, rtol=1e-4, atol=1e-5)

    weights = [layer.get_weights() for layer in layers(randomise(decoder))]
    z = np.random.RandomState(2).normal(size=(32, 3)).astype('float32')
    np.testing.assert_allclose(
        decoder.predict(z), dense(z, weights, ['relu', 'relu', 'sigmoid']),
        rtol=1e-4, atol=1e-5)


@pytest.mark.task('2-convolutional')
def test_convolutional_numbers():
    """Encoder and decoder are convolutions, maxima and repeats."""
    def convolved(x, layer, activation='relu', padding='same'):
        return ACTIVATIONS[activation](
            convolve(x, *layer.get_weights(), padding))

    encoder, decoder, _ = build('2-convolutional', *SMALL['2-convolutional'])
    x = images('2-convolutional')
    wanted = x
    for layer in layers(randomise(encoder))[::2]:
        wanted = pool(convolved(wanted, layer))
    codes = encoder.predict(x)
    np.testing.assert_allclose(codes, wanted, rtol=1e-4, atol=1e-5)

    first, second, valid, last = layers(randomise(decoder))[::2]
    wanted = upsample(convolved(codes, first))
    wanted = upsample(convolved(wanted, second))
    wanted = upsample(convolved(wanted, valid, padding='valid'))
    np.testing.assert_allclose(
        decoder.predict(codes), convolved(wanted, last, 'sigmoid'),
        rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize('task, lambtha', [
    ('0-vanilla', 0), ('2-convolutional', 0), ('1-sparse', 0.0),
    ('1-sparse', 3)])
def test_loss(task, lambtha):
    """Nats per pixel, the mean, and lambtha * the sum of |code| / images."""
    args = SMALL[task][:3] + ((lambtha,) if task == '1-sparse' else ())
    encoder, decoder, auto = build(task, *args)
    randomise(auto, 0.2)
    x = images(task)
    codes = encoder.predict(x)
    assert codes.sum() > 1
    p = decoder.predict(codes)
    np.testing.assert_allclose(auto.predict(x), p, rtol=1e-5, atol=1e-6)
    loss = (cross_entropy(x, p).mean() +
            lambtha * np.abs(codes).sum() / len(x))
    np.testing.assert_allclose(auto.evaluate(x, x, batch_size=len(x),
                                             verbose=0), loss, rtol=1e-5)


@pytest.mark.task('3-variational')
def test_variational_loss_from_the_models_outputs():
    """Summed cross-entropy + summed KL, in nats per image."""
    encoder, decoder, auto = build('3-variational', 20, [8, 5], 3)
    randomise(auto)
    log_var_layer = layers(encoder)[3]
    kernel, bias = log_var_layer.get_weights()
    # Hardly any noise, so that evaluate and predict decode the same z.
    log_var_layer.set_weights([kernel * 0.01, bias - 20])
    x = images('3-variational')
    z, mean, log_var = encoder.predict(x)
    np.testing.assert_allclose(z, mean, atol=1e-3)
    loss = (cross_entropy(x, decoder.predict(z)).sum(axis=1).mean() +
            divergence(mean, log_var).mean())
    np.testing.assert_allclose(auto.evaluate(x, x, verbose=0), loss,
                               rtol=1e-4)


@pytest.mark.task('3-variational')
def test_variational_loss_at_any_variance():
    """With a decoder deaf to z the whole loss has a closed form."""
    encoder, decoder, auto = build('3-variational', 20, [8, 5], 3)
    randomise(encoder)
    decoder.set_weights([weight * 0 for weight in decoder.get_weights()])
    x = images('3-variational')
    _, mean, log_var = encoder.predict(x)
    assert log_var.std() > 0.1
    loss = 20 * np.log(2) + divergence(mean, log_var).mean()
    np.testing.assert_allclose(auto.evaluate(x, x, verbose=0), loss,
                               rtol=1e-5)


@pytest.mark.task('3-variational')
def test_variational_samples():
    """z has the mean and the spread that the encoder gives, drawn anew."""
    encoder, _, _ = build('3-variational', 20, [8, 5], 3)
    randomise(encoder)
    n = 20000
    x = np.repeat(images('3-variational', 1), n, axis=0)
    z, mean, log_var = encoder.predict(x, batch_size=n)
    noise = (z - mean) / np.exp(log_var / 2)
    assert len(np.unique(noise)) > 0.99 * noise.size
    # Five standard errors of the mean, variance and fourth moment of N(0, 1).
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=5 / n**0.5)
    np.testing.assert_allclose(np.cov(noise.T), np.eye(3),
                               atol=5 * (2 / n)**0.5)
    np.testing.assert_allclose((noise**4).mean(axis=0), 3,
                               atol=5 * (96 / n)**0.5)
    assert np.any(encoder.predict(x, batch_size=n)[0] != z)


@pytest.mark.task('3-variational')
def test_variational_leaves_other_classes_alone(tmp_path):
    """A user's layer called Sampling is not taken for ours, nor ours for his.
    """
    class Sampling(keras.layers.Layer):
        def call(self, inputs):
            return 0 * inputs + 7

    encoder, _, _ = build('3-variational', *SMALL['3-variational'])
    theirs = keras.Sequential([keras.layers.Dense(2, input_shape=(2,)),
                               Sampling()])

    def reloaded(model):
        path = str(tmp_path / ('a.keras' if hasattr(keras, 'ops') else 'a.h5'))
        model.save(path)
        return keras.models.load_model(path, custom_objects={
            'Sampling': Sampling})

    assert reloaded(theirs).predict(np.ones((1, 2))).tolist() == [[7, 7]]
    x = images('3-variational')
    np.testing.assert_allclose(reloaded(encoder).predict(x)[1],
                               encoder.predict(x)[1], rtol=1e-5)


@pytest.mark.parametrize('task', DENSE)
@pytest.mark.parametrize('args, named', [
    ((784.5, [64], 2), '784.5'), ((784, '64', 2), 'hidden_layers'),
    ((784, 64, 2), 'iterable'), ((784, [0], 2), '[784, 0, 2]'),
    ((784, [64], -1), '-1'), ((784, [64], None), 'None')])
def test_bad_sizes(task, args, named):
    """A wrong size is refused when the model is built, by name or value."""
    with pytest.raises((TypeError, ValueError)) as error:
        build_dense(task, *args)
    assert named in str(error.value)


@pytest.mark.parametrize('task', TASKS)
def test_sizes_of_numpy(task):
    """Sizes may be NumPy's, in an array or a tuple; they are not changed."""
    numpys = [np.array(arg) if np.ndim(arg) else np.int32(arg)
              for arg in TASKS[task][:3]]
    numpys += map(np.float32, TASKS[task][3:])
    shapes = [[array.shape for array in build(task, *args)[2].get_weights()]
              for args in (TASKS[task], numpys)]
    assert shapes[0] == shapes[1]
    assert numpys[1].tolist() == TASKS[task][1]


@pytest.mark.task('1-sparse')
@pytest.mark.parametrize('value', [-1, np.nan, np.inf, 'a', None])
def test_bad_lambtha(value):
    """The penalty's weight is a finite number, 0 or more."""
    with pytest.raises(ValueError, match='lambtha') as error:
        build('1-sparse', 784, [64], 2, value)
    assert str(value) in str(error.value)


@pytest.mark.task('2-convolutional')
@pytest.mark.parametrize('args, named', [
    (((28, 28, 1), [], (28, 28, 1)), 'filters'),
    (((28, 28, 1), 16, (14, 14, 16)), 'iterable'),
    (((28, 28, 1), [8.5], (14, 14, 8)), '[8.5]'),
    (((28, 28, 1), [16, 8, 8], (3, 3, 8)), 'latent_dims must be (4, 4, 8)'),
    (((28, 28, 1), [16, 8, 8], 128), 'received: 128'),
    (((28, 28), [16, 8, 8], (4, 4, 8)), '28, 28'),
    ((784, [16, 8, 8], (4, 4, 8)), 'iterable'),
    (((28, -28, 1), [16, 8, 8], (4, 4, 8)), '-28')])
def test_bad_images(args, named):
    """A wrong image, filter or code size is refused, by name or value."""
    with pytest.raises((TypeError, ValueError)) as error:
        build('2-convolutional', *args)
    assert named in str(error.value)
