"""The mains as programs: streams, signals, settings, two at once."""
import json
import signal

import numpy as np

from launch import ENDLESS, losses


def test_as_a_program_anywhere(tmp_path, start):
    """From any folder, without a screen, whatever Keras's settings say."""
    (tmp_path / 'keras.json').write_text(json.dumps({
        'backend': 'jax', 'floatx': 'float64',
        'image_data_format': 'channels_first'}))
    printed, said = start(
        '2-convolutional', '--epochs', '1', '--limit', '64', '--output',
        'выход', cwd=tmp_path, more={
            'KERAS_HOME': str(tmp_path), 'KERAS_BACKEND': 'jax',
            'MPLBACKEND': 'TkAgg'}).end()
    assert said == []
    assert 'latent units ever fire' in printed
    assert (tmp_path / 'выход' / '2-reconstructions.png').exists()


def test_two_runs_at_once(tmp_path, start):
    """Two of one task in a folder leave whole files, of one or the other."""
    options = ['--limit', '256', '--output', str(tmp_path), '--epochs', '20']
    runs = [start('0-vanilla', '--seed', seed, *options) for seed in '01']
    for run in runs:
        assert run.end()[1] == []
    assert not list(tmp_path.glob('unfinished-*'))
    assert len(losses(tmp_path, '0-vanilla')) == 20
    with np.load(tmp_path / '0-auto.keras') as whole:
        assert 'model.weights.h5' in whole.files


def test_interrupted_and_resumed(tmp_path, start):
    """At Ctrl-C a line says that the same command goes on, and it does.

    It ends, quietly, where its reader leaves, as `head` does.
    """
    command = ['0-vanilla', '--limit', '256', '--output', str(tmp_path),
               '--epochs', ENDLESS]
    program = start(*command)
    program.until('Epoch 3/')
    program.kill(signal.SIGINT)
    _, said = program.end(130)
    assert said == ['', 'interrupted: an unfinished training goes on by the '
                    'same command']
    program = start(*command)
    program.until('going on after epoch ')
    program.until('Epoch ')
    assert 'Epoch 1/' not in program.printed
    program.process.stdout.close()
    assert program.process.wait() == 1
    assert program.said() == []
