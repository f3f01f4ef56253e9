"""The digits: MNIST, bundled here, or images of the user's own."""
import pathlib

from lab import RunEnded, not_installed, one_line

try:
    import numpy as np
except ModuleNotFoundError as error:
    raise SystemExit(not_installed(error)) from None

BUNDLED = pathlib.Path(__file__).with_name('mnist.npz')
IMAGES, LABELS = ('x_train', 'x_test'), ('y_train', 'y_test')


def load_data(path=BUNDLED, limit=None, labels=True):
    """Load the digits as `keras.datasets.mnist.load_data()` does, offline.

    Args:
        path: an npz file of x_train (n, 28, 28), y_train (n,), x_test
            (m, 28, 28) and y_test (m,); by default MNIST, bundled here. The
            images are uint8 (0 to 255), floats in [0, 1] or bools, flat or
            not, the labels ints.
        limit: int, how many of the training and of the test images to return,
            the first; None returns all.
        labels: bool, whether the labels are needed; if not, the file may be
            without them, and None is returned in their place.

    Returns:
        (x_train, y_train), (x_test, y_test): the arrays of the file, images
        (n, 28, 28), labels (n,); for MNIST uint8, n = 60000 and m = 10000.

    Raises:
        lab.RunEnded: if the file cannot be read or holds something else.
    """
    try:
        arrays = _read(path, IMAGES + LABELS if labels else IMAGES)
        for x, y in zip(IMAGES, LABELS):
            arrays[x] = images_of(x, _squares(x, arrays[x]))
            if labels:
                arrays[y] = _labels(y, arrays[y], len(arrays[x]))
    except ValueError as error:
        raise RunEnded(f'{path}: {error}', status=2) from None
    return tuple((arrays[x][:limit], arrays[y][:limit] if labels else None)
                 for x, y in zip(IMAGES, LABELS))


def images_of(name, x, noisy=False):
    """Return images as an array of uint8, or of floats in [0, 1].

    Args:
        name: str, what an error calls them, such as 'x_train'.
        x: array, tensor or list, (n, ...); bools become floats.
        noisy: bool, whether floats may be of any size.

    Raises:
        ValueError: if they are none, or something else.
    """
    x = np.asarray(x)
    x = x.astype(np.float32) if x.dtype == bool else x
    if not x.size:
        raise ValueError(f'{name} has shape {x.shape}, expected (n, ...), '
                         'n > 0')
    if x.dtype == np.uint8:
        if x.max() == 1:
            raise ValueError(f'{name} is uint8 of 0 and 1, expected 0 to 255, '
                             'floats or bools')
    elif x.dtype.kind != 'f' or x.dtype.itemsize > 8:
        raise ValueError(f'{name} is {x.dtype}, expected uint8 or floats of '
                         'at most 64 bits in [0, 1]')
    elif not noisy and not (x.min() >= 0 and x.max() <= 1):     # NaN is none
        raise ValueError(f'{name} holds values from {x.min()} to {x.max()}, '
                         'expected floats in [0, 1] or uint8')
    return x


def scale(images):
    """Return images as float32 in [0, 1]: uint8 is divided by 255."""
    return np.divide(images, 255 if images.dtype == np.uint8 else 1,
                     dtype=np.float32)


def images_and_targets(part, x, y):
    """Return the images of a training, or the images and their targets.

    Args:
        part: str, 'train' or 'test'.
        x: images, uint8 or floats in [0, 1], (n, ...); with targets, floats
            may be others, as noise makes them.
        y: targets, uint8 or floats in [0, 1], of the same shape; or None.

    Returns:
        tuple of arrays, (x,) or (x, y).

    Raises:
        ValueError: that names the images or targets that are none.
    """
    x = images_of('x_' + part, x, noisy=y is not None)
    if y is None:
        return x,
    y = images_of('y_' + part, y)
    if y.shape != x.shape:
        raise ValueError(f'y_{part} must have the shape of x_{part}, '
                         f'{x.shape}, received: {y.shape}')
    return x, y


def _read(path, names):
    """Return the arrays of a file, by name, none unpickled."""
    try:
        with np.load(path, allow_pickle=False) as npz:
            return {name: npz[name] for name in names}
    except Exception as error:
        # zipfile, zlib and NumPy's header parser raise nearly anything at a
        # damaged file, some of it long and over several lines.
        raise ValueError(
            f'cannot be read as an npz file of {", ".join(names)}, which '
            f'docs/running.md makes: {one_line(error)}') from None


def _squares(name, x):
    """Return images as (n, 28, 28), of which flat ones have 784 pixels."""
    if x.shape[1:] not in ((28, 28), (28, 28, 1), (784,)) or not len(x):
        raise ValueError(f'{name} has shape {x.shape}, expected (n, 28, 28), '
                         'n > 0')
    return x.reshape((-1, 28, 28))


def _labels(name, y, n):
    """Return labels of n images as ints, (n,)."""
    if y.shape not in ((n,), (n, 1)) or y.dtype.kind not in 'iu':
        raise ValueError(f'{name} is {y.dtype} of shape {y.shape}, expected '
                         f'ints of shape {(n,)}')
    return y.reshape(-1)
