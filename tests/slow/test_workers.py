"""Two workers on this machine train as one process does.

Keras 2 does it: TensorFlow 2.15's own, or tf-keras on a newer TensorFlow.
"""
import json
import os
import random
import socket
import sys
import time

import numpy as np
import pytest
from tensorflow import keras

from lab.tasks import TASKS
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


@pytest.mark.parametrize('task, tolerance', [
    (task, 0.03 if task == '3-variational' else 1e-4) for task in TASKS])
def test_two_workers(tmp_path, capsys, start, two_workers, task, tolerance):
    """The losses are those of one process on the same batches."""
    options = ['--epochs', '2', '--limit', '1000']
    start(task, *options, '--output', str(tmp_path / 'alone'),
          more=KERAS_2).end()
    chief, other = two_workers(task, *options)
    assert 'test loss' in chief.end()[0]
    assert other.end()[0] == '' and os.listdir(tmp_path / 'other') == []
    one, two = (losses(tmp_path / name, task) for name in ('alone', 'chief'))
    with capsys.disabled():
        print('\ntask {}: one process {}, two workers {}'.format(
            task, one[-1, 1:], two[-1, 1:]), end=' ')
    np.testing.assert_allclose(two, one, rtol=tolerance)


def test_a_worker_is_killed(capsys, two_workers):
    """The other one ends with a line that says so, and soon."""
    chief, other = two_workers('0-vanilla', '--epochs', ENDLESS,
                               '--limit', '2000')
    chief.until('Epoch 3/')
    killed = time.monotonic()
    other.kill()
    _, said = chief.end(1)
    with capsys.disabled():
        print('\nthe chief ended {:.0f} s after its worker was killed'.format(
            time.monotonic() - killed), end=' ')
    assert 'another worker is lost: ' in said[-1]
    assert not any('Traceback' in line for line in said)


@pytest.mark.parametrize('task, outputs', [
    ('1-sparse', ('chief', 'other')),
    ('2-convolutional', ('both', 'both'))])
def test_killed_and_started_again(tmp_path, capsys, start, two_workers,
                                  task, outputs):
    """All go on from the chief's last epoch, on a shared disk or not."""
    options = ['--limit', '500', '--epochs']
    moments = random.Random()
    kills = moments.sample(['worker', 'chief', 'both'], 3)
    path = tmp_path / outputs[0]
    done = []
    for kill in kills:
        chief, other = two_workers(task, *options, ENDLESS, outputs=outputs)
        chief.until('Epoch ')
        for _ in range(moments.randrange(12)):
            chief.until('')
        for program in {'worker': [other], 'chief': [chief],
                        'both': [other, chief]}[kill]:
            program.kill()
        for program in (chief, other):      # who is left ends by itself, or
            program.end(1, -9)              # is ended by TensorFlow, at times
        assert ('going on' in chief.printed) == bool(done and done[-1])
        done.append(0)
        if (path / f'{task[0]}-backup.npz').exists():
            with np.load(path / f'{task[0]}-backup.npz') as backup:
                done[-1] = len(json.loads(str(backup['kept']))['history'][
                    'loss'])
        assert done == sorted(done)
    epochs = str(done[-1] + 2)
    if outputs[0] == outputs[1]:        # one machine is left
        start(task, *options, epochs, '--output', str(path),
              more=KERAS_2).end()
    else:
        for program in two_workers(task, *options, epochs, outputs=outputs):
            program.end()
    start(task, *options, epochs, '--output', str(tmp_path / 'alone'),
          more=KERAS_2).end()
    one, two = (losses(folder, task) for folder in (
        tmp_path / 'alone', path))
    with capsys.disabled():
        print('\ntask {}, {}: {} killed after epochs {}; test loss after {}: '
              '{}, undisturbed {}'.format(
                  task, ' and '.join(outputs), kills, done, epochs,
                  two[-1, 2], one[-1, 2]), end=' ')
    np.testing.assert_allclose(two, one, rtol=1e-4)


@pytest.mark.skipif(not hasattr(keras, 'ops'), reason='Keras 2 trains so')
def test_keras_3_says_what_to_do(start):
    """Under Keras 3 a worker stops at once, with a line."""
    _, said = start('0-vanilla', '--limit', '1000', more={
        'TF_CONFIG': '{"cluster": {"worker": ["a:1"]}, '
                     '"task": {"type": "worker", "index": 0}}'}).end(1)
    assert said == [
        'TF_CONFIG is set, but Keras 3 trains on one machine only: pip '
        'install tf-keras, and set TF_USE_LEGACY_KERAS=1']


def test_bad_configuration(start):
    """A TF_CONFIG without a task of its cluster is refused, in a line."""
    _, said = start('0-vanilla', '--limit', '1000', more=dict(
        KERAS_2, TF_CONFIG='{"cluster": {"worker": []}}')).end(1)
    assert said[-1].startswith('TF_CONFIG is \'{"cluster"')


TWO_DEVICES = """
import sys
import lab
import tensorflow as tf
cpu, = tf.config.list_physical_devices('CPU')
tf.config.set_logical_device_configuration(
    cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from lab import distributed, training
distributed.STRATEGY = tf.distribute.MirroredStrategy(['cpu:0', 'cpu:1'])
main = __import__('0-main').main
fit = training.fit

def interrupted(auto, x_train, x_test, epochs, **options):
    first = __import__('0-vanilla').autoencoder(784, [128, 64], 32)[2]
    first.set_weights(auto.get_weights())
    fit(first, x_train, x_test, epochs=1, **options)
    return fit(auto, x_train, x_test, epochs=epochs, **options)

training.fit = interrupted
main(sys.argv[1:])
"""


def test_two_devices(tmp_path, launch, start):
    """In one process, two replicas train as one does, and go on as one."""
    options = ['--epochs', '2', '--limit', '1000', '--output']
    start('0-vanilla', *options, str(tmp_path / 'one')).end()
    two = launch(sys.executable, '-c', TWO_DEVICES, *options,
                 str(tmp_path / 'two'), cwd=ROOT)
    assert 'going on after epoch 1 of 2' in two.end()[0]
    one, two = (losses(tmp_path / name, '0-vanilla') for name in
                ('one', 'two'))
    np.testing.assert_allclose(two, one, rtol=1e-4)
