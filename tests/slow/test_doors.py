"""Through every door that Keras has: saved, cloned, compiled anew, exported.

docs/versions.md's table names them.
"""
import itertools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.keras as keras

from grader.oracle import divergence
from test_modules import SMALL, build, images, randomise

SPARSE, CONVOLUTIONAL, VAE = '1-sparse', '2-convolutional', '3-variational'


def quiet(task):
    """Build a task with random weights, a VAE's z with hardly any noise."""
    encoder, _, auto = build(task, *SMALL[task])
    randomise(auto, 0.3)
    if task == VAE:
        layer = encoder.get_layer('log_var')
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel * 0.01, bias - 20])
    return auto


def loss(auto, task):
    """Return the loss on the task's images, all in one batch."""
    x = images(task)
    return auto.evaluate(x, x, batch_size=len(x), verbose=0)


def compiled(auto, task, **settings):
    """Return the model, compiled as the task has it."""
    auto.compile('adam', 'binary_crossentropy', **settings,
                 loss_weights=[20] if task == VAE else None)
    return auto


def saved(auto, task, folder):
    """Go through a file."""
    auto.save(folder / 'auto.keras')
    return keras.models.load_model(folder / 'auto.keras')


def saved_as_h5(auto, task, folder):
    """Go through an older one; its optimizer is for no variables in Keras 3.
    """
    auto.save(folder / 'auto.h5')
    return compiled(keras.models.load_model(folder / 'auto.h5'), task)


def cloned(auto, task, folder):
    """Go through a file of weights alone."""
    auto.save_weights(folder / 'auto.weights.h5')
    clone = keras.models.clone_model(auto)
    clone.load_weights(folder / 'auto.weights.h5')
    return compiled(clone, task)


def compiled_by_xla(auto, task, folder):
    """Go through XLA, as Keras does by itself on GPUs."""
    return compiled(auto, task, jit_compile=True)


def in_bfloat16(auto, task, folder):
    """Go through another type of numbers; the codes stay as they were."""
    keras.mixed_precision.set_global_policy('mixed_bfloat16')
    try:
        encoder, _, mixed = __import__(task).autoencoder(*SMALL[task])
    finally:
        keras.mixed_precision.set_global_policy('float32')
    assert all(codes.dtype == 'float32' for codes in encoder.outputs)
    mixed.set_weights(auto.get_weights())
    return mixed


def mirrored(auto, task, folder):
    """Go through a strategy for several devices."""
    with tf.distribute.MirroredStrategy(['/cpu:0']).scope():
        _, _, copy = __import__(task).autoencoder(*SMALL[task])
    copy.set_weights(auto.get_weights())
    return copy


@pytest.mark.parametrize('door, task', [
    *itertools.product([saved, saved_as_h5, cloned, in_bfloat16],
                       [SPARSE, VAE]),
    (saved, CONVOLUTIONAL), pytest.param(
        compiled_by_xla, CONVOLUTIONAL, marks=pytest.mark.skipif(
            not hasattr(keras, 'ops'), reason="XLA cannot train Keras 2's")),
    (compiled_by_xla, VAE), (mirrored, VAE)])
def test_door(door, task, tmp_path):
    """What comes out has the same loss, and trains on."""
    x, auto = images(task), quiet(task)
    wanted = loss(auto, task)
    auto = door(auto, task, tmp_path)
    before = loss(auto, task)
    rtol = 0.02 if door is in_bfloat16 else 1e-4
    assert before == pytest.approx(wanted, rel=rtol)
    auto.fit(x, x, epochs=20, verbose=0)
    assert loss(auto, task) < before


def test_compiled_without_weights():
    """A VAE's loss is the mean cross-entropy and the summed divergence."""
    x, auto = images(VAE), quiet(VAE)
    _, mean, log_var = auto.layers[1].predict(x)
    kl = divergence(mean, log_var).mean()
    wanted = (loss(auto, VAE) - kl) / 20 + kl
    auto.compile(optimizer='sgd', loss='binary_crossentropy')
    assert loss(auto, VAE) == pytest.approx(wanted, rel=1e-4)
    auto.fit(x, x, epochs=5, verbose=0)
    assert loss(auto, VAE) < wanted


@pytest.mark.parametrize('task', [SPARSE, CONVOLUTIONAL, VAE])
def test_exported(task, tmp_path):
    """A SavedModel serves the same numbers."""
    x, auto = images(task), quiet(task)
    auto.export(tmp_path / 'auto')
    loaded = tf.saved_model.load(str(tmp_path / 'auto'))
    np.testing.assert_allclose(loaded.serve(x), auto.predict(x), rtol=1e-3,
                               atol=1e-5)
