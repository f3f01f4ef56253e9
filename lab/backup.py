"""Whole files or none; the state of a training, kept at each epoch."""
import contextlib
import hashlib
import io
import json
import os

import numpy as np
import tensorflow as tf

from lab import RunEnded, one_line


@contextlib.contextmanager
def replacing(target):
    """Yield a path to write to; the file written then takes target's place.

    Whenever the process or the machine stops, target is the whole old file or
    the whole new one: the data is on the disk before it gets the name.

    Args:
        target: str, the file's path; its folder is made if need be.

    Raises:
        lab.RunEnded: if it cannot be written, naming it and why.
    """
    folder, name = os.path.split(os.path.abspath(target))
    temporary = os.path.join(folder, f'unfinished-{os.getpid()}-{name}')
    try:
        os.makedirs(folder, exist_ok=True)
        yield temporary
        with open(temporary, 'r+b') as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except Exception as error:      # Keras and Matplotlib write by anything
        raise RunEnded(
            f'{target} is not saved: {one_line(error)}') from None
    finally:
        with contextlib.suppress(OSError):      # it has its name
            os.remove(temporary)


class Backup:
    """Keep the model, its optimizer and the history in a file.

    Keras's BackupAndRestore writes the weights and the count of epochs to two
    files, in place: killed between them it trains an epoch twice, killed
    within one it cannot restore. Here one file is replaced whole.

    Args:
        path: str, of the file, such as output/0-backup.npz.
        settings, batch_size, shuffle: those of `training.fit`.
        auto: keras.Model, compiled and built.
        images: list of arrays, all that it is trained and validated on.
    """

    def __init__(self, path, settings, auto, images, batch_size, shuffle):
        self.path = os.fspath(path)
        self.settings = {
            **dict(settings), 'TensorFlow': tf.__version__,
            'data': [hashlib.sha256(np.ascontiguousarray(x)).hexdigest()
                     for x in images],
            'batch size': batch_size, 'shuffle': shuffle,
            'layers': [list(weight.shape) for weight in auto.weights],
            'optimizer': str({**auto.optimizer.get_config(),
                              'name': type(auto.optimizer).__name__})}

    def read(self, variables, epochs):
        """Give the variables what the file holds, if it is of this training.

        Args:
            variables: list of tf.Variable, all that training changes.
            epochs: int, how many the training has in all.

        Returns:
            dict of lists, a float for each epoch done; else empty.
        """
        if not os.path.isfile(self.path):
            return {}
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
        except Exception as error:      # a damaged file raises nearly anything
            other = [one_line(error)]
        if other:
            os.replace(self.path, f'{self.path}.old')
            print(f'starting afresh: {self.path} is not of this training '
                  f'({", ".join(other)}); it is kept as {self.path}.old',
                  flush=True)
            return {}
        print(f'going on after epoch {done} of {epochs}, from {self.path}',
              flush=True)
        for variable, array in zip(variables, arrays):
            variable.assign(array)
        return history

    def write(self, variables, history):
        """Replace the file by one of now."""
        file = io.BytesIO()     # on a full disk, zipfile raises several errors
        np.savez(file, *[variable.numpy() for variable in variables],
                 kept=json.dumps({'settings': self.settings,
                                  'history': history}, default=float))
        with replacing(self.path) as path, open(path, 'wb') as out:
            out.write(file.getbuffer())

    def folder(self, epochs):
        """Return a folder's name, another one for other settings or epochs."""
        told = json.dumps([self.settings, epochs]).encode()
        return f'{self.path}-{hashlib.sha256(told).hexdigest()[:8]}'
