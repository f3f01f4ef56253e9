"""Files are whole or not there; what a backup keeps and goes on from."""
import pathlib

import numpy as np
import pytest

from lab.backup import replacing
from small import build_vanilla, digits, fit


def test_replacing_is_whole_or_nothing(tmp_path):
    """A file that is not written to its end leaves the old one."""
    path = tmp_path / 'folder' / 'file'
    with replacing(path) as new:
        pathlib.Path(new).write_text('old')
    with pytest.raises(KeyboardInterrupt), replacing(path) as new:
        pathlib.Path(new).write_text('half')
        raise KeyboardInterrupt
    assert path.read_text() == 'old'
    assert list(path.parent.iterdir()) == [path]


def train(folder, nodes=16, n=256, settings=None, rate=0.001, **options):
    """Train with a backup in a folder; return the history."""
    auto = build_vanilla(nodes)
    auto.optimizer.learning_rate.assign(rate)
    return fit(
        auto, *digits(n),
        **{'epochs': 2, 'batch_size': 64, **options},
        backup=folder / '0-backup.npz', settings=settings or {'seed': 0})


@pytest.fixture(scope='module')
def two_epochs(tmp_path_factory):
    """Return the backup after two epochs."""
    folder = tmp_path_factory.mktemp('trained')
    train(folder)
    return (folder / '0-backup.npz').read_bytes()


def test_going_on_is_going_through(tmp_path, capsys, two_epochs):
    """An interrupted training has the losses of one that was not."""
    (tmp_path / '0-backup.npz').write_bytes(two_epochs)
    resumed, whole = (train(folder, epochs=5) for folder in
                      (tmp_path, tmp_path / 'whole'))
    assert 'going on after epoch 2 of 5' in capsys.readouterr().out
    for name in ('loss', 'val_loss'):
        np.testing.assert_allclose(resumed[name], whole[name], rtol=1e-6)


@pytest.mark.parametrize('change, named', [
    ({'settings': {'seed': 1}}, 'seed'), ({'batch_size': 32}, 'batch size'),
    ({'shuffle': False}, 'shuffle'), ({'epochs': 1}, 'more epochs'),
    ({'n': 255}, 'data'), ({'nodes': 8}, 'layers'),
    ({'rate': 0.01}, 'optimizer')])
def test_backup_of_another_training(tmp_path, capsys, two_epochs, change,
                                    named):
    """A backup of other settings is not continued; the run says why."""
    path, aside = (tmp_path / name for name in
                   ('0-backup.npz', '0-backup.npz.old'))
    path.write_bytes(two_epochs)
    history = train(tmp_path, **change)
    assert len(history['loss']) == change.get('epochs', 2)
    assert (f'starting afresh: {path} is not of this training ({named}); it '
            f'is kept as {aside}') in capsys.readouterr().out
    assert aside.read_bytes() == two_epochs


@pytest.mark.parametrize('damage', [
    lambda data: b'', lambda data: data[:len(data) // 2],
    lambda data: data[:3000] + bytes([data[3000] ^ 1]) + data[3001:]])
def test_damaged_backup(tmp_path, capsys, two_epochs, damage):
    """A backup that cannot be read is not continued; the run says so."""
    (tmp_path / '0-backup.npz').write_bytes(damage(two_epochs))
    train(tmp_path)
    printed = capsys.readouterr().out
    assert 'starting afresh' in printed and 'Epoch 2/2' in printed
    assert (tmp_path / '0-backup.npz.old').read_bytes() == damage(two_epochs)
