"""What a run leaves in its output folder."""
import contextlib
import csv
import datetime
import json
import os
import platform
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from lab import figures


def path(args, name):
    """Return the path of a file of this task, such as output/0-loss.png."""
    return os.path.join(args.output, '{}-{}'.format(args.task[0], name))


@contextlib.contextmanager
def replacing(target):
    """Give a path to write to; the file written then takes target's place.

    Target is the old file or the new one, whole, whenever the process ends.
    """
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, 'unfinished-' + name)
    try:
        yield temporary
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise


def finish(args, kind, history, models, x_test, codes, reconstructed):
    """Say how the codes are used, draw and `save`: what tasks 0 to 2 share.

    Args:
        args: argparse.Namespace of `options.parse`.
        kind: str, of the autoencoder, for the titles.
        history: dict that `training.fit` returned, in nats per pixel.
        models: dict of name to keras.Model.
        x_test: float32 in [0, 1], (n, ...), the test digits.
        codes: float32 >= 0, (n, ...), their codes.
        reconstructed: float32 in [0, 1], what is made of the first of them.
    """
    loss = 'test loss {:.4f} nats per pixel'.format(history['val_loss'][-1])
    print('{}; {} of {} latent units ever fire on the test digits, {:.0%} of '
          'their activations are 0, the mean is {:.2f}'.format(
              loss, np.any(codes > 0, axis=0).sum(), codes[0].size,
              np.mean(codes == 0), codes.mean()))
    title = '{} autoencoder: {}'.format(kind, loss)
    save(args, history, models, {
        'reconstructions': figures.reconstructions(
            x_test[:len(reconstructed)], reconstructed, title),
        'loss': figures.loss_curves(history, title, 'nats per pixel')})


def save(args, history, models, pictures):
    """Save and show what a run made, then remove its backup.

    What cannot be written is named in one line on stderr, after all else was
    saved and shown; the backup then stays.

    Args:
        args: argparse.Namespace of `options.parse`.
        history: dict that `training.fit` returned, saved as CSV.
        models: dict of name to keras.Model, saved as .keras.
        pictures: dict of name to matplotlib Figure, saved as PNG.

    Raises:
        SystemExit: with status 1, if something could not be saved.
    """
    writers = {'history.csv': lambda file: _write_history(file, history),
               'run.json': lambda file: _write_summary(file, args, history)}
    for name, figure in pictures.items():
        writers[name + '.png'] = figure.savefig
    for name, model in models.items():
        writers[name + '.keras'] = model.save
    failed = {}
    for name, write in writers.items():
        try:
            with replacing(path(args, name)) as file:
                write(file)
        except OSError as error:
            failed[name] = error.strerror or str(error)
    if any(figure.canvas.required_interactive_framework
           for figure in pictures.values()):
        plt.show()      # only a Matplotlib backend with windows has these
    for figure in pictures.values():
        plt.close(figure)
    backup = path(args, 'backup.npz')
    if failed:
        sys.exit('not saved in {}: {}; the backup stays, {}'.format(
            args.output, ', '.join(map(': '.join, failed.items())), backup))
    with contextlib.suppress(FileNotFoundError):
        os.remove(backup)
    print('saved: ' + ' '.join(path(args, name) for name in sorted(writers)))


def _write_history(file, history):
    """Write a row for each epoch, counted from 1."""
    with open(file, 'w', newline='') as stream:
        rows = csv.writer(stream)
        rows.writerow(['epoch', *history])
        rows.writerows((epoch, *losses) for epoch, losses
                       in enumerate(zip(*history.values()), 1))


def _write_summary(file, args, history):
    """Write the run's settings, versions, times and final losses as JSON."""
    ended = datetime.datetime.now().astimezone()
    summary = {
        'task': args.task, 'epochs': args.epochs,
        'batch_size': args.batch_size, 'seed': args.seed,
        'data': str(args.data), 'limit': args.limit,
        'started': args.started.isoformat(timespec='seconds'),
        'seconds': round((ended - args.started).total_seconds(), 1),
        'python': platform.python_version(), 'tensorflow': tf.__version__,
        'numpy': np.__version__, 'matplotlib': matplotlib.__version__,
        'losses': {name: values[-1] for name, values in history.items()},
    }
    with open(file, 'w') as stream:
        json.dump(summary, stream, indent=2)
        stream.write('\n')
