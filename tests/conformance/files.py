"""The files of a student's folder, read with care.

A link would show what the student may not read, but the grader may; a pipe or
a device would be waited for; a file without end would fill the memory.
"""
import os
import pathlib
import stat

BYTES = 2**20       # of a file; solutions have some 3,000


def is_regular(path):
    """Return whether a path is a file itself, not a link, pipe or device."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def read(path):
    """Return the bytes of a regular file of at most BYTES.

    Raises:
        OSError: if it is something else, larger, or cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, 'rb') as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError('{} is not a file'.format(path))
        data = file.read(BYTES + 1)
    if len(data) > BYTES:
        raise OSError('{} has more than {} bytes'.format(path, BYTES))
    return data


def sources(folder):
    """Return {name: bytes} of the Python files of a folder that can be read.
    """
    found = {}
    for path in sorted(pathlib.Path(folder).glob('*.py')):
        try:
            found[path.name] = read(path)
        except OSError:
            pass
    return found
