"""The digits: MNIST, or a file of the user's, loaded right or refused."""
import gzip
import hashlib
import re

import numpy as np
import pytest

from lab import RunEnded, mnist
from launch import ROOT


def write_npz(path, **changes):
    """Write 20 small digits in Keras's format, with some arrays changed."""
    rng = np.random.default_rng(0)
    arrays = {'x_train': rng.integers(0, 256, (20, 28, 28), np.uint8),
              'y_train': np.arange(20) % 10,
              'x_test': rng.integers(0, 256, (20, 28, 28), np.uint8),
              'y_test': np.arange(20) % 10, **changes}
    np.savez(path, **{name: array for name, array in arrays.items()
                      if array is not None})
    return arrays


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


@pytest.mark.parametrize('dtype', [np.uint8, np.float64, bool])
def test_images_of_the_users_own(tmp_path, dtype):
    """uint8 is scaled by 255, floats in [0, 1] stay, True is ink."""
    x = np.random.default_rng(1).random((20, 28, 28)).round(1)
    x = (255 * x if dtype == np.uint8 else x).astype(dtype)
    write_npz(tmp_path / 'a.npz', x_test=x)
    _, (x_test, _) = mnist.load_data(tmp_path / 'a.npz')
    scaled = mnist.scale(x_test)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(
        scaled, x / 255 if dtype == np.uint8 else x, rtol=1e-6)


def refusal(path):
    """Return the line with which a file is refused."""
    with pytest.raises(RunEnded) as stop:
        mnist.load_data(path)
    error = str(stop.value)
    assert stop.value.status == 2 and '\n' not in error
    assert error.startswith(f'{path}: ')
    return error


@pytest.mark.parametrize('change', [
    lambda x, y: (x.reshape((-1, 784)), y), lambda x, y: (x[..., None], y),
    lambda x, y: (x, y[:, None]), lambda x, y: (x, np.uint8(y))])
def test_shapes_that_people_have(tmp_path, change):
    """Flat images, images with a channel, labels in a column."""
    arrays = write_npz(tmp_path / 'as_keras.npz')
    x, y = change(arrays['x_train'], arrays['y_train'])
    write_npz(tmp_path / 'changed.npz', x_train=x, y_train=y)
    (x, y), _ = mnist.load_data(tmp_path / 'changed.npz')
    np.testing.assert_array_equal(x, arrays['x_train'])
    np.testing.assert_array_equal(y, arrays['y_train'])


def test_of_idx_files(tmp_path, monkeypatch):
    """The lines of docs/running.md make an npz file of the published four."""
    text = (ROOT / 'docs' / 'running.md').read_text(encoding='utf-8')
    lines, = re.findall(r'```python\n(import gzip.*?)```', text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    wanted = mnist.load_data(limit=20)
    for part, (x, y) in zip(('train', 't10k'), wanted):
        for name, array, sizes in (
                ('images-idx3', x, (2051, 20, 28, 28)),
                ('labels-idx1', np.uint8(y), (2049, 20))):
            with gzip.open(f'{part}-{name}-ubyte.gz', 'wb') as file:
                file.write(np.array(sizes, '>i4').tobytes() + array.tobytes())
    exec(lines, {})
    for part, whole in zip(mnist.load_data('digits.npz'), wanted):
        for array, same in zip(part, whole):
            np.testing.assert_array_equal(array, same)


def test_limit():
    """A limit takes the first images and their labels."""
    for part, whole in zip(mnist.load_data(limit=7), mnist.load_data()):
        for array, all_of_it in zip(part, whole):
            np.testing.assert_array_equal(array, all_of_it[:7])


@pytest.mark.parametrize('changes, expected', [
    ({'y_train': None}, 'y_train is not a file in the archive'),
    ({'x_train': np.array([None])}, 'Object arrays cannot be loaded'),
    ({'x_test': np.zeros((5, 32, 32), np.uint8)}, 'x_test has shape (5, 32'),
    ({'x_train': np.zeros((0, 28, 28), np.uint8)}, 'x_train has shape (0,'),
    ({'x_train': np.zeros((20, 28, 28), np.int64)}, 'x_train is int64'),
    ({'x_train': np.full((20, 28, 28), np.nan)}, 'values from nan'),
    ({'x_test': np.full((20, 28, 28), 255.0)}, 'values from 255.0 to 255.0'),
    ({'x_test': np.full((20, 28, 28), -0.5)}, 'values from -0.5 to -0.5'),
    ({'y_train': np.arange(19)}, 'y_train is int64 of shape (19,)'),
    ({'y_test': np.arange(20)[None]}, 'y_test is int64 of shape (1, 20)'),
    ({'y_train': np.arange(20) / 2}, 'y_train is float64')])
def test_bad_arrays(tmp_path, changes, expected):
    """One line names the file, the array and what was expected."""
    path = tmp_path / 'bad.npz'
    write_npz(path, **changes)
    error = refusal(path)
    assert expected in error and (
        'expected' in error or 'which docs/running.md makes' in error)


@pytest.mark.parametrize('damage, expected', [
    (lambda data: b'', 'docs/running.md makes: EOFError: '),
    (lambda data: data[:20000], 'docs/running.md makes: BadZipFile: '),
    (lambda data: data[:9000] + b'damaged' + data[9007:], 'Bad CRC-32')])
def test_damaged_files(tmp_path, damage, expected):
    """They are refused in a line."""
    path = tmp_path / 'bad.npz'
    write_npz(path)
    path.write_bytes(damage(path.read_bytes()))
    assert expected in refusal(path)


def test_no_file(tmp_path):
    """A path that leads nowhere, or to a folder, is refused by name."""
    assert 'No such file' in refusal(tmp_path / 'nowhere.npz')
    refusal(tmp_path)
