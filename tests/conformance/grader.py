"""Grade a folder: each task in a process of its own."""
import contextlib
import importlib.metadata
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import check
import files
import matrix
import sandbox
import style
from lab.tasks import TASKS

SECONDS = 120       # for a task; ours take about 8
BYTES = 2**20       # of results; ours are 5,000
HERE = importlib.metadata.version('tensorflow')     # of this environment
running = set()     # processes


def grade(folder, task, tensorflow=HERE, seconds=SECONDS, room=None, only=()):
    """Return a task's results: a dict for each point and each remark.

    Args:
        folder: str, where the solution is.
        task: str, the name of the task's module.
        tensorflow: str, HERE or a row of the matrix, which is installed.
        seconds: how long it may take.
        room: function of a command, an interpreter and a folder, that returns
            the command in its sandbox; None for none.
        only: names of the points to check; empty for all.

    Returns:
        list of dicts with the keys task, tensorflow, point, sentence (of the
        task, that the point stands on), counted (False for a remark), failure
        (str, None if the point is passed), needs (the point that failed
        before this one could be reached, or None), reading (str, which of
        the readings of a sentence the solution took, or None) and graded
        (False if the machine failed, twice, and not the solution).
    """
    path = pathlib.Path(folder) / (task + '.py')
    why, known, graded = 'there is no ' + path.name, {}, True
    if files.is_regular(path):
        for _ in range(2):
            why, known, graded = _process(path, tensorflow, seconds, room,
                                          only)
            if graded:
                break
    results, first = [], None
    for point in check.POINTS[task] + check.REMARKS[task]:
        name = point.__name__
        if only and name not in only:
            continue
        if name not in known:           # it ended in the first of these
            known[name] = {'failure': why, 'needs': first, 'reading': None}
            first = first or name
        results.append({
            'task': task, 'tensorflow': tensorflow, 'point': name,
            'sentence': ' '.join(point.__doc__.split()),
            'counted': point in check.POINTS[task], 'graded': graded,
            **known[name]})
    return results + [
        {'task': task, 'tensorflow': tensorflow, 'point': 'style',
         'sentence': 'every file ' + rule, 'counted': False, 'graded': True,
         'failure': against, 'needs': None, 'reading': None}
        for rule, against in style.remarks(folder, task).items() if not only]


def _process(path, tensorflow, seconds, room, only):
    """Return why points are missing, the results of those that are not, and
    whether it was the solution's doing, not the machine's.
    """
    python = (sys.executable if tensorflow == HERE else
              matrix.install(tensorflow))
    command = [python, '-B', os.path.abspath(check.__file__), path.stem,
               *only]
    with tempfile.TemporaryDirectory() as copy, (
            tempfile.TemporaryFile()) as words:
        os.chmod(copy, 0o755)
        for name, data in files.sources(path.parent).items():
            pathlib.Path(copy, name).write_bytes(data)
            os.chmod(os.path.join(copy, name), 0o644)
        # One thread each: as many tasks as there are cores run at once.
        environment = {
            'PATH': os.environ['PATH'], 'HOME': '/tmp', 'LC_ALL': 'C.UTF-8',
            'TF_CPP_MIN_LOG_LEVEL': '3', 'TF_NUM_INTRAOP_THREADS': '1',
            'TF_NUM_INTEROP_THREADS': '1', 'OMP_NUM_THREADS': '1',
            'OPENBLAS_NUM_THREADS': '1', **matrix.settings(tensorflow)}
        if room:
            command = room(command, python, copy)
            environment.update(sandbox.settings())
        else:
            environment['HOME'] = copy
        process = subprocess.Popen(
            command, cwd=copy, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=words, start_new_session=True)
        running.add(process)
        late = threading.Timer(seconds, end, [process])
        late.start()
        # A sandbox ends with the grader once it is up, and then it says so.
        # Then it is told what to call, and begins.
        ready = process.stdout.readline(BYTES)
        if ready:
            process.stdin.write(f'{TASKS[path.stem]!r}\n'.encode())
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()       # which sends it
        output = process.stdout.read(BYTES)
        timely = late.is_alive()
        late.cancel()
        flooded = len(output) == BYTES
        if flooded:
            end(process)
        status = process.wait()
        why = 'the process ended with exit status {}'.format(status)
        end(process)                    # what it left running, too
        # Before it is ready nothing of the solution has run. By itself none
        # is killed by the kernel: the memory that it may take is limited.
        killed = status in (-signal.SIGKILL, 128 + signal.SIGKILL)
        graded = bool(ready) and not (killed and timely and not flooded)
        if not graded:
            words.seek(0)
            said = words.read(BYTES).decode(errors='replace').strip()
            why += ': ' + (_text(said.splitlines()[-1]) if said else
                           'it was killed' if killed else 'it said nothing')
        process.stdout.close()
        running.discard(process)
    known = {}
    for line in output.decode(errors='replace').splitlines():
        try:
            result = json.loads(line)
            known[result['point']] = {key: result[key] and _text(result[key])
                                      for key in ('failure', 'needs',
                                                  'reading')}
        except Exception:               # a line of the solution's own making
            pass
    if not timely and graded:
        why = 'no answer within {:g} seconds'.format(seconds)
    return why, known, graded


def _text(said):
    """Return what a solution says as a line that a terminal may print."""
    return ''.join(c if c.isprintable() else ' ' for c in said[:2000])


def end(process):
    """Kill a process and those that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
