"""Training: the numbers of plain `fit`, callbacks, interruption."""
import contextlib
import functools
import json
import os
import signal

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from lab import RunEnded, mnist, program, training
from small import build_vanilla, digits

SIZES = {'0-vanilla': (784, [32], 8), '1-sparse': (784, [32], 8, 1e-3),
         '2-convolutional': ((28, 28, 1), [4, 4, 4], (4, 4, 4)),
         '3-variational': (784, [32], 2)}


def build(task):
    """Build a small model; seed the order of what it is trained on."""
    keras.utils.set_random_seed(3)
    auto = __import__(task).autoencoder(*SIZES[task])[2]
    return auto, [x.reshape((-1, *np.ravel(SIZES[task][0])))
                  for x in digits()]


@functools.lru_cache
def plain(task):
    """Return the history and the weights of plain `fit`, 3 epochs."""
    auto, (x_train, x_test) = build(task)
    history = auto.fit(x_train, x_train, epochs=3, batch_size=64, verbose=0,
                       validation_data=(x_test, x_test)).history
    return history, auto.get_weights()


def ours(task):
    """Return the history and the weights of `training.fit`, of bytes."""
    auto, x = build(task)
    history = training.fit(auto, *(np.uint8(np.rint(255 * x)) for x in x),
                           epochs=3, batch_size=64)
    return history, auto.get_weights()


@pytest.fixture
def no_noise(monkeypatch):
    """XLA draws other noise from a seed, Keras 2 from all seeded before."""
    def zeros(shape, dtype, seed=None):
        return tf.zeros(shape, dtype)

    monkeypatch.setattr(keras.backend, 'random_normal', zeros)
    if hasattr(keras, 'random'):
        monkeypatch.setattr(keras.random, 'normal', zeros)


@pytest.mark.parametrize('task', SIZES)
def test_fit_is_keras_fit_to_the_bit(monkeypatch, no_noise, task):
    """Without XLA, and each layer in its place, no bit is another.

    Where one is, the numbers part: by 4e-4 after 3 epochs of all digits.
    """
    monkeypatch.setattr(program.upsampling, 'at_low_resolution',
                        contextlib.nullcontext)
    (wanted, plain_weights), (history, weights) = plain(task), ours(task)
    assert history == wanted
    for weight, same in zip(weights, plain_weights):
        np.testing.assert_array_equal(weight, same)


@pytest.mark.parametrize('task', [
    '0-vanilla', '2-convolutional', '3-variational'])
def test_fit_is_keras_fit(monkeypatch, no_noise, task):
    """With XLA, where it pays, the numbers are the same but for rounding."""
    monkeypatch.setattr(program, 'XLA_PAYS_FROM', 0)
    (wanted, plain_weights), (history, weights) = plain(task), ours(task)
    for name, losses in wanted.items():
        np.testing.assert_allclose(history[name], losses, rtol=1e-4)
    for weight, same in zip(weights, plain_weights):
        np.testing.assert_allclose(weight, same, atol=1e-4)


def test_fit_of_noisy_images():
    """With targets of their own, no bit is another than plain fit's."""
    y_train, y_test = digits()
    random = np.random.default_rng(0)
    x_train, x_test = (np.float32(y + random.normal(0, 0.5, y.shape))
                       for y in (y_train, y_test))
    plain, auto = build_vanilla(), build_vanilla()
    keras.utils.set_random_seed(3)
    wanted = plain.fit(x_train, y_train, epochs=2, batch_size=64, verbose=0,
                       validation_data=(x_test, y_test)).history
    y_train, y_test = (np.uint8(np.rint(255 * y)) for y in (y_train, y_test))
    keras.utils.set_random_seed(3)
    history = training.fit(auto, x_train, x_test, epochs=2, batch_size=64,
                           y_train=y_train, y_test=y_test)
    assert history == wanted
    for weight, same in zip(auto.get_weights(), plain.get_weights()):
        np.testing.assert_array_equal(weight, same)


@pytest.mark.parametrize('wrong, named', [
    ({'y_train': np.zeros((5, 784)), 'y_test': np.zeros((4, 784))},
     r'y_train .*\(6, 784\), received: \(5, 784\)'),
    ({'y_train': np.zeros((6, 784))}, 'y_test is None'),
    ({'x_train': np.full((6, 784), 255.)}, 'x_train holds .*255'),
    ({'x_train': np.full((6, 784), 255)}, 'x_train is int64'),
    ({'x_test': np.ones((4, 784), 'uint8')}, 'x_test is uint8 of 0 and 1'),
    ({'x_test': np.zeros((0, 784))}, r'x_test has shape \(0, 784\)')])
def test_wrong_images(wrong, named):
    """They are refused by name before any training."""
    with pytest.raises(ValueError, match=named):
        training.fit(build_vanilla(), **{
            'x_train': np.zeros((6, 784), 'float32'),
            'x_test': np.zeros((4, 784), 'float32'), **wrong})


@pytest.mark.parametrize('of', [tf.constant, list, lambda x: x > 0.5])
def test_images_as_fit_takes_them(of):
    """Tensors, lists and bools train as arrays of floats do."""
    x_train, x_test = digits(64)
    same = [np.float32(of(x)) for x in (x_train, x_test)]
    assert training.fit(build_vanilla(), of(x_train), of(x_test), epochs=1,
                        verbose=0) == training.fit(
                            build_vanilla(), *same, epochs=1, verbose=0)


def test_verbose(capsys):
    """0 prints nothing, 2 a line for each epoch."""
    for verbose, lines in ((0, 0), (2, 1)):
        training.fit(build_vanilla(), *digits(64), epochs=1, verbose=verbose)
        assert len(capsys.readouterr().out.splitlines()) == lines


def test_not_compiled():
    """Keras's own sentence says so."""
    auto = keras.Model(*[keras.Input((784,))] * 2)
    with pytest.raises((ValueError, RuntimeError), match='compile'):
        training.fit(auto, *digits(64))


def test_fit_in_order():
    """Without shuffling, too, the numbers are plain fit's."""
    x_train, x_test = digits()
    plain, auto = build_vanilla(), build_vanilla()
    wanted = plain.fit(x_train, x_train, epochs=2, batch_size=18, verbose=0,
                       shuffle=False, validation_data=(x_test, x_test))
    # 55 batches: twice 27, then one and 10 images.
    history = training.fit(auto, x_train, x_test, epochs=2, batch_size=18,
                           shuffle=False)
    for name, losses in wanted.history.items():
        np.testing.assert_allclose(history[name], losses, rtol=1e-4)


def test_fit_of_a_subclass():
    """A model without a graph of layers is trained, too."""
    class Copy(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(784, activation='sigmoid')

        def call(self, images):
            return self.dense(images)

    auto = Copy()
    auto.compile(optimizer='adam', loss='binary_crossentropy')
    x_train, x_test = digits(50)
    losses = training.fit(auto, x_train, x_test, epochs=2)['loss']
    assert losses[1] < losses[0] < 0.8


@pytest.mark.skipif(not hasattr(keras, 'ops'), reason='Keras 2 has no XLA')
def test_what_xla_refuses(monkeypatch):
    """A model with an operation that XLA has not trains without."""
    monkeypatch.setattr(program, 'XLA_PAYS_FROM', 0)

    def build():
        keras.utils.set_random_seed(0)
        inputs = keras.Input((784,))
        x = keras.layers.Lambda(lambda x: tf.ensure_shape(
            tf.numpy_function(np.sqrt, [x], tf.float32), x.shape))(inputs)
        x = keras.layers.Dense(784, activation='sigmoid')(x)
        auto = keras.Model(inputs, x)
        auto.compile('adam', 'binary_crossentropy')
        return auto

    x_train, x_test = digits(64)
    history = training.fit(build(), x_train, x_test, epochs=2,
                           batch_size=32, shuffle=False, verbose=0)
    assert history == build().fit(
        x_train, x_train, epochs=2, batch_size=32, shuffle=False, verbose=0,
        validation_data=(x_test, x_test)).history


@pytest.mark.parametrize('scope', [
    lambda: tf.distribute.OneDeviceStrategy('cpu:0').scope(),
    lambda: tf.distribute.MirroredStrategy(['cpu:0']).scope()])
def test_model_of_a_strategy(scope):
    """It is trained by Keras's own fit."""
    with scope():
        auto = build_vanilla()
    keras.utils.set_random_seed(3)
    history = training.fit(auto, *digits(256), epochs=2, verbose=0)
    keras.utils.set_random_seed(3)
    wanted = training.fit(build_vanilla(), *digits(256), epochs=2, verbose=0)
    np.testing.assert_allclose(history['loss'], wanted['loss'], rtol=1e-4)


def test_model_that_runs_eagerly():
    """As it was compiled to: a step can be looked into, line by line."""
    def look(data):
        eager.append(tf.executing_eagerly())
        return step(data)

    eager, auto = [], build_vanilla()
    auto.compile('adam', 'binary_crossentropy', run_eagerly=True)
    step, auto.train_step = auto.train_step, look
    training.fit(auto, *digits(64), epochs=1, batch_size=32, verbose=0)
    assert eager == [True, True]


@pytest.mark.skipif(hasattr(keras, 'ops'), reason='Keras 3 has none')
def test_legacy_optimizer(tmp_path):
    """One without `build`, as Keras 2 takes on some Macs, trains, too."""
    histories = []
    for adam in keras.optimizers.Adam(), keras.optimizers.legacy.Adam():
        auto = build_vanilla()
        auto.compile(adam, 'binary_crossentropy')
        keras.utils.set_random_seed(3)
        histories.append(training.fit(
            auto, *digits(256), epochs=2, backup=tmp_path / '0-backup.npz'))
    np.testing.assert_allclose(*[h['loss'] for h in histories], rtol=1e-4)


@pytest.fixture
def numbers(request):
    """Set the type of Keras's numbers; reset it."""
    before = keras.mixed_precision.global_policy()
    if request.param.startswith('mixed'):
        keras.mixed_precision.set_global_policy(request.param)
    else:
        keras.backend.set_floatx(request.param)
    yield request.param
    keras.backend.set_floatx('float32')
    keras.mixed_precision.set_global_policy(before)


@pytest.mark.slow
@pytest.mark.parametrize('numbers, task', [
    ('float64', '1-sparse'), ('float64', '3-variational'),
    ('mixed_float16', '2-convolutional'), ('mixed_float16', '3-variational')],
    indirect=['numbers'])
def test_types(numbers, task):
    """Under each type of numbers the loss is that of plain fit."""
    auto, (x_train, x_test) = build(task)
    wanted = auto.fit(x_train, x_train, validation_data=(x_test, x_test),
                      epochs=2, batch_size=250, verbose=0).history
    auto, x = build(task)
    history = training.fit(auto, *x, epochs=2, batch_size=250, verbose=0)
    for name in wanted:
        np.testing.assert_allclose(
            history[name], wanted[name],
            rtol=0.03 if numbers != 'float64' or task[0] == '3' else 1e-6)


def test_fewer_images_than_a_batch(monkeypatch):
    """A batch size over the number of images acts as that, under XLA, too."""
    monkeypatch.setattr(program, 'XLA_PAYS_FROM', 0)
    x_train, x_test = digits(50)
    auto = build_vanilla()
    loss = auto.evaluate(x_train, x_train, verbose=0)
    history = training.fit(auto, x_train, x_test, epochs=2,
                           batch_size=2**31 - 1)
    np.testing.assert_allclose(history['loss'][0], loss, rtol=1e-5)
    np.testing.assert_allclose(
        history['val_loss'][-1], auto.evaluate(x_test, x_test, verbose=0),
        rtol=1e-5)


@pytest.mark.skipif(not hasattr(keras, 'random'),
                    reason="Keras 2's noise is TensorFlow's")
@pytest.mark.slow
def test_noise_has_a_seed(tmp_path, monkeypatch):
    """Under XLA, too: same seed, same bits, interrupted or not."""
    monkeypatch.setattr(program, 'XLA_PAYS_FROM', 0)

    def train(seed, interrupt=None, backup=None):
        auto, x = build('3-variational')
        weights = auto.get_weights()
        keras.utils.set_random_seed(seed)
        auto = __import__('3-variational').autoencoder(
            *SIZES['3-variational'])[2]
        auto.set_weights(weights)
        keras.utils.set_random_seed(0)                  # of the order
        with contextlib.suppress(KeyboardInterrupt):
            training.fit(
                auto, *x, epochs=2, batch_size=250, backup=backup,
                callbacks=[AtEpochEnd(interrupt)] if interrupt else [])
        return np.concatenate([w.ravel() for w in auto.get_weights()])

    def interrupt(_, epoch):
        signal.raise_signal(signal.SIGINT)

    wanted = train(seed=1)
    assert np.any(train(seed=2) != wanted)
    kept = str(tmp_path / '3-backup.npz')
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert np.any(train(1, interrupt, kept) != wanted)
    finally:
        signal.signal(signal.SIGINT, before)
    np.testing.assert_array_equal(train(1, None, kept), wanted)


@pytest.mark.skipif(hasattr(keras, 'random'), reason="Keras 3's has a seed")
def test_noise_does_not_come_again(tmp_path):
    """What goes on under Keras 2 draws other noise than the first epochs'."""
    for epochs in 1, 2:
        auto, x = build('3-variational')
        auto.optimizer.learning_rate.assign(0)
        losses = training.fit(auto, *x, epochs=epochs, shuffle=False,
                              backup=str(tmp_path / '3-backup.npz'))['loss']
    assert losses[0] != losses[1]


class AtEpochEnd(keras.callbacks.Callback):
    """Calls a function of the model and the epoch, from 0."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def on_epoch_end(self, epoch, logs=None):
        self.function(self.model, epoch)


def test_loss_not_a_number(tmp_path):
    """Training stops when the loss is lost, and keeps the good epochs."""
    def poison(model, _):
        model.set_weights([weight * np.nan for weight in model.get_weights()])

    path = tmp_path / '0-backup.npz'
    with pytest.raises(RunEnded) as ended:
        training.fit(build_vanilla(), *digits(256), epochs=9,
                     callbacks=[AtEpochEnd(poison)],
                     backup=str(path))
    assert str(ended.value) == (
        'the loss is not a number in epoch 2: training stopped; '
        f'{path} has the epochs before')
    with np.load(path) as backup:
        kept = json.loads(str(backup['kept']))['history']
    assert len(kept['loss']) == 1 and np.isfinite(kept['loss']).all()


def test_fit_without_a_backup(tmp_path, monkeypatch, capsys):
    """As from a notebook: nothing is written, nothing is gone on from."""
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        history = training.fit(build_vanilla(), *digits(256), epochs=2)
        assert 'Epoch 1/2' in capsys.readouterr().out
        assert [len(losses) for losses in history.values()] == [2, 2]
    assert os.listdir(tmp_path) == []


def seen(model):
    """Return what of a model a user can see that a training might alter."""
    return [model.optimizer, model.loss, model.train_function,
            model.test_function, getattr(model, 'steps_per_execution', None),
            [layer.name for submodel in model.layers[1:]
             for layer in submodel.layers if 'call' in vars(layer)]]


def test_convolutional_model_as_it_came():
    """No layer has another `call` but while a program is traced."""
    def is_plain(model, _):
        assert seen(model) == kept and kept[-1] == []

    auto = __import__('2-convolutional').autoencoder(
        (28, 28, 1), [4, 4, 4], (4, 4, 4))[2]
    kept = seen(auto)
    with program.upsampling.at_low_resolution(auto):
        assert len(seen(auto)[-1]) == 2     # a pair that a program replaces
    training.fit(auto, *(x.reshape((-1, 28, 28, 1)) for x in digits(64)),
                 epochs=2, callbacks=[AtEpochEnd(is_plain)])
    is_plain(auto, None)


def test_model_as_it_came():
    """Within and after a training the model is plain Keras's, as it came."""
    def is_plain(model, epoch):
        assert model is auto and seen(model) == kept
        if epoch == 1:
            raise KeyboardInterrupt

    auto = build_vanilla()
    kept = seen(auto)
    with pytest.raises(KeyboardInterrupt):
        training.fit(auto, *digits(256), epochs=9, batch_size=64,
                     callbacks=[AtEpochEnd(is_plain)])
    is_plain(auto, None)
    x, y = digits(100)          # of other numbers than it was trained on
    copy = keras.models.clone_model(auto)
    copy.compile('adam', 'binary_crossentropy')
    copy.set_weights(auto.get_weights())
    assert auto.evaluate(y, y, verbose=0) == pytest.approx(
        copy.evaluate(y, y, verbose=0), rel=1e-6)
    assert len(auto.fit(x, x, verbose=0).history['loss']) == 1


def test_interrupt_is_not_lost():
    """Ctrl-C ends training though TensorFlow clears Python's exception."""
    def press_where_it_is_cleared(*_):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            pass

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            training.fit(build_vanilla(), *digits(256), epochs=2, callbacks=[
                AtEpochEnd(press_where_it_is_cleared)])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_bytes_of_another_machine():
    """Floats in another order of bytes are the same numbers."""
    native, other = (
        training.fit(build_vanilla(), *(x.astype(dtype) for x in digits(256)),
                     epochs=2) for dtype in ('f4', '>f8'))
    assert native == other


@pytest.mark.parametrize('xla', [False, True])
def test_bytes_are_divided_as_by_numpy(xla):
    """In a graph, too, each of the 256 is the float32 next to byte / 255."""
    pixels = np.arange(256, dtype=np.uint8)
    x, target = tf.function(program.as_pair, jit_compile=xla)(
        tf.constant(pixels))
    np.testing.assert_array_equal(x, mnist.scale(pixels))
    np.testing.assert_array_equal(x, pixels / np.float32(255))
    np.testing.assert_array_equal(target, x)
