"""What survives an interruption: whole files, and the state of a training."""
import contextlib
import hashlib
import io
import json
import os
import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import distributed


@contextlib.contextmanager
def replacing(target):
    """Yield a path to write to; the file written then takes target's place.

    Whenever the process or the machine stops, target is the whole old file or
    the whole new one: the data is on the disk before it gets the name.

    Args:
        target: str, the file's path; its folder is made if need be.
    """
    folder, name = os.path.split(os.path.abspath(target))
    temporary = os.path.join(folder, 'unfinished-' + name)
    try:
        os.makedirs(folder, exist_ok=True)
        yield temporary
        _sync(temporary)
        os.replace(temporary, target)
        _sync(folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise


def _sync(path):
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Backup(keras.callbacks.Callback):
    """Keep the model, its optimizer and the history in a file at every epoch.

    Keras's BackupAndRestore writes the weights and the count of epochs to two
    files, in place: killed between them it trains an epoch twice, killed
    within one it cannot restore. Here one file is replaced whole. On several
    machines the chief has it, and sends what it read to the others.

    Args:
        folder: str, where the file is kept, such as output/0-backup.npz.
        task: str, the task's module, such as '0-vanilla', imported before.
        seed: int, what the weights and the shuffling were seeded with.
    """

    def __init__(self, folder, task, seed):
        super().__init__()
        self.path = os.path.join(folder, task[0] + '-backup.npz')
        code = pathlib.Path(sys.modules[task].__file__).read_bytes()
        self.settings = {'code': hashlib.sha256(code).hexdigest(),
                         'seed': seed, 'TensorFlow': tf.__version__}
        self.history = {'loss': [], 'val_loss': []}
        self.failed = False

    def restore(self, model, epochs, settings):
        """Load the file into `model` if it is of this training; say so.

        Args:
            model: keras.Model, compiled, its optimizer built.
            epochs: int, how many the training is to have.
            settings: dict of str to what JSON holds, all that the training
                depends on beside the code, the seed and the versions.

        Returns:
            dict of the lists 'loss' and 'val_loss', a float for each epoch
            that the model has had.
        """
        variables = model.optimizer.variables       # a method in Keras 2.15
        self.variables = model.weights + list(
            variables() if callable(variables) else variables)
        losses, arrays = np.zeros((2, 0)), self._arrays()
        self.settings.update(settings, layers=[
            list(array.shape) for array in arrays])
        if distributed.IS_CHIEF:
            losses, arrays = self._read(epochs) or (losses, arrays)
        done, = distributed.array_of_chief(np.array([losses.shape[1]]))
        losses = distributed.array_of_chief(np.resize(losses, (2, done)))
        self.history = dict(zip(self.history, losses.tolist()))
        if done:
            for variable, array in zip(self.variables, arrays):
                variable.assign(distributed.array_of_chief(array))
        return {name: list(losses) for name, losses in self.history.items()}

    def _read(self, epochs):
        """Return losses, (2, epochs), and variables; None if of no use."""
        try:
            with np.load(self.path, allow_pickle=False) as npz:
                kept = json.loads(str(npz['kept']))
                arrays = [npz[name] for name in npz.files if name != 'kept']
            other = [name for name in self.settings
                     if kept['settings'].get(name) != self.settings[name]]
            losses = np.array([kept['history'][name] for name in self.history])
            if losses.shape[1] > epochs:
                other.append('more epochs')
        except FileNotFoundError:
            return None
        except Exception as error:      # a damaged file: see mnist.load_data
            other = [str(error)]
        if other:
            print('starting afresh: {} is not of this training ({})'.format(
                self.path, ', '.join(other)), flush=True)
            return None
        print('going on after epoch {} of {}, from {}'.format(
            losses.shape[1], epochs, self.path), flush=True)
        return losses, arrays

    def on_epoch_end(self, epoch, logs=None):
        """Add the losses to the history and write the file."""
        for name, losses in self.history.items():
            losses.append(float(logs.get(name, 'nan')))
        last = [losses[-1] for losses in self.history.values()]
        if not np.isfinite(last).all() or not distributed.IS_CHIEF:
            return                      # the last good epoch stays
        kept = json.dumps({'settings': self.settings, 'history': self.history})
        file = io.BytesIO()     # a zip file complains of a full disk at length
        np.savez(file, kept=kept, *self._arrays())
        try:
            with replacing(self.path) as path, open(path, 'wb') as out:
                out.write(file.getbuffer())
        except OSError as error:
            if not self.failed:
                print('{}: {}; training goes on without a backup'.format(
                    self.path, error.strerror), file=sys.stderr)
            self.failed = True

    def _arrays(self):
        """Return the values of what training changes."""
        return [variable.numpy() for variable in self.variables]
