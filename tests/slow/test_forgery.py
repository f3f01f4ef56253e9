"""A solution that forges its grade has no more points than it deserves."""
import concurrent.futures
import itertools
import os
import pathlib
import secrets

import pytest

from grader import answer, ask, judge, process
from mutants import LATENT, VANILLA, replaced
from launch import ROOT

HERE = pathlib.Path(__file__).with_name('forgeries')
# Each begins with what is wrong with its solution.
FORGERIES = {file.stem: file.read_text() for file in sorted(HERE.glob('*.py'))
             if file.stem != 'tools'}
OURS = (ROOT / f'{VANILLA}.py').read_text()
IMPORT = 'import tensorflow.keras as keras\n'
COMPILE = "    auto.compile(optimizer='adam'"
ENCODER = "    encoder = keras.Model(inputs, latent, name='encoder')"
WRONG = {
    'The codes are linear': (LATENT, LATENT.replace('relu', 'linear')),
    'No model is returned as the third': (
        'return encoder, decoder, auto', 'return encoder, decoder, None'),
    'fit() trains nothing': (COMPILE, '    auto.fit = lambda *args, '
                             '**options: None\n' + COMPILE),
    'The encoder is frozen': (COMPILE, '    encoder.trainable = False\n' +
                              COMPILE),
    # A model that has the weights, and gives the same whatever they are.
    'The codes are the same for all': (
        ENCODER, '    latent = keras.layers.Lambda(lambda x: 0 * x + 0.5)('
        'latent)\n' + ENCODER),
    'The optimizer is SGD': ("'adam'", "'sgd'")}


def passed(folder, source):
    """Return the names of the points that a solution passes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f'{VANILLA}.py').write_text(source)
    (folder / 'tools.py').write_text((HERE / 'tools.py').read_text())
    results = ask.grade(folder, VANILLA, seed=secrets.randbelow(2**32))
    return [result['point'] for result in results
            if result['counted'] and result['graded'] and not
            result['failure']]


def sources(name):
    """Return the honest file and the forged one."""
    forgery = FORGERIES[name]
    honest = replaced(OURS, [WRONG[forgery[2:forgery.index('.\n')]]])
    return honest, honest.replace(IMPORT, forgery + IMPORT, 1)


@pytest.fixture(scope='module')
def grades(tmp_path_factory):
    """Grade all; return {source: the points that it passes}."""
    top = tmp_path_factory.mktemp('forgeries')
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {source: pool.submit(passed, top / str(number), source)
                for number, source in enumerate(
                    {source for name in FORGERIES for source in
                     sources(name)})}
    return {source: job.result() for source, job in jobs.items()}


@pytest.mark.parametrize('name', FORGERIES)
def test_forgery(grades, name):
    """What it adds to the honest file gains nothing."""
    deserved, has = (grades[source] for source in sources(name))
    assert len(has) <= len(deserved), set(has) - set(deserved)


def test_playback(tmp_path):
    """The answers of a good run, played back, pass nothing in another run."""
    honest, forged = sources('plays_back')
    (tmp_path / 'forged').mkdir()
    count = itertools.count()

    def recorded(good):
        def record(*question, **more):
            words, arrays = good.ask(*question, **more)
            (tmp_path / 'forged' / f'{next(count):04}.reply').write_bytes(
                answer.pack(words, arrays))
            return words, arrays
        return record

    with process.Process(process.ANSWER, str(ROOT), VANILLA, process.HERE, 60,
                         None) as good:
        results, ended = judge.judge(VANILLA, recorded(good), seed=1)
    assert not ended and not any(result['failure'] for result in results)
    has = passed(tmp_path / 'forged', forged)
    assert has == passed(tmp_path / 'honest', honest) == ['signature']
