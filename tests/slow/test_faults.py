"""What goes wrong costs that one thing, and a line that names it."""
import os
import resource
import shutil

import pytest
from lab import RunEnded, backup, results

MODELS = ['0-auto.keras', '0-decoder.keras', '0-encoder.keras']
TEXTS = ['0-history.csv', '0-run.json']
PICTURES = ['0-loss.png', '0-reconstructions.png']
BACKUP = ['0-backup.npz']


@pytest.fixture
def fill_the_disk():
    """Return a function after which no file may have more bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(
        resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def after(monkeypatch):
    """Return a function that lets something happen after each call."""
    def change(owner, name, happens, *arguments):
        def changed(*args, **kwargs):
            function(*args, **kwargs)
            happens(*arguments)

        function = getattr(owner, name)
        monkeypatch.setattr(owner, name, changed)
    return change


def run(output):
    """Run task 0's main."""
    __import__('0-main').main(['--epochs', '2', '--limit', '256', '--output',
                               str(output)])


@pytest.mark.parametrize('where, size, left, said', [
    ((backup.Backup, 'write'), 10**5, BACKUP + TEXTS + PICTURES,
     'encoder.keras: File too large, decoder.keras: File too large, '
     'auto.keras: File too large; the backup stays'),
    ((results.Run, 'save'), 10**4, BACKUP + MODELS + TEXTS,
     'reconstructions.png: File too large, loss.png: File too large; the '
     'backup stays')])
def test_full_disk(tmp_path, capsys, after, fill_the_disk, where, size, left,
                   said):
    """In training, or once the models are saved: the rest is there."""
    after(*where, fill_the_disk, size)
    with pytest.raises(RunEnded, match=f'not saved in {tmp_path}: {said}'):
        run(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(left)
    printed, warned = capsys.readouterr()
    assert ('File too large; training goes on without a backup' in warned) == (
        where[1] == 'write')
    for name in left:
        assert (name in printed.splitlines()[-1]) == (name not in BACKUP)


def test_output_removed_in_training(tmp_path, after):
    """It is made again."""
    output = tmp_path / 'output'
    after(backup.Backup, 'write', shutil.rmtree, output)
    run(output)
    assert sorted(os.listdir(output)) == sorted(MODELS + TEXTS + PICTURES)
