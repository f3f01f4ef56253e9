"""A solution that forges its grade has no more points than it deserves."""
import itertools
import pathlib
import secrets

import pytest

from grader import answer, ask, judge, process
from mutants import LINEAR, RELU, VANILLA, replaced
from launch import ROOT

HERE = pathlib.Path(__file__).with_name('forgeries')
IMPORT = 'import tensorflow.keras as keras\n'
# What is wrong with a solution, and the points that it deserves.
WRONG = {
    'The codes are linear': ((RELU, LINEAR, 2), 14),
    'No model is returned as the third': ((
        'return encoder, decoder, auto', 'return encoder, decoder, None'), 1)}


def passed(folder, name):
    """Return the points that a forgery passes, and how many it deserves."""
    forgery = (HERE / f'{name}.py').read_text()
    # It begins with what is wrong with its solution.
    wrong, deserved = WRONG[forgery[2:forgery.index('.\n')]]
    (folder / f'{VANILLA}.py').write_text(replaced(
        (ROOT / f'{VANILLA}.py').read_text(),
        [wrong, (IMPORT, forgery + IMPORT)]))
    (folder / 'tools.py').write_text((HERE / 'tools.py').read_text())
    results = ask.grade(folder, VANILLA, seed=secrets.randbelow(2**32))
    return [result['point'] for result in results if result['counted'] and
            result['graded'] and not result['failure']], deserved


@pytest.mark.parametrize('name', ['answers_ahead_of_the_questions',
                                  'makes_the_codes_relu'])
def test_forgery(tmp_path, name):
    """What it adds to the honest file gains nothing."""
    has, deserved = passed(tmp_path, name)
    assert len(has) <= deserved, has


def test_playback(tmp_path):
    """The answers of a good run, played back, pass nothing in another run."""
    count = itertools.count()

    def record(*question, **more):
        words, arrays = good.ask(*question, **more)
        (tmp_path / f'{next(count):04}.reply').write_bytes(
            answer.pack(words, arrays))
        return words, arrays

    with process.Process(process.ANSWER, str(ROOT), VANILLA, process.HERE, 60,
                         None) as good:
        results, ended = judge.judge(VANILLA, record, seed=1)
    assert not ended and not any(result['failure'] for result in results)
    assert passed(tmp_path, 'plays_back')[0] == ['signature']
