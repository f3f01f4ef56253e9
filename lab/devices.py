"""Training by Keras's `fit` as it is, where program.py's steps do not serve.

Several machines (TF_CONFIG) or GPUs train as TensorFlow's guide has it,
https://www.tensorflow.org/tutorials/distribute/multi_worker_with_keras; so is
a model of a strategy's own, or one of an optimizer of Keras's legacy ones.
"""
import functools
import os
import sys

import tensorflow as tf
from tensorflow import keras

from lab import RunEnded, mnist, several_devices


@functools.lru_cache(maxsize=None)
def strategy():
    """Return the strategy of all machines, or of this one's GPUs.

    It is made before TensorFlow computes anything: its collectives need that.
    """
    if 'TF_CONFIG' not in os.environ:
        return tf.distribute.MirroredStrategy()
    if hasattr(keras, 'ops'):
        raise RunEnded('TF_CONFIG is set, but Keras 3 trains on one machine '
                       'only: pip install tf-keras, and set '
                       'TF_USE_LEGACY_KERAS=1')
    return tf.distribute.MultiWorkerMirroredStrategy()


def fit(auto, train, test, backup, callbacks, epochs, verbose, **options):
    """Train by `auto.fit`; on several devices a copy of `auto`.

    Args:
        train, test: tuples of arrays, as of `program.steps`.
        backup: lab.backup.Backup, beside which BackupAndRestore has a folder,
            on a disk that all machines see; None keeps nothing.
        callbacks, epochs, verbose, options: as of `training.fit`.
    """
    train, test = ([mnist.scale(x) for x in arrays]
                   for arrays in (train, test))
    chief, model = True, auto
    if several_devices():
        chief = strategy().extended.should_checkpoint
        with strategy().scope():
            model = keras.models.clone_model(auto)
            model.compile_from_config(auto.get_compile_config())
        model.set_weights(auto.get_weights())
    if backup is not None:
        callbacks = [*callbacks, keras.callbacks.BackupAndRestore(
            backup.folder(epochs))]
    try:
        history = model.fit(
            train[0], train[-1], validation_data=(test[0], test[-1]),
            callbacks=callbacks, epochs=epochs,
            verbose=verbose if chief else 0, **options).history
    except (tf.errors.UnavailableError, tf.errors.AbortedError,
            tf.errors.InternalError) as error:
        if 'TF_CONFIG' not in os.environ:
            raise
        cause = error.message.split('\n')[0]
        raise RunEnded(f'another worker is lost: {cause}') from None
    if not chief:
        sys.exit()                  # the chief draws and saves
    auto.set_weights(model.get_weights())
    return history
