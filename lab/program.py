"""What the training loop calls: many batches as one compiled program."""
import concurrent.futures

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import mnist, upsampling

# Batches of a block: as many as leave the fewest over, 39 at the default batch
# size. No number depends on it.
STEPS = range(47, 23, -1)
# XLA takes a millisecond off a step of the dense networks and 2 seconds to
# compile, so short trainings do without. It makes convolutions slower, and
# with TensorFlow 2.15, the last that has Keras 2, everything.
XLA_PAYS_FROM = 2000    # steps
KERAS_3 = hasattr(keras, 'ops')


def xla_pays(ndim, steps):
    """Return whether XLA saves more time in a training than it takes."""
    return KERAS_3 and ndim == 2 and steps >= XLA_PAYS_FROM


def orders(n, shuffle):
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


def pairs(images, targets, name):
    """Return images and their targets as one array.

    Args:
        images: uint8, or floats in [0, 1], (n, ...).
        targets: the same, of the same shape.
        name: str, of the targets.

    Returns:
        float32 in [0, 1], (n, 2, ...).
    """
    shape = getattr(targets, 'shape', None)
    if shape != images.shape:
        raise ValueError(f'{name} must have the shape of the images, '
                         f'{images.shape}, received: {shape}')
    return np.stack([mnist.scale(images), mnist.scale(targets)], axis=1)


class Program:
    """A step of a model, for many batches at a time.

    `fit` on arrays gathers each batch twice, as input and as target, in other
    threads than those that train; on few cores they are in each other's way.

    Args:
        model: keras.Model, compiled.
        step: function of (x, y), the model's train_step or test_step.
        images: uint8, or floats in [0, 1], (n, ...); or what `pairs` gave.
        batch_size: int, images of a batch; the last one may have fewer.
        paired: bool, whether images came from `pairs`.
        one: bool, whether to run one batch at a time.
        xla: bool, whether XLA compiles the program.
    """

    def __init__(self, model, step, images, batch_size, paired, one, xla):
        self.model, self.images = model, images
        self.batch_size = batch_size = min(batch_size, len(images))
        whole = max(1, len(images) // batch_size)       # batches
        steps = 1 if one else min(
            whole, min(STEPS, key=lambda steps: whole % steps))
        self.size = batch_size * steps                  # of a block, in images
        any_number = tf.TensorSpec((None, *images.shape[1:]), images.dtype)
        # Keras takes half a second to trace a step: once for every size.
        with upsampling.at_low_resolution(model):
            self.step = tf.function(
                lambda batch: step(as_pair(batch, paired))
            ).get_concrete_function(any_number)
        # A loss that is divided by a size known beforehand is multiplied by
        # its inverse. Plain `fit` knows no size: its last bits would differ.
        self.plain = tf.function(self._run).get_concrete_function(any_number)
        self.whole = self.plain                         # for a whole block
        if xla:
            self.whole = tf.function(
                self._run, jit_compile=True).get_concrete_function(
                    tf.TensorSpec((self.size, *images.shape[1:]),
                                  images.dtype))

    def _run(self, block):
        """Call the step for each batch of a block; return the metrics."""
        whole = len(block) // self.batch_size * self.batch_size
        if whole > 0:
            for batch in tf.reshape(block[:whole], (
                    -1, self.batch_size, *block.shape[1:])):
                self.step(batch)
        if whole < len(block):                  # the last batch is smaller
            self.step(block[whole:])
        return self.model.get_metrics_result()

    def __call__(self, block):
        """Run a block; return the metrics since their reset, as floats."""
        run = self.whole if len(block) == self.size else self.plain
        metrics = run(block)
        return {name: float(value) for name, value in metrics.items()}

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
    return (tf.cast(images, tf.float32),) * 2
