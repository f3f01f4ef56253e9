"""Training: `auto.fit` with images as input and target, fast and resumable.

Keras's own `fit` trains, with its callbacks and its history. What it calls for
each batch, `train_function` and `test_function`, are those of program.py.
"""
import contextlib
import itertools
import signal
import sys
import threading

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import RunEnded, mnist, several_devices
from lab.backup import Backup, state
from lab.program import batch_numbers, permutations, steps, xla_pays


def fit(auto, x_train, x_test, epochs=50, batch_size=256, shuffle=True,
        callbacks=(), verbose='auto', backup=None, settings=(), y_train=None,
        y_test=None):
    """Train `auto` to give back its input: `auto.fit(x_train, x_train, ...)`.

    The batches and the losses are those of plain `fit` with the same
    arguments and `validation_data=(x_test, x_test)`; it takes less time. With
    targets of their own, such as the images that noise was added to, they are
    those of `auto.fit(x_train, y_train, ...)`.

    Args:
        auto: keras.Model, compiled, from images to reconstructions.
        x_train: uint8, or floats in [0, 1], (n, ...), the images to train on.
            Bytes are divided by 255 when their batch comes, not before.
        x_test: the same, (m, ...), the images to validate on.
        epochs: int, how many times to train on all of x_train.
        batch_size: int, images in a step of training.
        shuffle: bool, whether to take x_train in a random order.
        callbacks: list of keras.callbacks.Callback, called as by `auto.fit`.
        verbose: 0, 1 or 2, as of `auto.fit`; 'auto' is a bar in a terminal, a
            line for each epoch elsewhere.
        backup: str, path of an npz file that keeps the training at each
            epoch, and that it goes on from after an interruption; None keeps
            nothing. Who has saved the trained model may remove it.
        settings: dict of JSON's values, of what else must be the same to go
            on, such as the seed.
        y_train, y_test: as x_train and x_test, the targets; None takes the
            input.

    Returns:
        dict of lists such as 'loss' and 'val_loss', in the unit of the model's
        loss: a float for each epoch, those before an interruption, too.

    Raises:
        ValueError: if the images are none, or the targets not of their shape.
        KeyboardInterrupt: at Ctrl-C, between two batches.
        lab.RunEnded: if the loss is no longer a number, naming the epoch; if
            another worker is lost.
    """
    if (y_train is None) != (y_test is None):
        raise ValueError('y_train or y_test is None, expected both or none')
    train = mnist.images_and_targets('train', x_train, y_train)
    test = mnist.images_and_targets('test', x_test, y_test)
    if verbose == 'auto':
        verbose = 1 if getattr(sys.stdout, 'isatty', bool)() else 2
    if not auto.built:
        auto(mnist.scale(train[0][:1]))
    if backup is not None:
        backup = Backup(backup, settings, auto, [*train, *test], batch_size,
                        shuffle)
    train_by = _train
    if (several_devices() or tf.distribute.has_strategy() or
            auto.distribute_strategy is not tf.distribute.get_strategy() or
            # A legacy optimizer; or none, and Keras says: call compile.
            not hasattr(getattr(auto, 'optimizer', None), 'build')):
        from lab import devices
        train_by = devices.fit
    return train_by(auto, train, test, backup, callbacks=[*callbacks],
                    epochs=epochs, batch_size=batch_size, shuffle=shuffle,
                    verbose=verbose)


def _train(auto, train, test, backup, callbacks, epochs, batch_size, shuffle,
           verbose):
    """Train, from the backup's last epoch on; return the history."""
    def end_epoch(epoch, logs):
        if _lost(history.history):
            auto.stop_training = True
        elif backup:
            backup.write(state(auto), history.history)

    # Made now, its variables are there to be restored.
    auto.optimizer.build(auto.trainable_variables)
    history = keras.callbacks.History()
    history.history = backup.read(state(auto), epochs) if backup else {}
    done = len(history.history.get('loss', []))
    n, m = len(train[0]), len(test[0])
    xla = xla_pays(train[0].ndim, n / batch_size * epochs, callbacks)
    train_steps = steps(
        auto, auto.train_step, train,
        itertools.islice(permutations(n, shuffle), done, None),
        batch_size, xla)
    test_steps = steps(auto, auto.test_step, test, permutations(m, False),
                       batch_size, xla)
    with _interrupts() as check:
        # For each batch fit calls these, and makes none where they are there.
        auto.train_function = lambda _: next(train_steps)
        auto.test_function = lambda _: next(test_steps)
        try:
            auto.fit(
                batch_numbers(n, batch_size), shuffle=False, epochs=epochs,
                validation_data=batch_numbers(m, batch_size), verbose=verbose,
                initial_epoch=done, callbacks=[
                    *callbacks, history, keras.callbacks.LambdaCallback(
                        on_train_batch_begin=check, on_test_batch_begin=check,
                        on_epoch_end=end_epoch)])
        finally:
            auto.train_function = auto.test_function = None
    if _lost(history.history):
        raise RunEnded(
            f"the loss is not a number in epoch {len(history.history['loss'])}"
            ': training stopped' +
            (f'; {backup.path} has the epochs before' if backup else ''))
    return history.history


def _lost(history):
    """Return whether a loss of the last epoch is no number."""
    return not np.isfinite(history['loss'][-1] + history['val_loss'][-1])


@contextlib.contextmanager
def _interrupts():
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
