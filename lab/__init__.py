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
    if sys.stdout is None:                      # it is closed
        sys.stdout = open(os.devnull, 'w')
    if hasattr(sys.stdout, 'reconfigure'):      # a notebook's has not
        sys.stdout.reconfigure(errors='backslashreplace')
    try:
        with contextlib.ExitStack() as quiet:
            if not is_chief():
                quiet.enter_context(contextlib.redirect_stdout(
                    quiet.enter_context(open(os.devnull, 'w'))))
            return main()
    except RunEnded as error:
        ended = error
    except BrokenPipeError:
        # Who read it, as `head`, has gone: end quietly, as other programs do.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
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
