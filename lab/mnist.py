"""The digits: MNIST, bundled here, or images of the user's own."""
import os
import pathlib
import zipfile

import numpy as np

from lab import RunEnded, one_line

BUNDLED = pathlib.Path(__file__).with_name('mnist.npz')
IMAGES, LABELS = ('x_train', 'x_test'), ('y_train', 'y_test')


def load_data(path=BUNDLED, limit=None, labels=True):
    """Load the digits as `keras.datasets.mnist.load_data()` does, offline.

    Args:
        path: an npz file of x_train (n, 28, 28), y_train (n,), x_test
            (m, 28, 28) and y_test (m,); by default MNIST, bundled here. The
            images are uint8 (0 to 255) or floats in [0, 1], the labels ints.
        limit: int, how many of the training and of the test images to return,
            the first; None returns all.
        labels: bool, whether the labels are needed; if not, the file may be
            without them, and None is returned in their place.

    Returns:
        (x_train, y_train), (x_test, y_test): the arrays as they are in the
        file; for MNIST uint8, with n = 60000 and m = 10000.

    Raises:
        lab.RunEnded: if the file cannot be read or holds something else.
    """
    try:
        arrays = _read(path, IMAGES + LABELS if labels else IMAGES)
        for part in ('train', 'test'):
            _check_images('x_' + part, arrays['x_' + part])
            if labels:
                _check_labels('y_' + part, arrays['y_' + part],
                              len(arrays['x_' + part]))
    except ValueError as error:
        raise RunEnded(f'{path}: {error}', status=2) from None
    return tuple(
        (arrays['x_' + part][:limit], arrays['y_' + part][:limit]
         if labels else None) for part in ('train', 'test'))


def scale(images):
    """Return images as float32 in [0, 1]: uint8 is divided by 255."""
    return np.divide(images, 255 if images.dtype == np.uint8 else 1,
                     dtype=np.float32)


def native(array):
    """Return the array in this machine's order of bytes, as TensorFlow needs.
    """
    return array.astype(array.dtype.newbyteorder('='), copy=False)


def _read(path, names):
    """Return arrays of an npz file, by name, none of them unpickled."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError('not a file')      # a pipe would be waited for
        with open(path, 'rb') as file:
            if not zipfile.is_zipfile(file):
                raise ValueError('not an npz file, as numpy.savez writes')
            file.seek(0)
            with np.load(file, allow_pickle=False) as npz:
                missing = [name for name in names if name not in npz.files]
                if missing:
                    raise ValueError(f'no array {", ".join(missing)}, '
                                     f'expected {", ".join(names)}')
                return {name: native(npz[name]) for name in names}
    except Exception as error:
        # zipfile, zlib and NumPy's header parser raise nearly anything at a
        # damaged file, some of it long and over several lines.
        raise ValueError(f"cannot be read: {one_line(error)}") from None


def _check_images(name, x):
    """Raise ValueError unless x are images of 28 x 28 pixels."""
    if x.ndim != 3 or x.shape[1:] != (28, 28) or not len(x):
        raise ValueError(f'{name} has shape {x.shape}, expected (n, 28, 28), '
                         'n > 0')
    if x.dtype != np.uint8:
        if x.dtype.kind != 'f' or x.dtype.itemsize > 8:
            raise ValueError(f'{name} is {x.dtype}, expected uint8 or floats '
                             'of at most 64 bits in [0, 1]')
        if not (x.min() >= 0 and x.max() <= 1):     # false for NaN too
            raise ValueError(f'{name} holds values from {x.min()} to '
                             f'{x.max()}, expected floats in [0, 1] or uint8')


def _check_labels(name, y, n):
    """Raise ValueError unless y are labels of n images."""
    if y.shape != (n,) or y.dtype.kind not in 'iu':
        raise ValueError(f'{name} is {y.dtype} of shape {y.shape}, expected '
                         f'ints of shape {(n,)}')
