"""A convolution computed before an upsampling gives the same."""
import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from lab import upsampling


@pytest.mark.parametrize('size', [(2, 2), (3, 5)])
@pytest.mark.parametrize('padding', ['same', 'valid'])
@pytest.mark.parametrize('channels, filters', [(4, 1), (12, 3)])
def test_upsampling(size, padding, channels, filters):
    """A convolution computed before the upsampling is Keras's after it."""
    auto = keras.Sequential([
        keras.Input((*size, channels)), keras.layers.UpSampling2D(),
        keras.layers.Conv2D(filters, 3, padding=padding, activation='tanh',
                            bias_initializer='glorot_uniform')])
    x = tf.random.stateless_normal((5, *size, channels), (0, 1))

    def value_and_gradients():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = auto(x)
            loss = tf.reduce_sum(y * tf.cos(y))
        return y, *tape.gradient(loss, [x, *auto.trainable_variables])

    wanted = value_and_gradients()
    with upsampling.at_low_resolution(auto):
        assert auto.layers[0](x).shape == x.shape       # not repeated
        got = value_and_gradients()
    for a, b in zip(got, wanted):
        np.testing.assert_allclose(a, b, atol=1e-5 * np.abs(b).max())
    assert auto.layers[0](x).shape[1:3] == (2 * size[0], 2 * size[1])


@pytest.mark.parametrize('settings', [
    {'filters': 5}, {'kernel_size': 5}, {'strides': 2}, {'dilation_rate': 2},
    {'use_bias': False}, {'groups': 2, 'filters': 2},
    {'dtype': 'float64'}, {'dtype': 'mixed_float16'}])
def test_upsampling_of_another_kind(settings):
    """What is no such pair, or would not gain, is computed as ever."""
    def outputs():
        return auto(tf.ones((2, 6, 6, 16)))

    images = keras.Input((6, 6, 16))
    convolution = keras.layers.Conv2D(
        **{'filters': 1, 'kernel_size': 3, **settings})
    x = keras.layers.UpSampling2D()(images)
    auto = keras.Model(images, convolution(x))
    wanted = outputs()
    with upsampling.at_low_resolution(auto):
        assert auto.layers[1](tf.ones((2, 6, 6, 16))).shape[1] == 12
        np.testing.assert_array_equal(outputs(), wanted)


@pytest.mark.parametrize('use, size', [
    (lambda up, x, y: [x, y], 12 * 12 * 17),
    (lambda up, x, y: keras.layers.Concatenate()([x, y]), 12 * 12 * 17),
    (lambda up, x, y: up(y), 24 * 24)])
def test_upsampling_that_others_use(use, size):
    """An upsampling is left alone where not only a convolution follows.

    Neither is one that is called twice.
    """
    def parts():
        return np.concatenate([np.ravel(part) for part in tf.nest.flatten(
            auto(tf.ones((1, 6, 6, 16))))])

    images, up = keras.Input((6, 6, 16)), keras.layers.UpSampling2D()
    x = up(images)
    y = keras.layers.Conv2D(1, 3, padding='same')(x)
    auto = keras.Model(images, use(up, x, y))
    wanted = parts()
    assert wanted.size == size
    with upsampling.at_low_resolution(auto):
        np.testing.assert_array_equal(parts(), wanted)


class OfAGraph(keras.Model):
    """A model that calls another one, of its own layers."""

    def __init__(self):
        super().__init__()
        self.up, images = keras.layers.UpSampling2D(), keras.Input((6, 6, 16))
        self.convolution = keras.layers.Conv2D(1, 3)
        self.graph = keras.Model(images, self.convolution(self.up(images)))

    def call(self, images):
        """Return images of twice the size."""
        return self.graph(images)


def test_upsampling_in_a_subclass():
    """A pair that is found in a layer of it is one, and left as it was."""
    auto = OfAGraph()
    wanted = auto(tf.ones((2, 6, 6, 16)))
    with upsampling.at_low_resolution(auto):
        np.testing.assert_allclose(auto(tf.ones((2, 6, 6, 16))), wanted,
                                   atol=1e-5)
    np.testing.assert_array_equal(auto(tf.ones((2, 6, 6, 16))), wanted)
