"""Training on several machines (TF_CONFIG) or on several GPUs.

To be imported before TensorFlow does anything else: its collectives need it.
"""
import itertools
import json
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import RunEnded, interrupts, is_chief
from lab.backup import require_finite, state
from lab.program import as_pair, orders

MANY_MACHINES = 'TF_CONFIG' in os.environ
if MANY_MACHINES and hasattr(keras, 'ops'):
    raise RunEnded('TF_CONFIG is set, but Keras 3 trains on one machine only: '
                   'pip install tf-keras, and set TF_USE_LEGACY_KERAS=1')
STRATEGY = (            # None on one device
    tf.distribute.MultiWorkerMirroredStrategy() if MANY_MACHINES else
    tf.distribute.MirroredStrategy()
    if len(tf.config.list_physical_devices('GPU')) > 1 else None)


def fit(auto, x_train, x_test, epochs, batch_size, shuffle, callbacks, backup,
        paired):
    """Train a copy of `auto` under STRATEGY; as `training.fit`."""
    with STRATEGY.scope():
        model = keras.models.clone_model(auto)
        model.compile_from_config(auto.get_compile_config())
        model.optimizer.build(model.trainable_variables)
    model.set_weights(auto.get_weights())
    history = keras.callbacks.History()
    if backup is not None:
        history.history = _restored(backup.read(
            state(model), x_train, x_test, epochs, batch_size, shuffle
        ) if is_chief() else ({}, []), state(model))
    done = len(history.history.get('loss', []))

    def keep(epoch, logs):
        require_finite(epoch, logs, backup)
        if backup is not None and is_chief():
            backup.write(state(model), history.history)

    try:
        with interrupts() as check:
            model.fit(
                _batches(paired, x_train, itertools.islice(orders(
                    len(x_train), shuffle), done, None), batch_size),
                validation_data=_batches(paired, x_test, itertools.repeat(
                    np.arange(len(x_test))), batch_size),
                steps_per_epoch=-(-len(x_train) // batch_size),  # rounded up
                validation_steps=-(-len(x_test) // batch_size),
                initial_epoch=done, epochs=epochs, shuffle=False,
                verbose=1 if sys.stdout.isatty() else 2,
                callbacks=[*callbacks, history, keras.callbacks.LambdaCallback(
                    on_train_batch_end=check, on_test_batch_end=check,
                    on_epoch_end=keep)])
    except (tf.errors.UnavailableError, tf.errors.AbortedError,
            tf.errors.InternalError) as error:
        if not MANY_MACHINES:
            raise
        cause = error.message.split('\n')[0]
        raise RunEnded(f'another worker is lost: {cause}') from None
    if not is_chief():
        raise RunEnded('', status=0)    # the chief draws and saves
    auto.set_weights(model.get_weights())
    return history.history


def _batches(paired, images, orders, batch_size):
    """Return a dataset of batches of input and target, in these orders."""
    def gathered():
        for order in orders:
            for start in range(0, len(images), batch_size):
                yield images[order[start:start + batch_size]]

    options = tf.data.Options()
    # For every iterator tf.data starts a thread that tunes it; who drops one,
    # as Keras does at each epoch, waits until that thread's sleep is over.
    options.autotune.enabled = False
    # Each worker gathers its part of a batch, not its part of the files.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.DATA)
    return tf.data.Dataset.from_generator(
        gathered, output_signature=tf.TensorSpec(
            (None, *images.shape[1:]), images.dtype)).map(
                lambda batch: as_pair(batch, paired)
            ).prefetch(1).with_options(options)


def _restored(kept, variables):
    """Give each worker what the chief has read; return the history."""
    history, arrays = kept
    text = np.frombuffer(json.dumps(history).encode(), np.uint8)
    size, = _of_chief(np.array([len(text)]))
    text = _of_chief(np.resize(text, size).astype(np.int32))
    history = json.loads(text.astype(np.uint8).tobytes())
    for variable, array in zip(variables, arrays or [
            variable.numpy() for variable in variables] if history else []):
        variable.assign(_of_chief(array))
    return history


def _of_chief(array):
    """Return the chief's array, in every worker; all must call this at once.

    Args:
        array: NumPy array; of the others' only the shape and dtype matter.
    """
    if not MANY_MACHINES:
        return array

    def mine_or_zeros():
        context = tf.distribute.get_replica_context()
        is_first = context.replica_id_in_sync_group == 0    # on the chief
        return context.all_reduce('SUM', tf.where(is_first, array, 0 * array))

    total = STRATEGY.run(tf.function(mine_or_zeros))
    return STRATEGY.experimental_local_results(total)[0].numpy()
