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
    results = json.loads((tmp_path / 'results.json').read_text())
    failed = []
    for name, code in HOSTILE.items():
        ours = [result for result in results if result['folder'] == name and
                result['counted'] and result['task'] == '0-vanilla']
        first = next((result['failure'] for result in ours
                      if result['failure']), None)
        passed = sum(not result['failure'] for result in ours)
        ends = re.match('# It ends: (.*)', code)
        if passed != (0 if ends else 15) or ends and ends[1].replace(
                '{home}', str(home)) not in first:
            failed.append((name, first, passed, len(ours)))
        assert sorted(os.listdir(tmp_path / 'class' / name)) == [
            '0-vanilla.py', 'secret']
    assert failed == []
    assert 'left' not in os.listdir('/tmp') + os.listdir(home)
    assert os.listdir(tmp_path / 'tmp') == []


def below(pid):
    """Return {pid: command} of the processes that one started, at any depth.
    """
    found = {}
    for file in pathlib.Path(f'/proc/{pid}/task').glob('*/children'):
        for child in file.read_text().split():
            try:
                found[child] = pathlib.Path(
                    f'/proc/{child}/cmdline').read_bytes()
                found.update(below(child))
            except OSError:                     # it has ended
                pass
    return found


@pytest.mark.parametrize('choice, number', [
    ('require', signal.SIGKILL), ('require', signal.SIGTERM),
    ('require', signal.SIGINT), ('off', signal.SIGINT)])
def test_grader_is_killed(tmp_path, launch, choice, number):
    """What it runs dies with it; no copy is left, where it can remove that."""
    if choice == 'require' and WHY:
        pytest.skip(f'no sandbox: {WHY}')
    (tmp_path / 'tmp').mkdir()
    (tmp_path / 'class').mkdir()
    (tmp_path / 'class' / '0-vanilla.py').write_text(
        'while True:\n    pass\n')
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

    def still(child):
        """Return whether a process runs as it did; not another of its number.
        """
        try:
            return pathlib.Path(f'/proc/{child}/cmdline').read_bytes() == (
                answering[child])
        except OSError:
            return False

    while any(map(still, answering)) or (
            number == signal.SIGINT and os.listdir(tmp_path / 'tmp')):
        time.sleep(0.1)


@pytest.mark.parametrize('choice', ['require', 'off'])
def test_never_ends(tmp_path, launch, choice):
    """A solution has so many seconds, in a sandbox or not."""
    if choice == 'require' and WHY:
        pytest.skip(f'no sandbox: {WHY}')
    (tmp_path / '0-vanilla.py').write_text('while True:\n    pass\n')
    printed, _ = launch(*GRADE, str(tmp_path), '--seconds', '5', '--sandbox',
                        choice).end(1)
    assert '0-vanilla three_models: no answer within 5 seconds' in printed


def test_no_sandbox(monkeypatch, capsys):
    """Where there is none, nothing is run unless that is chosen."""
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    with pytest.raises(SystemExit) as ended:
        options.parse([str(ROOT)])
    assert ended.value.code == 2
    assert ('bubblewrap (bwrap) is not installed; with off (make grade '
            'SANDBOX=off), the solutions run with your rights'
            ) in capsys.readouterr().err
    assert options.parse([str(ROOT), '--sandbox', 'off']).sandbox == 'off'
