"""The digits: MNIST, bundled here, or images of the user's own."""
import pathlib

import numpy as np

from lab import RunEnded, one_line

BUNDLED = pathlib.Path(__file__).with_name('mnist.npz')
NAMES = 'x_train', 'y_train', 'x_test', 'y_test'


def load_data(path=BUNDLED, limit=None):
    """Load the digits as `keras.datasets.mnist.load_data()` does, offline.

    Args:
        path: an npz file of x_train (n, 28, 28), y_train (n,), x_test
            (m, 28, 28) and y_test (m,); by default MNIST, bundled here. The
            images are uint8 (0 to 255), floats in [0, 1] or bools, flat or
            not, the labels ints.
        limit: int, how many of the training and of the test images to return,
            the first; None returns all.

    Returns:
        (x_train, y_train), (x_test, y_test): the arrays of the file, images
        (n, 28, 28), labels (n,); for MNIST uint8, n = 60000 and m = 10000.

    Raises:
        lab.RunEnded: if the file cannot be read or holds something else.
    """
    try:
        x_train, y_train, x_test, y_test = _read(path)
        return (_digits('train', x_train, y_train, limit),
                _digits('test', x_test, y_test, limit))
    except ValueError as error:
        raise RunEnded(f'{path}: {error}', status=2) from None


def images_of(name, x):
    """Return images as an array of uint8, or of floats in [0, 1].

    Args:
        name: str, what an error calls them, such as 'x_train'.
        x: array, tensor or list, (n, ...); bools become floats.

    Raises:
        ValueError: if they are none, or something else.
    """
    x = np.asarray(x)
    x = x.astype(np.float32) if x.dtype == bool else x
    if not x.size:
        raise ValueError(f'{name} has shape {x.shape}, expected (n, ...), '
                         'n > 0')
    if x.dtype.name not in ('uint8', 'float16', 'float32', 'float64'):
        raise ValueError(f'{name} is {x.dtype}, expected uint8 or floats of '
                         'at most 64 bits in [0, 1]')
    # Not x.min() < 0 or x.max() > 1: NaN is neither.
    if x.dtype != np.uint8 and not (x.min() >= 0 and x.max() <= 1):
        raise ValueError(f'{name} holds values from {x.min()} to {x.max()}, '
                         'expected floats in [0, 1] or uint8')
    return x


def scale(images):
    """Return images as float32 in [0, 1]: uint8 is divided by 255."""
    return np.divide(images, 255 if images.dtype == np.uint8 else 1,
                     dtype=np.float32)


def inputs_and_targets(name, x, y):
    """Return (x, y) as arrays; if they are the same, only (x,).

    Args:
        name: str, what an error calls them, such as 'validation_data'.
        x: array, tensor or list, (n, ...), the inputs; floats may be of any
            size, as noise makes them.
        y: uint8 or floats in [0, 1], of the same shape, the targets.

    Raises:
        ValueError: if one of them is no images, or their shapes differ.
    """
    targets = images_of(f'y of {name}', y)
    if x is y:
        return (targets,)
    x = np.asarray(x)
    if x.dtype.kind != 'f':
        x = images_of(f'x of {name}', x)
    if x.shape != targets.shape:
        raise ValueError(f'y of {name} has shape {targets.shape}, expected '
                         f'that of x, {x.shape}')
    return x, targets


def _read(path):
    """Return the four arrays of a file, none unpickled."""
    try:
        with np.load(path, allow_pickle=False) as npz:
            return [npz[name] for name in NAMES]
    except Exception as error:
        # zipfile, zlib and NumPy's header parser raise nearly anything at a
        # damaged file, some of it long and over several lines.
        raise ValueError(
            f'cannot be read as an npz file of {", ".join(NAMES)}, which '
            f'docs/running.md makes: {one_line(error)}') from None


def _digits(part, x, y, limit):
    """Return images as (n, 28, 28) and labels as (n,)."""
    if x.shape[1:] not in ((28, 28), (28, 28, 1), (784,)) or not len(x):
        raise ValueError(f'x_{part} has shape {x.shape}, expected '
                         '(n, 28, 28), n > 0')
    if y.shape not in (x.shape[:1], (len(x), 1)) or y.dtype.kind not in 'iu':
        raise ValueError(f'y_{part} is {y.dtype} of shape {y.shape}, expected '
                         f'ints of shape {x.shape[:1]}')
    images = images_of(f'x_{part}', x.reshape((-1, 28, 28)))
    return images[:limit], y.reshape(-1)[:limit]
