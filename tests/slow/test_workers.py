"""Two workers on this machine train as one process does.

Keras 2 does it: TensorFlow 2.15's own, or tf-keras on a newer TensorFlow.
"""
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from tensorflow import keras

from program import ROOT, said, start

KERAS_2 = dict(os.environ, TF_USE_LEGACY_KERAS='1')


def two_workers(task, *arguments, output):
    """Start the chief and another worker on free ports of this machine."""
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(2)]
    addresses = ['127.0.0.1:{}'.format(s.getsockname()[1]) for s in sockets]
    for s in sockets:
        s.close()
    workers = []
    for index, name in enumerate(['chief', 'other']):
        config = {'cluster': {'worker': addresses},
                  'task': {'type': 'worker', 'index': index}}
        workers.append(start(
            task, *arguments, '--output', str(output / name),
            env=dict(KERAS_2, TF_CONFIG=json.dumps(config))))
    return workers


def losses(folder, task):
    """Return the history that a run left, (epochs, 3)."""
    with open(folder / (task + '-history.csv'), newline='') as stream:
        return np.array(list(csv.reader(stream))[1:], float)


@pytest.mark.parametrize('task, tolerance', [
    ('0', 1e-4), ('1', 1e-4), ('2', 1e-4), ('3', 0.03)])
def test_two_workers(tmp_path, capsys, task, tolerance):
    """The losses are those of one process on the same batches."""
    options = ['--epochs', '2', '--limit', '1000']
    alone = start(task, *options, '--output', str(tmp_path / 'alone'),
                  env=KERAS_2)
    _, stderr = alone.communicate()
    assert alone.returncode == 0, stderr
    chief, other = two_workers(task, *options, output=tmp_path)
    stdout, stderr = chief.communicate(timeout=120)
    assert chief.returncode == 0, stderr
    assert 'test loss' in stdout
    stdout, stderr = other.communicate(timeout=60)
    assert other.returncode == 0, stderr
    assert stdout == '' and os.listdir(tmp_path / 'other') == []
    one, two = (losses(tmp_path / name, task) for name in ('alone', 'chief'))
    with capsys.disabled():
        print('\ntask {}: one process {}, two workers {}'.format(
            task, one[-1, 1:], two[-1, 1:]), end=' ')
    np.testing.assert_allclose(two, one, rtol=tolerance)


def test_a_worker_is_killed(tmp_path, capsys):
    """The other one ends with a line that says so, and soon."""
    chief, other = two_workers('0', '--epochs', '1000', '--limit', '2000',
                               output=tmp_path)
    for line in chief.stdout:
        if line.startswith('Epoch 3/'):
            other.send_signal(signal.SIGKILL)
            break
    killed = time.monotonic()
    other.communicate()
    _, stderr = chief.communicate(timeout=120)
    with capsys.disabled():
        print('\nthe chief ended {:.0f} s after its worker was killed'.format(
            time.monotonic() - killed), end=' ')
    assert chief.returncode == 1
    assert 'another worker is lost: ' in stderr
    assert 'Traceback' not in stderr


@pytest.mark.skipif(not hasattr(keras, 'ops'), reason='Keras 2 trains so')
def test_keras_3_says_what_to_do():
    """Under Keras 3 a worker stops at once, with a line."""
    worker = start('0', '--limit', '1000', env=dict(os.environ, TF_CONFIG='x'))
    _, stderr = worker.communicate()
    assert worker.returncode == 1
    assert said(stderr) == [
        'TF_CONFIG is set, but Keras 3 trains on one machine only: pip '
        'install tf-keras, and set TF_USE_LEGACY_KERAS=1']


def test_bad_configuration():
    """A TF_CONFIG without a task of its cluster is refused, in a line."""
    worker = start('0', '--limit', '1000', env=dict(
        KERAS_2, TF_CONFIG='{"cluster": {"worker": []}}'))
    _, stderr = worker.communicate()
    assert worker.returncode == 1
    assert said(stderr)[-1].startswith('TF_CONFIG is \'{"cluster"')


TWO_DEVICES = """
import argparse
import sys
import lab
import tensorflow as tf
cpu, = tf.config.list_physical_devices('CPU')
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from lab import distributed, options, training
distributed.STRATEGY = tf.distribute.MirroredStrategy(['cpu:0', 'cpu:1'])
main = __import__('0-main').main
fit = training.fit

def interrupted(auto, x_train, x_test, args):
    first = __import__('0-vanilla').autoencoder(784, [128, 64], 32)[2]
    first.set_weights(auto.get_weights())
    fit(first, x_train, x_test, argparse.Namespace(**dict(vars(args),
                                                          epochs=1)))
    return fit(auto, x_train, x_test, args)

training.fit = interrupted
main(sys.argv[1:])
"""


def test_two_devices(tmp_path):
    """In one process, two replicas train as one does, and go on as one."""
    options = ['--epochs', '2', '--limit', '1000', '--output']
    alone = start('0', *options, str(tmp_path / 'one'))
    _, stderr = alone.communicate()
    assert alone.returncode == 0, stderr
    printed = subprocess.check_output([
        sys.executable, '-c', TWO_DEVICES, *options, str(tmp_path / 'two')],
        cwd=ROOT, text=True)
    assert 'going on after epoch 1 of 2' in printed
    np.testing.assert_allclose(losses(tmp_path / 'two', '0'),
                               losses(tmp_path / 'one', '0'), rtol=1e-4)
