"""Two workers on this machine train as one process does.

Keras 2 does it: TensorFlow 2.15's own, or tf-keras on a newer TensorFlow.
"""
import json
import socket
import sys

import numpy as np
import pytest
from tensorflow import keras

from launch import ROOT, losses

KERAS_2 = {'TF_USE_LEGACY_KERAS': '1'} if hasattr(keras, 'ops') else {}


@pytest.fixture
def two_workers(start, tmp_path):
    """Return a function that starts a chief and another worker.

    They have one folder, as on a disk that both see.
    """
    def start_two(task, *arguments):
        with socket.create_server(('127.0.0.1', 0)) as one, \
                socket.create_server(('127.0.0.1', 0)) as two:
            addresses = [f'127.0.0.1:{free.getsockname()[1]}'
                         for free in (one, two)]
        return [start(task, *arguments, '--output', str(tmp_path / 'both'),
                      more=dict(KERAS_2, TF_CONFIG=json.dumps({
                          'cluster': {'worker': addresses},
                          'task': {'type': 'worker', 'index': index}})))
                for index in range(2)]
    return start_two


def test_two_workers(tmp_path, start, two_workers):
    """The losses are those of one process on the same batches."""
    task, options = '0-vanilla', ['--epochs', '2', '--limit', '1000']
    start(task, *options, '--output', str(tmp_path / 'alone'),
          more=KERAS_2).end()
    chief, other = two_workers(task, *options)
    assert 'saved: ' in chief.end()[0]
    assert other.end()[0] == 'loading TensorFlow\n'     # the chief saves
    assert not any(list(folder.iterdir()) for folder in
                   (tmp_path / 'both').glob('*backup*'))
    one, two = (losses(tmp_path / name, task) for name in ('alone', 'both'))
    np.testing.assert_allclose(two, one, rtol=1e-4)


def test_killed_and_started_again(tmp_path, two_workers):
    """The other worker ends with a line; then all go on from the last epoch.
    """
    command = ['1-sparse', '--limit', '500', '--epochs', '20']
    chief, other = two_workers(*command)
    chief.until('Epoch 5/')
    other.kill()
    _, said = chief.end(1)
    assert 'another worker is lost: ' in said[-1]
    assert not any('Traceback' in line for line in said)
    chief, other = two_workers(*command)
    printed, _ = chief.end()
    other.end()
    assert 'Epoch 1/' not in printed and 'Epoch 20/' in printed
    history = losses(tmp_path / 'both', '1-sparse')
    assert len(history) < 20 and history[-1, 1] < 0.3


def test_two_devices(tmp_path, launch):
    """In one process, two replicas train as one does."""
    options = ['--epochs', '3', '--limit', '1000', '--output']
    launch(sys.executable, str(ROOT / 'tests' / 'slow' / 'two_devices.py'),
           *options, str(tmp_path / 'two'), more={
               'PYTHONPATH': str(ROOT)}).end()
    _, _, auto, _ = __import__('0-main').main(
        [*options, str(tmp_path / 'one')])
    trained = keras.models.load_model(tmp_path / 'two' / '0-auto.keras')
    for weight, same in zip(trained.get_weights(), auto.get_weights()):
        np.testing.assert_allclose(weight, same, atol=1e-3)
    one, two = (losses(tmp_path / name, '0-vanilla') for name in
                ('one', 'two'))
    np.testing.assert_allclose(two, one, rtol=1e-4)
