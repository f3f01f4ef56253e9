"""Start a main as a user does, as a program of its own, and wait for it."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import numpy as np

ROOT = pathlib.Path(__file__).parent.parent
# More epochs than any test waits for: a program that is some 150 epochs ahead
# of the test's reading waits, as the pipe is full. With 256 images they are
# too few steps for XLA, which takes seconds to compile.
ENDLESS = '1900'
SECONDS = 600       # then a program that hangs is killed, and its test fails


def losses(folder, task):
    """Return the history that a run left: epoch, loss, test loss, a row each.
    """
    return np.loadtxt(folder / f'{task[0]}-history.csv', delimiter=',',
                      skiprows=1)


class Program:
    """A program that has no screen, and none of this process's settings."""

    def __init__(self, *command, more=(), cwd=ROOT):
        env = {name: value for name, value in os.environ.items() if name not in
               ('DISPLAY', 'WAYLAND_DISPLAY', 'MPLBACKEND', 'TF_CONFIG')}
        env.update(more, PATH=os.pathsep.join(
            [str(pathlib.Path(sys.executable).parent), env['PATH']]))
        self.stderr = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=self.stderr,
            text=True, pipesize=4096, preexec_fn=self.prepare, cwd=cwd)
        self.printed = ''
        self.guard = threading.Timer(SECONDS, self.process.kill)
        self.guard.daemon = True
        self.guard.start()

    @staticmethod
    def prepare():
        """Let the program take signals, whatever its parent ignores."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    def until(self, start):
        """Wait for a line that starts so."""
        for line in self.process.stdout:
            self.printed += line
            if line.startswith(start):
                return
        raise AssertionError(f'no line {start!r}: {self.account()}')

    def end(self, *status):
        """Wait for its end, with one of these exit statuses, 0 by default.

        Returns:
            what it printed, str, and its lines on stderr, a list.
        """
        self.printed += self.process.stdout.read()
        assert self.process.wait() in (status or (0,)), self.account()
        return self.printed, self.said()

    def kill(self, number=signal.SIGKILL):
        """Send a signal; after SIGKILL wait for the end."""
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.end(-number)

    def said(self):
        """Return the lines on stderr."""
        self.stderr.seek(0)
        return self.stderr.read().splitlines()

    def account(self):
        """Return how it ended and what it said, for a test that fails."""
        return '\n'.join([f'exit status {self.process.poll()}',
                          self.printed[-2000:], *self.said()[-40:]])

    def close(self):
        """End it, if it has not ended."""
        self.guard.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.stderr.close()
