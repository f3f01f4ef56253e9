"""Killed again and again, a training loses no finished epoch."""
import re
import signal

import numpy as np

from launch import ENDLESS, losses

KILLS = 4


def test_killed_again_and_again(tmp_path, moments, start):
    """kill -9 or SIGTERM after any line; then the same numbers."""
    def run(output, epochs):
        return start('0-vanilla', '--limit', '256', '--output',
                     str(tmp_path / output), '--epochs', epochs)

    epochs = [0]
    for _ in range(KILLS):
        program = run('killed', ENDLESS)
        for _ in range(moments.randrange(12)):      # none: still importing
            program.until('')
        number = moments.choice([signal.SIGKILL, signal.SIGTERM])
        program.kill(number)
        printed, said = program.end(-number)
        assert said == [] and 'starting afresh' not in printed
        going_on = re.search(r'going on after epoch (\d+) of', printed)
        if going_on:
            assert int(going_on[1]) >= epochs[-1]       # nothing was lost
            epochs.append(int(going_on[1]))
    last = str(epochs[-1] + 12)
    for output in ('killed', 'whole'):
        assert run(output, last).end()[1] == []
    history = losses(tmp_path / 'killed', '0-vanilla')
    assert history[:, 0].tolist() == list(range(1, int(last) + 1))
    np.testing.assert_allclose(
        history, losses(tmp_path / 'whole', '0-vanilla'), rtol=1e-4)
