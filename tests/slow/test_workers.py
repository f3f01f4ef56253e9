"""Two workers on this machine train as one process does.

Keras 2 does it: TensorFlow 2.15's own, or tf-keras on a newer TensorFlow.
"""
import json
import os
import socket
import sys

import numpy as np
import pytest
from tensorflow import keras

from launch import ENDLESS, ROOT, losses

KERAS_2 = {'TF_USE_LEGACY_KERAS': '1'} if hasattr(keras, 'ops') else {}


@pytest.fixture
def two_workers(start, tmp_path):
    """Return a function that starts a chief and another worker."""
    def start_two(task, *arguments, outputs=('chief', 'other')):
        sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(2)]
        addresses = [f'127.0.0.1:{s.getsockname()[1]}'
                     for s in sockets]
        for s in sockets:
            s.close()
        return [start(task, *arguments, '--output', str(tmp_path / output),
                      more=dict(KERAS_2, TF_CONFIG=json.dumps({
                          'cluster': {'worker': addresses},
                          'task': {'type': 'worker', 'index': index}})))
                for index, output in enumerate(outputs)]
    return start_two


def test_two_workers(tmp_path, start, two_workers):
    """The losses are those of one process on the same batches."""
    task, options = '0-vanilla', ['--epochs', '2', '--limit', '1000']
    start(task, *options, '--output', str(tmp_path / 'alone'),
          more=KERAS_2).end()
    chief, other = two_workers(task, *options)
    assert 'test loss' in chief.end()[0]
    assert 'test loss' not in other.end()[0]
    assert os.listdir(tmp_path / 'other') == []     # the chief saves
    assert not list((tmp_path / 'chief').glob('*backup*'))
    one, two = (losses(tmp_path / name, task) for name in ('alone', 'chief'))
    np.testing.assert_allclose(two, one, rtol=1e-4)


def test_a_worker_is_killed(two_workers):
    """The other one ends with a line that says so."""
    chief, other = two_workers('0-vanilla', '--epochs', ENDLESS,
                               '--limit', '2000')
    chief.until('Epoch 3/')
    other.kill()
    _, said = chief.end(1)
    assert 'another worker is lost: ' in said[-1]
    assert not any('Traceback' in line for line in said)


def test_killed_and_started_again(tmp_path, moments, two_workers):
    """All go on from the last epoch, on a disk that both see."""
    def begin():
        return two_workers('1-sparse', '--limit', '500', '--epochs', '40',
                           outputs=('both', 'both'))

    chief, other = begin()
    for _ in range(10):
        chief.until('')
    for program in moments.sample([chief, other], 2):
        program.kill()
    chief, other = begin()
    printed, _ = chief.end()
    other.end()
    assert 'Epoch 1/' not in printed and 'Epoch 40/' in printed
    history = losses(tmp_path / 'both', '1-sparse')
    assert len(history) < 40 and history[-1, 1] < 0.3


@pytest.mark.skipif(not hasattr(keras, 'ops'), reason='Keras 2 trains so')
def test_keras_3_says_what_to_do(start):
    """Under Keras 3 a worker stops at once, with a line."""
    _, said = start('0-vanilla', '--limit', '1000', more={
        'TF_CONFIG': '{"cluster": {"worker": ["a:1"]}, '
                     '"task": {"type": "worker", "index": 0}}'}).end(1)
    assert said == [
        'TF_CONFIG is set, but Keras 3 trains on one machine only: pip '
        'install tf-keras, and set TF_USE_LEGACY_KERAS=1']


@pytest.mark.parametrize('config', ['x', '{"cluster": {"worker": []}}'])
def test_bad_configuration(start, config):
    """A TF_CONFIG without a task of its cluster is refused, in a line."""
    _, said = start('0-vanilla', '--limit', '1000', more=dict(
        KERAS_2, TF_CONFIG=config)).end(1)
    assert said[-1].startswith(f'TF_CONFIG is {config!r}, expected JSON')


TWO_DEVICES = """
import sys
import lab
import tensorflow as tf
cpu, = tf.config.list_physical_devices('CPU')
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from lab import devices, training
devices.strategy = lambda: two
training.several_devices = devices.several_devices = lambda: True
two = tf.distribute.MirroredStrategy(['cpu:0', 'cpu:1'])
__import__('0-main').main(sys.argv[1:])
"""


def test_two_devices(tmp_path, launch, start):
    """In one process, two replicas train as one does; killed, they go on."""
    options = ['--epochs', '3', '--limit', '1000', '--output']
    start('0-vanilla', *options, str(tmp_path / 'one')).end()

    def two():
        return launch(sys.executable, '-c', TWO_DEVICES, *options,
                      str(tmp_path / 'two'), cwd=ROOT)

    program = two()
    program.until('Epoch 3/')
    program.kill()
    printed, _ = two().end()
    assert 'Epoch 1/' not in printed
    one, two = (losses(tmp_path / name, '0-vanilla') for name in
                ('one', 'two'))
    np.testing.assert_allclose(two[:, 1:], one[-len(two):, 1:], rtol=1e-4)
