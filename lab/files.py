"""Whole files or none, and one writer of them."""
import contextlib
import os

try:
    import fcntl
except ImportError:             # Windows: there two runs are not told apart
    fcntl = None


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


class Lock:
    """A file that one process at a time holds; it ends with the process.

    Args:
        path: str.

    Raises:
        BlockingIOError: if another process holds it.
    """

    def __init__(self, path):
        self.path = path
        self.file = open(path, 'a')
        try:
            # In a notebook a run that was interrupted may still be in memory:
            # this kind of lock is the process's, not the open file's.
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.close()
            raise
        except (AttributeError, OSError):   # no locks on this system or disk
            pass

    def release(self):
        """Remove the file."""
        with contextlib.suppress(OSError):
            os.remove(self.path)
        self.file.close()
