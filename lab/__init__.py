"""What the four mains share."""
import contextlib
import gc
import os
import signal
import sys
import threading

# TensorFlow reads these when it is first imported, so they are set before.
# oneDNN makes convolutions twice as fast; on older CPUs TensorFlow leaves it
# off.
os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '1')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')     # no start-up chatter


def run(main):
    """Call `main()`; Ctrl-C ends it with one line and exit status 130."""
    gc.disable()        # lab.training enables it, when TensorFlow is imported
    try:
        main()
    except KeyboardInterrupt:
        print('\ninterrupted: the same command goes on after the last '
              'finished epoch', file=sys.stderr)
        sys.exit(130)
    finally:
        gc.enable()


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
