"""The mains, in this process, on a few digits: what they print and leave."""
import contextlib
import io
import json
import os
import re

import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest
from tensorflow import keras

from lab import TASKS, RunEnded, mnist, results
from grader.oracle import cross_entropy, divergence

LIMIT = 512


class Run:
    """A main's run in this process: what it printed and left."""

    def __init__(self, task, output):
        self.task, self.is_vae = task, task == '3-variational'
        self.output = output
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            __import__(f'{self.task[0]}-main').main([
                '--epochs', '1', '--limit', str(LIMIT),
                '--output', str(output)])
        self.printed = printed.getvalue()
        _, (x_test, self.labels) = mnist.load_data(limit=LIMIT)
        self.x_test = mnist.scale(x_test).reshape(
            (-1, *self.model('auto').input_shape[1:]))

    def file(self, name):
        """Return the path of a file that the run left."""
        return self.output / f'{self.task[0]}-{name}'

    def model(self, name):
        """Reload one of the three models."""
        return keras.models.load_model(self.file(f"{name}.keras"))

    def history(self):
        """Return the CSV file's row, of one epoch, by name."""
        return np.genfromtxt(self.file('history.csv'), delimiter=',',
                             names=True)


@pytest.fixture(scope='module', params=TASKS)
def run(request, tmp_path_factory):
    """Run each main once."""
    return Run(request.param, tmp_path_factory.mktemp('a folder'))


def test_files(run):
    """A run leaves models, history, summary and pictures, and nothing else."""
    names = ['auto.keras', 'decoder.keras', 'encoder.keras', 'history.csv',
             'loss.png', 'reconstructions.png', 'run.json']
    names += ['grid.png', 'scatter.png'] if run.is_vae else []
    paths = [run.file(name) for name in sorted(names)]
    assert sorted(run.output.iterdir()) == paths
    assert run.printed.endswith(f"saved: {' '.join(map(str, paths))}\n")
    assert run.printed.count(f'({LIMIT}, 28, 28, 1)\n') == (
        2 if run.task == '2-convolutional' else 0)
    assert plt.get_fignums() == []


def test_history(run):
    """The CSV, the JSON and Keras's own line tell the same losses."""
    row = run.history()
    line = re.search(r'- loss: ([\d.]+) - val_loss: ([\d.]+)', run.printed)
    told = dict(zip(['loss', 'val_loss'], map(float, line.groups())))
    assert row['epoch'] == 1
    assert {name: row[name] for name in told} == pytest.approx(told, rel=1e-3)
    summary = json.loads(run.file('run.json').read_text())
    assert summary['losses'] == pytest.approx(told, rel=1e-3)
    assert (summary['epochs'], summary['limit']) == (1, LIMIT)


def test_models_reload(run):
    """The models reload, and score what the run printed."""
    encoder, decoder, auto = map(run.model, ['encoder', 'decoder', 'auto'])
    loss = auto.evaluate(run.x_test, run.x_test, verbose=0, batch_size=256)
    printed = float(re.search(r'test loss ([\d.]+) nats', run.printed)[1])
    assert printed == pytest.approx(float(run.history()['val_loss']),
                                    abs=0.06 if run.is_vae else 6e-5)
    # A VAE's loss has the noise of z in it.
    assert loss == pytest.approx(printed, rel=0.01 if run.is_vae else 1e-3)
    codes = encoder.predict(run.x_test, batch_size=256, verbose=0)
    if run.is_vae:
        _, mu, log_sig = codes
        numbers = np.array(re.findall(r'-?\d+\.[\de+-]+', run.printed.split(
            '[[', 1)[1].split('test loss')[0]), float).reshape((2, 10, 2))
        np.testing.assert_allclose(numbers[0], mu[:10], rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(numbers[1], np.exp(log_sig[:10] / 2),
                                   rtol=1e-3)
        parts = re.search(r'reconstruction ([\d.]+) \+ KL divergence ([\d.]+)',
                          run.printed)
        kl = divergence(mu, log_sig).mean()
        assert float(parts[2]) == pytest.approx(kl, abs=0.06)
        entropy = cross_entropy(run.x_test, decoder.predict(codes[0]))
        assert float(parts[1]) == pytest.approx(      # of another draw of z
            entropy.sum(axis=1).mean(), rel=0.01)
    else:
        mean = float(re.search(r'ten digits: ([\d.]+)', run.printed)[1])
        assert mean == pytest.approx(codes[:10].mean(), rel=1e-3)
        assert results.activity(codes) in run.printed
        reconstructed = decoder.predict(codes, verbose=0)
        np.testing.assert_allclose(auto.predict(run.x_test, verbose=0),
                                   reconstructed, rtol=1e-3, atol=1e-5)


def test_activity():
    """Units that fire, zeros and the mean are counted over all images."""
    codes = np.array([[[0, 2]], [[0, 1]], [[0, 3]]], 'float32')
    assert results.activity(codes) == (
        '1 of 2 latent units ever fire on the test digits, 50% of their '
        'activations are 0, the mean is 1.00')


def test_pictures(run):
    """No picture is blank, and each is fit for a page."""
    pictures = sorted(run.output.glob('*.png'))
    assert pictures
    for path in pictures:
        pixels = matplotlib.image.imread(path)[..., :3]
        assert pixels.std() > 0.05, path
        assert min(pixels.shape[:2]) > 300, path


def test_short_run_spares_a_longer_one(tmp_path):
    """It is refused in a line, unless it is told to replace the models."""
    command = ['--epochs', '1', '--limit', '64', '--output', str(tmp_path)]
    main = __import__('1-main').main
    (tmp_path / '1-run.json').write_text('{"epochs": 2, "limit": null}')
    with pytest.raises(RunEnded, match='epochs 2.*--output.*--replace'):
        main(command)
    assert os.listdir(tmp_path) == ['1-run.json']
    run = results.Run('1-sparse', {'output': '', 'seed': 3, 'replace': True})
    assert run.settings['seed'] == 3
    encoder, decoder, auto, history = main(
        [*command, '--replace', '--lambtha', '0.25'])
    assert auto.layers[1:] == [encoder, decoder] and len(history['loss']) == 1
    assert encoder.layers[-1].activity_regularizer.l1 == 0.25
    summary = json.loads((tmp_path / '1-run.json').read_text())
    assert (summary['limit'], summary['lambtha']) == (64, 0.25)
