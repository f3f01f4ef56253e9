"""Training: `auto.fit` with images as input and target, fast and resumable."""
import gc
import hashlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import distributed, interrupts, upsampling

# Batches that TensorFlow runs between two returns to Python: as many as leave
# the fewest over, 39 at the default batch size. No number depends on it.
STEPS_PER_EXECUTION = range(47, 23, -1)
# XLA takes a millisecond off a step of the dense networks and 2 seconds to
# compile, so short trainings do without. It makes convolutions slower, and
# with TensorFlow 2.15, the last that has Keras 2, everything.
XLA_PAYS_FROM = 2000    # steps
KERAS_3 = hasattr(keras, 'ops')
# To look for garbage among what TensorFlow's import made takes half a second
# each time, and there is none.
gc.freeze()
gc.enable()


def fit(auto, x_train, x_test, epochs=50, batch_size=256, shuffle=True,
        backup=None):
    """Train `auto` to give back its input: `auto.fit(x_train, x_train, ...)`.

    The batches and the losses are those of plain `fit` with the same
    arguments and `validation_data=(x_test, x_test)`; it takes less time.

    Args:
        auto: keras.Model, compiled, from images to reconstructions.
        x_train: uint8, or floats in [0, 1], (n, ...), the images to train on.
            Bytes are divided by 255 when their batch comes, not before.
        x_test: the same, (m, ...), the images to validate on.
        epochs: int, how many times to train on all of x_train.
        batch_size: int, images in a step of training.
        shuffle: bool, whether to take x_train in a random order.
        backup: lab.backup.Backup that keeps the training at each epoch, and
            that it goes on from after an interruption; None keeps nothing.

    Returns:
        dict of the lists 'loss' and 'val_loss', in the unit of the model's
        loss: a float for each epoch, those before an interruption, too.

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
                'data': [hashlib.sha256(np.ascontiguousarray(x)).hexdigest()
                         for x in (x_train, x_test)],
                'batch size': batch_size, 'shuffle': shuffle})
    done = len(history['loss'])
    compiled = dict(model.get_compile_config(), optimizer=model.optimizer)
    replicas = model is not auto
    whole = max(1, len(x_train) // batch_size)      # batches
    steps = 1 if replicas else min(
        whole, min(STEPS_PER_EXECUTION, key=lambda steps: whole % steps))
    if not replicas:
        model.compile(**dict(compiled, steps_per_execution=steps))
        xla = (KERAS_3 and x_train.ndim == 2 and
               len(x_train) / batch_size * epochs >= XLA_PAYS_FROM)
        model.train_function, model.test_function = (
            _program(model, step, images, batch_size, steps if xla else 0)
            for step, images in ((model.train_step, x_train),
                                 (model.test_step, x_test)))
    try:
        with interrupts() as check, upsampling.at_low_resolution(model):
            callbacks.append(keras.callbacks.LambdaCallback(
                on_train_batch_end=check, on_test_batch_end=check,
                on_epoch_end=check))
            new = model.fit(
                _batches(x_train, batch_size, steps, replicas, shuffle, done),
                validation_data=_batches(x_test, batch_size, steps, replicas),
                steps_per_epoch=-(-len(x_train) // batch_size),  # rounded up
                validation_steps=-(-len(x_test) // batch_size),
                shuffle=False, initial_epoch=done, epochs=epochs,
                verbose=1 if sys.stdout.isatty() else 2, callbacks=callbacks)
    except (tf.errors.UnavailableError, tf.errors.AbortedError,
            tf.errors.InternalError) as error:
        if not distributed.MANY_MACHINES:
            raise
        sys.exit('another worker is lost: {}'.format(
            error.message.split('\n')[0]))
    finally:
        if not replicas:
            model.compile(**compiled)   # as it came, however training ends
    if not distributed.IS_CHIEF:
        sys.exit()                      # the chief draws and saves
    if replicas:
        auto.set_weights(model.get_weights())
    history = {name: losses + new.history.get(name, [])
               for name, losses in history.items()}
    if not np.isfinite(sum(history.values(), [])).all():
        sys.exit('the loss is not a number in epoch {}: training stopped{}'
                 .format(len(history['loss']), '' if backup is None else
                         '; {} has the epochs before'.format(backup.path)))
    return history


def _program(model, step, images, batch_size, compiled):
    """Return what `fit` calls with an iterator, instead of a step at a time.

    `fit` on arrays gathers each batch twice, as input and as target, in other
    threads than those that train; on few cores they are in each other's way.
    Here one program takes the images of many batches, gathered at once, and
    calls `step`, the model's train_step or test_step, for each batch. XLA
    compiles it for `compiled` batches; what is left over runs without XLA.
    """
    any_number = [tf.TensorSpec((None, *images.shape[1:]), images.dtype)]

    # Keras takes half a second to trace a step: once for batches of any size.
    @tf.function(input_signature=any_number)
    def step_on(batch):
        step(_pair(batch))

    def run(block):                             # (n, ...), some batches
        whole = len(block) // batch_size * batch_size
        if whole > 0:
            for batch in tf.reshape(block[:whole], (
                    -1, batch_size, *block.shape[1:])):
                step_on(batch)
        if whole < len(block):                  # the last batch is smaller
            step_on(block[whole:])

    # A loss that is divided by a size known beforehand is multiplied by its
    # inverse: plain `fit` knows no size, and a last bit makes other numbers.
    plain = tf.function(run, input_signature=any_number)
    fast = tf.function(run, jit_compile=True)

    def run_next(iterator):
        block = next(iterator)
        (fast if len(block) == compiled * batch_size else plain)(block)
        return model.get_metrics_result()
    return run_next


def _pair(images):
    """Return images as input and as target, float32 in [0, 1]."""
    if images.dtype == tf.uint8:
        # As NumPy does. In float32 TensorFlow's graphs multiply by 1 / 255
        # instead, which is wrong in the last bit of every second value.
        images = tf.cast(images, tf.float64) / 255
    return (tf.cast(images, tf.float32),) * 2


def _batches(images, batch_size, steps, replicas, shuffle=False, skip=0):
    """Return a dataset of batches, epoch after epoch, without end.

    The order is that of `fit` on arrays with the same seed, as the same
    operations shuffle: under Keras 2 anew in each epoch, under Keras 3 once
    for all. So a training that goes on skips the orders it has had.

    Several replicas are given a batch at a time, as input and as target; a
    `_program` is given the images of `steps` batches. NumPy gathers them: a
    tensor would be a second copy of all images.
    """
    def order(_):
        indices = tf.range(len(images), dtype=tf.int64)
        return tf.random.shuffle(indices) if shuffle else indices

    def gather(indices):
        block = tf.numpy_function(lambda rows: images[rows], [indices],
                                  images.dtype)
        return tf.ensure_shape(block, (None, *images.shape[1:]))

    block = batch_size * steps
    orders = tf.data.Dataset.range(1)
    orders = (orders.map(order).cache().repeat() if KERAS_3
              else orders.repeat().map(order))
    batches = orders.skip(skip).flat_map(
        lambda order: tf.data.Dataset.range(0, len(images), block).map(
            lambda start: order[start:start + block])).map(gather)
    if replicas:
        batches = batches.map(_pair)
    options = tf.data.Options()
    # For every iterator tf.data starts a thread that tunes it; who drops one,
    # as Keras does at each epoch, waits until that thread's sleep is over.
    options.autotune.enabled = False
    # Each worker gathers its part of a batch, not its part of the files.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.DATA)
    return batches.prefetch(1).with_options(options)
