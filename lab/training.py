"""Training: `auto.fit` with images as input and target, fast and resumable.

Keras's own `fit` trains, with its callbacks and its history. What it calls for
each batch, `train_function` and `test_function`, are those of program.py.
"""
import itertools
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import RunEnded, interrupts, mnist, several_devices
from lab.backup import Backup
from lab.program import (batch_numbers, permutations, steps, taken_by_fit,
                         xla_pays)


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
    if getattr(auto, 'optimizer', None) is None:
        auto.fit(train[0][:1])      # says in Keras's words to compile it
    if not auto.built:
        auto(mnist.scale(train[0][:1]))
    if backup is not None:
        backup = Backup(backup, settings, auto, [*train, *test], batch_size,
                        shuffle)
    by = _fit
    if _is_for_plain_fit(auto):
        from lab import devices
        by = devices.fit
    return by(auto, train, test, backup, callbacks=[*(callbacks or ())],
              epochs=epochs, batch_size=batch_size, shuffle=shuffle,
              verbose=verbose)


def _is_for_plain_fit(auto):
    """Return whether a model is to be trained by `fit` as it is."""
    steps_at_a_call = auto.get_compile_config().get('steps_per_execution')
    return (several_devices() or tf.distribute.has_strategy() or
            auto.distribute_strategy is not tf.distribute.get_strategy() or
            auto.run_eagerly or steps_at_a_call not in (None, 1) or
            not hasattr(auto.optimizer, 'build'))       # a legacy one


def _fit(auto, train, test, backup, callbacks, epochs, batch_size, shuffle,
         verbose):
    """Train by steps of ours, from the backup's last epoch on."""
    def end_epoch(epoch, logs):
        if not np.isfinite(logs['loss'] + logs['val_loss']):
            raise RunEnded(
                f'the loss is not a number in epoch {epoch + 1}: training '
                'stopped' + (f'; {backup.path} has the epochs before'
                             if backup and epoch else ''))
        if backup:
            backup.write(variables, history.history)

    # Made now, the optimizer's variables are there to be restored.
    auto.optimizer.build(auto.trainable_variables)
    # The model's are the weights and, in Keras 3, the seeds of noise.
    variables = [*auto.variables, *auto.optimizer.variables]
    history = keras.callbacks.History()
    history.history = backup.read(variables, epochs) if backup else {}
    done = len(history.history.get('loss', []))
    n, m = len(train[0]), len(test[0])
    xla = xla_pays(train[0].ndim, n / batch_size * epochs, callbacks)
    train_steps = steps(
        auto, auto.train_step, train,
        itertools.islice(permutations(n, shuffle), done, None),
        batch_size, xla)
    test_steps = steps(auto, auto.test_step, test, permutations(m, False),
                       batch_size, xla)
    with interrupts() as check, taken_by_fit(auto, train_steps, test_steps):
        auto.fit(
            batch_numbers(n, batch_size), shuffle=False, epochs=epochs,
            validation_data=batch_numbers(m, batch_size), verbose=verbose,
            initial_epoch=done, callbacks=[
                *callbacks, history, keras.callbacks.LambdaCallback(
                    on_train_batch_begin=check, on_test_batch_begin=check,
                    on_epoch_end=end_epoch)])
    return history.history
