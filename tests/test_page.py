"""page/make.py: what it refuses, and the page that lies in docs/."""
import json
import re

import numpy as np
import pytest
from tensorflow import keras

from lab import RunEnded
from launch import ROOT
from page import make

# Nats an image, of a mean over the test digits: README.md's ranges of five
# seeds, with what rounding the weights for the page takes. The VAE's code is
# its mean here, without noise, and the sparse one's penalty does not count:
# they lose less.
AVERAGES = {'vanilla': (0.0838, 0.0865), 'sparse': (0.0823, 0.0855),
            'convolutional': (0.0924, 0.0957),
            'variational': (140 / 784, 153 / 784)}


def test_committed_page():
    """It is made of the JSON in it by the page's code as it is now."""
    committed = (ROOT / 'docs' / 'index.html').read_text(encoding='utf-8')
    data = json.loads(re.search(
        r'<script type="application/json" id="data">(.*?)</script>',
        committed, re.DOTALL)[1])
    assert make.page(data) == committed
    assert [model['name'] for model in data['models']] == list(AVERAGES)
    for model in data['models']:
        low, high = AVERAGES[model['name']]
        assert low < model['average'] / 784 < high


@pytest.mark.parametrize('layer, words', [
    (keras.layers.Dense(8, activation='tanh'), "activation 'tanh'"),
    (keras.layers.Dense(8, use_bias=False), 'use_bias False'),
    (keras.layers.BatchNormalization(), 'is a BatchNormalization')])
def test_layer_that_the_page_does_not_compute(layer, words):
    """It is refused by its name."""
    inputs = keras.Input((784,))
    model = keras.Model(inputs, layer(inputs))
    with pytest.raises(ValueError, match=f'{layer.name}.*{words}'):
        make.describe('vanilla', model, model, np.zeros((1, 28, 28)), [0])


@pytest.mark.parametrize('layer, words', [
    (keras.layers.Conv2D(1, 3, strides=2), r'strides \(2, 2\)'),
    (keras.layers.Conv2D(1, 5), r'kernel_size \(5, 5\)'),
    (keras.layers.Conv2D(1, 3, dilation_rate=2), r'dilation_rate \(2, 2\)'),
    (keras.layers.MaxPooling2D(3), r'pool_size \(3, 3\)'),
    (keras.layers.MaxPooling2D(2), "padding 'valid'"),
    (keras.layers.UpSampling2D(2, interpolation='bilinear'), 'bilinear')])
def test_image_layer_that_the_page_does_not_compute(layer, words):
    """It is refused by its name."""
    inputs = keras.Input((28, 28, 1))
    layer(inputs)
    with pytest.raises(ValueError, match=f'{layer.name}.*{words}'):
        make.layer(layer)


def test_models_are_missing(tmp_path):
    """A line names their files and the command that makes them."""
    (tmp_path / '0-encoder.keras').touch()
    with pytest.raises(RunEnded,
                       match='missing .*0-decoder.*make run TASK=0 ARGS'):
        make.main(['--output', str(tmp_path)])


def test_plane_of_a_vae_that_tells_nothing():
    """Its means are all 0: the plane has a size, that one can walk in it."""
    encoder, decoder, _ = __import__('3-variational').autoencoder(784, [4], 2)
    for submodel in (encoder, decoder):
        submodel.set_weights([0 * weight for weight in submodel.get_weights()])
    described = make.describe('variational', encoder, decoder,
                              np.zeros((10, 28, 28)), np.arange(10))
    assert described['reach'] > 0
