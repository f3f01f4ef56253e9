"""Whole files or none."""
import contextlib
import os


@contextlib.contextmanager
def replacing(target):
    """Yield a path to write to; the file written then takes target's place.

    Whenever the process or the machine stops, target is the whole old file or
    the whole new one: the data is on the disk before it gets the name.

    Args:
        target: str, the file's path; its folder is made if need be.
    """
    folder, name = os.path.split(os.path.abspath(target))
    temporary = os.path.join(folder, f"unfinished-{name}")
    try:
        os.makedirs(folder, exist_ok=True)
        yield temporary
        _sync(temporary)
        os.replace(temporary, target)
        _sync(folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise


def _sync(path):
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
