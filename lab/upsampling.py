"""A convolution after an upsampling, computed before it: less work."""
import contextlib

import tensorflow as tf
from tensorflow import keras

REPEATED = {'size': (2, 2), 'interpolation': 'nearest'}
CONVOLVED = {'kernel_size': (3, 3), 'strides': (1, 1), 'dilation_rate': (1, 1),
             'groups': 1, 'use_bias': True, 'data_format': 'channels_last'}


@contextlib.contextmanager
def at_low_resolution(model):
    """Let pairs of UpSampling2D and Conv2D take less time, here and inside.

    Of 3 × 3 repeated pixels 2 × 2 are different: a convolution of these, with
    the weights of equal ones added up, does the same. It gives 4 times the
    channels, one for each place in a square of 2 × 2, and pays where they are
    no more than the input's. Nothing changes but how these layers compute.
    """
    pairs = list(_pairs(model))
    for upsampling, layer in pairs:
        upsampling.call = lambda x: x
        layer.call = lambda x, layer=layer: layer.activation(
            convolve(x, layer.kernel, layer.padding) + layer.bias)
    try:
        yield
    finally:
        for layer in sum(pairs, ()):
            del layer.call


def _pairs(model):
    """Yield each upsampling with the convolution, if it alone follows it."""
    layers = getattr(model, 'layers', [])
    for layer in layers:
        yield from _pairs(layer)
        if isinstance(layer, keras.layers.UpSampling2D):
            used = [x for user in layers for x in tf.nest.flatten(user.input)
                    ] + tf.nest.flatten(model.outputs)
            users = [user for user in layers if user.input is layer.output]
            if sum(x is layer.output for x in used) == len(users) == 1 and (
                    type(users[0]) is keras.layers.Conv2D) and (
                    REPEATED.items() <= layer.get_config().items()) and (
                    CONVOLVED.items() <= users[0].get_config().items()) and (
                    4 * users[0].filters <= users[0].kernel.shape[2]):
                yield layer, users[0]


def convolve(x, kernel, padding):
    """Convolve x, (n, h, w, a), as if each pixel were repeated 2 × 2."""
    if padding == 'same':
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
    seen = tf.constant([[[1., 1., 0.], [0., 0., 1.]],   # by even rows, columns
                        [[1., 0., 0.], [0., 1., 1.]]])  # by odd ones
    small = tf.einsum('pik,qjl,klab->ijapqb', seen, seen, kernel)
    b = kernel.shape[3]
    y = tf.nn.conv2d(x, tf.reshape(small, (2, 2, -1, 4 * b)), 1, 'VALID')
    _, h, w, _ = y.shape                                # (n, h, w, 4 * b)
    y = tf.stack([tf.reshape(rows, (-1, h, 2 * w, b))
                  for rows in tf.split(y, 2, axis=3)], axis=2)
    y = tf.reshape(y, (-1, 2 * h, 2 * w, b))            # rows in turns
    return y if padding == 'valid' else y[:, 1:-1, 1:-1]
