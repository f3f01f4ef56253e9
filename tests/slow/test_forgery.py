"""A solution that forges its grade has no more points than it deserves."""
import concurrent.futures
import itertools
import os
import secrets

import pytest

from forgeries import FORGERIES, NONE
from grader import answer, ask, judge, process
from mutants import VANILLA, replaced
from launch import ROOT

IMPORT = 'import tensorflow.keras as keras\n'
PLAYS = '''
import glob
import sys
frame = sys._getframe()
while frame.f_back:
    frame = frame.f_back
    if "answers" in frame.f_locals:
        program = frame.f_globals
names = sorted(glob.glob("*.reply"))[1:]     # the first is this import's
recorded = [open(name, "rb").read() for name in names]
program["pack"] = lambda *reply: recorded.pop(0) if recorded else b"{}"
'''


def passed(folder, task, source):
    """Return the names of the points that a solution passes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f'{task}.py').write_text(source)
    results = ask.grade(folder, task, seed=secrets.randbelow(2**32))
    return [result['point'] for result in results
            if result['counted'] and result['graded'] and not
            result['failure']]


def sources(task, replacements, trick):
    """Return the honest file and the forged one."""
    honest = replaced((ROOT / f'{task}.py').read_text(), replacements)
    return honest, honest.replace(IMPORT, trick + '\n' + IMPORT, 1)


@pytest.fixture(scope='module')
def grades(tmp_path_factory):
    """Grade all; return {name: (points deserved, points that it has)}."""
    top = tmp_path_factory.mktemp('forgeries')
    jobs = {(task, source): None for task, *more in FORGERIES.values()
            for source in sources(task, *more)}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {job: pool.submit(passed, top / str(number), *job)
                for number, job in enumerate(jobs)}
    return {name: [jobs[task, source].result()
                   for source in sources(task, *more)]
            for name, (task, *more) in FORGERIES.items()}


@pytest.mark.parametrize('name', FORGERIES)
def test_forgery(grades, name):
    """What it adds to the honest file gains nothing."""
    deserved, has = grades[name]
    assert len(has) <= len(deserved), set(has) - set(deserved)


def test_playback(tmp_path):
    """The answers of a good run, played back, pass nothing in another run."""
    (tmp_path / 'good').mkdir()
    (tmp_path / 'forged').mkdir()
    ours = (ROOT / f'{VANILLA}.py').read_text()
    (tmp_path / 'good' / f'{VANILLA}.py').write_text(ours)
    count = itertools.count()

    def recorded(good):
        def record(*question, **more):
            words, arrays = good.ask(*question, **more)
            (tmp_path / 'forged' / f'{next(count):04}.reply').write_bytes(
                answer.pack(words, arrays))
            return words, arrays
        return record

    with process.Process(process.ANSWER, tmp_path / 'good', VANILLA,
                         process.HERE, 60, None) as good:
        results, ended = judge.judge(VANILLA, recorded(good), seed=1)
    assert not ended and not any(result['failure'] for result in results)
    honest = replaced(ours, NONE)
    deserved = passed(tmp_path / 'honest', VANILLA, honest)
    has = passed(tmp_path / 'forged', VANILLA, honest.replace(
        IMPORT, PLAYS + IMPORT, 1))
    assert has == deserved == ['signature']
