"""Training: `auto.fit` of images, fast and resumable.

Keras's own `fit` trains, with its callbacks and its history. What it calls for
each batch, `train_function` and `test_function`, are those of program.py.
"""
import itertools
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import RunEnded, interrupts, mnist, program, several_devices
from lab.backup import Backup


def fit(auto, x, y, *, validation_data, batch_size=256, epochs=50,
        verbose='auto', callbacks=(), shuffle=True, backup=None, settings=()):
    """Train as `auto.fit` with the same arguments: faster, and resumable.

    Unlike there, batch_size and epochs have the tasks' own values as defaults,
    and validation_data must be given.

    Args:
        auto: keras.Model, compiled, from images to reconstructions.
        x: uint8, or floats, (n, ...), the images to train on. Bytes are
            divided by 255 when their batch comes, not before.
        y: uint8, or floats in [0, 1], of x's shape, the targets: x itself, or
            others, such as the images that noise was added to.
        validation_data: tuple (x, y) of the same, (m, ...), for the test loss
            after each epoch.
        batch_size: int, images in a step of training.
        epochs: int, how many times to train on all images.
        verbose: 0, 1 or 2, as of `auto.fit`; 'auto' is a bar in a terminal, a
            line for each epoch elsewhere.
        callbacks: list of keras.callbacks.Callback, called as by `auto.fit`.
        shuffle: bool, whether to take the images in a random order.
        backup: str, path of an npz file that keeps the training at each
            epoch, and that it goes on from after an interruption; None keeps
            nothing. Who has saved the trained model may remove it.
        settings: dict of JSON's values, of what else must be the same to go
            on, such as the seed.

    Returns:
        dict of lists such as 'loss' and 'val_loss', in the unit of the model's
        loss: a float for each epoch, those before an interruption, too.

    Raises:
        ValueError: if the targets are no images, or not of x's shape.
        KeyboardInterrupt: at Ctrl-C, between two batches.
        lab.RunEnded: if the loss is no longer a number, naming the epoch; if
            another worker is lost.
    """
    train = mnist.inputs_and_targets('the training', x, y)
    test = mnist.inputs_and_targets('validation_data', *validation_data)
    if verbose == 'auto':
        verbose = 1 if getattr(sys.stdout, 'isatty', bool)() else 2
    if getattr(auto, 'optimizer', None) is None:
        auto.evaluate(train[0][:1])     # says in Keras's words to compile it
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
            raise RunEnded('training stopped: the loss is not a number in '
                           f'epoch {epoch + 1}')
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
    xla = program.xla_pays(train[0].ndim, n / batch_size * epochs, callbacks)
    orders = itertools.islice(program.permutations(n, shuffle), done, None)
    train_steps = program.steps(
        auto, auto.train_step, train, orders, batch_size, xla)
    test_steps = program.steps(auto, auto.test_step, test,
                               program.permutations(m, False), batch_size, xla)
    with (interrupts() as check,
          program.taken_by_fit(auto, train_steps, test_steps)):
        auto.fit(
            program.batch_numbers(n, batch_size), shuffle=False, epochs=epochs,
            validation_data=program.batch_numbers(m, batch_size),
            verbose=verbose, initial_epoch=done, callbacks=[
                *callbacks, history, keras.callbacks.LambdaCallback(
                    on_train_batch_begin=check, on_epoch_end=end_epoch)])
    return history.history
