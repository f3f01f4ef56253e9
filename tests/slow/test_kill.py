"""Killed again and again, a training loses no finished epoch."""
import csv
import random
import re
import signal
import subprocess

import numpy as np
import pytest

from program import said, start

EPOCHS = 80


def command(output):
    """Return the arguments of one short run of task 0."""
    return ['0', '--epochs', str(EPOCHS), '--limit', '4000',
            '--output', str(output)]


def losses(output):
    """Return the history that a finished run left, (epochs, 3)."""
    with open(output / '0-history.csv', newline='') as stream:
        return np.array(list(csv.reader(stream))[1:], float)


def test_killed_20_times(tmp_path, capsys):
    """kill -9 or SIGTERM at random moments; then the same numbers."""
    moments = random.Random(0)
    killed, epochs = 0, [0]
    while killed < 20:
        process = start(*command(tmp_path / 'killed'))
        finished = True
        try:
            process.wait(timeout=moments.uniform(1, 5))
        except subprocess.TimeoutExpired:
            finished = False
            process.send_signal(moments.choice([signal.SIGKILL,
                                                signal.SIGTERM]))
            killed += 1
        stdout, stderr = process.communicate()
        assert said(stderr) == []
        assert 'starting afresh' not in stdout
        going_on = re.search(r'going on after epoch (\d+) of', stdout)
        if going_on:
            assert int(going_on[1]) >= epochs[-1]       # nothing was lost
            epochs.append(int(going_on[1]))
        if finished:            # killed too late: the next one starts anew
            epochs.append(0)
    for output in ('killed', 'whole'):
        process = start(*command(tmp_path / output))
        stdout, stderr = process.communicate()
        assert process.returncode == 0 and said(stderr) == []
    with capsys.disabled():
        print('\nkilled {} times; started after epochs {}'.format(killed,
                                                                  epochs))
    history = losses(tmp_path / 'killed')
    assert history[:, 0].tolist() == list(range(1, EPOCHS + 1))
    # Seed noise: the order of the digits starts anew with each run.
    assert history[-1] == pytest.approx(losses(tmp_path / 'whole')[-1],
                                        rel=0.05)
