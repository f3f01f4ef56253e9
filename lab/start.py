"""The start of a program: is all installed; TensorFlow without its chatter."""
import contextlib
import faulthandler
import importlib.util
import os
import sys
import tempfile

from lab import RunEnded

for _name in ('numpy', 'matplotlib', 'tensorflow'):
    if importlib.util.find_spec(_name) is None:
        raise SystemExit(
            f'{_name} is not installed for {sys.executable}. "python3 -m venv '
            '.venv && .venv/bin/pip install -r requirements.txt" installs it, '
            '". .venv/bin/activate" enters that environment.')


def import_keras():
    """Return tensorflow.keras, imported without TensorFlow's start-up chatter.

    Raises:
        RunEnded: if this TensorFlow is older than the mains need.
    """
    backend = os.environ.get('KERAS_BACKEND', 'tensorflow')
    if backend != 'tensorflow':
        raise RunEnded(f'KERAS_BACKEND is {backend}, expected tensorflow: '
                       'unset it', status=2)
    if 'tensorflow' not in sys.modules:
        print('loading TensorFlow', flush=True)     # which takes seconds
    with _quiet():
        import tensorflow
        from tensorflow import keras
        keras.layers.Layer                  # TensorFlow imports Keras only now
    version = tensorflow.__version__
    if tuple(map(int, version.split('.')[:2])) < (2, 15):
        raise RunEnded(f'TensorFlow {version} is installed, the mains need '
                       '2.15 or later; the four modules run on 1.15, too',
                       status=2)
    return keras


@contextlib.contextmanager
def _quiet():
    """Keep back what is written to stderr, unless an exception is raised.

    TensorFlow's C++ logs before it reads its level from the environment,
    https://github.com/tensorflow/tensorflow/issues/100442. If it aborts, as on
    a processor that it was not built for, Python says so.
    """
    try:
        stderr, held = os.dup(2), tempfile.TemporaryFile()
    except OSError:             # it is closed, or there is no room for it
        yield
        return
    watched = faulthandler.is_enabled()
    if not watched:
        faulthandler.enable(stderr)
    with held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            if not watched:
                faulthandler.disable()
            os.close(stderr)
