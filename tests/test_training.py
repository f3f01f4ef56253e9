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
from small import build_vanilla, digits, fit

KERAS_3 = hasattr(keras, 'ops')
SIZES = {'0-vanilla': (784, [32], 8), '1-sparse': (784, [32], 8, 1e-3),
         '2-convolutional': ((28, 28, 1), [4, 4, 4], (4, 4, 4)),
         '3-variational': (784, [32], 2)}


def build(task):
    """Build a small model; seed the order of what it is trained on."""
    keras.utils.set_random_seed(3)
    auto = __import__(task).autoencoder(*SIZES[task])[2]
    return auto, [x.reshape((-1, *np.ravel(SIZES[task][0])))
                  for x in digits()]


def weights(auto):
    """Return all weights, one after the other."""
    return np.concatenate([weight.ravel() for weight in auto.get_weights()])


def as_bytes(images):
    """Return images of [0, 1] as the digits' files have them."""
    return np.uint8(np.rint(255 * images))


# 1000 and 500 images are two blocks and one, and batches that make none.
FEW = {'epochs': 2, 'batch_size': 12, 'verbose': 0}


@functools.lru_cache
def plain(task):
    """Return the history and the weights of plain `fit`."""
    auto, (x_train, x_test) = build(task)
    history = auto.fit(x_train, x_train, **FEW,
                       validation_data=(x_test, x_test)).history
    return history, weights(auto)


def ours(task):
    """Return the history and the weights of `training.fit`, of bytes."""
    auto, x = build(task)
    history = fit(auto, *map(as_bytes, x), **FEW)
    return history, weights(auto)


@pytest.fixture
def no_noise(monkeypatch):
    """XLA draws other noise from a seed, Keras 2 from all seeded before."""
    def zeros(shape, dtype, seed=None):
        return tf.zeros(shape, dtype)

    monkeypatch.setattr(keras.backend, 'random_normal', zeros)
    if KERAS_3:
        monkeypatch.setattr(keras.random, 'normal', zeros)


@pytest.mark.parametrize('task', SIZES)
def test_fit_is_keras_fit_to_the_bit(monkeypatch, no_noise, task):
    """Without XLA, and each layer in its place, no bit is another.

    Where one is, the numbers part: by 4e-4 after 3 epochs of all digits.
    """
    monkeypatch.setattr(program.upsampling, 'at_low_resolution',
                        contextlib.nullcontext)
    (wanted, wanted_weights), (history, same) = plain(task), ours(task)
    assert history == wanted
    np.testing.assert_array_equal(same, wanted_weights)


@pytest.mark.parametrize('task', [
    '0-vanilla', '2-convolutional', '3-variational'])
def test_fit_is_keras_fit(monkeypatch, no_noise, task):
    """With XLA, where it pays, the numbers are the same but for rounding."""
    monkeypatch.setattr(program, 'XLA_PAYS_FROM', 0)
    (wanted, wanted_weights), (history, same) = plain(task), ours(task)
    for name, losses in wanted.items():
        np.testing.assert_allclose(history[name], losses, rtol=1e-4)
    np.testing.assert_allclose(same, wanted_weights, atol=1e-4)


@pytest.mark.parametrize('shuffle', [True, False])
def test_fit_of_noisy_images(shuffle):
    """With targets, in either order, no bit is another than plain fit's.

    The 55 whole batches are a block of 39, and 16; 10 images are left.
    """
    random = np.random.default_rng(0)
    settings = {'epochs': 2, 'batch_size': 18, 'shuffle': shuffle}
    auto, (y_train, y_test) = build('0-vanilla')
    x_train, x_test = (np.float32(y + random.normal(0, 0.5, y.shape))
                       for y in (y_train, y_test))
    wanted = auto.fit(x_train, y_train, **settings, verbose=0,
                      validation_data=(x_test, y_test)).history
    same, _ = build('0-vanilla')
    assert wanted == training.fit(
        same, x_train, as_bytes(y_train), **settings,
        validation_data=(x_test, as_bytes(y_test)))
    np.testing.assert_array_equal(weights(same), weights(auto))


@pytest.mark.parametrize('n, n_test, dtype, named', [
    (5, 4, float, r'y of the training has shape \(5, 784\), .* x, \(6, 784\)'),
    (6, 0, float, r'y of validation_data has shape \(0, 784\)'),
    (6, 4, int, 'x of the training is int64, expected uint8 or floats')])
def test_wrong_arrays(n, n_test, dtype, named):
    """They are refused by name before any training."""
    x, y, y_test = (np.zeros((size, 784)) for size in (6, n, n_test))
    with pytest.raises(ValueError, match=named):
        training.fit(build_vanilla(), x.astype(dtype), y,
                     validation_data=(y_test, y_test))


def test_images_as_fit_takes_them():
    """Tensors, lists and bools train as arrays of floats do."""
    ink = [np.float32(x > 0.5) for x in digits(64)]
    histories = [
        fit(build_vanilla(), *map(of, ink), epochs=1, verbose=0)
        for of in (np.array, tf.constant, list, lambda x: x.astype(bool))]
    assert histories == histories[:1] * 4


def test_fit_without_a_backup(tmp_path, monkeypatch, capsys):
    """As from a notebook: nothing is written, nothing is gone on from."""
    monkeypatch.chdir(tmp_path)
    for verbose, lines in ((0, 0), ('auto', 4)):
        history = fit(build_vanilla(), *digits(64), epochs=2, verbose=verbose,
                      callbacks=None)
        assert [len(losses) for losses in history.values()] == [2, 2]
        assert len(capsys.readouterr().out.splitlines()) == lines
    assert os.listdir(tmp_path) == []


class OneLayer(keras.Model):
    """A model without a graph of layers."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(784, activation='sigmoid')

    def call(self, images):
        """Return images."""
        return self.dense(images)


def test_fit_of_a_subclass():
    """It is trained, where it was compiled; else Keras's sentence says so."""
    auto, x = OneLayer(), digits(50)
    with pytest.raises((ValueError, RuntimeError), match='compile'):
        fit(auto, *x, backup='never written')
    auto.compile(optimizer='adam', loss='binary_crossentropy')
    losses = fit(auto, *x, epochs=2)['loss']
    assert losses[1] < losses[0] < 0.8


def compiled(**options):
    """Return a function that builds a model with options of `compile`."""
    def build():
        auto = build_vanilla()
        auto.compile('adam', 'binary_crossentropy', **options)
        return auto
    return build


def under_a_strategy():
    """Build a model under a strategy's scope."""
    with tf.distribute.MirroredStrategy(['cpu:0']).scope():
        return build_vanilla()


def of_a_legacy_optimizer():
    """Build a model of an optimizer without `build`, as Macs have it."""
    auto = build_vanilla()
    auto.compile(keras.optimizers.legacy.Adam(), 'binary_crossentropy')
    return auto


@functools.lru_cache
def two_epochs(build, backup=None):
    """Build a model and train it; return its losses."""
    auto = build()
    keras.utils.set_random_seed(3)
    return fit(auto, *digits(256), epochs=2, batch_size=64, verbose=0,
               backup=backup)['loss']


@pytest.mark.parametrize('build', [
    compiled(steps_per_execution=2), compiled(run_eagerly=True),
    under_a_strategy, pytest.param(
        of_a_legacy_optimizer,
        marks=pytest.mark.skipif(KERAS_3, reason='Keras 3 has none'))])
def test_what_keras_itself_trains(tmp_path, monkeypatch, build):
    """Our steps are not for it: fit as it is has the same losses."""
    wanted = two_epochs(build_vanilla)
    monkeypatch.setattr(training, '_fit', None)
    np.testing.assert_allclose(two_epochs(build, tmp_path / 'backup'), wanted,
                               rtol=1e-4)


@pytest.mark.skipif(not KERAS_3, reason="Keras 2's noise is TensorFlow's")
@pytest.mark.slow
def test_noise_has_a_seed(tmp_path, monkeypatch):
    """Under XLA, too: same seed, same bits, gone on from a backup or not."""
    def train(seed, epochs=2, backup=None):
        auto, x = build('3-variational')
        sampling = auto.layers[1].get_layer('sampling')
        sampling.seed_generator.state.assign([0, seed])
        fit(auto, *x, **dict(FEW, epochs=epochs), backup=backup)
        return weights(auto)

    monkeypatch.setattr(program, 'XLA_PAYS_FROM', 0)
    wanted, path = train(seed=1), tmp_path / '3-backup.npz'
    assert np.any(train(seed=2) != wanted)
    train(seed=1, epochs=1, backup=path)
    np.testing.assert_array_equal(train(seed=1, backup=path), wanted)


def at_epoch_end(function):
    """Return a callback that calls a function."""
    return keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: function())


def test_loss_not_a_number(tmp_path):
    """Training stops when the loss is lost, and keeps the good epochs."""
    def poison():
        auto.set_weights([weight * np.nan for weight in auto.get_weights()])

    auto, path = build_vanilla(), tmp_path / '0-backup.npz'
    with pytest.raises(RunEnded, match='the loss is not a number in epoch 2'):
        fit(auto, *digits(256), epochs=9, backup=path,
            callbacks=[at_epoch_end(poison)])
    with np.load(path) as backup:
        kept = json.loads(str(backup['kept']))['history']
    assert len(kept['loss']) == 1 and np.isfinite(kept['loss']).all()


def test_interrupt_is_not_lost():
    """Ctrl-C ends training though TensorFlow clears Python's exception."""
    def press_where_it_is_cleared():
        epochs.append(1)
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    epochs, auto = [], build_vanilla()
    auto.make_train_function()
    own = auto.train_function
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit(auto, *digits(256), epochs=2, callbacks=[
                at_epoch_end(press_where_it_is_cleared)])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert len(epochs) == 1
        assert auto.train_function is own       # the images are let go
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize('xla', [False, True])
def test_bytes_are_divided_as_by_numpy(xla):
    """In a graph, too, each of the 256 is the float32 next to byte / 255."""
    pixels = np.arange(256, dtype=np.uint8)
    x = tf.function(program.as_floats, jit_compile=xla)(tf.constant(pixels))
    np.testing.assert_array_equal(x, mnist.scale(pixels))
    np.testing.assert_array_equal(x, pixels / np.float32(255))
