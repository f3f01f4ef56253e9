"""What goes wrong ends in a line that names it; what was trained is kept."""
import os
import resource

import pytest

from lab import RunEnded, backup


@pytest.mark.parametrize('epochs, lost', [
    ('1', 'encoder.keras'), ('2', 'backup.npz')])
def test_full_disk(tmp_path, capsys, monkeypatch, epochs, lost):
    """What has no room is named; nothing is torn, the backup stays.

    After the first epoch no file may have more than 10 kB. Then with room:
    the same command makes all files.
    """
    def write(*arguments):
        before(*arguments)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10**4, limits[1]))

    before, limits = backup.Backup.write, resource.getrlimit(
        resource.RLIMIT_FSIZE)
    command = ['--epochs', epochs, '--limit', '256', '--output', str(tmp_path)]
    try:
        monkeypatch.setattr(backup.Backup, 'write', write)
        with pytest.raises(RunEnded) as ended:
            __import__('0-main').main(command)
    finally:
        monkeypatch.undo()
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(ended.value) == (f'{tmp_path}/0-{lost} is not saved: OSError: '
                                '[Errno 27] File too large')
    assert os.listdir(tmp_path) == ['0-backup.npz']
    capsys.readouterr()
    __import__('0-main').main(command)
    assert f'going on after epoch 1 of {epochs}' in capsys.readouterr().out
    assert '0-auto.keras' in os.listdir(tmp_path)
    assert '0-backup.npz' not in os.listdir(tmp_path)
