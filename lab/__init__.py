"""What the four mains share."""
import builtins
import contextlib
import json
import os
import signal
import sys
import textwrap
import threading

# TensorFlow reads these when it is first imported, so they are set before.
# oneDNN makes convolutions twice as fast; on older CPUs TensorFlow leaves it
# off.
os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '1')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')     # no start-up chatter


class RunEnded(Exception):
    """Ends a run early, or at its end if something is lost.

    Args:
        line: str, what the user must know; '' says nothing.
        status: int, the exit status of the program.
    """

    def __init__(self, line, status=1):
        super().__init__(line)
        self.status = status

    def _render_traceback_(self):
        """Return the lines that a notebook shows instead of a traceback."""
        return [str(self)]


def run(main):
    """Return what `main()` returns; if it is ended early, say why and exit.

    In a notebook the sentence is that of an exception. Of several workers only
    the chief prints.
    """
    printed = _Printed(sys.stdout)
    try:
        with open(os.devnull, 'w') as nowhere, contextlib.redirect_stdout(
                printed if is_chief() else nowhere):
            returned = main()
        if not printed.lost:
            return returned
        ended = RunEnded(f'not printed: {printed.lost}')
    except RunEnded as error:
        ended = error
    except KeyboardInterrupt:
        ended = RunEnded('interrupted: the same command goes on after the '
                         'last finished epoch', status=130)
    if hasattr(builtins, '__IPYTHON__'):
        raise ended
    if ended.status == 130:
        print(file=sys.stderr)                  # after the progress bar
    if str(ended):
        print(ended, file=sys.stderr)
    sys.exit(ended.status)


class _Printed:
    """Where main() prints: if that gets lost, nothing else does.

    Args:
        stream: text stream, such as sys.stdout; None where that is closed.

    Attributes:
        lost: str, why something could not be printed; '' if nothing failed.
    """

    def __init__(self, stream):
        self.stream, self.lost = stream, ''
        if stream is None:
            self._lose('it is closed')

    def _lose(self, why):
        self.lost, lost = why, self.stream
        self.stream = open(os.devnull, 'w')
        with contextlib.suppress(AttributeError, OSError, ValueError):
            # What is left in its buffer would fail again at the end.
            os.dup2(self.stream.fileno(), lost.fileno())

    def write(self, text):
        """Print and flush."""
        try:
            self.stream.write(text)
            self.stream.flush()
        except OSError as error:        # a reader that has gone, a full disk
            self._lose(one_line(error))
        return len(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


def is_chief():
    """Return whether this process is the first of those in TF_CONFIG."""
    config = os.environ.get('TF_CONFIG')
    if config is None:
        return True
    try:
        parsed = json.loads(config)
        kind, index = parsed['task']['type'], parsed['task']['index']
        parsed['cluster'][kind][index]                  # its address
    except (ValueError, KeyError, IndexError, TypeError):
        raise RunEnded(f'TF_CONFIG is {config!r}, expected JSON with a '
                       'cluster and a task of it') from None
    first = 'chief' if 'chief' in parsed['cluster'] else 'worker'
    return (kind, index) == (first, 0)


@contextlib.contextmanager
def interrupts():
    """Yield a function that raises KeyboardInterrupt after a Ctrl-C.

    It is to be called between batches. Python's own handler raises at once,
    and that may be where TensorFlow has called Python from C++: there the
    exception is lost, or crashes the process. A second Ctrl-C does not wait.
    """
    def note(*_):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        pressed.append(True)

    def check(*_, **__):
        if pressed:
            raise KeyboardInterrupt

    pressed = []
    ours = (signal.getsignal(signal.SIGINT) is signal.default_int_handler and
            threading.current_thread() is threading.main_thread())
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    check()


def one_line(error):
    """Return what an exception says, in a line."""
    said = getattr(error, 'strerror', None) or str(error)
    if not said or not isinstance(error, (OSError, ValueError)):
        said = f'{type(error).__name__}: {said}'
    return textwrap.shorten(said, 200)
