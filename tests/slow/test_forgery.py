"""A solution that forges its grade has no more points than it deserves."""
import itertools
import pathlib
import secrets

from grader import answer, ask, judge, process
from mutants import LINEAR, RELU, VANILLA, replaced
from launch import ROOT

HERE = pathlib.Path(__file__).with_name('forgeries')
IMPORT = 'import tensorflow.keras as keras\n'


def passed(folder, name, wrong):
    """Return the points that a wrong solution passes with a forgery."""
    forgery = (HERE / f'{name}.py').read_text()
    (folder / f'{VANILLA}.py').write_text(replaced(
        (ROOT / f'{VANILLA}.py').read_text(),
        [wrong, (IMPORT, forgery + IMPORT)]))
    (folder / 'tools.py').write_text((HERE / 'tools.py').read_text())
    results = ask.grade(folder, VANILLA, seed=secrets.randbelow(2**32))
    return [result['point'] for result in results if result['counted'] and
            result['graded'] and not result['failure']]


def test_patch(tmp_path):
    """Linear codes, shown as relu: one point or another is lost."""
    has = passed(tmp_path, 'makes_the_codes_relu', (RELU, LINEAR, 2))
    assert len(has) == 14


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
    assert passed(tmp_path, 'plays_back', (
        'return encoder, decoder, auto', 'return encoder, decoder, None')
                  ) == ['signature']
