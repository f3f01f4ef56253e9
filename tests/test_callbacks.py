"""Callbacks do under `training.fit` what they do under `auto.fit`."""
import os

import numpy as np
import pytest
from tensorflow import keras

from lab import program
from small import build_vanilla, digits, fit


class Recorder(keras.callbacks.Callback):
    """A user's own callback: notes each of its calls."""

    def __init__(self):
        super().__init__()
        self.calls = []


def noting(hook):
    """Return a method that notes its call, after how many updates it was."""
    def note(self, *args, logs=None):
        *args, logs = args if isinstance(args[-1], dict) else (*args, logs)
        self.calls.append((hook, *args, sorted(logs or {}),
                           int(self.model.optimizer.iterations)))
    return note


for when in ('train', 'test', 'epoch', 'train_batch', 'test_batch'):
    for end in ('begin', 'end'):
        setattr(Recorder, f'on_{when}_{end}', noting(f'on_{when}_{end}'))


def that_watch(folder):
    """Return callbacks that note what happens, each in its own way."""
    return [Recorder(), keras.callbacks.ModelCheckpoint(
        str(folder / '{epoch}-{val_loss:.3f}.weights.h5'),
        save_weights_only=True)]


class Evaluate(keras.callbacks.Callback):
    """Notes the loss of images of its own."""

    def on_epoch_end(self, epoch, logs=None):
        logs['on black'] = self.model.evaluate(
            np.zeros((50, 784)), np.zeros((50, 784)), verbose=0)


def that_act(folder):
    """Return callbacks that change the training, or use the model in it."""
    return [Evaluate(), keras.callbacks.ReduceLROnPlateau(
                min_delta=1, patience=1, factor=0.5),
            keras.callbacks.EarlyStopping(
                min_delta=0.05, patience=1, restore_best_weights=True)]


def trained(by, make_callbacks, folder):
    """Train by Keras or by ours; return what is seen of it."""
    auto, (x_train, x_test) = build_vanilla(), digits()
    folder.mkdir()
    callbacks = make_callbacks(folder)
    settings = {'epochs': 6, 'batch_size': 24, 'callbacks': callbacks}
    if by == 'Keras':
        auto.fit(x_train, x_train, validation_data=(x_test, x_test),
                 **settings)
    else:
        fit(auto, x_train, x_test, **settings,
            backup=folder.with_suffix('.npz'))
    return (auto.history.history, auto.get_weights(),
            sorted(os.listdir(folder)), getattr(callbacks[0], 'calls', None))


@pytest.mark.parametrize('make_callbacks', [that_watch, that_act])
def test_callbacks(tmp_path, monkeypatch, make_callbacks):
    """They do what they do under `auto.fit`, with the same numbers.

    Of 42 batches XLA would take 39 at once, but not where one is watched.
    """
    monkeypatch.setattr(program, 'XLA_PAYS_FROM', 0)
    (wanted, wanted_weights, *wanted_notes), (history, weights, *notes) = (
        trained(by, make_callbacks, tmp_path / by) for by in ('Keras', 'us'))
    assert history.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5)
    for weight, same in zip(weights, wanted_weights):
        np.testing.assert_allclose(weight, same, atol=1e-5)
    assert notes == wanted_notes
    if make_callbacks is that_watch:
        files, calls = notes
        assert calls and len(files) == 6
    else:
        assert len(history['loss']) < 6
