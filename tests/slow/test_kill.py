"""Killed again and again, a training loses no finished epoch."""
import os
import random
import re
import signal

import numpy as np

from launch import ENDLESS, losses

KILLS = 3


def test_killed_again_and_again(tmp_path, start):
    """kill -9 or SIGTERM after any line; then the same numbers.

    SEED=number repeats the moments of a failure.
    """
    def run(output, epochs):
        return start('0-vanilla', '--limit', '256', '--output',
                     str(tmp_path / output), '--epochs', str(epochs))

    seed = int(os.environ.get('SEED', random.randrange(2**32)))
    print(f'SEED={seed}')       # pytest shows it if the test fails
    moments = random.Random(seed)
    done = 0
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
            assert int(going_on[1]) >= done             # nothing was lost
            done = int(going_on[1])
    last = done + 12
    for output in ('killed', 'whole'):
        assert run(output, last).end()[1] == []
        assert not list((tmp_path / output).glob('*backup*'))
    history = losses(tmp_path / 'killed', '0-vanilla')
    assert history[:, 0].tolist() == list(range(1, last + 1))
    np.testing.assert_allclose(
        history, losses(tmp_path / 'whole', '0-vanilla'), rtol=1e-4)
