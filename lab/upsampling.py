"""A convolution after an upsampling, computed before it: less work."""
import contextlib

import tensorflow as tf
from tensorflow.keras.layers import Conv2D, UpSampling2D

REPEATED = {'size': (2, 2), 'interpolation': 'nearest'}
CONVOLVED = {'kernel_size': (3, 3), 'strides': (1, 1), 'dilation_rate': (1, 1),
             'groups': 1, 'use_bias': True, 'data_format': 'channels_last'}


@contextlib.contextmanager
def at_low_resolution(model):
    """Let pairs of UpSampling2D and Conv2D in a model take less time.

    Pixels are repeated 2 × 2, so a kernel of 3 × 3 sees 2 × 2 different ones.
    Four kernels of 2 × 2, before the upsampling, give the same: one for each
    place in a square of 2 × 2. No weight and no result changes. It pays where
    four times the filters are no more than the input's channels.
    """
    pairs = list(_pairs(model))
    for upsampling, layer in pairs:
        upsampling.call = lambda x: x
        layer.call = lambda x, layer=layer: layer.activation(
            convolve(x, layer.kernel, layer.padding) + layer.bias)
    try:
        yield
    finally:
        for upsampling, layer in pairs:
            del upsampling.call, layer.call


def _pairs(model):
    """Yield each upsampling that only a convolution follows, with that.

    It is looked for in the model and in those that are its layers.
    """
    for part in [model, *model.layers]:
        layers = part.layers if getattr(part, 'outputs', None) else []
        for a, b in zip(layers, layers[1:]):
            if (type(a), type(b)) == (UpSampling2D, Conv2D) and (
                    len(a._inbound_nodes) == len(a._outbound_nodes) ==
                    len(b._inbound_nodes) == 1 and b.input is a.output
                    and all(a.output is not x for x in part.outputs)
                    and 4 * b.filters <= b.kernel.shape[2]
                    and b.compute_dtype == b.dtype == 'float32'
                    and REPEATED.items() <= a.get_config().items()
                    and CONVOLVED.items() <= b.get_config().items()):
                yield a, b


def convolve(x, kernel, padding):
    """Convolve x, (n, h, w, a), as if each pixel were repeated 2 × 2."""
    if padding == 'same':
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
    seen = tf.constant([[[1., 1., 0.], [0., 0., 1.]],   # by even rows, columns
                        [[1., 0., 0.], [0., 1., 1.]]])  # by odd ones
    # p, q: even or odd row, column; (i, j) of 2 × 2, (k, l) of 3 × 3.
    small = tf.einsum('pik,qjl,klab->ijapqb', seen, seen, kernel)
    b = kernel.shape[3]
    y = tf.nn.conv2d(x, tf.reshape(small, (2, 2, -1, 4 * b)), 1, 'VALID')
    _, h, w, _ = y.shape                                # (n, h, w, 4 * b)
    y = tf.reshape(y, (-1, h, w, 2, 2 * b))             # (..., row, column)
    y = tf.transpose(y, (0, 1, 3, 2, 4))                # (n, h, 2, w, 2 * b)
    y = tf.reshape(y, (-1, 2 * h, 2 * w, b))
    return y if padding == 'valid' else y[:, 1:-1, 1:-1]
