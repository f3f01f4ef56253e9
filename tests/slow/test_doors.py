"""Through every door that Keras has: saved, cloned, compiled anew, exported.

Where TensorFlow itself cannot, the test asserts how it fails, so that the day
it no longer does is noticed; docs/versions.md's table names these.
"""
import concurrent.futures
import multiprocessing

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.keras as keras

from grader.oracle import divergence
from test_modules import KERAS_3, SMALL, build, code, images, randomise

VAE = '3-variational'


def quiet(task):
    """Build a task with random weights, a VAE's z with hardly any noise."""
    encoder, decoder, auto = build(task, *SMALL[task])
    randomise(auto, 0.3)
    if task == VAE:
        layer = [layer for layer in encoder.layers if layer.weights][-1]
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel * 0.01, bias - 20])
    return encoder, decoder, auto


def loss(auto, task):
    """Return the loss on the task's images, all in one batch."""
    x = images(task)
    return auto.evaluate(x, x, batch_size=len(x), verbose=0)


@pytest.fixture(params=['1-sparse', '2-convolutional', VAE])
def task(request):
    """Go through every door with all that models have: 1-sparse has vanilla's.
    """
    return request.param


def same(a, b, rtol=1e-4):
    """Fail unless two results agree."""
    np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-5)


@pytest.mark.parametrize('suffix', ['.keras', '.h5'])
def test_saved(task, suffix, tmp_path):
    """The three models reload from a file, with the same numbers."""
    x = images(task)
    models = dict(zip(['encoder', 'decoder', 'auto'], quiet(task)))
    for name, model in models.items():
        model.save(str(tmp_path / (name + suffix)))
    encoder, decoder, auto = [keras.models.load_model(
        str(tmp_path / (name + suffix))) for name in models]
    same(loss(auto, task), loss(models['auto'], task))
    codes = code(models['encoder'], x)
    same(code(encoder, x), codes)
    same(decoder.predict(codes), models['decoder'].predict(codes))
    before = loss(auto, task)
    if suffix == '.h5' and KERAS_3:
        # Keras 3 builds the reloaded optimizer for no variables.
        with pytest.raises(ValueError, match='Unknown variable'):
            auto.fit(x, x, verbose=0)
        auto.compile('adam', 'binary_crossentropy',
                     loss_weights=[20] if task == VAE else None)
    auto.fit(x, x, epochs=20, verbose=0)                # it trains on
    assert loss(auto, task) < before


def reloaded(path):
    """Return the loss of a VAE that another process has saved."""
    __import__(VAE)
    return loss(keras.models.load_model(path), VAE)


@pytest.mark.program
def test_saved_for_another_process(tmp_path):
    """A process that only imports the module reloads and scores the same."""
    _, _, auto = quiet(VAE)
    path = str(tmp_path / 'auto.keras')
    auto.save(path)
    with concurrent.futures.ProcessPoolExecutor(
            1, multiprocessing.get_context('spawn')) as pool:
        same(pool.submit(reloaded, path).result(), loss(auto, VAE))


def test_cloned(task, tmp_path):
    """A clone, compiled alike, with the weights of a file scores the same."""
    _, _, auto = quiet(task)
    path = str(tmp_path / 'auto.weights.h5')
    auto.save_weights(path)
    clone = keras.models.clone_model(auto)
    clone.load_weights(path)
    clone.compile('adam', 'binary_crossentropy',
                  loss_weights=[20] if task == VAE else None)
    same(loss(clone, task), loss(auto, task))


def test_compiled_anew(task):
    """With another optimizer it trains; penalty and KL divergence stay."""
    x = images(task)
    encoder, _, auto = quiet(task)
    wanted = loss(auto, task)
    if task == VAE:     # its mean cross-entropy now, the divergence summed
        _, mean, log_var = encoder.predict(x)
        kl = divergence(mean, log_var).mean()
        wanted = (wanted - kl) / 20 + kl
    auto.compile(optimizer='sgd', loss='binary_crossentropy')
    same(loss(auto, task), wanted)
    auto.fit(x, x, epochs=5, verbose=0)
    assert loss(auto, task) < wanted


@pytest.mark.parametrize('task', ['2-convolutional', VAE])
def test_compiled_by_xla(task):
    """jit_compile gives the same loss and trains."""
    x = images(task)
    _, _, auto = quiet(task)
    wanted = loss(auto, task)
    auto.compile(optimizer='adam', loss='binary_crossentropy',
                 loss_weights=[20] if task == VAE else None, jit_compile=True)
    same(loss(auto, task), wanted)
    if task == '2-convolutional' and not KERAS_3:
        with pytest.raises(tf.errors.InvalidArgumentError,
                           match='ResizeNearestNeighborGrad'):
            auto.fit(x, x, verbose=0)
    else:
        auto.fit(x, x, epochs=20, verbose=0)
        assert loss(auto, task) < wanted


@pytest.mark.parametrize('task', ['1-sparse', VAE])
def test_mixed_precision(task):
    """In mixed_bfloat16 the loss is float32's to bfloat16's accuracy."""
    _, _, auto = quiet(task)
    weights, wanted = auto.get_weights(), loss(auto, task)
    keras.mixed_precision.set_global_policy('mixed_bfloat16')
    try:
        _, _, auto = build(task, *SMALL[task])
        auto.set_weights(weights)
        before = loss(auto, task)
        same(before, wanted, rtol=0.02)
        x = images(task)
        auto.fit(x, x, epochs=20, verbose=0)
        assert loss(auto, task) < before
    finally:
        keras.mixed_precision.set_global_policy('float32')


def test_exported(task, tmp_path):
    """A SavedModel serves the same numbers."""
    x = images(task)
    encoder, decoder, auto = quiet(task)
    codes = code(encoder, x)
    for name, model, given, wanted in [
            ('encoder', encoder, x, codes),
            ('decoder', decoder, codes, decoder.predict(codes)),
            ('auto', auto, x, auto.predict(x))]:
        model.export(str(tmp_path / name))
        loaded = tf.saved_model.load(str(tmp_path / name))
        served = loaded.serve(given)
        served = served[1] if isinstance(served, (list, tuple)) else served
        same(served, wanted, rtol=1e-3)


def test_tflite(task):
    """TFLite's interpreter gives the encoder's and the decoder's numbers."""
    x = images(task, 1)
    encoder, decoder, _ = quiet(task)
    codes = code(encoder, x)
    for model, given, wanted in [(encoder, x, codes),
                                 (decoder, codes, decoder.predict(codes))]:
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if task == '2-convolutional' and model is decoder and KERAS_3:
            # Keras 3 upsamples by reshapes that TFLite loses the size in...
            with pytest.raises(Exception, match='TF Select ops: Conv2D'):
                converter.convert()
            # ... unless the batch has a fixed size.
            function = tf.function(decoder).get_concrete_function(
                tf.TensorSpec(codes.shape))
            converter = tf.lite.TFLiteConverter.from_concrete_functions(
                [function])
        if task == '3-variational' and model is encoder and KERAS_3:
            # TFLite has not the noise of Keras 3; the mean has none.
            with pytest.raises(Exception, match='StatelessRandomNormalV2'):
                converter.convert()
            converter = tf.lite.TFLiteConverter.from_keras_model(
                keras.Model(encoder.inputs, encoder.outputs[1]))
        interpreter = tf.lite.Interpreter(model_content=converter.convert())
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]['index'],
                               given)
        interpreter.invoke()
        outputs = [interpreter.get_tensor(detail['index'])
                   for detail in interpreter.get_output_details()]
        # A VAE's come in any order; z has hardly any noise here.
        assert any(output.shape == wanted.shape and
                   np.allclose(output, wanted, 1e-3, 1e-3)
                   for output in outputs)


def test_mirrored():
    """Under MirroredStrategy the loss is the same, and it trains."""
    x = images(VAE)
    _, _, auto = quiet(VAE)
    wanted = loss(auto, VAE)
    strategy = tf.distribute.MirroredStrategy(['/cpu:0'])
    with strategy.scope():
        _, _, mirrored = __import__(VAE).autoencoder(*SMALL[VAE])
    mirrored.set_weights(auto.get_weights())
    same(loss(mirrored, VAE), wanted)
    mirrored.fit(x, x, epochs=20, verbose=0)
    assert loss(mirrored, VAE) < wanted
