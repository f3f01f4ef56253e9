"""The backup: what it keeps, what it goes on from."""
import numpy as np
import pytest

from lab import training
from small import build_vanilla, digits


def train(folder, auto=None, n=256, settings=None, **options):
    """Train with a backup in a folder; return the history."""
    path = folder / '0-backup.npz'
    return training.fit(
        auto or build_vanilla(), *digits(n),
        **{'epochs': 2, 'batch_size': 64, **options}, backup=str(path),
        settings=settings or {'seed': 0})


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Train two epochs; return the model, its history and its backup."""
    folder = tmp_path_factory.mktemp('trained')
    auto = build_vanilla()
    history = train(folder, auto)
    return auto, history, (folder / '0-backup.npz').read_bytes()


def test_backup_holds_the_optimizer_too(tmp_path, capsys, trained):
    """After a restore the next step is that of the model backed up."""
    first, history, backup = trained
    (tmp_path / '0-backup.npz').write_bytes(backup)
    second = build_vanilla(seed=1)
    assert train(tmp_path, second) == history
    assert 'going on after epoch 2 of 2' in capsys.readouterr().out
    x, _ = digits(256)
    losses = [auto.train_on_batch(x, x)
              for auto in (first, second) for _ in range(3)]
    np.testing.assert_allclose(losses[:3], losses[3:], rtol=1e-6)


def test_going_on_is_going_through(tmp_path, trained):
    """An interrupted training has the losses of one that was not."""
    (tmp_path / '0-backup.npz').write_bytes(trained[2])
    resumed, whole = (train(folder, epochs=5) for folder in
                      (tmp_path, tmp_path / 'whole'))
    for name in ('loss', 'val_loss'):
        np.testing.assert_allclose(resumed[name], whole[name], rtol=1e-6)


@pytest.mark.parametrize('change, named', [
    ({'settings': {'seed': 1}}, 'seed'),
    ({'settings': {'seed': 0, 'lambtha': 1}}, 'lambtha'),
    ({'batch_size': 32}, 'batch size'),
    ({'shuffle': False}, 'shuffle'), ({'epochs': 1}, 'more epochs'),
    ({'n': 255}, 'data')])
def test_backup_of_another_training(tmp_path, capsys, trained, change, named):
    """A backup of other settings is not continued; the run says why."""
    path = tmp_path / '0-backup.npz'
    path.write_bytes(trained[2])
    history = train(tmp_path, **change)
    assert len(history['loss']) == change.get('epochs', 2)
    aside = tmp_path / '0-backup-1.npz'
    assert (f'starting afresh: {path} is not of this training ({named}); it '
            f'is kept as {aside}') in capsys.readouterr().out
    assert aside.read_bytes() == trained[2]


def test_backup_of_another_model(tmp_path, capsys, trained):
    """Nor is one of layers of other sizes, in a folder of any name."""
    tmp_path = tmp_path / 'a {folder}'
    tmp_path.mkdir()
    (tmp_path / '0-backup.npz').write_bytes(trained[2])
    train(tmp_path, __import__('0-vanilla').autoencoder(784, [8], 4)[2])
    assert '(layers); it is kept as' in capsys.readouterr().out


@pytest.mark.parametrize('damage', [
    lambda data: b'', lambda data: data[:len(data) // 2],
    lambda data: data[:3000] + bytes([data[3000] ^ 1]) + data[3001:]])
def test_damaged_backup(tmp_path, capsys, trained, damage):
    """A backup that cannot be read is not continued; the run says so."""
    (tmp_path / '0-backup.npz').write_bytes(damage(trained[2]))
    train(tmp_path)
    printed = capsys.readouterr().out
    assert 'starting afresh' in printed and 'Epoch 2/2' in printed
