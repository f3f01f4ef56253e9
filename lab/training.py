"""Training: `auto.fit` with images as input and target, fast and resumable."""
import hashlib
import json
import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow import keras

from lab import distributed, results

# Batches that TensorFlow runs between two returns to Python: a fifth of an
# epoch at the default batch size. No number depends on it.
STEPS_PER_EXECUTION = 47
# XLA takes a millisecond off a step of the dense networks and 2 seconds to
# compile, so short trainings do without. It makes convolutions slower, and
# with TensorFlow 2.15, the last that has Keras 2, everything.
XLA_PAYS_FROM = 2000    # steps
KERAS_3 = hasattr(keras, 'ops')


def set_seed(seed):
    """Seed the weights and the shuffling, and the noise (not under XLA)."""
    keras.utils.set_random_seed(seed)


def fit(auto, x_train, x_test, args):
    """Train `auto` to reconstruct its input, on from a backup if there is one.

    Args:
        auto: keras.Model, compiled, from images to reconstructions.
        x_train: float32 in [0, 1], (n, ...), the images to train on.
        x_test: float32 in [0, 1], (m, ...), the images to validate on.
        args: argparse.Namespace of `options.parse`.

    Returns:
        dict of the lists 'loss' and 'val_loss', a float for each epoch from
        the first on, those before an interruption among them.

    Raises:
        SystemExit: if the loss is no longer a number, naming the epoch; if
            another worker is lost; in a worker that is not the chief, at the
            end.
    """
    module = pathlib.Path(sys.modules[args.task].__file__)
    backup = Backup(results.path(args, 'backup.npz'), {
        'code': _digest(module.read_bytes()),
        'data': _digest(x_train, x_test),
        'seed': args.seed,
        'batch size': args.batch_size,
        'TensorFlow': tf.__version__})
    model = distributed.replicated(auto)
    with distributed.STRATEGY.scope():
        # Made now, its variables are there to restore, and the training
        # step need not be traced a second time for having made them.
        model.optimizer.build(model.trainable_variables)
        done = backup.restore(model, args.epochs)
    compiled = dict(model.get_compile_config(), optimizer=model.optimizer)
    if model is auto:
        model.compile(**dict(compiled,
                             steps_per_execution=STEPS_PER_EXECUTION))
        data = _programs(auto, x_train, x_test, args)
    else:               # Keras gives each replica its part of the arrays
        data = {'x': x_train, 'y': x_train, 'batch_size': args.batch_size,
                'validation_data': (x_test, x_test)}
    try:
        model.fit(**data, initial_epoch=done, epochs=args.epochs,
                  verbose=1 if sys.stdout.isatty() else 2,
                  callbacks=[keras.callbacks.TerminateOnNaN(), backup])
    except (tf.errors.UnavailableError, tf.errors.AbortedError,
            tf.errors.InternalError) as error:
        if not distributed.MANY_MACHINES:
            raise
        sys.exit('another worker is lost: {}'.format(
            error.message.split('\n')[0]))
    if not distributed.IS_CHIEF:
        sys.exit()                      # the chief draws and saves
    if model is auto:
        auto.compile(**compiled)        # as it came
    else:
        auto.set_weights(model.get_weights())
    if not backup.is_finite():
        sys.exit('the loss is not a number in epoch {}: training stopped; {} '
                 'has the epochs before'.format(len(backup.history['loss']),
                                                backup.path))
    return backup.history


def _programs(auto, x_train, x_test, args):
    """Have `auto` run many batches as one program; return what `fit` is given.

    `fit` on arrays gathers each batch twice, as input and as target, in other
    threads than those that train; on few cores they are in each other's way.
    Here the programs gather. The batches are those of `fit` on arrays with the
    same seed, as the same operations shuffle them: under Keras 2 anew in each
    epoch, under Keras 3 once for all epochs.

    Args:
        auto: keras.Model, compiled with STEPS_PER_EXECUTION.
        x_train: float32, (n, ...), the images to train on.
        x_test: float32, (m, ...), the images to validate on.
        args: argparse.Namespace of `options.parse`.

    Returns:
        dict: arguments of `auto.fit`.
    """
    size = args.batch_size
    steps = [-(-len(images) // size) for images in (x_train, x_test)]
    xla = (KERAS_3 and x_train.ndim == 2 and
           steps[0] * args.epochs >= XLA_PAYS_FROM)

    def program(step, images):
        images = tf.constant(images)

        def step_on(batch):
            x = tf.gather(images, batch)        # (batch,) -> (batch, ...)
            step((x, x))

        @tf.function(jit_compile=xla)
        def run(indices):
            whole = len(indices) // size * size
            if whole:                           # XLA takes no empty loop
                for batch in tf.reshape(indices[:whole], (-1, size)):
                    step_on(batch)
            if whole < len(indices):            # the last batch is smaller
                step_on(indices[whole:])

        def run_next(iterator):
            run(next(iterator))
            return auto.get_metrics_result()
        return run_next

    def split(indices):
        block = STEPS_PER_EXECUTION * size
        return tf.data.Dataset.range(0, len(indices), block).map(
            lambda start: indices[start:start + block])

    def shuffled(_):
        return tf.random.shuffle(tf.range(len(x_train), dtype=tf.int64))

    orders = tf.data.Dataset.range(1)
    orders = (orders.map(shuffled).cache().repeat() if KERAS_3
              else orders.repeat().map(shuffled))
    auto.train_function = program(auto.train_step, x_train)
    auto.test_function = program(auto.test_step, x_test)
    return {'x': orders.flat_map(split).prefetch(1), 'shuffle': False,
            'steps_per_epoch': steps[0], 'validation_steps': steps[1],
            'validation_data': split(tf.range(len(x_test))).repeat()}


class Backup(keras.callbacks.Callback):
    """Keep the model, its optimizer and the history in a file at every epoch.

    Keras's BackupAndRestore writes the weights and the count of epochs to two
    files, in place: killed between them it trains an epoch twice, killed
    within one it cannot restore. Here one file is replaced whole. Workers on
    many machines could not agree on what to restore: they have no backup.

    Args:
        path: str, the file, .npz.
        settings: dict of str to int or str, all that the training depends on.
    """

    def __init__(self, path, settings):
        super().__init__()
        self.path = path
        self.settings = settings
        self.history = {'loss': [], 'val_loss': []}
        self.failed = False

    def restore(self, model, epochs):
        """Load the file into `model` if it is of this training.

        Says in one line what it did if there is a file.

        Args:
            model: keras.Model, compiled and built.
            epochs: int, how many the training is to have.

        Returns:
            int: how many of the epochs the model has had.
        """
        if distributed.MANY_MACHINES:
            return 0
        try:
            with np.load(self.path, allow_pickle=False) as npz:
                kept = json.loads(str(npz['kept']))
                arrays = [npz[name] for name in npz.files if name != 'kept']
            other = [name for name in self.settings
                     if kept['settings'].get(name) != self.settings[name]]
            done = len(kept['history']['loss'])
        except FileNotFoundError:
            return 0
        except Exception as error:      # a damaged file: see mnist.load_data
            other = [str(error)]
        if other or done > epochs:
            print('starting afresh: {} is not of this training ({})'.format(
                self.path, ', '.join(other) or 'more epochs'), flush=True)
            return 0
        for variable, array in zip(self._variables(model), arrays):
            variable.assign(array)
        self.history = kept['history']
        print('going on after epoch {} of {}, from {}'.format(
            done, epochs, self.path), flush=True)
        return done

    def is_finite(self):
        """Return whether every loss so far is a number."""
        return bool(np.isfinite(sum(self.history.values(), [])).all())

    def on_epoch_end(self, epoch, logs=None):
        """Add the losses to the history and write the file."""
        for name, losses in self.history.items():
            losses.append(float(logs.get(name, 'nan')))
        if not self.is_finite() or distributed.MANY_MACHINES:
            return                      # the last good epoch stays
        kept = json.dumps({'settings': self.settings, 'history': self.history})
        try:
            with results.replacing(self.path) as file, open(file, 'wb') as out:
                np.savez(out, kept=kept, *self._variables(self.model))
        except OSError as error:
            if not self.failed:
                print('{}: {}; training goes on without a backup'.format(
                    self.path, error.strerror), file=sys.stderr)
            self.failed = True

    @staticmethod
    def _variables(model):
        """Return what training changes: of the model and of its optimizer."""
        variables = model.optimizer.variables       # Keras 2.15 has a method
        return model.weights + list(variables() if callable(variables)
                                    else variables)


def _digest(*parts):
    """Return the SHA-256 of bytes and arrays, in hexadecimal."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
