"""The grader's rooms, each by itself; no solution is run here."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from grader import (answer, ask, common, convolutional, files, judge, layers,
                    options, process, report)
from grader.models import Ended, Failed, Models
from grader.text import line, raised
from launch import ROOT


def students(folder):
    """Write a folder with what a student may hand in, or an attacker."""
    for name in ('helpers', '.git', '__pycache__', 'partner'):
        (folder / name).mkdir(parents=True)
        (folder / name / 'tools.py').write_text('x = 1')
    (folder / '0-vanilla.py').write_text('import helpers.tools')
    (folder / '0-vanilla.py').chmod(0o755)
    (folder / 'partner' / '1-sparse.py').touch()
    (folder / 'grade.txt').write_text('of the last time')
    (folder / 'utf16.py').write_text('x', 'utf-16')
    (folder / 'shadow.py').symlink_to('/proc/self/environ')
    (folder / 'helpers' / 'all').symlink_to('/')
    os.mkfifo(folder / 'pipe.py')
    (folder / 'sparse.py').touch()
    os.truncate(folder / 'sparse.py', 300 * 2**30)
    (folder / 'caf\udce9').mkdir()
    (folder / 'caf\udce9' / '\udce9.py').write_text('é')


def test_copy(tmp_path):
    """Regular files are copied, packages and data, too, and nothing else."""
    students(tmp_path / 'anna')
    found = files.read(str(tmp_path / 'anna'))
    given = tmp_path / 'given'
    files.write(found, str(given))
    copied = {str(path.relative_to(given)): (
        oct(path.stat().st_mode & 0o777), path.read_bytes())
              for path in given.rglob('*') if not path.is_dir()}
    assert copied == {'0-vanilla.py': ('0o555', b'import helpers.tools'),
                      'helpers/tools.py': ('0o444', b'x = 1'),
                      'partner/tools.py': ('0o444', b'x = 1'),
                      'partner/1-sparse.py': ('0o444', b''),
                      'caf\udce9/\udce9.py': ('0o444', 'é'.encode())}
    irregular = 'it is no regular file of at most 1,048,576 bytes'
    assert {path: why for path, why in found.items()
            if path not in copied} == {
        'shadow.py': irregular, 'pipe.py': irregular, 'sparse.py': irregular,
        'utf16.py': 'it is UTF-16, Python reads UTF-8: save it as that'}


def test_copy_is_bounded(tmp_path):
    """Of too much, the first files are copied, and the module is one."""
    for number in range(40):
        (tmp_path / f'{number}.py').write_bytes(b' ' * 2**19)
    (tmp_path / '0-vanilla.py').write_text('')
    found = files.read(str(tmp_path))
    assert sum(len(data) for _, data in found.values()) < files.ALL + 2**20
    assert found['0-vanilla.py'][1] == b''


def test_find(tmp_path):
    """Every folder of a class has a row, also one without a solution."""
    students(tmp_path / 'anna')
    too_deep = tmp_path / 'bert' / '/'.join('x' * 12)
    too_deep.mkdir(parents=True)
    (too_deep / '0-vanilla.py').touch()
    (tmp_path / 'carl').symlink_to(tmp_path / 'anna')
    found, none = files.find(str(tmp_path))
    assert found == {'anna': str(tmp_path / 'anna'),
                     'anna/partner': str(tmp_path / 'anna' / 'partner')}
    assert none == ['bert', 'carl']


ANSWERS = ROOT / 'tests' / 'answers'


def start(folder, source, seconds=60):
    """Return a Process of a program, beside those of tests/answers."""
    program = shutil.copytree(ANSWERS, folder / 'programs') / 'program.py'
    program.write_text(source)
    (folder / '0-vanilla.py').touch()
    return process.Process(str(program), str(folder), '0-vanilla',
                           process.HERE, seconds, None)


@pytest.mark.parametrize('name', sorted(
    {file.stem for file in ANSWERS.glob('*.py')} - {'ready'}))
def test_no_answer(tmp_path, name):
    """Whatever comes instead of an answer, it is said, in time."""
    source = (ANSWERS / f'{name}.py').read_text()
    with start(tmp_path, source, 2) as started:
        with pytest.raises(Ended) as ended:
            started.ask('run')
    assert not ended.value.machine
    assert f'# {ended.value}' == source.split('\n')[0]
    for file in tmp_path.rglob('*.pid'):        # of what no sandbox ends
        os.kill(int(file.read_text()), signal.SIGKILL)
    assert started.process.poll() is not None and not process.running


@pytest.mark.parametrize('said', [
    b'word\n', b'1\n', b'[' * 99999 + b'\n', b'{"shapes": [[1]]}\nxx',
    b'{"shapes": [[-1, -2]]}\nxxxxxxxx', b'{"shapes": [[99999999999]]}\n'],
    ids=lambda said: said[:25].decode())
def test_what_is_no_answer(tmp_path, said):
    """A message that cannot be read is no failure of the grader's."""
    with start(tmp_path, f'from ready import say\nsay({said!r})') as started:
        with pytest.raises(Ended, match='^it sent what is no answer$'):
            started.ask('run')


@pytest.mark.parametrize('folder, temporary, sandbox, why', [
    ('.', '.', lambda *_: ['no-such-program'], 'FileNotFoundError: '),
    ('.', '.', lambda *_: 1 / 0, 'ZeroDivisionError: division by zero'),
    ('.', 'gone', None, 'FileNotFoundError: '),
    ('gone', '.', None, 'FileNotFoundError: ')])
def test_cannot_begin(tmp_path, monkeypatch, folder, temporary, sandbox, why):
    """Whatever goes wrong at a folder, it has no grade, and others go on."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / temporary))
    (tmp_path / '0-vanilla.py').write_text('')
    results = ask.grade(str(tmp_path / folder), '0-vanilla', sandbox=sandbox)
    assert {result['graded'] for result in results} == {False}
    assert why in results[0]['failure'] and why in results[-1]['failure']
    assert len(list(tmp_path.iterdir())) == 1 and not process.running


def test_answer(tmp_path):
    """Words and arrays come as they were sent."""
    sent = np.arange(6, dtype='float32').reshape(2, 3)
    message = answer.pack({'x': 1}, [sent, sent.T, 5])
    source = f'from ready import say\nsay({message!r})'
    with start(tmp_path, source) as started:
        words, arrays = started.ask('run')
    assert words == {'x': 1}
    for array, wanted in zip(arrays, [sent, sent.T, np.float64(5)]):
        assert array.dtype == 'float64'
        np.testing.assert_array_equal(array, wanted)


def test_what_points_require(monkeypatch):
    """Without three models only the signature is judged; one message is one
    fault.
    """
    def point(name, raises=None):
        def judged(solution):
            """Told by the task."""
            if raises:
                raise raises
        judged.__name__ = name
        return judged

    def told(*points):
        monkeypatch.setattr(judge, 'POINTS', {'0-vanilla': points})
        results, ended = judge.judge('0-vanilla', None, 0)
        return [(result['point'], result['failure'], result['requires'],
                 result['graded']) for result in results], ended

    first, signature = point('first', Failed('a')), point('signature')
    monkeypatch.setattr(common, 'three_models', first)
    monkeypatch.setattr(common, 'signature', signature)
    assert told(first, signature, point('second', Failed('b'))) == (
        [('first', 'a', None, True), ('signature', None, None, True),
         ('second', 'a', 'first', True)], None)
    monkeypatch.setattr(common, 'three_models', point('passed'))
    results, ended = told(
        first, point('the same', Failed('a')), point('another', Failed('b')),
        point('ours', ZeroDivisionError('c')), point('ended', Ended('gone')),
        point('after'))
    assert str(ended) == 'gone' and results == [
        ('first', 'a', None, True), ('the same', 'a', 'first', True),
        ('another', 'b', None, True),
        ('ours', 'the grader failed: ZeroDivisionError: c', None, False),
        ('ended', 'gone', None, True), ('after', 'gone', 'ended', True)]


def test_what_is_tried_ends():
    """Twelve layers, where a task has four: not all that they may be."""
    def compute(activations):
        tried.append(activations)
        return 0

    tried, wanted = [], ['relu'] * 12
    assert layers.explained(compute, {'activations': wanted}, 1) is None
    assert tried == [wanted]
    pairs, x = [[np.ones((3, 3, 1, 1)), 1]] * 12, np.ones((2, 3, 3, 1))
    with pytest.raises(ValueError, match='a large one'):
        convolutional.convolved(pairs, x, ['same'] * 12, ['relu'] * 12,
                                ['upsampling'] * 12)


def test_lies_about_shapes():
    """Nothing is allocated for a size that a solution only claims."""
    models = Models(None, 'f()', {
        'number': 0, 'times': 1, 'optimizer': 'Adam', 'arguments': '',
        'shapes_of': {'encoder': [[2**40, 2**24]]}})
    with pytest.raises(Failed, match='encoder has more than 4,194,304 weigh'):
        models.randomise(np.random.default_rng(0), names=['encoder'])


def test_grader_imports_no_tensorflow():
    """Neither the solution nor TensorFlow is in the process that judges."""
    code = ('import sys; from grader import __main__; '
            'sys.exit("tensorflow" in sys.modules or "keras" in sys.modules)')
    assert subprocess.run([sys.executable, '-c', code], check=False,
                          cwd=ROOT).returncode == 0


def result(task='0-vanilla', version='1', **more):
    """Return a result of a point."""
    return {'task': task, 'tensorflow': version, 'seed': 7, 'point': 'adam',
            'sentence': 's', 'counted': True, 'failure': None,
            'requires': None, 'graded': True, **more}


def test_page():
    """A fault is said once, with what waits for it; a missing file in a line.
    """
    results = []
    for version, words in [('1', 'KeyError: 1'), ('2', 'KeyError: "1"')]:
        results += [
            result(version=version, failure='there is no 0-vanilla.py'),
            result('1-sparse', version, failure='f() raised ' + words),
            result('1-sparse', version, failure='f() raised ' + words,
                   point='shapes', requires='adam')]
    results.append(result('3-variational', '2', failure='z is 5.2e-05'))
    page = report.page('a\x1b[1mb', results, ['1', '2']).split('\n')
    assert page[:3] == ['a\\x1b[1mb', '', ' ' * 16 + ' ' * 11 + '1' +
                        ' ' * 11 + '2']
    assert 'Not there yet: 0-vanilla.py' in page
    i = page.index('1-sparse adam: f() raised KeyError: "1"')
    assert page[i + 1:i + 3] == ['    the task: s',
                                 '    not reached because of it: shapes']
    assert sum('raised' in words for words in page) == 1
    assert '3-variational adam on 2: z is 5.2e-05' in page
    assert report.CLAIMS in page
    assert page[-2] == ('Weights and images are of seed 7: --seed 7 grades '
                        'with the same.')


@pytest.mark.parametrize('name, written', [
    ('=cmd()', "'=cmd()"), ('@x', "'@x"), ('-1', "'-1"),
    ('a\nb', 'a\\nb'), ('\x1b]0;x', '\\x1b]0;x'),
    ('caf\udce9', 'caf\\udce9'), ('é', 'é')])
def test_csv(tmp_path, name, written):
    """A name is harmless, in a spreadsheet and in a terminal."""
    report.write_csv(tmp_path / 'x.csv', {name: [result()], 'none': []}, ['1'])
    rows = (tmp_path / 'x.csv').read_text().split('\n')
    assert rows[1].startswith(written + ',1,')
    assert rows[2] == 'none' + ',no solution' * 5


def test_raised():
    """Of what an exception says, the sentence that matters, in plain text."""
    assert raised({'raised': 'ValueError',
                   'message': '\x1b[1mIn x\x1b[0m\ny'}) == 'ValueError: In x y'
    words = raised({'raised': 'TypeError', 'message':
                    'in user code:\n a\n' + 'You can ' * 99})
    assert words.startswith('TypeError: You can You') and len(words) < 320
    assert line('a\n\n\x00b') == 'a \\x00b'


@pytest.mark.parametrize('arguments, wanted', [
    ([], 'the following arguments are required: DIR'),
    (['nowhere'], "argument DIR: 'nowhere' is no folder"),
    (['lab'], "argument DIR: 'lab' holds no 0-vanilla.py, "),
    (['.', '--tensorflow', '2.3'], "invalid choice: '2.3' (choose from "),
    (['.', '--seconds', '0'], "--seconds: '0', expected int >= 1 "),
    (['.', '--seed', '-1'], "--seed: '-1', expected int >= 0 "),
    (['.', '--json', 'no/such'], "No such file or directory: 'no/such'"),
    (['.', '--reports', 'README.md'], "File exists: 'README.md'")])
def test_bad_arguments(monkeypatch, capsys, arguments, wanted):
    """What cannot be done is refused before anything is graded."""
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        options.parse(arguments)
    assert ended.value.code == 2
    assert wanted in capsys.readouterr().err
