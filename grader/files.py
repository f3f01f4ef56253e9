"""The files of a student's folder, read with care.

A link would show what the student may not read, but the grader may; a pipe or
a device would be waited for; a file without end would fill the memory. So only
regular files are read, each up to BYTES, and of a folder some more than ALL.
"""
import codecs
import hashlib
import os
import pathlib
import stat

from lab import TASKS

BYTES = 2**20       # of a file; solutions have some 3,000
ALL = 2**24         # of a folder
DEPTH = 12          # of a folder in DIR; Python's own walk is recursive
MODULES = [task + '.py' for task in TASKS]
NONE = f'no {", ".join(MODULES)} that can be read; links are not followed'
PAGE = 'grade.txt'      # what the grader itself may write into a folder
UTF16 = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE


def _read(path):
    """Return the mode and the bytes of a file; a str is why not."""
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode) or status.st_size > BYTES:
        return f'it is no regular file of at most {BYTES:,} bytes'
    data = pathlib.Path(path).read_bytes()
    if data.startswith(UTF16):
        return 'it is UTF-16, Python reads UTF-8: save it as that'
    return status.st_mode & 0o555 | 0o444, data


def read(folder):
    """Return {path: (mode, bytes)} of a student's files; a str is why not.

    Those in folders of it are read, too. The modules come first.

    Raises:
        OSError: if the folder is gone.
    """
    os.stat(folder)             # where it is gone, there is nothing to walk
    found, size = {}, 0
    for top, folders, names in os.walk(folder):
        folders[:] = _to_walk(os.path.relpath(top, folder), folders)
        for name in sorted({*names} - {PAGE}, key=lambda name: (
                name not in MODULES, name)):
            if size < ALL:
                path = os.path.join(top, name)
                try:
                    file = _read(path)
                except OSError as error:
                    file = error.strerror
                found[os.path.relpath(path, folder)] = file
                size += len(file[1])
    return found


def write(found, folder):
    """Write the files that were read into a folder that is not there."""
    os.mkdir(folder)
    for path, file in found.items():
        if not isinstance(file, str):
            mode, data = file
            copy = pathlib.Path(folder, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
            copy.chmod(mode)


def _to_walk(inside, folders):
    """Return which of a folder's folders to walk into, in order."""
    return sorted(name for name in folders if
                  not name.startswith(('.', '__')) and
                  inside.count(os.sep) + 1 < DEPTH)


def find(top):
    """Return {name: path} of the folders of solutions in a folder, and the
    names of those beside them that have none.
    """
    found = {}
    for path, folders, names in os.walk(top):
        inside = os.path.relpath(path, top)
        folders[:] = _to_walk(inside, folders)
        if set(MODULES) & set(names):
            found[inside] = path
    known = {name.split(os.sep)[0] for name in found}
    beside = [entry.name for entry in os.scandir(top) if entry.is_dir()]
    return found, [] if '.' in known else sorted(
        {*_to_walk('.', beside)} - known)


def replace(file, text):
    """Write a text, not into what a link that is there leads to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_text(text, encoding='utf-8')


def digest(*said):
    """Return what tells whether a task was graded, just as it is."""
    return hashlib.sha256(ascii(said).encode()).hexdigest()
