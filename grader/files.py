"""The files of a student's folder, read with care.

A link would show what the student may not read, but the grader may; a pipe or
a device would be waited for; a file without end would fill the memory. So only
regular files are read, each up to BYTES, and of a folder no more than ALL.
"""
import codecs
import errno
import hashlib
import io
import os
import stat
import tarfile

from lab import TASKS

BYTES = 2**20       # of a file; solutions have some 3,000
ALL = 2**24         # of a folder
FILES = 1000
DEPTH = 12          # of a folder in DIR; Python's own walk is recursive
MODULES = [task + '.py' for task in TASKS]
PAGE = 'grade.txt'      # what the grader itself may write into a folder
COPIED_NOT = (PAGE, '__pycache__', 'venv', 'node_modules')


def printable(text):
    """Return a text as one line that a terminal and a page may show."""
    return ''.join(c if c.isprintable() else '\\x{:02x}'.format(
        ord(c) - 0xdc00 if '\udc80' <= c <= '\udcff' else ord(c))
        for c in text)


def _read(name, folder):
    """Return the mode and the bytes of a regular file of at most BYTES.

    Args:
        name: str, the file's name.
        folder: descriptor of its folder.

    Raises:
        OSError: if it is something else, larger, or cannot be read.
    """
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK,
                         dir_fd=folder)
    with open(descriptor, 'rb') as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(0, 'it is not a file')
        data = file.read(BYTES + 1)
    if len(data) > BYTES:
        raise OSError(0, f'it has more than {BYTES:,} bytes')
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise OSError(0, 'it is UTF-16, Python reads UTF-8: save it as that')
    return stat.S_IMODE(mode), data


def copy(folder):
    """Return a student's folder as a tar, and what became of its files.

    Args:
        folder: str. Folders in it are copied, too, unless they are hidden or
            hold solutions of their own.

    Returns:
        bytes, and {path: None, or why it is not in the tar}.
    """
    stream, found, size = io.BytesIO(), {}, 0
    with tarfile.open(fileobj=stream, mode='w', format=tarfile.PAX_FORMAT,
                      encoding='utf-8', errors='surrogateescape') as tar:
        for top, name, descriptor in _walk(folder):
            path = os.path.normpath(os.path.join(top, name))
            if size > ALL or len(found) == FILES:
                found[path] = 'the files before it are all that is read'
                break
            try:
                mode, data = _read(name, descriptor)
            except OSError as error:
                found[path] = ('it is a link' if error.errno == errno.ELOOP
                               else error.strerror)
                continue
            found[path], size = None, size + len(data)
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), mode & 0o555 | 0o444
            tar.addfile(entry, io.BytesIO(data))
    return stream.getvalue(), found


def _walk(folder):
    """Yield each file of a folder: its folder in it, name and descriptor.

    The modules come first, then what else is Python.
    """
    for top, folders, names, descriptor in os.fwalk(folder):
        inside = os.path.relpath(top, folder)
        if inside != '.' and set(MODULES) & set(names):
            folders[:] = names[:] = []      # another solution
        folders[:] = _to_walk(inside, folders, COPIED_NOT)
        names = set(names).difference(COPIED_NOT)
        for name in sorted(names, key=lambda name: (
                name not in MODULES, not name.endswith('.py'), name)):
            yield inside, name, descriptor


def _to_walk(inside, folders, but=()):
    """Return which of a folder's folders to walk into, in order."""
    return sorted(name for name in folders if not (
        name.startswith(('.', '__MACOSX')) or name in but or
        inside.count(os.sep) + 1 == DEPTH))


def find(top):
    """Return {name: path} of the folders of solutions in a folder, and
    {name: why} of those beside them that have none.
    """
    found, none = {}, {}

    def unreadable(error):
        none[os.path.relpath(error.filename, top)] = error.strerror

    for path, folders, names in os.walk(top, onerror=unreadable):
        inside = os.path.relpath(path, top)
        folders[:] = _to_walk(inside, folders)
        if set(MODULES) & set(names):
            found[inside] = path
    if '.' not in found:
        with os.scandir(top) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.startswith(('.', '__MACOSX')) or any(
                        (name + os.sep).startswith(entry.name + os.sep)
                        for name in [*found, *none]):
                    continue
                if entry.is_symlink() and entry.is_dir():
                    none[entry.name] = 'a link, which is not followed'
                elif entry.is_dir():
                    none[entry.name] = 'no ' + ', '.join(MODULES)
    return found, none


def replace(file, text):
    """Write a text, not into what a link that is there leads to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_text(text, encoding='utf-8')


def digest(*texts):
    """Return what tells whether a folder was graded, just as it is."""
    said = hashlib.sha256()
    for text in texts:
        said.update(text if isinstance(text, bytes) else
                    repr(text).encode('utf-8', 'backslashreplace'))
    return said.hexdigest()
