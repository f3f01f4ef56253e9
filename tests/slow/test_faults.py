"""What goes wrong costs that one thing, and a line that names it."""
import os
import resource

import pytest

from lab import RunEnded, backup


@pytest.fixture
def full_disk(monkeypatch):
    """After the first epoch no file may have more than 10 kB."""
    def write(*arguments):
        before(*arguments)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10**4, limits[1]))

    before, limits = backup.Backup.write, resource.getrlimit(
        resource.RLIMIT_FSIZE)
    monkeypatch.setattr(backup.Backup, 'write', write)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_full_disk(tmp_path, capsys, full_disk):
    """What has no room is named; the rest is there, the backup stays."""
    with pytest.raises(RunEnded) as ended:
        __import__('0-main').main(['--epochs', '2', '--limit', '256',
                                   '--output', str(tmp_path)])
    path = tmp_path / '0-backup.npz'
    assert str(ended.value) == (
        f'not saved in {tmp_path}: encoder.keras: File too large, '
        'decoder.keras: File too large, auto.keras: File too large, '
        'reconstructions.png: File too large, loss.png: File too large; '
        f'the backup stays, {path}')
    texts = ['0-history.csv', '0-run.json']
    assert sorted(os.listdir(tmp_path)) == [path.name, *texts]
    printed, warned = capsys.readouterr()
    assert printed.splitlines()[-1] == 'saved: ' + ' '.join(
        str(tmp_path / name) for name in texts)
    assert warned == (f'{path}: File too large; training goes on without a '
                      'backup\n')
