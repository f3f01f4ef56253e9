"""What `fit` calls for each batch of a training: a step, or many at once."""
import contextlib
import itertools

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import upsampling

# Batches that XLA takes at once: six times as many are the 234 whole ones of
# MNIST at the default size. What is left over takes a step each.
BLOCK = 39
BATCH_HOOKS = [f'on_{kind}batch_{end}' for kind in
               ('', 'train_', 'test_') for end in ('begin', 'end')]
# XLA takes a millisecond off a step of the dense networks and 2 seconds to
# compile, so short trainings do without. It makes convolutions slower, and
# with TensorFlow 2.15, the last that has Keras 2, everything.
XLA_PAYS_FROM = 2000    # steps
KERAS_3 = hasattr(keras, 'ops')
NUMBER = tf.TensorSpec((), tf.int64)    # of a batch


def xla_pays(ndim, n_steps, callbacks):
    """Return whether XLA saves more time in a training than it takes.

    It does not where a callback watches each batch: one program has many.
    A model's `jit_compile` does not count: on CPUs Keras makes False of
    'auto', its default, so that who said False is not known.
    """
    watched = any(
        getattr(getattr(callback, hook), '__func__', None) is not
        getattr(keras.callbacks.Callback, hook)
        for callback in callbacks for hook in BATCH_HOOKS)
    return KERAS_3 and ndim == 2 and n_steps >= XLA_PAYS_FROM and not watched


def permutations(n, shuffle):
    """Yield the order of n images for each epoch: int64, (n,).

    It is that of `fit` on arrays after `keras.utils.set_random_seed`, as the
    same operation shuffles: under Keras 2 anew in each epoch, under Keras 3
    once for all.
    """
    draw = tf.function(lambda: tf.random.shuffle(
        tf.range(n, dtype=tf.int64)))
    order = draw().numpy() if shuffle else np.arange(n)
    while True:
        yield order
        if shuffle and not KERAS_3:
            order = draw().numpy()


def batch_numbers(n, batch_size):
    """Return the numbers of the batches of n images, a tf.data.Dataset.

    `fit` counts batches by it. For every iterator tf.data starts a thread that
    tunes it, for which the iterator's end waits, up to a minute: `autotune`
    off starts none.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    # n / batch_size, rounded up
    return tf.data.Dataset.range(-(-n // batch_size)).with_options(options)


@contextlib.contextmanager
def taken_by_fit(auto, train_steps, test_steps):
    """Let the model's `fit` take a step of these generators for each batch.

    It does so where the batches are those of batch_numbers. Others are of a
    callback, as when it evaluates the model on images of its own.
    """
    def either(steps, keras_function):
        def function(batches):
            if getattr(batches, 'element_spec', None) == NUMBER:
                return next(steps)
            return keras_function(batches)
        return function

    # fit makes none of these where they are there.
    auto.make_train_function()
    auto.make_test_function()
    own = auto.train_function, auto.test_function
    auto.train_function = either(train_steps, own[0])
    auto.test_function = either(test_steps, own[1])
    try:
        yield
    finally:
        auto.train_function, auto.test_function = own


def steps(auto, step, arrays, orders, batch_size, xla):
    """Call a step for each batch; yield the metrics after each.

    `fit` on arrays gathers each batch twice, as input and as target, in other
    threads than those that train; on few cores they are in each other's way.
    Here NumPy gathers many batches at once: held by TensorFlow, all images
    would be in memory twice.

    Args:
        auto: keras.Model, compiled.
        step: function of (x, y), the model's train_step or test_step.
        arrays: tuple of the images, or of the images and their targets:
            uint8, or floats, (n, ...).
        orders: iterable of int64, (n,), the order of the images in each epoch.
        batch_size: int, images of a batch; the last one may have fewer.
        xla: bool, whether XLA compiles a block of batches into one program,
            called at the first of them.

    Yields:
        dict of str to tf.Tensor, float, (), the metrics since their reset; of
        a block, for each of its batches, those at its end.
    """
    with upsampling.at_low_resolution(auto):
        one = tf.function(
            lambda *batch: step((as_floats(batch[0]), as_floats(batch[-1])))
        ).get_concrete_function(*[
            # A loss that is divided by a size known beforehand is multiplied
            # by its inverse. Plain `fit` knows no size, and has other bits.
            tf.TensorSpec((None, *x.shape[1:]), x.dtype) for x in arrays])

    @tf.function(jit_compile=True)
    def many(*block):
        block = [tf.reshape(x, (BLOCK, batch_size, *x.shape[1:]))
                 for x in block]
        for i in tf.range(BLOCK):
            one(*[x[i] for x in block])
        return auto.get_metrics_result()

    size = BLOCK * batch_size                           # in images
    for order in orders:
        for start in range(0, len(order), size):
            rows = order[start:start + size]
            block = [np.take(x, rows, axis=0) for x in arrays]
            if xla and len(rows) == size:
                yield from itertools.repeat(many(*block), BLOCK)
            else:
                for i in range(0, len(rows), batch_size):
                    yield one(*[tf.constant(x[i:i + batch_size])
                                for x in block])


def as_floats(images):
    """Return images, bytes divided by 255, in the type of Keras's floats."""
    if images.dtype == tf.uint8:
        # As NumPy does. In float32 TensorFlow's graphs multiply by 1 / 255
        # instead, which is wrong in the last bit of every second value.
        images = tf.cast(images, tf.float64) / 255
    return tf.cast(images, keras.backend.floatx())
