"""What the mains share: the command line, the digits, training, pictures."""
import contextlib
import hashlib
import io
import json
import os
import signal
import zipfile

import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf
from matplotlib.backend_bases import MouseEvent
from tensorflow import keras

from lab import figures, mnist, options, training, upsampling
from lab.backup import Backup, replacing


def write_npz(path, **changes):
    """Write 20 small digits in Keras's format, with some arrays changed."""
    rng = np.random.default_rng(0)
    arrays = {'x_train': rng.integers(0, 256, (20, 28, 28), np.uint8),
              'y_train': np.arange(20) % 10,
              'x_test': rng.integers(0, 256, (20, 28, 28), np.uint8),
              'y_test': np.arange(20) % 10}
    arrays.update(changes)
    np.savez(path, **{name: array for name, array in arrays.items()
                      if array is not None})
    return arrays


def refusal(capsys, argv):
    """Return the one line with which the command line is refused."""
    with pytest.raises(SystemExit) as stop:
        options.parse('0-vanilla', 'A main.', argv)
    assert stop.value.code == 2
    printed, error = capsys.readouterr()
    assert printed == ''
    assert error.startswith('0-main.py: error: ') and error.count('\n') == 1
    return error


def test_mnist():
    """The bundled digits are MNIST, complete and in order."""
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert x_train.shape == (60000, 28, 28) and x_test.shape == (10000, 28, 28)
    assert x_train.dtype == x_test.dtype == y_train.dtype == np.uint8
    assert np.bincount(y_train).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    # The MD5 sums published for the four original files, less their headers.
    digest = hashlib.md5(b'\0\0\x08\x03' + np.array(
        x_test.shape, '>i4').tobytes() + x_test.tobytes()).hexdigest()
    assert digest == '2646ac647ad5339dbf082846283269ea'
    digest = hashlib.md5(b'\0\0\x08\x01' + np.array(
        y_test.shape, '>i4').tobytes() + y_test.tobytes()).hexdigest()
    assert digest == '27ae3e4e09519cfbb04c329615203637'


@pytest.mark.parametrize('dtype', [np.uint8, np.float32, np.float64])
def test_images_of_the_users_own(tmp_path, dtype):
    """uint8 is scaled by 255, floats in [0, 1] stay as they are."""
    x = np.random.default_rng(1).random((20, 28, 28))
    x = (255 * x if dtype == np.uint8 else x).astype(dtype)
    write_npz(tmp_path / 'a.npz', x_test=x)
    _, (x_test, _) = mnist.load_data(tmp_path / 'a.npz')
    scaled = mnist.scale(x_test)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(
        scaled, x / 255 if dtype == np.uint8 else x, rtol=1e-6)


def test_defaults(capsys, tmp_path):
    """Without arguments a main does what the task descriptions' mains do."""
    args = options.parse('0-vanilla', 'A main.',
                         ['--output', str(tmp_path / 'new' / 'folder')])
    assert (args.epochs, args.batch_size, args.seed) == (50, 256, 0)
    assert [array.shape for part in args.digits for array in part] == [
        (60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
    with pytest.raises(SystemExit) as stop:
        options.parse('0-vanilla', 'A main.', ['--help'])
    assert stop.value.code == 0
    assert 'default: 50' in capsys.readouterr().out


def test_limit(tmp_path):
    """--limit takes the first images and their labels."""
    args = options.parse('0-vanilla', 'A main.', [
        '--limit', '7', '--output', str(tmp_path)])
    for part, whole in zip(args.digits, mnist.load_data()):
        for array, all_of_it in zip(part, whole):
            np.testing.assert_array_equal(array, all_of_it[:7])


@pytest.mark.parametrize('argv, expected', [
    (['--epochs', '0'], "--epochs: '0', expected an integer >= 1"),
    (['--epochs', '-3'], "--epochs: '-3', expected an integer >= 1"),
    (['--epochs', 'x'], "--epochs: 'x', expected an integer >= 1"),
    (['--batch-size', '0'], "--batch-size: '0', expected an integer >= 1"),
    (['--limit', '0'], "--limit: '0', expected an integer >= 1"),
    (['--seed', '-1'], "--seed: '-1', expected an integer >= 0"),
    (['--seed', '4294967296'], '<= 4294967295'),
    (['--verbose'], '--verbose')])
def test_bad_options(capsys, argv, expected):
    """One line names the option, the value and what was expected."""
    assert expected in refusal(capsys, argv)


def object_array():
    """Return images that an npz file can only hold pickled."""
    return np.array([np.zeros((28, 28)), None], dtype=object)


@pytest.mark.parametrize('changes, expected', [
    ({'x_train': None}, 'no array x_train'),
    ({'y_test': None}, 'no array y_test'),
    ({'x_train': object_array()}, 'Object arrays cannot be loaded'),
    ({'x_test': np.zeros((5, 32, 32), np.uint8)}, 'x_test has shape (5, 32'),
    ({'x_test': np.zeros((5, 784), np.uint8)}, 'x_test has shape (5, 784)'),
    ({'x_train': np.zeros((0, 28, 28), np.uint8)}, 'x_train has shape (0,'),
    ({'x_train': np.zeros((20, 28, 28), np.int64)}, 'x_train is int64'),
    ({'x_train': np.full((20, 28, 28), np.nan)}, 'values from nan'),
    ({'x_train': np.full((20, 28, 28), np.inf)}, 'values from inf'),
    ({'x_test': np.full((20, 28, 28), 255.0)}, 'values from 255.0 to 255.0'),
    ({'x_test': np.full((20, 28, 28), -0.5)}, 'values from -0.5 to -0.5'),
    ({'y_train': np.arange(19)}, 'y_train is int64 of shape (19,)'),
    ({'y_train': np.arange(20) / 2}, 'y_train is float64')])
def test_bad_arrays(capsys, tmp_path, changes, expected):
    """One line names the file, the array and what was expected."""
    path = tmp_path / 'bad.npz'
    write_npz(path, **changes)
    error = refusal(capsys, ['--data', str(path)])
    assert '--data: {}'.format(path) in error
    assert expected in error and 'expected' in error or 'Object' in error


def zip_with(name, data):
    """Return a zip file, as bytes, with one member."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as zipped:
        zipped.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize('data, expected', [
    (None, 'No such file'),
    (b'', 'not an npz file'),
    (b'\x93NUMPY' + bytes(200), 'not an npz file'),
    (b'\x80\x04N.', 'not an npz file'),
    (zip_with('readme.txt', 'hello'), 'no array x_train')])
def test_bad_files(capsys, tmp_path, data, expected):
    """What is no npz file is refused by name."""
    path = tmp_path / 'bad.npz'
    if data is not None:
        path.write_bytes(data)
    error = refusal(capsys, ['--data', str(path)])
    assert str(path) in error and expected in error


def test_too_large(capsys, tmp_path, monkeypatch):
    """A file that unpacks to more than memory holds is not unpacked."""
    monkeypatch.setattr(mnist, 'MAX_BYTES', 1030 * 2**20)
    x = np.zeros((1400, 28, 28), np.uint8)              # 1 MB, zipped to less
    np.savez_compressed(tmp_path / 'fits.npz', x_train=x, y_train=x[:, 0, 0],
                        x_test=x[:200], y_test=x[:200, 0, 0])
    mnist.load_data(tmp_path / 'fits.npz')
    np.savez_compressed(tmp_path / 'large.npz', x_train=x, y_train=x[:, 0, 0],
                        x_test=x, y_test=x[:, 0, 0])
    assert 'takes 1,034 MB to train on, expected at most the 1,030 MB' in (
        refusal(capsys, ['--data', str(tmp_path / 'large.npz')]))


def test_memory_of_this_machine():
    """The machine's memory is what its own accounts say, or less."""
    with open('/proc/meminfo') as accounts:
        kilobytes = int(accounts.readline().split()[1])
    assert 2**30 < mnist.MAX_BYTES <= kilobytes * 2**10


def test_bad_output(capsys, tmp_path):
    """A folder that cannot be made is known before any training."""
    (tmp_path / 'file').write_text('')
    output = str(tmp_path / 'file' / 'folder')
    error = refusal(capsys, ['--output', output])
    assert output in error and 'expected a folder' in error


def digits(n=1000):
    """Return n training and n / 2 test digits, flat."""
    (x_train, _), (x_test, _) = mnist.load_data()
    return (mnist.scale(x_train[:n]).reshape((-1, 784)),
            mnist.scale(x_test[:n // 2]).reshape((-1, 784)))


SMALL = pytest.mark.parametrize('task, args', [
    ('0-vanilla', (784, [32], 8)), ('1-sparse', (784, [32], 8, 1e-3)),
    ('2-convolutional', ((28, 28, 1), [4, 4, 4], (4, 4, 4))),
    ('3-variational', (784, [32], 2))])


def train_both(task, args):
    """Return the models and histories of plain `fit` and ours, 3 epochs."""
    x_train, x_test = (x.reshape((-1, *np.ravel(args[0]))) for x in digits())
    autoencoder = __import__(task).autoencoder
    keras.utils.set_random_seed(3)
    _, _, plain = autoencoder(*args)
    wanted = plain.fit(x_train, x_train, epochs=3, batch_size=64, verbose=0,
                       validation_data=(x_test, x_test)).history
    keras.utils.set_random_seed(3)
    _, _, auto = autoencoder(*args)
    x_train, x_test = (np.uint8(np.round(255 * x)) for x in (x_train, x_test))
    return plain, wanted, auto, training.fit(
        auto, x_train, x_test, epochs=3, batch_size=64)


@pytest.mark.parametrize('xla', [False, True])
@SMALL
def test_fit_is_keras_fit(monkeypatch, task, args, xla):
    """Training does what `auto.fit` does, with the same numbers."""
    # The noise of task 3 depends on all that was seeded before, and on XLA.
    monkeypatch.setattr(keras.backend, 'random_normal', tf.zeros)
    monkeypatch.setattr(training, 'XLA_PAYS_FROM', 0 if xla else np.inf)
    plain, wanted, auto, history = train_both(task, args)
    for name, losses in wanted.items():
        np.testing.assert_allclose(history[name], losses, rtol=1e-4)
    for weight, same in zip(auto.get_weights(), plain.get_weights()):
        np.testing.assert_allclose(weight, same, atol=1e-4)


@SMALL
def test_fit_is_keras_fit_to_the_bit(monkeypatch, task, args):
    """Without XLA, and each layer in its place, no bit is another.

    Where one is, the numbers part: by 4e-4 after 3 epochs of all digits.
    """
    monkeypatch.setattr(keras.backend, 'random_normal', tf.zeros)
    monkeypatch.setattr(training.upsampling, 'at_low_resolution',
                        contextlib.nullcontext)
    plain, wanted, auto, history = train_both(task, args)
    assert history == {name: wanted[name] for name in history}
    for weight, same in zip(auto.get_weights(), plain.get_weights()):
        np.testing.assert_array_equal(weight, same)


@pytest.mark.parametrize('xla', [False, True])
def test_bytes_are_divided_as_by_numpy(xla):
    """In a graph, too, each of the 256 is the float32 next to byte / 255."""
    pixels = np.arange(256, dtype=np.uint8)
    x, target = tf.function(training._pair, jit_compile=xla)(
        tf.constant(pixels))
    np.testing.assert_array_equal(x, mnist.scale(pixels))
    np.testing.assert_array_equal(x, pixels / np.float32(255))
    np.testing.assert_array_equal(target, x)


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
    loss = auto.evaluate(x_train, x_train, verbose=0)
    assert training.fit(auto, x_train, x_test, epochs=2)['loss'][1] < loss


@pytest.mark.parametrize('pays_from', [0, np.inf])
def test_fewer_images_than_a_batch(monkeypatch, pays_from):
    """The only batch may be smaller than --batch-size, under XLA, too."""
    monkeypatch.setattr(training, 'XLA_PAYS_FROM', pays_from)
    x_train, x_test = digits(50)
    auto = build_vanilla()
    loss = auto.evaluate(x_train, x_train, verbose=0)
    history = training.fit(auto, x_train, x_test, epochs=2, batch_size=64)
    np.testing.assert_allclose(history['loss'][0], loss, rtol=1e-5)
    np.testing.assert_allclose(
        history['val_loss'][-1], auto.evaluate(x_test, x_test, verbose=0),
        rtol=1e-5)


@pytest.mark.parametrize('size', [(2, 2), (3, 5), (14, 14)])
@pytest.mark.parametrize('padding', ['same', 'valid'])
@pytest.mark.parametrize('channels, filters', [(16, 1), (4, 1), (12, 3)])
def test_upsampling(size, padding, channels, filters):
    """A convolution computed before the upsampling is Keras's after it."""
    auto = keras.Sequential([
        keras.Input((*size, channels)), keras.layers.UpSampling2D(),
        keras.layers.Conv2D(filters, 3, padding=padding, activation='tanh',
                            bias_initializer='glorot_uniform')])
    x = tf.random.stateless_normal((5, *size, channels), (0, 1))

    def value_and_gradients():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = auto(x)
            loss = tf.reduce_sum(y * tf.cos(y))
        return y, *tape.gradient(loss, [x, *auto.trainable_variables])

    wanted = value_and_gradients()
    with upsampling.at_low_resolution(auto):
        assert auto.layers[0](x).shape == x.shape       # not repeated
        got = value_and_gradients()
    for a, b in zip(got, wanted):
        np.testing.assert_allclose(a, b, atol=1e-5 * np.abs(b).max())
    assert auto.layers[0](x).shape[1:3] == (2 * size[0], 2 * size[1])


@pytest.mark.parametrize('settings', [
    {'filters': 5}, {'kernel_size': 5}, {'strides': 2}, {'dilation_rate': 2},
    {'use_bias': False}, {'groups': 2, 'filters': 2}])
def test_upsampling_of_another_kind(settings):
    """What is no such pair, or would not gain, is computed as ever."""
    def outputs():
        return auto(tf.ones((2, 6, 6, 16)))

    images = keras.Input((6, 6, 16))
    convolution = keras.layers.Conv2D(
        **{'filters': 1, 'kernel_size': 3, **settings})
    x = keras.layers.UpSampling2D()(images)
    auto = keras.Model(images, convolution(x))
    wanted = outputs()
    with upsampling.at_low_resolution(auto):
        assert auto.layers[1](tf.ones((2, 6, 6, 16))).shape[1] == 12
        np.testing.assert_array_equal(outputs(), wanted)


def test_upsampling_that_others_use():
    """An upsampling is left alone where not only a convolution follows."""
    images = keras.Input((6, 6, 16))
    x = keras.layers.UpSampling2D()(images)
    y = keras.layers.Conv2D(1, 3, padding='same')(x)
    auto = keras.Model(images, keras.layers.Concatenate()([x, y]))
    with upsampling.at_low_resolution(auto):
        assert auto(tf.ones((2, 6, 6, 16))).shape == (2, 12, 12, 17)
    auto = keras.Model(images, [x, y])
    with upsampling.at_low_resolution(auto):
        assert auto(tf.ones((2, 6, 6, 16)))[0].shape == (2, 12, 12, 16)


def build_vanilla(seed=0):
    """Build a small vanilla autoencoder."""
    keras.utils.set_random_seed(seed)
    return __import__('0-vanilla').autoencoder(784, [16], 4)[2]


def train(folder, auto=None, task='0-vanilla', n=256, seed=0, **options_):
    """Train with a backup in a folder; return the history."""
    options_ = dict({'epochs': 2, 'batch_size': 64}, **options_)
    return training.fit(auto or build_vanilla(), *digits(n), **options_,
                        backup=Backup(str(folder), task, seed))


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Train two epochs; return the model, its history and its backup."""
    folder = tmp_path_factory.mktemp('trained')
    auto = build_vanilla()
    history = train(folder, auto)
    return auto, history, (folder / '0-backup.npz').read_bytes()


def test_backup_holds_the_optimizer_too(tmp_path, capsys, trained):
    """After a restore the next step is that of the model backed up."""
    first, history, backup = trained
    (tmp_path / '0-backup.npz').write_bytes(backup)
    second = build_vanilla(seed=1)
    assert train(tmp_path, second) == history
    assert 'going on after epoch 2 of 2' in capsys.readouterr().out
    x, _ = digits(256)
    losses = [auto.train_on_batch(x, x)
              for auto in (first, second) for _ in range(3)]
    np.testing.assert_allclose(losses[:3], losses[3:], rtol=1e-6)


def test_going_on_is_going_through(tmp_path, trained):
    """An interrupted training has the losses of one that was not."""
    (tmp_path / '0-backup.npz').write_bytes(trained[2])
    resumed, whole = (train(folder, epochs=5) for folder in
                      (tmp_path, tmp_path / 'whole'))
    for name in ('loss', 'val_loss'):
        np.testing.assert_allclose(resumed[name], whole[name], rtol=1e-6)


@pytest.mark.parametrize('change, named', [
    ({'seed': 1}, 'seed'), ({'batch_size': 32}, 'batch size'),
    ({'shuffle': False}, 'shuffle'), ({'epochs': 1}, 'more epochs'),
    ({'task': '1-sparse'}, 'code'), ({'n': 255}, 'data')])
def test_backup_of_another_training(tmp_path, capsys, trained, change, named):
    """A backup of other settings is not continued; the run says why."""
    task = change.get('task', '0-vanilla')
    __import__(task)
    path = tmp_path / '{}-backup.npz'.format(task[0])
    path.write_bytes(trained[2])
    history = train(tmp_path, **change)
    assert len(history['loss']) == change.get('epochs', 2)
    assert 'starting afresh: {} is not of this training ({})'.format(
        path, named) in capsys.readouterr().out


def test_backup_of_another_model(tmp_path, capsys, trained):
    """Nor is one of layers of other sizes."""
    (tmp_path / '0-backup.npz').write_bytes(trained[2])
    train(tmp_path, __import__('0-vanilla').autoencoder(784, [8], 4)[2])
    assert 'not of this training (layers)' in capsys.readouterr().out


@pytest.mark.parametrize('damage', [
    lambda data: b'', lambda data: data[:len(data) // 2],
    lambda data: data[:3000] + bytes([data[3000] ^ 1]) + data[3001:]])
def test_damaged_backup(tmp_path, capsys, trained, damage):
    """A backup that cannot be read is not continued; the run says so."""
    (tmp_path / '0-backup.npz').write_bytes(damage(trained[2]))
    train(tmp_path)
    printed = capsys.readouterr().out
    assert 'starting afresh' in printed and 'Epoch 2/2' in printed


def test_loss_not_a_number(tmp_path, monkeypatch):
    """Training stops when the loss is lost, and keeps the good epochs."""
    on_epoch_end = Backup.on_epoch_end

    def then_poison(self, epoch, logs=None):
        on_epoch_end(self, epoch, logs)
        self.model.set_weights([weight * np.nan for weight in
                                self.model.get_weights()])

    monkeypatch.setattr(Backup, 'on_epoch_end', then_poison)
    with pytest.raises(SystemExit, match='not a number in epoch 2'):
        train(tmp_path, epochs=9)
    with np.load(tmp_path / '0-backup.npz') as backup:
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


@pytest.mark.parametrize('epochs', [1, 9])
def test_model_as_it_came(tmp_path, monkeypatch, epochs):
    """After a training, a broken off one, too, the model is plain Keras's."""
    def stop(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Backup, 'on_epoch_end', stop)
    auto = build_vanilla()
    optimizer = auto.optimizer
    try:
        train(tmp_path, auto, epochs=epochs)
        assert epochs == 1
    except KeyboardInterrupt:
        assert epochs == 9
    x, y = digits(100)          # of other numbers than it was trained on
    copy = keras.models.clone_model(auto)
    copy.compile('adam', 'binary_crossentropy')
    copy.set_weights(auto.get_weights())
    assert auto.evaluate(y, y, verbose=0) == pytest.approx(
        copy.evaluate(y, y, verbose=0), rel=1e-6)
    assert auto.optimizer is optimizer
    assert len(auto.fit(x, x, verbose=0).history['loss']) == 1


def test_interrupt_is_not_lost(monkeypatch):
    """Ctrl-C ends training though TensorFlow clears Python's exception."""
    def press_where_it_is_cleared(self, epoch, logs=None):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            pass

    monkeypatch.setattr(keras.callbacks.TerminateOnNaN, 'on_epoch_begin',
                        press_where_it_is_cleared)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            training.fit(build_vanilla(), *digits(256), epochs=1)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_reconstructions():
    """Each image stands over its reconstruction."""
    x = np.random.default_rng(0).random((10, 784))
    figure = figures.reconstructions(x, 1 - x, 'A title')
    shown = [axis.images[0].get_array() for axis in figure.axes]
    np.testing.assert_array_equal(shown[:10], x.reshape((10, 28, 28)))
    np.testing.assert_array_equal(shown[10:], 1 - x.reshape((10, 28, 28)))
    assert figure.get_suptitle() == 'A title'
    plt.close(figure)


def test_loss_curves():
    """The curves are the history, epochs counted from 1."""
    history = {'loss': [3, 2], 'val_loss': [4, 1]}
    axis = figures.loss_curves(history, 'A title', 'nats').axes[0]
    for line, name in zip(axis.lines, ['loss', 'val_loss']):
        assert line.get_xydata().tolist() == [[1, history[name][0]],
                                              [2, history[name][1]]]
    assert axis.get_title() == 'A title' and 'nats' in axis.get_ylabel()
    plt.close('all')


def test_latent_grid():
    """The digit of a code is drawn at the code's own coordinates."""
    axis = np.linspace(-3, 3, 25)
    x, y = np.meshgrid(axis, axis)
    value = (x + 10 * y)[:, :, None, None]
    axes = figures.latent_grid(np.tile(value, (28, 28)), axis, 'A title').axes
    image, = axes[0].images
    left, right, bottom, top = image.get_extent()
    pixels = np.asarray(image.get_array())
    for i, j in [(0, 0), (24, 0), (0, 24), (3, 17)]:
        column = (axis[j] - left) / (right - left) * pixels.shape[1]
        row = (top - axis[i]) / (top - bottom) * pixels.shape[0]
        assert pixels[int(row), int(column)] == axis[j] + 10 * axis[i]
    plt.close('all')


def test_latent_scatter():
    """Every mean is a point, in the colour of its class."""
    means = np.random.default_rng(0).normal(size=(100, 2))
    labels = np.arange(100) % 10
    axes = figures.latent_scatter(means, labels, 'A title').axes[0]
    assert len(axes.collections) == 10
    for label, points in enumerate(axes.collections):
        np.testing.assert_array_equal(points.get_offsets(),
                                      means[labels == label])
    assert len({tuple(points.get_facecolor()[0])
                for points in axes.collections}) == 10
    plt.close('all')


def test_explore():
    """The digit decoded at the pointer is drawn there, and gone at rest."""
    rng = np.random.default_rng(0)
    figure = figures.latent_scatter(rng.normal(size=(100, 2)),
                                    np.arange(100) % 10, 'A title')
    decoder = __import__('3-variational').autoencoder(784, [8], 2)[1]
    decoded = []

    def decode(code):
        decoded.append(code)
        return decoder(code)

    canvas, axes = figure.canvas, figure.axes[0]
    canvas.draw()
    before = np.array(canvas.buffer_rgba())
    figures.explore(figure, decode)
    canvas.draw()
    np.testing.assert_array_equal(canvas.buffer_rgba(), before)     # at rest

    def move(*point):
        MouseEvent('motion_notify_event', canvas, *point)._process()

    point = axes.transData.transform((0.5, -0.25))
    move(*point)
    np.testing.assert_allclose(decoded, [[[0.5, -0.25]]], atol=0.02)
    digit = axes.images[0]
    np.testing.assert_array_equal(
        digit.get_array(), np.reshape(decoder(decoded[0]), (28, 28)))
    assert digit.get_extent()[::2] == pytest.approx((0.5, -0.25), abs=0.02)
    shown = np.array(canvas.buffer_rgba())
    changed = np.argwhere(np.any(shown != before, axis=2))
    row, column = len(shown) - point[1], point[0]       # its lower left corner
    assert np.abs(changed.max(axis=0)[0] - row) < 3
    assert np.abs(changed.min(axis=0)[1] - column) < 3
    move(1, 1)                                          # off the plane
    np.testing.assert_array_equal(canvas.buffer_rgba(), before)
    plt.close('all')


def test_replacing_is_whole_or_nothing(tmp_path):
    """A file that is not written to its end leaves the old one."""
    path = tmp_path / 'file'
    path.write_text('old')
    with pytest.raises(OSError):
        with replacing(str(path)) as new:
            with open(new, 'w') as stream:
                stream.write('half')
            raise OSError
    assert path.read_text() == 'old'
    with replacing(str(path)) as new:
        with open(new, 'w') as stream:
            stream.write('new')
    assert path.read_text() == 'new'
    assert [file.name for file in tmp_path.iterdir()] == ['file']
