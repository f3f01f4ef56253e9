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
from grader.models import NO_ANSWER, Ended
from grader.text import line

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
    """A program in its sandbox, which answers questions about a folder.

    Args:
        program: str, ANSWER or STYLE.
        arguments: list of str.
        given: what files.read() says of the folder.
        version: str, HERE or a row of the matrix, which is installed.
        seconds: float, how long an answer may take; all may take five times
            as long.
        sandbox: function of a command, an interpreter, programs and a folder
            that returns the command in its sandbox; None for none.

    Raises:
        Ended: if it cannot begin.
    """

    def __init__(self, program, arguments, given, version, seconds, sandbox):
        self.seconds, self.last = seconds, time.monotonic() + 5 * seconds
        self.process, self.began = None, False
        self.killed = self.late = False
        self.open = contextlib.ExitStack()      # closed in the end
        running.add(self)
        try:
            self._start(program, arguments, given, version, sandbox)
            if stopping.is_set():
                raise Ended('interrupted')
            self._exchange()
        except BaseException:
            self.close()
            raise
        self.began = True       # nothing of the solution has run before

    def _start(self, program, arguments, given, version, sandbox):
        python = (sys.executable if version == HERE else
                  versions.install(version))
        folder = self.open.enter_context(tempfile.TemporaryDirectory(
            ignore_cleanup_errors=True))
        files.write(given, os.path.join(folder, 'given'))
        # One thread each: as many tasks as there are cores run at once.
        environment = {
            'PATH': os.environ['PATH'], 'HOME': '/tmp', 'LC_ALL': 'C.UTF-8',
            'TF_CPP_MIN_LOG_LEVEL': '3', 'TF_NUM_INTRAOP_THREADS': '1',
            'TF_NUM_INTEROP_THREADS': '1', 'OMP_NUM_THREADS': '1',
            'OPENBLAS_NUM_THREADS': '1', **versions.settings(version)}
        command = [python, '-B', program, *arguments]
        if sandbox:
            command = sandbox(command, python, [program, ANSWER],
                              os.path.join(folder, 'given'))
        else:
            environment['HOME'] = folder
        self.said = self.open.enter_context(tempfile.TemporaryFile())
        self.socket, theirs = socket.socketpair()
        self.open.enter_context(self.socket)
        self.connection = self.open.enter_context(
            Connection(os.dup(self.socket.fileno())))
        with theirs:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=theirs,
                stdout=theirs, stderr=self.said, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, question, *words, arrays=()):
        """Return the words, a dict, and the arrays, float64, of an answer.

        Raises:
            Ended: if there is none, with the reason.
        """
        return self._exchange(answer.pack(
            {'question': question, 'words': words}, arrays))

    def _exchange(self, message=None):
        """Send a message, if there is one; return what it says next."""
        timer = threading.Timer(min(
            self.seconds, self.last - time.monotonic()), self._too_late)
        timer.daemon = True
        timer.start()
        try:
            if message:
                self.connection.send_bytes(message)
            words, arrays = answer.unpack(self.connection.recv_bytes(BYTES))
            return dict(words), [array.astype('float64') for array in arrays]
        except (EOFError, OSError):
            raise self._ended() from None
        except Exception:       # whatever it sent
            raise Ended(NO_ANSWER) from None
        finally:
            timer.cancel()

    def _too_late(self):
        """Kill what gives no answer, and what ended and left others there."""
        self.late = self.process.poll() is None
        self.kill()

    def _ended(self):
        """Return an Ended: with what status, and in what words."""
        try:
            status = self.process.wait(1)
        except subprocess.TimeoutExpired:   # it sends too much, or is deaf
            return Ended(NO_ANSWER)
        if self.late:
            return Ended(f'no answer within {self.seconds:g} seconds',
                         machine=not self.began)
        why = f'the process ended with exit status {status}'
        # None is killed by the kernel for its own memory, which is limited.
        machine = not self.killed and (not self.began or status in KILLED)
        if machine:
            self.said.seek(0)
            said = self.said.read(2**16).decode(errors='replace').split('\n')
            why += ': ' + (line(next(filter(None, reversed(said)), '')) or (
                'it was killed' if status in KILLED else 'it said nothing'))
        return Ended(why, machine)

    def kill(self):
        """Kill it and what it started; wait for no answer any more."""
        if self.process:
            self.killed = self.process.poll() is None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    def close(self):
        """End it, and what it left running."""
        self.kill()
        if self.process:
            self.process.wait()
        self.open.close()
        running.discard(self)


def stop():
    """End all that is running, and let nothing more begin."""
    stopping.set()
    for process in list(running):
        process.kill()
