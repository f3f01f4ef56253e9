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
    temporary = os.path.join(folder, f'unfinished-{os.getpid()}-{name}')
    try:
        os.makedirs(folder, exist_ok=True)
        yield temporary
        with open(temporary, 'r+b') as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise
    with contextlib.suppress(OSError):      # not every system syncs a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
