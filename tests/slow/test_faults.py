"""What goes wrong ends in a line that names it; what was trained is kept."""
import os
import resource

import pytest

from lab import RunEnded, backup


def test_full_disk(tmp_path, capsys, monkeypatch):
    """What has no room is named; nothing is torn, the backup stays.

    After the first epoch no file may have more than 10 kB. Then with room:
    the same command makes all files.
    """
    def write(*arguments):
        before(*arguments)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10**4, limits[1]))

    before, limits = backup.Backup.write, resource.getrlimit(
        resource.RLIMIT_FSIZE)
    command = ['--epochs', '2', '--limit', '256', '--output', str(tmp_path)]
    try:
        monkeypatch.setattr(backup.Backup, 'write', write)
        with pytest.raises(RunEnded) as ended:
            __import__('0-main').main(command)
    finally:
        monkeypatch.undo()
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    path = tmp_path / '0-backup.npz'
    assert str(ended.value) == (
        f'{tmp_path}/0-encoder.keras is not saved: File too large; the backup '
        f'stays, {path}')
    assert os.listdir(tmp_path) == [path.name]
    assert capsys.readouterr().err == (
        f'{path}: File too large; training goes on without a backup\n')
    __import__('0-main').main(command)
    printed = capsys.readouterr().out
    assert 'going on after epoch 1 of 2' in printed
    assert printed.splitlines()[-1] == 'saved: ' + ' '.join(
        str(tmp_path / f'0-{name}') for name in (
            'auto.keras', 'decoder.keras', 'encoder.keras', 'history.csv',
            'loss.png', 'reconstructions.png', 'run.json'))
    assert len(os.listdir(tmp_path)) == 7
