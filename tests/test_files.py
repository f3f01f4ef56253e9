"""Files are whole or not there."""
import pytest

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
