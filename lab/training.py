"""Training: `auto.fit` with images as input and target, fast and resumable.

The loop is that of Keras's guide "Writing a training loop from scratch",
https://keras.io/guides/writing_a_custom_training_loop_in_tensorflow/; what it
calls is a program of many batches.
"""
import itertools
import sys

from tensorflow import keras

from lab import distributed, interrupts, mnist
from lab.backup import require_finite, state
from lab.program import Program, orders, pairs, xla_pays

BATCH_HOOKS = [f'on_{kind}batch_{end}' for kind in
               ('', 'train_', 'test_') for end in ('begin', 'end')]


def fit(auto, x_train, x_test, epochs=50, batch_size=256, shuffle=True,
        callbacks=(), backup=None, y_train=None, y_test=None):
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
        backup: lab.backup.Backup that keeps the training at each epoch, and
            that it goes on from after an interruption; None keeps nothing.
        y_train, y_test: as x_train and x_test, the targets; None takes the
            input.

    Returns:
        dict of lists such as 'loss' and 'val_loss', in the unit of the model's
        loss: a float for each epoch, those before an interruption, too.

    Raises:
        ValueError: if the targets are not of the shape of the images.
        KeyboardInterrupt: at Ctrl-C, between two blocks of batches.
        lab.RunEnded: if the loss is no longer a number, naming the epoch; if
            another worker is lost; in a worker that is not the chief, at the
            end.
    """
    x_train, x_test = map(mnist.native, (x_train, x_test))
    paired = y_train is not None or y_test is not None
    if paired:
        x_train, x_test = (pairs(x_train, y_train, 'y_train'),
                           pairs(x_test, y_test, 'y_test'))
    if distributed.STRATEGY is not None:
        return distributed.fit(auto, x_train, x_test, epochs, batch_size,
                               shuffle, callbacks, backup, paired)
    # Made now, its variables are there to be restored.
    auto.optimizer.build(auto.trainable_variables)
    variables, history = state(auto), keras.callbacks.History()
    if backup is not None:
        history.history, arrays = backup.read(
            variables, x_train, x_test, epochs, batch_size, shuffle)
        for variable, array in zip(variables, arrays):
            variable.assign(array)
    done = len(history.history.get('loss', []))
    settings = {
        'batch_size': batch_size, 'paired': paired,
        'one': any(map(_watches_batches, callbacks)),
        'xla': xla_pays(x_train.ndim - paired, len(x_train) / batch_size *
                        epochs)}
    train = Program(auto, auto.train_step, x_train, **settings)
    test = Program(auto, auto.test_step, x_test, **settings)
    callbacks = keras.callbacks.CallbackList(
        [*callbacks, history], add_progbar=True, model=auto, epochs=epochs,
        steps=-(-len(x_train) // batch_size),           # rounded up
        verbose=verbosity())
    auto.stop_training, logs = False, None
    with interrupts() as check:
        callbacks.on_train_begin()
        for epoch, order in zip(range(done, epochs), itertools.islice(
                orders(len(x_train), shuffle), done, None)):
            callbacks.on_epoch_begin(epoch)
            logs = _epoch(auto, train, test, order, callbacks, check)
            callbacks.on_epoch_end(epoch, logs)
            require_finite(epoch, logs, backup)
            if backup is not None:
                backup.write(variables, history.history)
            check()
            if auto.stop_training:
                break
        auto.optimizer.finalize_variable_values(auto.trainable_variables)
        callbacks.on_train_end(logs)
    return history.history


def _epoch(auto, train, test, order, callbacks, check):
    """Train on all images in this order, validate; return the metrics."""
    auto.reset_metrics()
    for first, last, block in train.blocks(order):
        callbacks.on_train_batch_begin(first)
        logs = train(block)
        callbacks.on_train_batch_end(last, logs)
        check()
        if auto.stop_training:
            break
    auto.reset_metrics()
    callbacks.on_test_begin()
    for first, last, block in test.blocks():
        callbacks.on_test_batch_begin(first)
        val_logs = test(block)
        callbacks.on_test_batch_end(last, val_logs)
        check()
    callbacks.on_test_end(val_logs)
    return {**logs, **{'val_' + name: x for name, x in val_logs.items()}}


def verbosity():
    """Return Keras's: a bar in a terminal, a line for each epoch elsewhere."""
    return 1 if hasattr(sys.stdout, 'isatty') and sys.stdout.isatty() else 2


def _watches_batches(callback):
    """Return whether a callback does something at each batch."""
    return any(
        getattr(getattr(callback, hook), '__func__', None) is not
        getattr(keras.callbacks.Callback, hook) for hook in BATCH_HOOKS)
