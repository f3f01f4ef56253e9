"""What the four mains share: how a run begins, and how it ends."""
import contextlib
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
os.environ['KERAS_BACKEND'] = 'tensorflow'              # not keras.json's

# The four tasks: each module, and the arguments that its main gives it.
TASKS = {
    '0-vanilla': (784, [128, 64], 32),
    '1-sparse': (784, [128, 64], 32, 10e-6),
    '2-convolutional': ((28, 28, 1), [16, 8, 8], (4, 4, 8)),
    '3-variational': (784, [512], 2)}


class RunEnded(Exception):
    """Ends a run before its end.

    Args:
        line: str, what the user must know.
        status: int, the exit status of the program.
    """

    def __init__(self, line, status=1):
        super().__init__(line)
        self.status = status


def run(main):
    """Return what `main()` returns; if it is ended early, say why and exit.
    """
    try:
        return main()
    except RunEnded as error:
        line = str(error) if error.status == 2 else f'\n{error}'
        print(line, file=sys.stderr)            # below the progress bar
        sys.exit(error.status)
    except KeyboardInterrupt:
        print('\ninterrupted: an unfinished training goes on by the same '
              'command', file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # Who read it, as `head`, has gone: end quietly, as other programs do.
        os._exit(1)


@contextlib.contextmanager
def interrupts():
    """Yield a function that raises KeyboardInterrupt after a Ctrl-C.

    It is to be called between batches. Python's own handler raises at once,
    and that may be where TensorFlow has called Python from C++: there the
    exception is lost, or crashes the process.
    """
    def check(*_, **__):
        if pressed:
            raise KeyboardInterrupt

    pressed = []
    ours = (signal.getsignal(signal.SIGINT) is signal.default_int_handler and
            threading.current_thread() is threading.main_thread())
    if ours:
        signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield check
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    check()


def import_keras():
    """Return tensorflow.keras, imported without start-up chatter."""
    if 'tensorflow' not in sys.modules:
        print('loading TensorFlow', flush=True)     # which takes seconds
    with _quiet():
        from tensorflow import keras
        keras.layers.Layer                  # TensorFlow imports Keras only now
    if several_devices():
        from lab import devices
        devices.strategy()      # before TensorFlow computes anything
    return keras


def several_devices():
    """Return whether several machines, or several GPUs, are to train."""
    import tensorflow as tf
    return ('TF_CONFIG' in os.environ or
            len(tf.config.list_physical_devices('GPU')) > 1)


@contextlib.contextmanager
def _quiet():
    """Keep back what is written to stderr, but no exception.

    TensorFlow's C++ logs before it reads its level from the environment,
    https://github.com/tensorflow/tensorflow/issues/100442.
    """
    stderr = os.dup(2)
    with open(os.devnull, 'w') as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


def one_line(error):
    """Return what an exception is and says, in a line."""
    return textwrap.shorten(f'{type(error).__name__}: {error}', 200)
