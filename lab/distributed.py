"""Training on several machines (TF_CONFIG) or on several GPUs.

To be imported before TensorFlow does anything else: its collectives need it.
"""
import json
import os
import sys

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


if MANY_MACHINES and hasattr(keras, 'ops'):
    sys.exit('TF_CONFIG is set, but Keras 3 trains on one machine only: pip '
             'install tf-keras, and set TF_USE_LEGACY_KERAS=1')
IS_CHIEF = _is_chief()
STRATEGY = (
    tf.distribute.MultiWorkerMirroredStrategy() if MANY_MACHINES else
    tf.distribute.MirroredStrategy()
    if len(tf.config.list_physical_devices('GPU')) > 1 else
    tf.distribute.get_strategy())           # does nothing
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
