"""The state of a training, kept at each epoch."""
import contextlib
import hashlib
import io
import itertools
import json
import os
import pathlib
import sys

import numpy as np
import tensorflow as tf

from lab import RunEnded, one_line
from lab.files import replacing


class Backup:
    """Keep the model, its optimizer and the history in a file.

    Keras's BackupAndRestore writes the weights and the count of epochs to two
    files, in place: killed between them it trains an epoch twice, killed
    within one it cannot restore. Here one file is replaced whole.

    Args:
        path: str, of the file, such as output/0-backup.npz.
        task: str, the task's module, such as '0-vanilla', imported before.
        options: dict, with the seed of the weights and of the shuffling, and
            'lambtha' if the task has it.
    """

    def __init__(self, path, task, options):
        self.path = path
        code = pathlib.Path(sys.modules[task].__file__).read_bytes()
        self.settings = {'code': hashlib.sha256(code).hexdigest(),
                         'seed': options['seed'], 'TensorFlow': tf.__version__}
        if 'lambtha' in options:
            self.settings['lambtha'] = options['lambtha']
        self.failed = False

    def read(self, variables, x_train, x_test, epochs, batch_size, shuffle):
        """Return what the file holds, if it is of this training; say so.

        Args:
            variables: list of tf.Variable, all that training changes.
            x_train, x_test, epochs, batch_size, shuffle: those of
                `training.fit`.

        Returns:
            history: dict of lists, a float for each epoch done; else empty.
            arrays: list of arrays, the variables' values; else empty.
        """
        self.settings.update({
            'data': [hashlib.sha256(np.ascontiguousarray(x)).hexdigest()
                     for x in (x_train, x_test)],
            'batch size': batch_size, 'shuffle': shuffle,
            'layers': [variable.shape.as_list() for variable in variables]})
        if not os.path.isfile(self.path):
            return {}, []
        try:
            with np.load(self.path, allow_pickle=False) as npz:
                kept = json.loads(str(npz['kept']))
                arrays = [npz[name] for name in npz.files if name != 'kept']
            history = kept['history']
            done = len(history['loss'])
            other = [name for name in self.settings
                     if kept['settings'].get(name) != self.settings[name]]
            if done > epochs:
                other.append('more epochs')
        except Exception as error:      # a damaged file: see mnist.load_data
            print(f'starting afresh: {self.path} is not of this training '
                  f'({one_line(error)})', flush=True)
            return {}, []
        if other:
            names = (f'{self.path[:-len(".npz")]}-{n}.npz'
                     for n in itertools.count(1))
            aside = next(itertools.filterfalse(os.path.exists, names))
            print(f'starting afresh: {self.path} is not of this training '
                  f'({", ".join(other)}); it is kept as {aside}', flush=True)
            with contextlib.suppress(OSError):  # else this training's replaces
                os.replace(self.path, aside)
            return {}, []
        print(f'going on after epoch {done} of {epochs}, from {self.path}',
              flush=True)
        return history, arrays

    def remove(self):
        """Remove the file, if there is one."""
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path)

    def write(self, variables, history):
        """Replace the file; where it cannot be written, say so once."""
        file = io.BytesIO()     # on a full disk, zipfile raises several errors
        np.savez(file, *[variable.numpy() for variable in variables],
                 kept=json.dumps({'settings': self.settings,
                                  'history': history}))
        try:
            with replacing(self.path) as path, open(path, 'wb') as out:
                out.write(file.getbuffer())
        except OSError as error:
            if not self.failed:
                print(f'{self.path}: {error.strerror}; training goes on '
                      'without a backup', file=sys.stderr)
            self.failed = True


def state(model):
    """Return all variables that training changes, a list.

    Args:
        model: keras.Model, compiled, its optimizer built.
    """
    variables = model.optimizer.variables       # a method in Keras 2.15
    # Of the model they are the weights and, in Keras 3, the seeds of noise.
    return model.variables + list(
        variables() if callable(variables) else variables)


def require_finite(epoch, logs, backup):
    """Raise RunEnded if a loss is no longer a number."""
    if not np.isfinite([logs['loss'], logs['val_loss']]).all():
        kept = f'; {backup.path} has the epochs before' if backup else ''
        raise RunEnded(f'the loss is not a number in epoch {epoch + 1}: '
                       'training stopped' + kept)
