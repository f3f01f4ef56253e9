"""Ask about a folder's solutions: a process in a sandbox for each task."""
import contextlib
import importlib.metadata
import io
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

from grader import answer, files, judge, sandbox, versions
from grader.solution import NO_ANSWER, Ended, line

SECONDS = 60        # for an answer; ours take 5 at most, a task 8
BYTES = 2**24       # of an answer; the weights of task 3 have 3.2 million
ANSWER = os.path.abspath(answer.__file__)
STYLE = os.path.join(os.path.dirname(ANSWER), 'style.py')


def _installed():
    """Return the version of the TensorFlow of this environment."""
    for name in ('tensorflow', 'tensorflow-cpu', 'tensorflow-macos'):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    raise SystemExit(f'tensorflow is not installed for {sys.executable}')


HERE = _installed()
# By the kernel or by a user; what limits memory may ask before it kills.
KILLED = [status for number in (signal.SIGKILL, signal.SIGTERM)
          for status in (-number, 128 + number)]
running = set()     # of Process
stopping = threading.Event()


class Process:
    """A program in its room, which answers questions about a folder.

    Args:
        program: str, ANSWER or STYLE.
        arguments: list of str.
        data: bytes, a tar of the folder.
        version: str, HERE or a row of the matrix, which is installed.
        seconds: float, how long an answer may take; all may take five times
            as long.
        room: function of a command, an interpreter and a program, that
            returns the command in its sandbox; None for none.

    Raises:
        Ended: if it cannot begin.
    """

    def __init__(self, program, arguments, data, version, seconds, room):
        self.seconds, self.received = seconds, bytearray()
        self.limit = time.monotonic() + seconds
        self.last = time.monotonic() + 5 * seconds
        self.process, self.began, self.killed = None, False, False
        self.open = contextlib.ExitStack()      # closed in the end
        running.add(self)
        try:
            self._start(program, arguments, version, room)
            if stopping.is_set():
                raise Ended('interrupted')
            self._send(b'%d\n' % len(data))
            self._send(data)
            self.reply()
        except BaseException:
            self.close()
            raise
        self.began = True       # nothing of the solution has run before

    def _start(self, program, arguments, version, room):
        python = (sys.executable if version == HERE else
                  versions.install(version))
        command = [python, '-B', program, *arguments]
        # One thread each: as many tasks as there are cores run at once.
        environment = {
            'PATH': os.environ['PATH'], 'HOME': '/tmp', 'LC_ALL': 'C.UTF-8',
            'TF_CPP_MIN_LOG_LEVEL': '3', 'TF_NUM_INTRAOP_THREADS': '1',
            'TF_NUM_INTEROP_THREADS': '1', 'OMP_NUM_THREADS': '1',
            'OPENBLAS_NUM_THREADS': '1', **versions.settings(version)}
        self.words = self.open.enter_context(tempfile.TemporaryFile())
        ours, theirs = socket.socketpair()
        self.socket = self.open.enter_context(ours)
        with theirs:
            folder, pipe = None, ()
            if room:
                command = room(command, python, program)
            else:
                folder = environment['HOME'] = tempfile.mkdtemp()
                self.open.callback(shutil.rmtree, folder, ignore_errors=True)
                pipe = os.pipe()
                for end in pipe:
                    self.open.callback(os.close, end)
                command = sandbox.mortal(command, pipe[0], folder)
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=theirs,
                stdout=theirs, stderr=self.words, start_new_session=True,
                pass_fds=pipe[:1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, question, *words, arrays=()):
        """Return the words, a dict, and the arrays, float64, of an answer.

        Raises:
            Ended: if there is none, with the reason.
        """
        self.limit = min(self.last, time.monotonic() + self.seconds)
        self._send(answer.pack({'question': question, 'words': words},
                               arrays))
        return self.reply()

    def reply(self):
        """Return the words and the arrays of what it says next."""
        try:
            while b'\n' not in self.received:
                self._receive(2**20)
            words = json.loads(self._take(self.received.index(b'\n') + 1))
            sizes = words.pop('arrays')
            if min([0, *sizes]) < 0 or sum(sizes) > BYTES:
                raise ValueError(sizes)
            return words, [_array(self._take(size)) for size in sizes]
        except Ended:
            raise
        except Exception:       # whatever it sent
            self.kill()
            raise Ended(NO_ANSWER) from None

    def _send(self, message):
        message = memoryview(message)
        while message:
            self._wait(writes=True)
            try:
                sent = self.socket.send(message[:2**16], socket.MSG_DONTWAIT)
            except OSError:
                self._gone()
            message = message[sent:]

    def _receive(self, most):
        if len(self.received) > most:
            raise ValueError('too long')
        self._wait()
        try:
            more = self.socket.recv(2**18)
        except ConnectionError:     # it ended before it had read all
            more = b''
        if not more:
            self._gone()
        self.received += more

    def _take(self, size):
        while len(self.received) < size:
            self._receive(BYTES)
        taken = bytes(self.received[:size])
        del self.received[:size]
        return taken

    def _wait(self, writes=False):
        """Wait until the socket can be used, but not for ever.

        What a process leaves running may hold the other end open.
        """
        ends = [] if writes else [self.socket], [self.socket] * writes, []
        while True:
            ended = self.process.poll() is not None
            ready = any(select.select(*ends, 0 if ended else 0.2))
            if ready and not (ended and writes):
                return
            if ended:
                self._gone()
            if time.monotonic() > self.limit:
                self.kill()
                raise Ended(f'no answer within {self.seconds:g} seconds',
                            machine=not self.began)

    def _gone(self):
        """Raise Ended: with what status, and in what words."""
        try:
            status = self.process.wait(1)
        except subprocess.TimeoutExpired:       # it only closed its streams
            self.kill()
            raise Ended(NO_ANSWER) from None
        why = f'the process ended with exit status {status}'
        # None is killed by the kernel for its own memory, which is limited.
        machine = not self.killed and (not self.began or status in KILLED)
        if machine:
            self.words.seek(0)
            said = self.words.read(2**16).decode(errors='replace').split('\n')
            why += ': ' + (line(next(filter(None, reversed(said)), '')) or (
                'it was killed' if status in KILLED else 'it said nothing'))
        raise Ended(why, machine)

    def kill(self):
        """Kill it and what it started."""
        self.killed = True
        with contextlib.suppress(ProcessLookupError):
            if self.process:
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self):
        """End it, and what it left running."""
        self.kill()
        if self.process:
            self.process.wait()
        self.open.close()
        running.discard(self)


def _array(data):
    """Return the array of an npy file, which may lie about its size."""
    stream = io.BytesIO(data)
    np.lib.format.read_magic(stream)
    shape, transposed, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype != np.dtype('float32') or min([0, *shape]) < 0:
        raise ValueError(dtype, shape)
    return np.frombuffer(data[stream.tell():], dtype).reshape(
        shape, order='F' if transposed else 'C').astype('float64')


def _ended(error):
    """Return an Ended: another exception ends a folder, and not the class."""
    return error if isinstance(error, Ended) else Ended(
        f'{type(error).__name__}: {error}', machine=True)


def grade(folder, task, version=HERE, seconds=SECONDS, room=None, seed=0,
          only=()):
    """Return a task's results: a dict for each point and each remark.

    Args:
        folder: str, where the solution is.
        task: str, the name of the task's module.
        version: str, HERE or a row of the matrix, which is installed.
        seconds, room: see Process.
        seed: int, of the weights and the images.
        only: names of the points to judge; empty for all.

    Returns:
        list of dicts with the keys task, tensorflow, seed, point, sentence (of
        the task, that the point stands on), counted (False for a remark),
        failure (str, None if the point is passed), needs (the point that
        failed before this one could be reached, or None), reading (str, which
        of the readings of a sentence the solution took, or None), claim (str,
        what no number could be held against, or None) and graded (False if
        the machine failed, twice, or the grader, and not the solution).
    """
    module = task + '.py'
    for _ in range(2):
        results = []
        try:
            data, found = files.copy(folder)
            if module not in found:
                raise Ended('there is no ' + module)
            if found[module]:
                raise Ended(f'{module}: {found[module]}')
            with Process(ANSWER, [task], data, version, seconds,
                         room) as process:
                results, ended = judge.judge(task, process.ask, seed, only)
        except Exception as error:
            ended = _ended(error)
        graded = not (ended and ended.machine)
        if graded:
            break
    if not graded:
        results, ended = [], f'the machine failed, twice: {ended}'
    results += judge.not_reached(task, results, ended, only)
    return [{'task': task, 'tensorflow': version, 'seed': seed, **result,
             'graded': graded and result['graded']} for result in results]


def remarks(folder, seconds=SECONDS, room=None):
    """Return the remarks on the style of a folder's files.

    Returns:
        {task: list of dicts like those of `grade`}.
    """
    told, words = {}, {}
    try:
        data, found = files.copy(folder)
        told = {task: {} for task in judge.POINTS if not found.get(
            task + '.py', 'missing')}
        with Process(STYLE, list(told), data, HERE, seconds, room) as process:
            while words.get('task') != 'all':
                words, _ = process.reply()
                if words['task'] in told:
                    told[words['task']][line(str(words['rule']))] = (
                        words['against'] and line(str(words['against'])))
    except Exception as error:
        for rules in told.values():
            rules['is judged'] = f'it was not: {_ended(error)}'
    return {task: [dict(judge.result('style', 'every file ' + rule, False,
                                     against), task=task)
                   for rule, against in rules.items()]
            for task, rules in told.items()}


def stop():
    """End all that is running, and let nothing more begin."""
    stopping.set()
    for process in list(running):
        process.kill()
