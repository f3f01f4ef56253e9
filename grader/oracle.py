"""What NumPy says that layers and losses give: the oracle of all tests.

Written for Python 3.7 and NumPy 1.18, which TensorFlow 1.15 needs.
"""
import numpy as np

ACTIVATIONS = {
    'relu': lambda x: np.maximum(x, 0),
    'linear': lambda x: x,
    'sigmoid': lambda x: 1 / (1 + np.exp(-x)),
    'tanh': np.tanh,
    'elu': lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    'softplus': lambda x: np.logaddexp(x, 0)}


def dense(x, pairs, activations):
    """Return what dense layers, [kernel, bias] each, make of x, (n, a)."""
    for (kernel, bias), name in zip(pairs, activations):
        x = ACTIVATIONS[name](x @ kernel + bias)
    return x


def convolve(x, kernel, bias, padding):
    """Return what Conv2D makes of x, (n, h, w, a), with (k, l, a, b)."""
    size = np.array(kernel.shape[:2])
    if padding == 'same':
        x = np.pad(x, [(0, 0)] + [((n - 1) // 2, n // 2) for n in size] +
                   [(0, 0)])
    height, width = np.array(x.shape[1:3]) - size + 1
    return bias + sum(x[:, i:i + height, j:j + width] @ kernel[i, j]
                      for i, j in np.ndindex(*size))


def pool(x, how='max', padding='same'):
    """Return what 2 x 2 pooling, 'max' or 'average', makes of x."""
    rows, columns = x.shape[1] % 2, x.shape[2] % 2
    if padding == 'same':
        x = np.pad(x, [(0, 0), (0, rows), (0, columns), (0, 0)],
                   constant_values=np.nan)      # no part of a maximum or mean
    else:
        x = x[:, :x.shape[1] - rows, :x.shape[2] - columns]
    x = x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2, -1)
    return (np.nanmax if how == 'max' else np.nanmean)(x, axis=(2, 4))


def upsample(x):
    """Return x, (n, h, w, a), with each pixel repeated 2 x 2."""
    return x.repeat(2, axis=1).repeat(2, axis=2)


def cross_entropy(x, p):
    """Return the binary cross-entropy of each pixel, in nats."""
    p = np.clip(np.asarray(p, 'float64'), 1e-7, 1 - 1e-7)
    return -(x * np.log(p) + (1 - x) * np.log(1 - p))


def divergence(mean, log_var):
    """Return KL(N(mean, exp(log_var)) || N(0, 1)) of each image, in nats."""
    return np.sum(np.exp(log_var) + mean**2 - 1 - log_var, axis=1) / 2


def same(a, b):
    """Return whether two arrays agree to float32's accuracy."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, 2e-3, 1e-4)


def kernels_of(weights):
    """Return [kernel, bias] of each layer with weights, in order."""
    pairs = []
    for weight in weights:
        if weight.ndim > 1:
            pairs.append([weight, 0])
        elif pairs:
            pairs[-1][1] = weight
    return pairs
