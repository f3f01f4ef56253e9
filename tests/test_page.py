"""page/make.py: what it refuses, and the page that lies in docs/."""
import json
import re

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
    (keras.layers.BatchNormalization(), 'is a BatchNormalization'),
    (keras.layers.Conv2D(1, 5), r'kernel_size \(5, 5\)'),
    (keras.layers.MaxPooling2D(2), "padding 'valid'"),
    (keras.layers.UpSampling2D(2, interpolation='bilinear'), 'bilinear')])
def test_layer_that_the_page_does_not_compute(layer, words):
    """It is refused by its name."""
    layer(keras.Input((28, 28, 1)))
    with pytest.raises(ValueError, match=f'{layer.name}.*{words}'):
        make.layer(layer)


def test_models_are_missing(tmp_path):
    """A line names their files and the command that makes them."""
    (tmp_path / '0-encoder.keras').touch()
    with pytest.raises(RunEnded,
                       match='missing .*0-decoder.*make run TASK=0 ARGS'):
        make.main(['--output', str(tmp_path)])
