"""What a hostile solution tries in the sandbox stays there."""
import json
import os
import pathlib
import re
import signal
import shutil
import socket
import sys
import time

import pytest

from grader import options, sandbox
from launch import ROOT

GRADE = sys.executable, '-m', 'grader'
VANILLA = (ROOT / '0-vanilla.py').read_text()
ENDLESS = 'while True:\n    pass\n'
WHY = sandbox.missing(sys.executable)
# name: what a solution does when it is imported; the first line says how it
# ends there, and has no points, or that it is graded.
HOSTILE = {file.stem: file.read_text() for file in sorted(
    (ROOT / 'tests' / 'slow' / 'hostile').glob('*.py'))}


@pytest.mark.skipif(WHY is not None, reason=f'no sandbox: {WHY}')
def test_hostile(tmp_path, launch):
    """It cannot get out, and the others' grades are what they are."""
    home, unix = pathlib.Path.home(), socket.socket(socket.AF_UNIX)
    (tmp_path / 'tmp').mkdir()
    with socket.create_server(('127.0.0.1', 0)) as server, unix:
        unix.bind(str(tmp_path / 'socket'))
        unix.listen()
        for name, code in HOSTILE.items():
            folder = tmp_path / 'class' / name
            folder.mkdir(parents=True)
            (folder / 'secret').symlink_to('/proc/self/environ')
            for word, value in [('{folder}', folder), ('{home}', home),
                                ('{socket}', tmp_path / 'socket'),
                                ('{root}', ROOT),
                                ("'{port}'", server.getsockname()[1])]:
                code = code.replace(word, str(value))
            (folder / '0-vanilla.py').write_text(
                VANILLA.replace('import tensorflow', code +
                                'import tensorflow', 1))
        program = launch(*GRADE, str(tmp_path / 'class'), '--json',
                         str(tmp_path / 'results.json'), more={
                             'TOKEN': 'x', 'TMPDIR': str(tmp_path / 'tmp')})
        program.end(1)
        for listening in (server, unix):
            listening.setblocking(False)
            with pytest.raises(BlockingIOError):    # nobody came
                listening.accept()
    said = {name: [] for name in HOSTILE}
    for result in json.loads((tmp_path / 'results.json').read_text()):
        if result['counted'] and result['task'] == '0-vanilla':
            said[result['folder']].append(result['failure'] or '')
    for name, code in HOSTILE.items():
        ends = re.match('# It ends: (.*)', code)
        wanted = ends[1].replace('{home}', str(home)) if ends else ''
        assert len(said[name]) == 15
        assert all(said[name]) if ends else not any(said[name]), name
        assert wanted in said[name][0], (name, said[name][0])
        assert sorted(os.listdir(tmp_path / 'class' / name)) == [
            '0-vanilla.py', 'secret']
    assert 'left' not in os.listdir('/tmp') + os.listdir(home)
    assert os.listdir(tmp_path / 'tmp') == []


def below(pid):
    """Return {pid: command} of the processes that one started, at any depth.
    """
    found = {}
    for file in pathlib.Path(f'/proc/{pid}/task').glob('*/children'):
        for child in read(file).decode().split():
            found.update({child: command(child)}, **below(child))
    return found


def command(pid):
    """Return the command of a process; b'' if it has ended."""
    return read(pathlib.Path(f'/proc/{pid}/cmdline'))


def read(file):
    """Return the bytes of a process's file; b'' if it has ended."""
    try:
        return file.read_bytes()
    except OSError:
        return b''


@pytest.mark.parametrize('choice, number', [
    ('require', signal.SIGKILL), ('require', signal.SIGTERM),
    ('require', signal.SIGINT), ('off', signal.SIGINT)])
def test_grader_is_killed(tmp_path, launch, choice, number):
    """What it runs dies with it; no copy is left, where it can remove that."""
    if choice == 'require' and WHY:
        pytest.skip(f'no sandbox: {WHY}')
    (tmp_path / 'tmp').mkdir()
    (tmp_path / 'class').mkdir()
    (tmp_path / 'class' / '0-vanilla.py').write_text(ENDLESS)
    program = launch(*GRADE, str(tmp_path / 'class'), '--sandbox', choice,
                     more={'TMPDIR': str(tmp_path / 'tmp')})
    answering = {}
    while not any(b'0-vanilla' in line and b'bwrap' not in line
                  for line in answering.values()):
        assert program.process.poll() is None, program.account()
        time.sleep(0.1)
        answering = below(program.process.pid)
    program.kill(number)
    if number == signal.SIGINT:
        _, said = program.end(130)
        assert said == ['interrupted: the same command goes on']
    # A number may be given to another process, which has another command.
    while any(line and command(child) == line
              for child, line in answering.items()) or (
                  number == signal.SIGINT and os.listdir(tmp_path / 'tmp')):
        time.sleep(0.1)


def test_never_ends(tmp_path, launch):
    """A solution has so many seconds, and then no points."""
    (tmp_path / '0-vanilla.py').write_text(ENDLESS)
    printed, _ = launch(*GRADE, str(tmp_path), '--seconds', '5', '--sandbox',
                        'off').end(1)
    assert '0-vanilla three_models: no answer within 5 seconds' in printed
    assert '\n0-vanilla            0 of 15\n' in printed


def test_no_sandbox(monkeypatch, capsys):
    """Where there is none, nothing is run unless that is chosen."""
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    with pytest.raises(SystemExit):
        options.parse([str(ROOT)])
    assert ('bubblewrap (bwrap) is not installed; with off (make grade '
            'SANDBOX=off), the solutions run with your rights'
            ) in capsys.readouterr().err
    assert options.parse([str(ROOT), '--sandbox', 'off']).sandbox == 'off'
