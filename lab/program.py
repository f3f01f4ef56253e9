"""What the training loop calls: a step of the model for each batch."""
import concurrent.futures

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import upsampling

# Six blocks are MNIST's 234 whole batches at the default batch size. No number
# depends on it.
STEPS = 39
BATCH_HOOKS = [f'on_{kind}batch_{end}' for kind in
               ('', 'train_', 'test_') for end in ('begin', 'end')]
# XLA takes a millisecond off a step of the dense networks and 2 seconds to
# compile, so short trainings do without. It makes convolutions slower, and
# with TensorFlow 2.15, the last that has Keras 2, everything.
XLA_PAYS_FROM = 2000    # steps
KERAS_3 = hasattr(keras, 'ops')


def xla_pays(ndim, steps):
    """Return whether XLA saves more time in a training than it takes.

    A model's `jit_compile` does not count: on CPUs Keras makes False of
    'auto', its default, so that who said False is not known.
    """
    return KERAS_3 and ndim == 2 and steps >= XLA_PAYS_FROM


def steps_for(callbacks):
    """Return how many batches a block has: 1 where a callback watches each."""
    watched = any(
        getattr(getattr(callback, hook), '__func__', None) is not
        getattr(keras.callbacks.Callback, hook)
        for callback in callbacks for hook in BATCH_HOOKS)
    return 1 if watched else STEPS


def permutations(n, shuffle):
    """Yield the order of n images for each epoch: int64, (n,).

    It is that of `fit` on arrays with the same seed, as the same operation
    shuffles: under Keras 2 anew in each epoch, under Keras 3 once for all.
    """
    @tf.function
    def draw():
        return tf.random.shuffle(tf.range(n, dtype=tf.int64))

    draw = draw.get_concrete_function()
    order = draw().numpy() if shuffle else np.arange(n)
    while True:
        yield order
        if shuffle and not KERAS_3:
            order = draw().numpy()


class Program:
    """A step of a model, called for the batches of a block of images.

    `fit` on arrays gathers each batch twice, as input and as target, in other
    threads than those that train; on few cores they are in each other's way.

    Args:
        auto: keras.Model, compiled.
        step: function of (x, y), the model's train_step or test_step.
        arrays: tuple of the images, or of the images and their targets:
            uint8, or floats in [0, 1], (n, ...).
        batch_size: int, images of a batch; the last one may have fewer.
        steps: int, batches of a block, where there are so many.
        xla: bool, whether XLA compiles a block of batches into one program.
    """

    def __init__(self, auto, step, arrays, batch_size, steps, xla):
        n = len(arrays[0])
        self.arrays, self.batch_size = arrays, min(batch_size, n)
        steps = min(steps, n // self.batch_size)
        self.size = self.batch_size * steps             # in images
        # A loss that is divided by a size known beforehand is multiplied by
        # its inverse. Plain `fit` knows no size: its last bits would differ.
        with upsampling.at_low_resolution(auto):
            self.one = tf.function(
                lambda *batch: step(as_pair(*batch))
            ).get_concrete_function(*[
                tf.TensorSpec((None, *x.shape[1:]), x.dtype) for x in arrays])

        @tf.function(jit_compile=True)
        def run(*block):
            block = [tf.reshape(x, (steps, self.batch_size, *x.shape[1:]))
                     for x in block]
            for i in tf.range(steps):
                self.one(*[x[i] for x in block])
            return auto.get_metrics_result()

        self.block = run if xla else None

    def __call__(self, block):
        """Run a block; return the metrics since their reset, as floats."""
        if self.block is not None and len(block[0]) == self.size:
            try:
                return _floats(self.block(*block))
            except (tf.errors.InvalidArgumentError,
                    tf.errors.UnimplementedError):
                self.block = None       # XLA has not all of its operations
        for start in range(0, len(block[0]), self.batch_size):
            metrics = self.one(*[
                tf.constant(x[start:start + self.batch_size]) for x in block])
        return _floats(metrics)

    def blocks(self, order=None):
        """Yield blocks of all images, in this order or as they come.

        NumPy gathers them, in a thread beside, while the one before is trained
        on: held by TensorFlow, all images would be in memory twice.

        Yields:
            first, last: int, the numbers of the block's first and last batch.
            block: list of arrays, (steps * batch_size, ...); at the end what
                is left.
        """
        def gather(start):
            rows = slice(start, start + self.size)
            rows = rows if order is None else order[rows]
            return thread.submit(lambda: [x[rows] for x in self.arrays])

        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            ahead = gather(0)
            for start in range(0, len(self.arrays[0]), self.size):
                block = ahead.result()
                ahead = gather(start + self.size)
                last = start + len(block[0]) - 1
                yield (start // self.batch_size, last // self.batch_size,
                       block)


def as_pair(x, y=None):
    """Return a batch as input and target in [0, 1], by default the same."""
    x = as_floats(x)
    return x, x if y is None else as_floats(y)


def as_floats(images):
    """Return images, bytes divided by 255, in the type of Keras's floats."""
    if images.dtype == tf.uint8:
        # As NumPy does. In float32 TensorFlow's graphs multiply by 1 / 255
        # instead, which is wrong in the last bit of every second value.
        images = tf.cast(images, tf.float64) / 255
    return tf.cast(images, keras.backend.floatx())


def _floats(metrics):
    return {name: float(value) for name, value in metrics.items()}
