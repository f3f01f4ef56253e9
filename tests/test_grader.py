"""The grader's rooms, each by itself; no solution is run here."""
import errno
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import pytest

from grader import __main__ as command
from grader import answer, ask, convolutional, dense, files, oracle, report
from grader.solution import NO_ANSWER, Ended, Failed, Models, line, said
from lab import TASKS
from launch import ROOT


def students(folder):
    """Write a folder with what a student may hand in, or an attacker."""
    folder.mkdir()
    (folder / '0-vanilla.py').write_text('import helpers.tools')
    (folder / '0-vanilla.py').chmod(0o755)
    (folder / 'config.json').write_text('{}')
    (folder / 'grade.txt').write_text('of the last time')
    for name in ('helpers', '.git', 'venv', 'partner'):
        (folder / name).mkdir()
        (folder / name / 'tools.py').write_text('x = 1')
    (folder / 'partner' / '1-sparse.py').write_text('')
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
    data, found = files.copy(str(tmp_path / 'anna'))
    with tarfile.open(fileobj=io.BytesIO(data), encoding='utf-8',
                      errors='surrogateescape') as tar:
        copied = {entry.name: (oct(entry.mode), tar.extractfile(entry).read())
                  for entry in tar}
    assert copied == {'0-vanilla.py': ('0o555', b'import helpers.tools'),
                      'config.json': ('0o444', b'{}'),
                      'helpers/tools.py': ('0o444', b'x = 1'),
                      'caf\udce9/\udce9.py': ('0o444', 'é'.encode())}
    assert {path: why for path, why in found.items() if why} == {
        'shadow.py': 'it is a link', 'pipe.py': 'it is not a file',
        'sparse.py': 'it has more than 1,048,576 bytes'}


def test_copy_is_bounded(tmp_path):
    """Of too much, the first files are copied, and the module is one."""
    for number in range(40):
        (tmp_path / f'{number}.py').write_bytes(b' ' * 2**19)
    (tmp_path / '0-vanilla.py').write_text('')
    data, found = files.copy(str(tmp_path))
    assert len(data) < files.ALL + 2**20
    assert found['0-vanilla.py'] is None
    assert [why for why in found.values() if why] == [
        'the files before it are all that is read']


def test_find(tmp_path):
    """Every folder of a class has a row, also one without a solution."""
    students(tmp_path / 'anna')
    (tmp_path / 'bert' / 'deep').mkdir(parents=True)
    (tmp_path / 'carl').symlink_to(tmp_path / 'anna')
    found, none = files.find(str(tmp_path))
    assert found == {'anna': str(tmp_path / 'anna'),
                     'anna/partner': str(tmp_path / 'anna' / 'partner')}
    assert none == {'bert': 'no ' + ', '.join(files.MODULES),
                    'carl': 'a link, which is not followed'}


def test_find_unreadable(tmp_path, monkeypatch):
    """A folder that the grader may not read has a row."""
    def refuse(path):               # root may read everything
        if str(path).endswith('anna'):
            raise PermissionError(errno.EACCES, 'Permission denied', path)
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(os, 'scandir', refuse)
    (tmp_path / 'anna').mkdir()
    assert files.find(str(tmp_path)) == ({}, {'anna': 'Permission denied'})


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
        copied = files.copy(str(tmp_path / 'anna'))[1]
        assert 'helpers/tools.py' in copied
        assert sum(path.endswith('x.py') for path in copied) == files.DEPTH
    finally:        # pytest's own removal is recursive, too
        subprocess.run(['rm', '-r', tmp_path / 'anna' / 'deep'], check=True)


def program(tmp_path, code):
    """Return a program that says it is ready, and then does something."""
    file = tmp_path / 'program.py'
    file.write_text('import os, struct, sys, time\n'
                    'sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))\n'
                    'def say(line):\n    os.write(1, line)\n'
                    'say(b\'{"arrays": []}\\n\')\n'
                    'sys.stdin.buffer.readline()\n' + code)
    return str(file)


def npy(shape, data=b''):
    """Return the bytes of an npy file that may lie about its shape."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {
        'descr': '<f4', 'fortran_order': False, 'shape': shape})
    return stream.getvalue() + data


def message(*arrays, **words):
    """Return the code that sends a message."""
    return 'say({!r})'.format(json.dumps(dict(
        words, arrays=[len(array) for array in arrays])).encode() + b'\n' +
        b''.join(arrays))


ANSWERS = {
    'ends': ('sys.exit(3)', 'the process ended with exit status 3'),
    'crashes': ('os.abort()', 'the process ended with exit status -6'),
    'is silent': ('sys.stdin.read()', 'no answer within 2 seconds'),
    'loops': ('while True:\n    pass', 'no answer within 2 seconds'),
    'leaves a daemon that holds the socket': (
        'pid = os.fork()\nif not pid:\n    os.setsid()\n'
        '    time.sleep(1000)\nwith open(__file__ + ".pid", "w") as file:\n'
        '    file.write(str(pid))\nos._exit(4)',
        'the process ended with exit status 4'),
    'closes its streams': (
        'os.closerange(0, 3)\ntime.sleep(1000)', NO_ANSWER),
    'says no JSON': ('say(b"word\\n")', NO_ANSWER),
    'says a number': ('say(b"1\\n")', NO_ANSWER),
    'says a deep list': ('say(b"[" * 99999 + b"\\n")', NO_ANSWER),
    'floods a line': ('while True:\n    say(b"x" * 9999)', NO_ANSWER),
    'promises too much': (
        'say(b\'{"arrays": [99999999999]}\\n\')', NO_ANSWER),
    'promises less than nothing': (
        'say(b\'{"arrays": [-1]}\\n\')', NO_ANSWER),
    'lies about a shape': (message(npy((10**6, 10**6))), NO_ANSWER),
    'sends a negative shape': (message(npy((-1, 2), b'x' * 8)), NO_ANSWER),
    'sends a pickle': (message(b'\x93NUMPY\x01\x00v\x00{\'descr\': \'|O\', '
                               b'\'fortran_order\': False, \'shape\': ()}\n'),
                       NO_ANSWER)}


@pytest.mark.parametrize('name', ANSWERS)
def test_no_answer(tmp_path, monkeypatch, name):
    """Whatever comes instead of an answer, it is said, in time."""
    (tmp_path / 'temporary').mkdir()
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / 'temporary'))
    monkeypatch.setattr(ask, 'BYTES', 2**20)
    code, why = ANSWERS[name]
    with ask.Process(program(tmp_path, code), [], b'', ask.HERE, 2,
                     None) as process:
        with pytest.raises(Ended) as ended:
            process.ask('run')
    assert (str(ended.value), ended.value.machine) == (why, False)
    for file in tmp_path.glob('*.pid'):     # of what no sandbox ends
        os.kill(int(file.read_text()), signal.SIGKILL)
    assert process.process.poll() is not None
    assert not any((tmp_path / 'temporary').iterdir()) and not ask.running


@pytest.mark.parametrize('temporary, room, why', [
    ('.', lambda *_: ['no-such-program'], 'FileNotFoundError: '),
    ('.', lambda *_: 1 / 0, 'ZeroDivisionError: division by zero'),
    ('gone', None, 'FileNotFoundError: ')])
def test_cannot_begin(tmp_path, monkeypatch, temporary, room, why):
    """Whatever goes wrong at a folder, it has no grade, and others go on."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / temporary))
    (tmp_path / '0-vanilla.py').write_text('')
    results = ask.grade(str(tmp_path), '0-vanilla', room=room)
    assert {result['graded'] for result in results} == {False}
    assert 'the machine failed, twice: ' in results[0]['failure']
    assert why in results[0]['failure']
    assert why in ask.remarks(str(tmp_path), room=room)['0-vanilla'][0][
        'failure']
    assert len(list(tmp_path.iterdir())) == 1 and not ask.running


def test_answer(tmp_path):
    """Words and arrays come as they were sent."""
    sent = np.arange(6, dtype='float32').reshape(2, 3)
    code = 'say({!r})'.format(answer.pack({'x': 1}, [sent, sent.T, 5]))
    with ask.Process(program(tmp_path, code), [], b'', ask.HERE, 60,
                     None) as process:
        words, arrays = process.ask('run')
    assert words == {'x': 1}
    for array, wanted in zip(arrays, [sent, sent.T, np.float64(5)]):
        assert array.dtype == 'float64'
        np.testing.assert_array_equal(array, wanted)


@pytest.mark.parametrize('find, shape, layer', [
    (lambda pairs, x: dense.activations_of(pairs, x, x, ['relu'] * 12),
     (2, 2), 'dense'),
    (lambda pairs, x: convolutional.steps_of(
        pairs, x, x[:1], [('same', 'relu', 'upsampling')] * 12,
        ['upsampling']), (2, 3, 3, 1), 'convolve')])
def test_what_is_tried_ends(monkeypatch, find, shape, layer):
    """Twelve layers, where a task has four: not all that they may be."""
    def counted(x, *more):
        tried.append(x.size)
        assert len(tried) < 2000 and x.size < 10**6
        return compute(x, *more)

    tried, compute = [], getattr(oracle, layer)
    monkeypatch.setattr(oracle, layer, counted)
    kernel = np.ones((3, 3, 1, 1) if layer == 'convolve' else (2, 2))
    assert find([[kernel, 1]] * 12, np.ones(shape)) is None


@pytest.mark.parametrize('sizes, error', [
    ([[-1, 2]], Ended), ([['x']], Ended), ([[2**40, 2**24]], Failed),
    ([[2, 3]], Failed)])
def test_lies_about_shapes(sizes, error):
    """Nothing is allocated for a size that a solution only claims."""
    told = {'number': 0, 'times': 1, 'optimizer': 'Adam', 'loss': True,
            'arguments': '', 'shapes': dict.fromkeys(
                ('encoder', 'decoder', 'auto'), sizes)}
    with pytest.raises(error):
        models = Models(lambda *_, **__: ({}, [np.ones((1, 10**5))]), 'f()',
                        told)
        models.randomise(np.random.default_rng(0), halves=['encoder'])
        models.targets(np.ones((64, 12)), np.random.default_rng(0))


def test_grader_imports_no_tensorflow():
    """Neither the solution nor TensorFlow is in the process that judges."""
    code = ('import sys; from grader import __main__; '
            'sys.exit("tensorflow" in sys.modules or "keras" in sys.modules)')
    assert subprocess.run([sys.executable, '-c', code], check=False,
                          cwd=ROOT).returncode == 0


def result(task='0-vanilla', version='1', **more):
    """Return a result of a point."""
    return {'task': task, 'tensorflow': version, 'seed': 7, 'point': 'adam',
            'sentence': 's', 'counted': True, 'failure': None, 'needs': None,
            'reading': None, 'claim': None, 'graded': True, **more}


def test_page():
    """It opens with what most depends on; a fault is said once."""
    results = []
    for version, words, number in [('1', 'KeyError: 1', 0.51),
                                   ('2', 'KeyError: "1"', 5.2e-05)]:
        results += [
            result('3-variational', version, failure=f'z is {number}'),
            result(version=version, failure='there is no x', point='first'),
            result('1-sparse', version, failure='f() raised ' + words,
                   claim='its name'),
            result('1-sparse', version, failure='f() raised ' + words,
                   point='shapes', needs='adam')]
    page = report.page('a\x1b[1mb', results, ['1', '2']).split('\n')
    assert page[:3] == ['a\\x1b[1mb', '', 'Look first at 1-sparse adam: '
                        'f() raised KeyError: "1" (1 more waits for it)']
    assert sum('raised' in words for words in page[3:]) == 1
    assert [words for words in page if 'z is' in words] == [
        '3-variational adam: z is 5.2e-05']
    assert '1-sparse, not reached because of adam: shapes' in page
    assert 'Claims, which no number holds: its name (1)' in page
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


def test_said():
    """Of what an exception says, the sentence that matters, in plain text."""
    assert said({'raised': 'ValueError', 'said': '\x1b[1mIn x\x1b[0m\ny'}) == (
        'ValueError: In x')
    words = said({'raised': 'TypeError', 'said': 'in user code:\n a\n' +
                  'You can ' * 99})
    assert words.endswith('You can …') and len(words) < 220
    assert line('a\n\n\x00b') == 'a \\x00b'


@pytest.mark.parametrize('arguments, wanted', [
    ([], 'the following arguments are required: DIR'),
    (['nowhere'], "argument DIR: 'nowhere' is missing"),
    (['README.md'], "argument DIR: 'README.md' is not a folder"),
    (['lab'], "argument DIR: 'lab' holds no 0-vanilla.py, "),
    (['.', '--tensorflow', '2.3'], "'2.3' is not one of "),
    (['.', '--seconds', 'nan'], "'nan', expected a number > 0"),
    (['.', '--seconds', '0'], "'0', expected a number > 0"),
    (['.', '--csv', 'no/such'], 'argument --csv: no/such: No such'),
    (['.', '--csv', '{pipe}'], 'argument --csv: {pipe}: No such device'),
    (['.', '--json', '{pipe}'], 'argument --json: {pipe}: No such device'),
    (['.', '--reports', 'README.md'], 'argument --reports: README.md: File')])
def test_bad_arguments(tmp_path, capsys, arguments, wanted):
    """What cannot be done is refused before anything is graded."""
    os.mkfifo(tmp_path / 'pipe')
    pipe = {'pipe': str(tmp_path / 'pipe')}
    with pytest.raises(SystemExit) as ended:
        command.parse([text.format(**pipe) for text in arguments])
    assert ended.value.code == 2
    assert wanted.format(**pipe) in capsys.readouterr().err


def test_help(capsys):
    """It says what there is to choose, and what the exit status means."""
    with pytest.raises(SystemExit):
        command.parse(['--help'])
    printed = capsys.readouterr().out
    for word in ('--seed', '--sandbox', '1.15.5', 'exit status:', '130'):
        assert word in printed
    assert all(task in printed for task in TASKS)
