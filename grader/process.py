"""A process in a sandbox, that answers questions about a folder."""
import contextlib
import importlib.metadata
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection

from grader import answer, files, versions
from grader.models import Ended

SECONDS = 60        # for an answer; ours take 5 at most, a task 8
BYTES = 2**24       # of an answer; the weights of task 3 have 3.2 million
ANSWER = os.path.abspath(answer.__file__)
STYLE = os.path.join(os.path.dirname(ANSWER), 'style.py')
HERE = importlib.metadata.version('tensorflow')     # of this environment
NO_ANSWER = 'it sent what is no answer'
# By SIGKILL or SIGTERM, of the kernel or a user; bwrap adds it to 128.
KILLED = -9, -15, 137, 143
running = set()     # of Process
stopping = threading.Event()


class Process:
    """A program in its sandbox, which answers questions about a folder.

    It begins when it is asked for the first time.

    Args:
        program: str, ANSWER or STYLE.
        folder: str, the student's.
        task: str, the name of the task's module.
        version: str, HERE or a row of the matrix, which is installed.
        seconds: float, how long an answer may take; all may take five times
            as long.
        sandbox: function of a command, an interpreter, programs and a folder
            that returns the command in its sandbox; None for none.
    """

    def __init__(self, program, folder, task, version, seconds, sandbox):
        self.program, self.folder, self.task = program, folder, task
        self.version, self.sandbox = version, sandbox
        self.seconds, self.last = seconds, time.monotonic() + 5 * seconds
        self.process, self.began = None, False
        self.open = contextlib.ExitStack()      # closed in the end

    def __enter__(self):
        running.add(self)
        return self

    def __exit__(self, *_):
        self.kill()
        if self.process:
            self.process.wait()
        self.open.close()
        running.discard(self)

    def ask(self, question, *words, arrays=()):
        """Return the words, a dict, and the arrays, float64, of an answer.

        Raises:
            Ended: if there is none, with the reason.
        """
        try:
            if not self.began:
                self._start()
                self._exchange()
                self.began = True   # nothing of the solution has run before
            return self._exchange(answer.pack(
                {'question': question, 'words': words}, arrays))
        except Ended:
            raise
        except Exception as error:      # a disk is full, a folder is gone
            raise Ended(f'{type(error).__name__}: {error}',
                        machine=True) from None

    def _start(self):
        given, module = files.read(self.folder), self.task + '.py'
        if module not in given:
            raise Ended(f'there is no {module}')
        if isinstance(given[module], str):
            raise Ended(f'{module}: {given[module]}')
        folder = self.open.enter_context(tempfile.TemporaryDirectory(
            ignore_cleanup_errors=True))
        files.write(given, os.path.join(folder, 'given'))
        python = (sys.executable if self.version == HERE else
                  versions.install(self.version))
        command = [python, '-B', self.program, self.task]
        if self.sandbox:
            command = self.sandbox(command, python, [self.program, ANSWER],
                                   os.path.join(folder, 'given'))
        # One thread each: as many tasks as there are cores run at once.
        environment = {
            'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8',
            'HOME': '/tmp' if self.sandbox else folder,
            'TF_CPP_MIN_LOG_LEVEL': '3', 'TF_NUM_INTRAOP_THREADS': '1',
            'TF_NUM_INTEROP_THREADS': '1', 'OMP_NUM_THREADS': '1',
            'OPENBLAS_NUM_THREADS': '1', **versions.settings(self.version)}
        self.said = self.open.enter_context(tempfile.TemporaryFile())
        self.socket, theirs = map(self.open.enter_context, socket.socketpair())
        self.connection = self.open.enter_context(
            Connection(os.dup(self.socket.fileno())))
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=theirs, stdout=theirs,
            stderr=self.said, start_new_session=True)
        theirs.close()
        if stopping.is_set():
            raise Ended('interrupted', machine=True)

    def _exchange(self, message=None):
        """Send a message, if there is one; return what it says next."""
        last = min(time.monotonic() + self.seconds, self.last)
        timer = threading.Timer(last - time.monotonic(), self.kill)
        timer.start()
        try:
            if message:
                self.connection.send_bytes(message)
            words, arrays = answer.unpack(self.connection.recv_bytes(BYTES))
            return dict(words), [array.astype('float64') for array in arrays]
        except (EOFError, OSError):
            raise self._ended(time.monotonic() >= last) from None
        except Exception:       # whatever it sent
            raise Ended(NO_ANSWER) from None
        finally:
            timer.cancel()

    def _ended(self, late):
        """Return an Ended: with what status, and in what words."""
        if late:
            return Ended(f'no answer within {self.seconds:g} seconds',
                         machine=not self.began)
        try:
            status = self.process.wait(1)
        except subprocess.TimeoutExpired:   # it sends too much, or is deaf
            return Ended(NO_ANSWER)
        why = f'the process ended with exit status {status}'
        # None is killed by the kernel for its own memory, which is limited.
        machine = not self.began or status in KILLED
        if machine:
            self.said.seek(0)
            said = self.said.read(2**16).decode(errors='replace').split('\n')
            why += ': ' + next(filter(None, reversed(said)),
                               'it said nothing')
        return Ended(why, machine)

    def kill(self):
        """Kill it and what it started; wait for no answer any more."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)


def stop():
    """End all that is running, and let nothing more begin."""
    stopping.set()
    for process in list(running):
        process.kill()
