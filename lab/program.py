"""What the training loop calls: a step of the model for each batch."""
import concurrent.futures

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import upsampling

# Batches of a block: as many as leave the fewest over, 39 at the default batch
# size. No number depends on it.
STEPS = range(47, 23, -1)
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
        images: uint8, or floats in [0, 1], (n, ...); if paired, (n, 2, ...),
            each image and its target.
        batch_size: int, images of a batch; the last one may have fewer.
        paired: bool, whether images have targets of their own.
        one: bool, whether a block is one batch.
        xla: bool, whether XLA compiles a block of batches into one program.
    """

    def __init__(self, auto, step, images, batch_size, paired, one, xla):
        self.images, self.batch_size = images, min(batch_size, len(images))
        whole = len(images) // self.batch_size          # batches
        steps = min(whole, min(STEPS, key=lambda steps: whole % steps))
        self.size = self.batch_size * (1 if one else steps)     # in images
        # A loss that is divided by a size known beforehand is multiplied by
        # its inverse. Plain `fit` knows no size: its last bits would differ.
        with upsampling.at_low_resolution(auto):
            self.one = tf.function(
                lambda batch: step(as_pair(batch, paired))
            ).get_concrete_function(
                tf.TensorSpec((None, *images.shape[1:]), images.dtype))

        @tf.function(jit_compile=True)
        def run(block):
            for batch in tf.reshape(
                    block, (-1, self.batch_size, *images.shape[1:])):
                self.one(batch)
            return auto.get_metrics_result()

        self.block = run if xla else None

    def __call__(self, images):
        """Run a block; return the metrics since their reset, as floats."""
        if self.block is not None and len(images) == self.size:
            try:
                return _floats(self.block(images))
            except (tf.errors.InvalidArgumentError,
                    tf.errors.UnimplementedError):
                self.block = None       # XLA has not all of its operations
        for start in range(0, len(images), self.batch_size):
            metrics = self.one(
                tf.constant(images[start:start + self.batch_size]))
        return _floats(metrics)

    def blocks(self, order=None):
        """Yield blocks of all images, in this order or as they come.

        NumPy gathers them, in a thread beside, while the one before is trained
        on: held by TensorFlow, all images would be in memory twice.

        Yields:
            first, last: int, the numbers of the block's first and last batch.
            block: images, (steps * batch_size, ...); at the end what is left.
        """
        def gather(start):
            rows = slice(start, start + self.size)
            return thread.submit(self.images.__getitem__,
                                 rows if order is None else order[rows])

        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            ahead = gather(0)
            for start in range(0, len(self.images), self.size):
                block = ahead.result()
                ahead = gather(start + self.size)
                yield (start // self.batch_size,
                       (start + len(block) - 1) // self.batch_size, block)


def as_pair(images, paired):
    """Return a batch of images, or pairs, as input and target in [0, 1]."""
    if paired:
        return images[:, 0], images[:, 1]
    if images.dtype == tf.uint8:
        # As NumPy does. In float32 TensorFlow's graphs multiply by 1 / 255
        # instead, which is wrong in the last bit of every second value.
        images = tf.cast(images, tf.float64) / 255
    return (tf.cast(images, keras.backend.floatx()),) * 2


def _floats(metrics):
    return {name: float(value) for name, value in metrics.items()}
