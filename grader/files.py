"""The files of a student's folder, read with care.

A link would show what the student may not read, but the grader may; a pipe or
a device would be waited for; a file without end would fill the memory. So only
regular files are read, each up to BYTES, and of a folder no more than ALL.
"""
import codecs
import errno
import hashlib
import os
import stat

from lab import TASKS

BYTES = 2**20       # of a file; solutions have some 3,000
ALL = 2**24         # of a folder
FILES = 1000
DEPTH = 12          # of a folder in DIR; Python's own walk is recursive
MODULES = [task + '.py' for task in TASKS]
PAGE = 'grade.txt'      # what the grader itself may write into a folder
NOT_READ = (PAGE, '__pycache__', 'venv', 'node_modules')


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
    return mode & 0o555 | 0o444, data


def read(folder):
    """Return {path: (mode, bytes)} of a student's files; a str is why not.

    Those in folders of it are read, too, unless they are hidden or hold
    solutions of their own. The modules come first, then what else is Python.
    """
    found, size = {}, 0
    for top, folders, names, descriptor in os.fwalk(folder):
        inside = os.path.relpath(top, folder)
        if inside != '.' and set(MODULES) & set(names):
            folders[:] = names[:] = []      # another solution
        folders[:] = _to_walk(inside, folders, NOT_READ)
        for name in sorted(set(names).difference(NOT_READ), key=lambda name: (
                name not in MODULES, not name.endswith('.py'), name)):
            path = os.path.normpath(os.path.join(inside, name))
            if size > ALL or len(found) == FILES:
                found[path] = 'the files before it are all that is read'
                return found
            try:
                found[path] = _read(name, descriptor)
                size += len(found[path][1])
            except OSError as error:
                found[path] = ('it is a link' if error.errno == errno.ELOOP
                               else error.strerror)
    return found


def write(found, folder):
    """Write the files that were read into a folder that is not there."""
    os.mkdir(folder)
    for path, file in found.items():
        if not isinstance(file, str):
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as stream:
                stream.write(file[1])
            os.chmod(path, file[0])


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
    beside = {} if '.' in found else {
        entry.name: 'a link, which is not followed' if entry.is_symlink() else
        'no ' + ', '.join(MODULES) for entry in os.scandir(top)
        if entry.is_dir() and not entry.name.startswith(('.', '__MACOSX'))}
    known = {name.split(os.sep)[0] for name in [*found, *none]}
    return found, {**none, **{name: beside[name]
                              for name in sorted({*beside} - known)}}


def replace(file, text):
    """Write a text, not into what a link that is there leads to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_text(text, encoding='utf-8')


def digest(*texts):
    """Return what tells whether a folder was graded, just as it is."""
    said = hashlib.sha256()
    for text in texts:
        said.update(repr(text).encode('utf-8', 'backslashreplace'))
    return said.hexdigest()
