"""Training on several machines (TF_CONFIG) or on several GPUs.

Imported before TensorFlow does anything else, as its collectives need.
"""
import json
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras


MANY_MACHINES = 'TF_CONFIG' in os.environ


def _is_chief():
    """Return whether this process is the first of those in TF_CONFIG."""
    if not MANY_MACHINES:
        return True
    try:
        config = json.loads(os.environ['TF_CONFIG'])
        kind, index = config['task']['type'], config['task']['index']
        config['cluster'][kind][index]                  # its address
    except (ValueError, KeyError, IndexError, TypeError):
        sys.exit('TF_CONFIG is {!r}, expected JSON with a cluster and a task '
                 'of it'.format(os.environ['TF_CONFIG']))
    first = 'chief' if 'chief' in config['cluster'] else 'worker'
    return (kind, index) == (first, 0)


def _strategy():
    """Return the strategy for this machine."""
    if MANY_MACHINES:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices('GPU')) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()             # does nothing


if MANY_MACHINES and hasattr(keras, 'ops'):
    sys.exit('TF_CONFIG is set, but Keras 3 trains on one machine only: pip '
             'install tf-keras, and set TF_USE_LEGACY_KERAS=1')
IS_CHIEF = _is_chief()
STRATEGY = _strategy()
if not IS_CHIEF:
    sys.stdout = open(os.devnull, 'w')      # the chief prints


def replicated(auto):
    """Return `auto`, or a copy of it in the strategy's scope if it has one."""
    if STRATEGY.num_replicas_in_sync == 1:
        return auto
    with STRATEGY.scope():
        copy = keras.models.clone_model(auto)
        copy.compile_from_config(auto.get_compile_config())
    copy.set_weights(auto.get_weights())
    return copy


def array_of_chief(array):
    """Return the chief's array, on every worker.

    All workers must call this, at the same point of the program.

    Args:
        array: NumPy array; those of the other workers give but its shape and
            its dtype, int32, int64 or a float.
    """
    if not MANY_MACHINES:
        return array

    def mine_or_zeros():
        context = tf.distribute.get_replica_context()
        is_first = context.replica_id_in_sync_group == 0    # on the chief
        mine = tf.where(is_first, array, tf.zeros_like(array))
        return context.all_reduce(tf.distribute.ReduceOp.SUM, mine)

    total = STRATEGY.run(tf.function(mine_or_zeros))
    return STRATEGY.experimental_local_results(total)[0].numpy()
