"""The mains as programs: streams, signals, disks, two at once."""
import csv
import json
import re
import resource
import signal
import sys

import numpy as np

from launch import ENDLESS, ROOT, Program, losses


def test_nothing_is_installed(launch):
    """A line names what is missing and the commands that mend it."""
    printed, said = launch(sys.executable, '-S', str(ROOT / '0-main.py')).end(
        1)
    assert printed == '' and len(said) == 1
    assert 'numpy is not installed' in said[0]
    assert 'requirements.txt' in said[0] and 'bin/activate' in said[0]


def test_as_a_program_anywhere(tmp_path, start):
    """From another folder, without a screen, a main runs to its end."""
    printed, said = start('0-vanilla', '--epochs', '1', '--limit', '512',
                          cwd=tmp_path).end()
    assert said == []
    assert 'latent units ever fire' in printed
    assert (tmp_path / 'output' / '0-reconstructions.png').exists()


def test_two_runs_at_once(tmp_path, start):
    """The second of the same task in the same folder is refused in a line."""
    options = ['--limit', '256', '--output', str(tmp_path), '--epochs']
    first = start('0-vanilla', *options, ENDLESS)
    first.until('Epoch 2/')
    _, said = start('0-vanilla', *options, '1').end(2)
    assert said == [f'another run of task 0 writes to {tmp_path}: --output '
                    'DIR gives this one its own']
    start('1-sparse', *options, '1').end()
    first.kill()
    printed, _ = start('0-vanilla', *options, '1').end()
    assert 'it is kept as' in printed       # what the killed one had done
    assert not list(tmp_path.glob('unfinished-*'))


def test_nobody_reads(tmp_path, start):
    """A reader that leaves, as `head` does, ends no training."""
    program = start('0-vanilla', '--limit', '256', '--epochs', '300',
                    '--output', str(tmp_path))
    program.until('Epoch 1/')
    program.process.stdout.close()
    assert program.process.wait() == 1
    assert program.said() == ['not printed: Broken pipe']
    assert len(losses(tmp_path, '0-vanilla')) == 300


def test_interrupted_and_resumed(tmp_path, start):
    """Ctrl-C ends in one line; the same command goes on and ends whole."""
    options = ['--limit', '256', '--output', str(tmp_path), '--epochs']
    program = start('0-vanilla', *options, ENDLESS)
    program.until('Epoch 5/')
    program.kill(signal.SIGINT)
    _, said = program.end(130)
    assert len(said) == 2 and 'goes on after' in said[1]

    with np.load(tmp_path / '0-backup.npz') as backup:
        done = len(json.loads(str(backup['kept']))['history']['loss'])
    assert done >= 4
    epochs = done + 3
    printed, _ = start('0-vanilla', *options, str(epochs)).end()
    assert f'going on after epoch {done} of {epochs}' in printed
    assert re.findall(r'^Epoch (\d+)/', printed, re.MULTILINE) == [
        str(epoch) for epoch in range(done + 1, epochs + 1)]
    with open(tmp_path / '0-history.csv', newline='') as stream:
        assert [int(row['epoch']) for row in csv.DictReader(stream)] == list(
            range(1, epochs + 1))
    assert not (tmp_path / '0-backup.npz').exists()


def test_disk_full_before(tmp_path, start, monkeypatch):
    """A disk without room for the results is known before any training."""
    monkeypatch.setattr(Program, 'prepare', lambda self: resource.setrlimit(
        resource.RLIMIT_FSIZE, (10**6,) * 2))
    printed, said = start('0-vanilla', '--output', str(tmp_path)).end(2)
    assert printed == ''
    assert said == [
        '0-main.py: error: argument --output: {}: File too large, expected a '
        'folder with 32 MB to write'.format(tmp_path)]
