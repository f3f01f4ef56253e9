"""The grader's rooms, each by itself; no solution is run here."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from grader import (answer, ask, common, convolutional, files, judge, layers,
                    options, oracle, process, report)
from grader.models import Ended, Failed, Models
from grader.text import line, raised
from lab import TASKS
from launch import ROOT


def students(folder):
    """Write a folder with what a student may hand in, or an attacker."""
    folder.mkdir()
    (folder / '0-vanilla.py').write_text('import helpers.tools')
    (folder / '0-vanilla.py').chmod(0o755)
    (folder / 'config.json').write_text('{}')
    (folder / 'grade.txt').write_text('of the last time')
    for name in ('helpers', '.git', '__pycache__', 'partner'):
        (folder / name).mkdir()
        (folder / name / 'tools.py').write_text('x = 1')
    (folder / 'partner' / '1-sparse.py').write_text('')
    (folder / 'utf16.py').write_text('x', 'utf-16')
    (folder / 'shadow.py').symlink_to('/proc/self/environ')
    (folder / 'helpers' / 'all').symlink_to('/')
    os.mkfifo(folder / 'pipe.py')
    with open(folder / 'sparse.py', 'w') as file:
        file.truncate(300 * 2**30)
    os.mkdir(os.fsencode(folder) + b'/caf\xe9')
    with open(os.fsencode(folder) + b'/caf\xe9/\xe9.py', 'w') as file:
        file.write('é')


def test_copy(tmp_path):
    """Regular files are copied, packages and data, too, and nothing else."""
    students(tmp_path / 'anna')
    found = files.read(str(tmp_path / 'anna'))
    files.write(found, str(tmp_path / 'given'))
    given = pathlib.Path(tmp_path / 'given')
    copied = {str(path.relative_to(given)): (
        oct(path.stat().st_mode & 0o777), path.read_bytes())
              for path in given.rglob('*') if not path.is_dir()}
    assert copied == {'0-vanilla.py': ('0o555', b'import helpers.tools'),
                      'config.json': ('0o444', b'{}'),
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
    (tmp_path / 'bert' / 'deep').mkdir(parents=True)
    (tmp_path / 'carl').symlink_to(tmp_path / 'anna')
    found, none = files.find(str(tmp_path))
    assert found == {'anna': str(tmp_path / 'anna'),
                     'anna/partner': str(tmp_path / 'anna' / 'partner')}
    assert none == ['bert', 'carl']


def test_deep(tmp_path, monkeypatch):
    """Folders in folders without end hold up nothing."""
    students(tmp_path / 'anna')
    monkeypatch.chdir(tmp_path / 'anna')
    for _ in range(sys.getrecursionlimit() + 100):
        os.mkdir('deep')
        os.chdir('deep')
        os.close(os.open('x.py', os.O_CREAT))
    os.close(os.open('0-vanilla.py', os.O_CREAT))
    try:
        assert len(files.find(str(tmp_path))[0]) == 2
        found = files.read(str(tmp_path / 'anna'))
        assert 'helpers/tools.py' in found
        assert sum(path.endswith('x.py') for path in found) == files.DEPTH
    finally:        # pytest's own removal is recursive, too
        subprocess.run(['rm', '-r', tmp_path / 'anna' / 'deep'], check=True)


# What comes instead of an answer, and in its first line how that is told.
ANSWERS = {file.stem: file for file in (ROOT / 'tests' / 'answers').glob(
    '*.py') if file.stem != 'ready'}


@pytest.mark.parametrize('name', sorted(ANSWERS))
def test_no_answer(tmp_path, monkeypatch, name):
    """Whatever comes instead of an answer, it is said, in time."""
    (tmp_path / 'temporary').mkdir()
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / 'temporary'))
    monkeypatch.setattr(process, 'BYTES', 2**20)
    program = shutil.copytree(ANSWERS[name].parent, tmp_path / 'programs') / (
        ANSWERS[name].name)
    (tmp_path / '0-vanilla.py').touch()
    with process.Process(str(program), str(tmp_path), '0-vanilla',
                         process.HERE, 2, None) as started:
        with pytest.raises(Ended) as ended:
            started.ask('run')
    assert not ended.value.machine
    assert f'# {ended.value}' == program.read_text().split('\n')[0]
    for file in program.parent.glob('*.pid'):   # of what no sandbox ends
        os.kill(int(file.read_text()), signal.SIGKILL)
    assert started.process.poll() is not None
    assert not any((tmp_path / 'temporary').iterdir()) and not process.running


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
    program = tmp_path / 'program.py'
    program.write_text((ROOT / 'tests' / 'answers' / 'ready.py').read_text() +
                       f"say({answer.pack({'x': 1}, [sent, sent.T, 5])!r})")
    (tmp_path / '0-vanilla.py').touch()
    with process.Process(str(program), str(tmp_path), '0-vanilla',
                         process.HERE, 60, None) as started:
        words, arrays = started.ask('run')
    assert words == {'x': 1}
    for array, wanted in zip(arrays, [sent, sent.T, np.float64(5)]):
        assert array.dtype == 'float64'
        np.testing.assert_array_equal(array, wanted)


def test_what_points_require(monkeypatch):
    """Without three models only the signature is judged; one message is one
    fault.
    """
    def point(name, raises):
        def judged(solution):
            """Told by the task."""
            if raises:
                raise raises
        judged.__name__ = name
        return judged

    def told():
        results, ended = judge.judge('0-vanilla', None, 0)
        return [(result['point'], result['failure'], result['requires'],
                 result['graded']) for result in results], ended

    first, signature = point('first', Failed('a')), point('signature', None)
    monkeypatch.setattr(common, 'three_models', first)
    monkeypatch.setattr(common, 'signature', signature)
    monkeypatch.setattr(judge, 'POINTS', {'0-vanilla': [
        first, signature, point('second', AssertionError('judged'))]})
    assert told() == ([('first', 'a', None, True),
                       ('signature', None, None, True),
                       ('second', 'a', 'first', True)], None)
    monkeypatch.setattr(common, 'three_models', point('passed', None))
    monkeypatch.setattr(judge, 'POINTS', {'0-vanilla': [
        first, point('the same', Failed('a')), point('another', Failed('b')),
        signature, point('ours', ZeroDivisionError('c')),
        point('ended', Ended('gone')), point('after', None)]})
    results, ended = told()
    assert str(ended) == 'gone' and results == [
        ('first', 'a', None, True), ('the same', 'a', 'first', True),
        ('another', 'b', None, True), ('signature', None, None, True),
        ('ours', 'the grader failed: ZeroDivisionError: c', None, False),
        ('ended', 'gone', None, True), ('after', 'gone', 'ended', True)]


@pytest.mark.parametrize('layer, shape', [('dense', (2, 2)),
                                          ('convolve', (2, 3, 3, 1))])
def test_what_is_tried_ends(monkeypatch, layer, shape):
    """Twelve layers, where a task has four: not all that they may be."""
    def counted(x, *more):
        tried.append(x.size)
        assert x.size < 10**6
        return compute(x, *more)

    def convolved(**properties):
        return convolutional.convolved(pairs, x, **properties)

    tried, compute = [], getattr(oracle, layer)
    monkeypatch.setattr(oracle, layer, counted)
    kernel = np.ones((3, 3, 1, 1) if layer == 'convolve' else (2, 2))
    pairs, x = [[kernel, 1]] * 12, np.ones(shape)
    wanted = {'activations': ['relu'] * 12}
    if layer == 'convolve':
        wanted.update(paddings=['same'] * 12, resizings=['upsampling'] * 12)
    assert layers.explained(
        convolved if layer == 'convolve' else lambda activations:
        oracle.dense(x, pairs, activations), wanted, x) is None
    assert 0 < len(tried) < 2000


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
            'requires': None, 'reading': None, 'graded': True, **more}


def test_page():
    """A fault is said once, with what waits for it; a missing file in a line.
    """
    results = []
    for version, words in [('1', 'KeyError: 1'), ('2', 'KeyError: "1"')]:
        results += [
            result(version=version, failure='there is no 0-vanilla.py'),
            result('1-sparse', version, failure='f() raised ' + words),
            result('1-sparse', version, failure='f() raised ' + words,
                   point='shapes', requires='adam'),
            result('2-convolutional', version, reading='it is the mean')]
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
    assert 'it is the mean (2-convolutional)' in ''.join(page)
    assert report.CLAIMS in page
    assert page[-2] == ('Weights and images are of seed 7: --seed 7 grades '
                        'with the same.')


@pytest.mark.parametrize('name, written', [
    ('=cmd()', "'=cmd()"), ('@x', "'@x"), ('-1', "'-1"),
    ('a\nb', 'a\\x0ab'), ('\x1b]0;x', '\\x1b]0;x'),
    ('caf\udce9', 'caf\\xe9'), ('é', 'é')])
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
    (['.', '--seconds', '0'], "--seconds: '0', expected an integer >= 1"),
    (['.', '--seed', '-1'], "--seed: '-1', expected an integer >= 0"),
    (['.', '--csv', 'no/such'], "No such file or directory: 'no/such'"),
    (['.', '--json', 'no/such'], "No such file or directory: 'no/such'"),
    (['.', '--reports', 'README.md'], "File exists: 'README.md'")])
def test_bad_arguments(capsys, arguments, wanted):
    """What cannot be done is refused before anything is graded."""
    with pytest.raises(SystemExit) as ended:
        options.parse(arguments)
    assert ended.value.code == 2
    assert wanted in capsys.readouterr().err


def test_help(capsys):
    """It says what there is to choose, and what the exit status means."""
    with pytest.raises(SystemExit):
        options.parse(['--help'])
    printed = capsys.readouterr().out
    for word in ('--seed', '--sandbox', '1.15.5', 'exit status:', '130'):
        assert word in printed
    assert all(task in printed for task in TASKS)
