"""Training: `auto.fit` with images as input and target, fast and resumable."""
import contextlib
import signal
import sys
import threading

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import distributed
from lab.backup import digest, is_finite

# Batches that TensorFlow runs between two returns to Python: a fifth of an
# epoch at the default batch size. No number depends on it.
STEPS_PER_EXECUTION = 47
# XLA takes a millisecond off a step of the dense networks and 2 seconds to
# compile, so short trainings do without. It makes convolutions slower, and
# with TensorFlow 2.15, the last that has Keras 2, everything.
XLA_PAYS_FROM = 2000    # steps
KERAS_3 = hasattr(keras, 'ops')


def set_seed(seed):
    """Seed the weights and the shuffling, and the noise (not under XLA)."""
    keras.utils.set_random_seed(seed)


def fit(auto, x_train, x_test, epochs=50, batch_size=256, shuffle=True,
        backup=None):
    """Train `auto` to give back its input: `auto.fit(x_train, x_train, ...)`.

    The batches and the losses are those of plain `fit` with the same
    arguments and `validation_data=(x_test, x_test)`; it takes less time.

    Args:
        auto: keras.Model, compiled, from images to reconstructions.
        x_train: float32 in [0, 1], (n, ...), the images to train on.
        x_test: float32 in [0, 1], (m, ...), the images to validate on.
        epochs: int, how many times to train on all of x_train.
        batch_size: int, images in a step of training.
        shuffle: bool, whether to take x_train in a random order.
        backup: lab.backup.Backup, which the training goes on from, if it is
            of the same training, and is kept in; None keeps nothing.

    Returns:
        dict of the lists 'loss' and 'val_loss', a float for each epoch from
        the first on, those before an interruption among them; in the unit of
        the model's loss.

    Raises:
        KeyboardInterrupt: at Ctrl-C, between two batches.
        SystemExit: if the loss is no longer a number, naming the epoch; if
            another worker is lost; in a worker that is not the chief, at the
            end.
    """
    model = distributed.replicated(auto)
    history = {'loss': [], 'val_loss': []}
    callbacks = [keras.callbacks.TerminateOnNaN()]
    with distributed.STRATEGY.scope():
        # Made now, its variables are there to restore, and the training
        # step need not be traced a second time for having made them.
        model.optimizer.build(model.trainable_variables)
        if backup is not None:
            callbacks.append(backup)
            history = backup.restore(model, epochs, {
                'data': digest(*map(np.ascontiguousarray, (x_train, x_test))),
                'batch size': batch_size, 'shuffle': shuffle})
    done = len(history['loss'])
    compiled = dict(model.get_compile_config(), optimizer=model.optimizer)
    one = model is auto                             # one replica
    if one:
        model.compile(**dict(compiled,
                             steps_per_execution=STEPS_PER_EXECUTION))
        xla = (KERAS_3 and x_train.ndim == 2 and
               len(x_train) / batch_size * epochs >= XLA_PAYS_FROM)
        model.train_function = _program(model, model.train_step, x_train,
                                        batch_size, xla)
        model.test_function = _program(model, model.test_step, x_test,
                                       batch_size, xla)
    feed = _indices if one else _batches
    try:
        with _interrupt_between_batches() as interrupt:
            new = model.fit(
                feed(x_train, batch_size, _orders(len(x_train), shuffle,
                                                  done)),
                validation_data=feed(x_test, batch_size, _orders(len(x_test))),
                steps_per_epoch=-(-len(x_train) // batch_size),  # rounded up
                validation_steps=-(-len(x_test) // batch_size),
                shuffle=False, initial_epoch=done, epochs=epochs,
                verbose=1 if sys.stdout.isatty() else 2,
                callbacks=callbacks + [interrupt])
    except (tf.errors.UnavailableError, tf.errors.AbortedError,
            tf.errors.InternalError) as error:
        if not distributed.MANY_MACHINES:
            raise
        sys.exit('another worker is lost: {}'.format(
            error.message.split('\n')[0]))
    finally:
        if one:
            model.compile(**compiled)   # as it came, however training ends
    if not distributed.IS_CHIEF:
        sys.exit()                      # the chief draws and saves
    if not one:
        auto.set_weights(model.get_weights())
    history = {name: losses + new.history.get(name, [])
               for name, losses in history.items()}
    if not is_finite(history):
        sys.exit('the loss is not a number in epoch {}: training stopped{}'
                 .format(len(history['loss']), '' if backup is None else
                         '; {} has the epochs before'.format(backup.path)))
    return history


@contextlib.contextmanager
def _interrupt_between_batches():
    """Give a callback that raises KeyboardInterrupt if Ctrl-C was pressed.

    TensorFlow calls Python from C++; raised there, as Python's own handler
    does, the exception is lost, or is a segmentation fault. A second Ctrl-C
    does not wait.
    """
    def note(*_):
        signal.signal(signal.SIGINT, python)
        pressed.append(True)

    def check(*_, **__):
        if pressed:
            raise KeyboardInterrupt

    pressed, python = [], signal.getsignal(signal.SIGINT)
    ours = (python is signal.default_int_handler and
            threading.current_thread() is threading.main_thread())
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield keras.callbacks.LambdaCallback(
            on_train_batch_end=check, on_test_batch_end=check,
            on_epoch_end=check)
    finally:
        if ours:
            signal.signal(signal.SIGINT, python)
    check()


def _program(model, step, images, batch_size, xla):
    """Return what `fit` calls with an iterator, instead of a step at a time.

    `fit` on arrays gathers each batch twice, as input and as target, in other
    threads than those that train; on few cores they are in each other's way.
    Here one program gathers the images of many batches and trains on them.

    Args:
        model: keras.Model, compiled with STEPS_PER_EXECUTION.
        step: its train_step or its test_step.
        images: float32, (n, ...).
        batch_size: int.
        xla: bool, whether to compile the program by XLA.
    """
    images = tf.constant(images)

    def step_on(batch):
        x = tf.gather(images, batch)            # (batch,) -> (batch, ...)
        step((x, x))

    @tf.function(jit_compile=xla)
    def run(indices):
        whole = len(indices) // batch_size * batch_size
        if whole:                               # XLA takes no empty loop
            for batch in tf.reshape(indices[:whole], (-1, batch_size)):
                step_on(batch)
        if whole < len(indices):                # the last batch is smaller
            step_on(indices[whole:])

    def run_next(iterator):
        run(next(iterator))
        return model.get_metrics_result()
    return run_next


def _orders(n, shuffle=False, skip=0):
    """Return a dataset of the order of n images in each epoch, without end.

    It is that of `fit` on arrays with the same seed, as the same operations
    shuffle: under Keras 2 anew in each epoch, under Keras 3 once for all. So
    a training that goes on skips the orders it has had.
    """
    def order(_):
        indices = tf.range(n, dtype=tf.int64)
        return tf.random.shuffle(indices) if shuffle else indices

    epochs = tf.data.Dataset.range(1)
    epochs = (epochs.map(order).cache().repeat() if KERAS_3 or not shuffle
              else epochs.repeat().map(order))
    return epochs.skip(skip)


def _indices(images, batch_size, orders, steps=STEPS_PER_EXECUTION):
    """Return a dataset of the indices of `steps` batches at a time."""
    block = steps * batch_size
    return _quick(orders.flat_map(
        lambda order: tf.data.Dataset.range(0, len(images), block).map(
            lambda start: order[start:start + block])))


def _batches(images, batch_size, orders):
    """Return a dataset of batches, as input and as target, for replicas."""
    images = tf.constant(images)

    def gather(batch):
        x = tf.gather(images, batch)
        return x, x
    return _quick(_indices(images, batch_size, orders, steps=1).map(gather))


def _quick(dataset):
    """Return the dataset without autotuning.

    For every iterator tf.data starts a thread that tunes it, and who drops an
    iterator, as Keras does at each epoch and each validation, waits until that
    thread's sleep is over, for up to a minute.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    # Each worker gathers its part of a batch, not its part of the files.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.DATA)
    return dataset.prefetch(1).with_options(options)
