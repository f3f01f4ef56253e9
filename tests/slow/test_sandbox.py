"""What a hostile solution tries in the sandbox stays there."""
import json
import os
import pathlib
import shutil
import socket
import sys
import time

import pytest

from grader import __main__ as command
from grader import sandbox
from program import ROOT

GRADE = sys.executable, '-m', 'grader'
VANILLA = (ROOT / '0-vanilla.py').read_text()
WHY = sandbox.missing(sys.executable)
# name: (what it does when it is imported, how it ends there, its points)
HOSTILE = {
    'writes beside itself': (
        'open(__file__ + ".left", "w")', 'OSError: [Errno 30] Read-only', 0),
    'writes where it was': (
        'open("{folder}/left", "w")', 'No such file or directory', 0),
    'writes into home': ('open("{home}/left", "w")', 'OSError: [Errno 30', 0),
    'writes into /tmp': ('open("/tmp/left", "w").write("x" * 999)', None, 15),
    'reads another\'s work': (
        'print(open("{folder}/../is good/0-vanilla.py").read())',
        'No such file or directory', 0),
    'opens a socket': (
        'import socket\nsocket.create_connection(("127.0.0.1", {port}))',
        'Error: [Errno ', 0),
    'kills its parent': (
        'import os\nfor pid in (os.getppid(), 1, -1):\n    try:\n'
        '        os.kill(pid, 9)\n    except OSError:\n        pass',
        None, 15),
    'forks 500 processes': (
        'import os, time\nfor _ in range(500):\n    if not os.fork():\n'
        '        time.sleep(1000)', 'BlockingIOError', 0),
    'takes 30 GB': ('x = bytearray(30 * 2**30)', 'MemoryError', 0),
    'writes 5 GB': (
        'for i in range(50):\n    open("/tmp/%d" % i, "wb").write('
        'b"x" * 10**8)', 'No space left on device', 0),
    'prints without end': (
        'import os\nfor fd in range(3, 20):\n    try:\n        while True:\n'
        '            os.write(fd, b"x" * 9999)\n    except OSError:\n'
        '        pass', 'the process ended with', 0),
    'prints results of its own making': (
        'import os\nfor fd in range(3, 20):\n    try:\n        os.write(fd, '
        'b\'{"point": "adam", "failure": [1], "needs": 1, "reading": 1}\\n\''
        '\n                 + b"[" * 99999 + b"\\n")\n    except OSError:\n'
        '        pass', None, 15),
    'writes to its arguments': (
        'import sys\nfor name in sys.argv:\n    open(name, "w").write("{}")',
        'OSError: [Errno 30] Read-only', 0),
    'is good': ('', None, 15)}


@pytest.mark.skipif(WHY is not None, reason=f'no sandbox: {WHY}')
def test_hostile(tmp_path, capsys, launch):
    """It cannot get out, and the others' grades are what they are."""
    home = pathlib.Path.home()
    with socket.create_server(('127.0.0.1', 0)) as server:
        for name, (code, _, _) in HOSTILE.items():
            folder = tmp_path / 'class' / name
            folder.mkdir(parents=True)
            for word, value in [('{folder}', folder), ('{home}', home),
                                ('{port}', server.getsockname()[1])]:
                code = code.replace(word, str(value))
            (folder / '0-vanilla.py').write_text(
                VANILLA.replace('import tensorflow', code +
                                '\nimport tensorflow', 1))
        program = launch(
            *GRADE, str(tmp_path / 'class'), '--sandbox',
            'require', '--json',
            str(tmp_path / 'results.json'))
        program.end(1)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):    # nobody came
            server.accept()
    results = json.loads((tmp_path / 'results.json').read_text())
    failed = []
    for name, (_, wanted, points) in HOSTILE.items():
        ours = [result for result in results if result['folder'] == name and
                result['counted'] and result['task'] == '0-vanilla']
        first = next((result['failure'] for result in ours
                      if result['failure']), None)
        passed = sum(not result['failure'] for result in ours)
        with capsys.disabled():
            print(f'\n| {name} | {first} | {passed} of {len(ours)} |', end=' ')
        if passed != points or (wanted or '') not in (first or ''):
            failed.append(name)
        assert os.listdir(tmp_path / 'class' / name) == ['0-vanilla.py']
    assert failed == []
    assert 'left' not in os.listdir(home) + os.listdir('/tmp')


@pytest.mark.skipif(WHY is not None, reason=f'no sandbox: {WHY}')
def test_grader_is_killed(tmp_path, launch):
    """What runs in the sandbox dies with the grader."""
    folder = tmp_path / 'class'
    folder.mkdir()
    (folder / '0-vanilla.py').write_text('while True:\n    pass\n')
    program = launch(*GRADE, str(folder), '--sandbox',
                     'require')

    def rooms():
        """Return the sandboxes that this grader started."""
        found = []
        for file in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
            try:
                if str(folder).encode() in file.read_bytes().split(b'\0') and (
                        b'bwrap' in file.read_bytes()):
                    found.append(file.parent.name)
            except OSError:
                pass                            # it has ended
        return found

    while not rooms():
        assert program.process.poll() is None, program.account()
        time.sleep(0.1)
    program.kill()
    while rooms():
        time.sleep(0.1)


def test_never_ends(tmp_path, launch):
    """A solution has so many seconds, in a sandbox or not."""
    (tmp_path / '0-vanilla.py').write_text('while True:\n    pass\n')
    printed, _ = launch(*GRADE, str(tmp_path), '--seconds',
                        '5').end(1)
    assert '0-vanilla three_models: no answer within 5 seconds' in printed


def test_no_sandbox(monkeypatch, capsys):
    """Where there is none, `require` refuses and `auto` says so."""
    monkeypatch.setattr(shutil, 'which', lambda name: None)
    why = 'bubblewrap (bwrap) is not installed'
    monkeypatch.setattr(sys, 'argv', ['grade', str(ROOT)])
    assert grade.parse().room is None
    assert capsys.readouterr().err == (
        f'no sandbox: {why}; the solutions have your rights\n')
    sys.argv += ['--sandbox', 'require']
    with pytest.raises(SystemExit) as ended:
        grade.parse()
    assert ended.value.code == 2 and why in capsys.readouterr().err
