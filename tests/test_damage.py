"""Damaged digits: every file is loaded right or refused, in one line."""
import io
import pickle
import struct
import time
import zipfile

import numpy as np
import pytest

from lab import RunEnded, mnist


def digits():
    """Return the four arrays of a small file."""
    rng = np.random.default_rng(0)
    return {'x_train': rng.integers(0, 256, (12, 28, 28), np.uint8),
            'y_train': np.arange(12, dtype=np.uint8),
            'x_test': rng.integers(0, 256, (3, 28, 28), np.uint8),
            'y_test': np.arange(3, dtype=np.uint8)}


def packed(save=np.savez):
    """Return a sound file, as bytes."""
    file = io.BytesIO()
    save(file, **digits())
    return file.getvalue()


def flipped(rng, data):
    """Flip one to eight bits, half the time in the directory at the end."""
    damaged = bytearray(data)
    start = len(data) - 400 if rng.integers(2) else 0
    for _ in range(rng.integers(1, 9)):
        damaged[rng.integers(start, len(data))] ^= 1 << rng.integers(8)
    return bytes(damaged)


def truncated(rng, data):
    """Cut the file short, or out of its middle."""
    start, end = sorted(rng.integers(0, len(data), 2))
    return data[:start] + (data[end:] if rng.integers(2) else b'')


def misheaded(rng, _):
    """Write one array with another header over its bytes, all sums right."""
    shape = rng.choice(['(12, 28, 28)', '(10**15, 28, 28)', '(-1, 28, 28)',
                        '(99999999, 28, 28)', '(12, 28)', '12', 'None', '()',
                        '(12, 28, 28', '(13, 28, 28)', '(12, 28, 28.5)'])
    dtype = rng.choice(["'|u1'", "'|O'", "'<f8'", "'<f2'", "'<U9'", "'|V3'",
                        "[('a', 'O')]", "'no'", "'<M8[s]'", "'<c16'", '1'])
    order = rng.choice(['False', 'True', "'x'"])
    header = "{{'descr': {}, 'fortran_order': {}, 'shape': {}, }}\n".format(
        dtype, order, shape).encode()
    version = bytes(rng.choice([1, 2, 3, 9], 1).astype(np.uint8)) + b'\0'
    size = struct.pack('<H' if version[0] == 1 else '<I', len(header))
    file = io.BytesIO()
    arrays = digits()
    with zipfile.ZipFile(file, 'w') as zipped:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array)
            data = member.getvalue()
            if name == 'x_train':
                data = (b'\x93NUMPY' + version + size + header +
                        array.tobytes())
            zipped.writestr(f"{name}.npy", data)
    return file.getvalue()


class Bomb:
    """Says so when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ('unpickled',))


def pickled(rng, _):
    """Put a pickle in an array's place, or in the whole file's."""
    bomb = pickle.dumps(Bomb())
    if rng.integers(2):
        return bomb
    file = io.BytesIO()
    arrays = dict(digits(), x_train=np.array([Bomb()], dtype=object))
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


@pytest.mark.parametrize('damage, times', [
    (flipped, 12), (truncated, 8), (misheaded, 8), (pickled, 2)])
@pytest.mark.parametrize('save', [np.savez, np.savez_compressed])
def test_damaged_files(tmp_path, damage, times, save):
    """None hangs, none is unpickled, none is loaded wrong."""
    rng = np.random.default_rng(7)
    sound, good = packed(save), digits()
    path = tmp_path / 'digits.npz'
    loaded = refused = 0
    for _ in range(times):
        path.write_bytes(damage(rng, sound))
        start = time.monotonic()
        try:
            train, test = mnist.load_data(path)
        except RunEnded as error:
            message = str(error)
            assert message.startswith(f"{path!s}: ")
            assert '\n' not in message and len(message) < 400
            refused += 1
        else:
            if damage is not misheaded:
                for array, name in zip(train + test, good):
                    np.testing.assert_array_equal(array, good[name])
            loaded += 1
        assert time.monotonic() - start < 10
    assert refused > 0 and refused + loaded == times
