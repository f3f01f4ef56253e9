"""The grader is graded: no mutant survives, no correct variant fails.

A mutant is a module of ours with small replacements; the point that must catch
it is named. A variant is a correct solution that is written differently.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

import pytest

pytestmark = pytest.mark.program
TESTS = pathlib.Path(__file__).parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS / 'conformance'))

import grader  # noqa: E402, which stands in that folder

VANILLA, SPARSE = '0-vanilla', '1-sparse'
CONVOLUTIONAL, VARIATIONAL = '2-convolutional', '3-variational'
LATENT = "keras.layers.Dense(latent_dims, activation='relu')(x)"
HIDDEN = "x = keras.layers.Dense(nodes, activation='relu')(x)"
SIGMOID = "Dense(input_dims, activation='sigmoid')"
COMPILE = "auto.compile(optimizer='adam', loss='binary_crossentropy'"
UNCHECKED = ('if latent_dims not in (shape, list(shape)):', 'if False:')
ENCODER_CONV = ("Conv2D(channels, (3, 3), padding='same',\n"
                "                                activation='relu')(x)\n"
                "        x = keras.layers.MaxPooling2D")
DECODER_CONV = ("Conv2D(channels, (3, 3), padding='same',\n"
                "                                activation='relu')(x)\n"
                "        x = keras.layers.UpSampling2D")
VALID = ("padding='valid',\n"
         "                            activation='relu')")


def tanh(text):
    """Return the replacement of relu in text."""
    return text, text.replace('relu', 'tanh')


# name: (task, [(old, new) ...], the point that must catch it)
MUTANTS = {
    'decoder not reversed': (VANILLA, [
        ('reversed(hidden_layers)', 'hidden_layers')], 'decoder_layers'),
    'list reversed in place': (VANILLA, [
        ('for nodes in reversed(hidden_layers)',
         'hidden_layers.reverse()\n    for nodes in hidden_layers')],
        'arguments_unchanged'),
    'hidden tanh in both': (VANILLA, [tanh(HIDDEN)], 'encoder_hidden_relu'),
    'latent linear': (VANILLA, [
        (LATENT, 'keras.layers.Dense(latent_dims)(x)')], 'latent_relu'),
    'latent sigmoid': (VANILLA, [
        (LATENT, LATENT.replace('relu', 'sigmoid'))], 'latent_relu'),
    'output relu': (VANILLA, [(SIGMOID, SIGMOID.replace('sigmoid', 'relu'))],
                    'decoder_output_sigmoid'),
    'output linear': (VANILLA, [
        (SIGMOID, 'Dense(input_dims)')], 'decoder_output_sigmoid'),
    'MSE for BCE': (VANILLA, [("loss='binary_crossentropy'", "loss='mse'")],
                    'binary_cross_entropy'),
    'SGD for Adam': (VANILLA, [("'adam'", "'sgd'")], 'adam'),
    'RMSprop for Adam': (CONVOLUTIONAL, [("'adam'", "'rmsprop'")], 'adam'),
    'a hidden layer left out': (VANILLA, [
        ('for nodes in hidden_layers', 'for nodes in hidden_layers[1:]')],
        'encoder_layers'),
    'auto of another decoder': (VANILLA, [
        ('decoder(encoder(images))',
         'keras.models.clone_model(decoder)(encoder(images))')],
        'auto_is_decoder_of_encoder'),
    'encoder frozen': (VANILLA, [
        ('    images = ', '    encoder.trainable = False\n    images = ')],
        'training_changes_both'),
    'shared across calls': (VANILLA, [
        ('def autoencoder(', 'CACHE = {}\n\n\ndef autoencoder(*args):\n'
         '    """Build once."""\n    key = str(args)\n    if key not in CACHE:'
         '\n        CACHE[key] = build(*args)\n    return CACHE[key]\n\n\n'
         'def build(')], 'own_weights'),
    'two models returned': (VANILLA, [
        ('return encoder, decoder, auto', 'return encoder, decoder')],
        'three_models'),
    'arguments renamed': (VANILLA, [('latent_dims', 'latent')], 'signature'),
    'not compiled': (VANILLA, [
        ("    auto.compile(optimizer='adam', loss='binary_crossentropy')\n",
         '')], 'adam'),
    'L1 on the hidden layers': (SPARSE, [
        (HIDDEN, HIDDEN.replace(
            "'relu'", "'relu', activity_regularizer="
            "keras.regularizers.l1(lambtha)"))], 'l1_on_the_codes'),
    'L1 on the weights': (SPARSE, [
        ('activity_regularizer', 'kernel_regularizer')], 'l1_on_the_codes'),
    'L1 of half the strength': (SPARSE, [
        ('l1(lambtha)', 'l1(lambtha / 2)')], 'l1_on_the_codes'),
    'L1 of a fixed strength': (SPARSE, [
        ('l1(lambtha)', 'l1(10e-6)')], 'l1_on_the_codes'),
    'L2 for L1': (SPARSE, [
        ('regularizers.l1', 'regularizers.l2')], 'l1_on_the_codes'),
    'no L1': (SPARSE, [
        ('activity_regularizer=keras.regularizers.l1(lambtha)',
         "name='latent'")], 'l1_on_the_codes'),
    'encoder padding valid': (CONVOLUTIONAL, [UNCHECKED, (
        ENCODER_CONV, ENCODER_CONV.replace('same', 'valid'))], 'shapes'),
    'encoder tanh': (CONVOLUTIONAL, [tanh(ENCODER_CONV)],
                     'encoder_convolutions'),
    'average pooling': (CONVOLUTIONAL, [
        ('MaxPooling2D', 'AveragePooling2D')], 'encoder_pooling'),
    'pooling padding valid': (CONVOLUTIONAL, [UNCHECKED, (
        "MaxPooling2D((2, 2), padding='same')", 'MaxPooling2D((2, 2))')],
        'shapes'),
    'decoder padding valid': (CONVOLUTIONAL, [
        (DECODER_CONV, DECODER_CONV.replace('same', 'valid'))],
        'decoder_convolutions'),
    'decoder tanh': (CONVOLUTIONAL, [tanh(DECODER_CONV)],
                     'decoder_convolutions'),
    'second to last padding same': (CONVOLUTIONAL, [
        (VALID, VALID.replace('valid', 'same'))],
        'second_to_last_convolution'),
    'second to last tanh': (CONVOLUTIONAL, [tanh(VALID)],
                            'second_to_last_convolution'),
    'last padding valid': (CONVOLUTIONAL, [
        ("padding='same',\n                                         act",
         "padding='valid',\n                                         act")],
        'last_convolution'),
    'last relu': (CONVOLUTIONAL, [("'sigmoid'", "'relu'")],
                  'last_convolution'),
    'decoder filters not reversed': (CONVOLUTIONAL, [
        ('reversed(filters[1:])', 'filters[:-1]'),
        ('Conv2D(filters[0]', 'Conv2D(filters[-1]')], 'decoder_filters'),
    'decoder filters off by one': (CONVOLUTIONAL, [
        ('reversed(filters[1:])', 'reversed(filters)')], 'decoder_filters'),
    'one channel for all': (CONVOLUTIONAL, [
        ('Conv2D(input_dims[-1]', 'Conv2D(1')], 'decoder_filters'),
    'kernels of 5': (CONVOLUTIONAL, [('(3, 3)', '(5, 5)')],
                     'encoder_filters'),
    'KL dropped': (VARIATIONAL, [
        ('self.add_loss(kl, inputs=inputs)', 'self.add_loss(0 * kl)'),
        ('self.add_loss(kl)', 'self.add_loss(0 * kl)')], 'kl_divergence'),
    'KL sign flipped': (VARIATIONAL, [('kl = -0.5', 'kl = 0.5')],
                        'kl_divergence'),
    'KL half': (VARIATIONAL, [('kl = -0.5', 'kl = -0.25')], 'kl_divergence'),
    'KL without exp': (VARIATIONAL, [
        ('- backend.exp(log_var), axis', '- log_var, axis')],
        'kl_divergence'),
    'KL without the mean': (VARIATIONAL, [
        ('- backend.square(mean) ', '')], 'kl_divergence'),
    'exp(log_var) for exp(log_var / 2)': (VARIATIONAL, [
        ('exp(log_var / 2)', 'exp(log_var)')], 'z_spread'),
    'mean and log variance swapped': (VARIATIONAL, [
        ('[latent, mean, log_var]', '[latent, log_var, mean]')], 'z_spread'),
    'z last': (VARIATIONAL, [
        ('[latent, mean, log_var]', '[mean, log_var, latent]')],
        'outputs_in_order'),
    'z not sampled': (VARIATIONAL, [(' * noise', ' * 0 * noise')],
                      'outputs_in_order'),
    'noise uniform about 0.5': (VARIATIONAL, [
        ('random_normal(', 'random_uniform(')], 'z_mean'),
    'mean relu': (VARIATIONAL, [
        ("mean = keras.layers.Dense(latent_dims, ",
         "mean = keras.layers.Dense(latent_dims, activation='relu', ")],
        'mean_and_log_variance_linear'),
    'MSE in the VAE': (VARIATIONAL, [
        ("loss='binary_crossentropy'", "loss='mse'")],
        'variational_cross_entropy'),
    'syntax error': (VANILLA, [('def autoencoder(', 'def autoencoder((')],
                     'three_models'),
    'exit at import': (VANILLA, [
        ('def autoencoder(', 'exit(0)\n\n\ndef autoencoder(')],
        'three_models'),
    'process ended': (VANILLA, [
        ('    inputs = ', '    __import__("os")._exit(0)\n    inputs = ')],
        'three_models'),
    'infinite loop': (VANILLA, [
        ('    inputs = ', '    while True:\n        pass\n    inputs = ')],
        'three_models'),
    'error when called': (VANILLA, [
        ('    inputs = ', '    raise KeyError("x")\n    inputs = ')],
        'three_models'),
    'missing': (VANILLA, [], 'three_models')}
STYLE_MUTANTS = {
    'not executable': ('', '', 'is executable'),
    'no shebang': ('#!/usr/bin/env python3\n', '', 'starts with'),
    'no docstring': ('    """Build a vanilla',
                     '    x = """Build a vanilla', 'has a docstring'),
    'not pycodestyle': ('x = inputs', 'x=inputs', 'passes pycodestyle'),
    'imports numpy': ('import tensorflow.keras as keras',
                      'import numpy\nimport tensorflow.keras as keras',
                      'imports only')}


def write_mutant(folder, task, replacements):
    """Write the module with the replacements made."""
    source = (ROOT / (task + '.py')).read_text()
    for old, new in replacements:
        assert old in source, old
        source = source.replace(old, new)
    folder.mkdir()
    (folder / (task + '.py')).write_text(source)


@pytest.fixture(scope='module')
def caught(tmp_path_factory):
    """Grade every mutant; return {name: its results}."""
    top = tmp_path_factory.mktemp('mutants')

    def grade(name):
        task, replacements, point = MUTANTS[name]
        folder = top / name.replace('/', ' over ')
        write_mutant(folder, task, replacements)
        if name == 'missing':
            (folder / (task + '.py')).unlink()
        return grader.grade(str(folder), [task],
                            seconds=20 if name == 'infinite loop' else 120,
                            only=[point])

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(MUTANTS, pool.map(grade, MUTANTS)))


@pytest.mark.parametrize('name', MUTANTS)
def test_mutant(caught, capsys, name):
    """The mutant fails the point that names what is wrong with it."""
    point = MUTANTS[name][2]
    failures = {result['point']: result['failure']
                for result in caught[name] if result['failure']}
    with capsys.disabled():
        print('\n{} | {} | {}'.format(name, point, failures.get(point)),
              end=' ')
    assert point in failures


@pytest.mark.parametrize('name', STYLE_MUTANTS)
def test_style_mutant(tmp_path, name):
    """The file fails the point of style that names it, and no other."""
    old, new, rule = STYLE_MUTANTS[name]
    write_mutant(tmp_path / 'x', VANILLA, [(old, new)])
    file = tmp_path / 'x' / (VANILLA + '.py')
    file.chmod(0o644 if rule == 'is executable' else 0o755)
    results = grader.grade(str(tmp_path / 'x'), [VANILLA], only=['adam'])
    failed, = [result['point'] for result in results if result['failure']]
    assert rule in failed


VARIANTS = sorted(path.name for path in (TESTS / 'slow' / 'variants').glob(
    '*.py'))


@pytest.fixture(scope='module')
def passed(tmp_path_factory):
    """Grade every variant; return {file name: its results}."""
    top = tmp_path_factory.mktemp('variants')

    def grade(name):
        task = name.partition('_')[0]
        folder = top / name
        folder.mkdir()
        source = (TESTS / 'slow' / 'variants' / name).read_text()
        (folder / (task + '.py')).write_text(source)
        return [result for result in grader.grade(str(folder), [task])
                if result['row'] == task]

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(VARIANTS, pool.map(grade, VARIANTS)))


@pytest.mark.parametrize('name', VARIANTS)
def test_variant(passed, name):
    """A correct solution passes, however it is written."""
    assert [result['failure'] for result in passed[name]
            if result['failure']] == []


def test_folder_is_left_alone(tmp_path):
    """A read-only folder elsewhere, with spaces in its path, is graded."""
    folder = tmp_path / 'a student' / 'my work'
    folder.mkdir(parents=True)
    for task in (VANILLA, SPARSE):
        source = (ROOT / (task + '.py')).read_bytes()
        (folder / (task + '.py')).write_bytes(source)
        (folder / (task + '.py')).chmod(0o555)
    folder.chmod(0o555)
    process = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '--tb=no', '-rN', '-p',
         'no:cacheprovider', 'tests/conformance', '--solution=' + str(folder),
         '--json=' + str(tmp_path / 'results.json')],
        cwd=ROOT, capture_output=True, text=True)
    assert process.returncode == 1
    rows = [line.split() for line in process.stdout.splitlines()]
    assert ['0-vanilla', '16', 'of', '16'] in rows
    assert ['1-sparse', '17', 'of', '17'] in rows
    assert ['2-convolutional', '0', 'of', '17'] in rows
    assert ['style', '10', 'of', '20'] in rows
    assert 'there is no 3-variational.py' in process.stdout
    results = json.loads((tmp_path / 'results.json').read_text())
    assert sum(result['failure'] is None for result in results) == 43
    assert sorted(os.listdir(folder)) == ['0-vanilla.py', '1-sparse.py']
