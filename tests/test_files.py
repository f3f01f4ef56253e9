"""Files are whole or not there."""
import errno
import os
import pathlib

import pytest

from lab import backup
from lab.backup import replacing


def test_replacing_is_whole_or_nothing(tmp_path):
    """A file that is not written to its end leaves the old one."""
    path = tmp_path / 'file'
    path.write_text('old')
    with pytest.raises(OSError):
        with replacing(str(path)) as new:
            with open(new, 'w') as stream:
                stream.write('half')
            raise OSError
    assert path.read_text() == 'old'
    with replacing(str(path)) as new:
        with open(new, 'w') as stream:
            stream.write('new')
    assert path.read_text() == 'new'
    assert [file.name for file in tmp_path.iterdir()] == ['file']


@pytest.mark.parametrize('code', [errno.EINVAL, errno.EACCES])
def test_folder_that_is_not_synced(tmp_path, monkeypatch, code):
    """On some disks, and on Windows, a folder is not: that is no error."""
    def open_no_folder(path, *arguments):
        if os.path.isdir(path):
            raise OSError(code, os.strerror(code))
        return opened(path, *arguments)

    opened = os.open
    monkeypatch.setattr(os, 'open', open_no_folder)
    target = tmp_path / 'file'
    with backup.replacing(str(target)) as path:
        pathlib.Path(path).write_text('all')
    assert target.read_text() == 'all' and os.listdir(tmp_path) == ['file']
