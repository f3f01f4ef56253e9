"""Callbacks do under `training.fit` what they do under `auto.fit`."""
import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from lab import training
from small import build_vanilla, digits


class Recorder(keras.callbacks.Callback):
    """A user's own callback: notes each of its calls."""

    def __init__(self):
        super().__init__()
        self.calls = []


def noting(hook):
    """Return a method that notes its call, with the names of the logs."""
    def note(self, *args, logs=None):
        *args, logs = args if isinstance(args[-1], dict) else (*args, logs)
        self.calls.append((hook, *args, sorted(logs or {})))
    return note


for when in ('train', 'test', 'epoch', 'train_batch', 'test_batch'):
    for end in ('begin', 'end'):
        setattr(Recorder, f'on_{when}_{end}', noting(f'on_{when}_{end}'))


def scalars(folder):
    """Return what TensorBoard's callback wrote: {(file, tag): values}."""
    found = {}
    for path in sorted(folder.rglob('events*')):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                if value.metadata.plugin_data.plugin_name == 'scalars':
                    found.setdefault((path.parent.name, value.tag), []).append(
                        (event.step, float(tf.make_ndarray(value.tensor))))
    return found


def that_watch(folder):
    """Return callbacks that note what happens, each in its own way."""
    return [Recorder(), keras.callbacks.CSVLogger(str(folder / 'log.csv')),
            keras.callbacks.ModelCheckpoint(
                str(folder / '{epoch}-{val_loss:.3f}.weights.h5'),
                save_weights_only=True),
            keras.callbacks.TensorBoard(str(folder))]


def that_act(folder):
    """Return callbacks that change the training."""
    return [keras.callbacks.ReduceLROnPlateau(
                min_delta=1, patience=1, factor=0.5),
            keras.callbacks.EarlyStopping(
                min_delta=0.05, patience=1, restore_best_weights=True)]


@pytest.fixture(params=[that_watch, that_act])
def trained(request, tmp_path):
    """Train by `auto.fit` and by ours; return what is seen of each."""
    x_train, x_test = digits()
    seen = []
    for fit in ('auto.fit', 'training.fit'):
        auto, folder = build_vanilla(), tmp_path / fit
        folder.mkdir()
        callbacks = request.param(folder)
        settings = {'epochs': 6, 'batch_size': 64, 'callbacks': callbacks}
        if fit == 'auto.fit':
            history = auto.fit(x_train, x_train, **settings, verbose=0,
                               validation_data=(x_test, x_test)).history
        else:
            history = training.fit(auto, x_train, x_test, **settings)
        assert auto.history.history == history
        seen.append({
            'history': history, 'weights': auto.get_weights(),
            'scalars': scalars(folder),
            'names': sorted(path.name for path in folder.glob('*.*')),
            'csv': [np.genfromtxt(path, delimiter=',')
                    for path in folder.glob('*.csv')],
            'calls': [callback.calls for callback in callbacks
                      if isinstance(callback, Recorder)]})
    return request.param, *seen


def test_callbacks(trained):
    """They do what they do under `auto.fit`, with the same numbers."""
    which, wanted, got = trained
    for part in ('history', 'scalars'):
        assert got[part].keys() == wanted[part].keys()
        for key, values in wanted[part].items():
            np.testing.assert_allclose(got[part][key], values, rtol=1e-5)
    for part in ('weights', 'csv'):
        for array, same in zip(got[part], wanted[part], strict=True):
            np.testing.assert_allclose(array, same, atol=1e-5)
    assert got['names'] == wanted['names']
    assert got['calls'] == wanted['calls']
    if which is that_watch:
        assert got['csv'] and got['scalars'] and got['calls'][0]
        assert len(got['names']) == 7           # the CSV file and 6 epochs
    else:
        rates = wanted['history'].get(
            'learning_rate', wanted['history'].get('lr'))
        assert len(rates) < 6 and rates[-1] < 1e-3
