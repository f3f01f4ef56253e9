"""What a run leaves in its output folder, and shows."""
import csv
import datetime
import json
import os
import platform
import sys
import textwrap

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib.backends.registry import BackendFilter, backend_registry

from lab.backup import replacing


def activity(codes):
    """Say how much codes, float32 >= 0, (n, ...), use their units."""
    return ('{} of {} latent units ever fire on the test digits, {:.0%} of '
            'their activations are 0, the mean is {:.2f}'.format(
                np.any(codes > 0, axis=0).sum(), codes[0].size,
                np.mean(codes == 0), codes.mean()))


def save(folder, task, history, models, pictures, settings):
    """Save what a run made, remove its backup, show its pictures.

    Models, history and summary come first, then the pictures one by one, so
    that whatever fails, a disk or a window system, costs that one thing. A
    line on stderr names it at the end. If something could not be saved the
    backup stays, and the same command makes all files anew from it.

    Args:
        folder: str, where to.
        task: str, the task's module; the files' names begin with its number.
        history: dict that `training.fit` returned, saved as CSV.
        models: dict of name to keras.Model, saved as .keras.
        pictures: dict of name to a function without arguments that draws and
            returns a Matplotlib Figure, saved as PNG.
        settings: dict, that of `options.parse`, saved with the last losses,
            the versions and the time taken as JSON.

    Raises:
        SystemExit: with status 1, if something was not saved or not shown.
    """
    paths, lost = {}, {}

    def attempt(name, write):
        paths[name] = os.path.join(folder, '{}-{}'.format(task[0], name))
        try:
            with replacing(paths[name]) as file:
                write(file)
        except Exception as error:      # Matplotlib's backends raise anything
            lost[name] = _said(error)

    for name, model in models.items():
        attempt(name + '.keras', model.save)
    attempt('history.csv', lambda file: _write_history(file, history))
    attempt('run.json', lambda file: _write_summary(file, task, history,
                                                    settings))
    not_shown, opened = None, plt.get_fignums()
    try:
        with plt.ioff():                # or notebooks would show it
            plt.close(plt.figure())     # imports the backend, tries a window
    except Exception as error:
        not_shown = _said(error)
        plt.switch_backend('agg')       # which draws without
    for name, draw in pictures.items():
        attempt(name + '.png', lambda file: draw().savefig(file))
    backup = os.path.join(folder, task[0] + '-backup.npz')
    if not lost and os.path.exists(backup):
        os.remove(backup)
    print('saved: ' + ' '.join(sorted(
        path for name, path in paths.items() if name not in lost)), flush=True)
    shows = plt.get_backend().lower() not in backend_registry.list_builtin(
        BackendFilter.NON_INTERACTIVE)
    try:
        left = []
        while shows and plt.get_fignums() != left:  # ipympl shows one a time
            left = plt.get_fignums()
            plt.show()
        # Or IPython's %run draws "the current figure", a new and empty one.
        plt.draw_if_interactive.called = False
    except Exception as error:
        not_shown = _said(error)
    if not_shown or not shows:          # one shown may follow the pointer yet
        for number in set(plt.get_fignums()).difference(opened):
            plt.close(number)
    if lost:
        print('not saved in {}: {}; the backup stays, {}'.format(
            folder, ', '.join(map(': '.join, lost.items())), backup),
            file=sys.stderr)
    if not_shown:
        print('not shown: ' + not_shown, file=sys.stderr)
    if lost or not_shown:
        sys.exit(1)


def _said(error):
    """Return what an exception says, in a line."""
    return textwrap.shorten(
        getattr(error, 'strerror', None) or
        '{}: {}'.format(type(error).__name__, error), 200)


def _write_history(file, history):
    """Write a row for each epoch, counted from 1."""
    with open(file, 'w', newline='') as stream:
        rows = csv.writer(stream)
        rows.writerow(['epoch', *history])
        rows.writerows((epoch, *losses) for epoch, losses
                       in enumerate(zip(*history.values()), 1))


def _write_summary(file, task, history, settings):
    """Write the run's settings, versions, times and final losses as JSON."""
    started = datetime.datetime.fromisoformat(settings['started'])
    seconds = datetime.datetime.now().astimezone() - started
    with open(file, 'w') as stream:
        json.dump({
            'task': task, **settings,
            'seconds': round(seconds.total_seconds(), 1),
            'python': platform.python_version(), 'tensorflow': tf.__version__,
            'numpy': np.__version__, 'matplotlib': matplotlib.__version__,
            'losses': {name: losses[-1] for name, losses in history.items()},
        }, stream, indent=2)
        stream.write('\n')
