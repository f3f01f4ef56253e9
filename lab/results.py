"""What a run leaves in its output folder, and shows."""
import csv
import datetime
import json
import os
import platform

import matplotlib
import numpy as np
import tensorflow as tf

from lab import RunEnded, one_line
from lab.backup import Backup
from lab.files import replacing
from lab.screen import Screen


def activity(codes):
    """Say how much codes, float32 >= 0, (n, ...), use their units."""
    return (f'{np.any(codes > 0, axis=0).sum()} of {codes[0].size} latent '
            'units ever fire on the test digits, '
            f'{np.mean(codes == 0):.0%} of their activations are 0, the mean '
            f'is {codes.mean():.2f}')


class Run:
    """A run of a main: its backup, its files and its pictures.

    Whatever fails, a disk or a window system, costs that one thing; `end`
    names it. If something could not be saved the backup stays, and the same
    command makes all files anew from it.

    Args:
        task: str, the task's module, such as '0-vanilla', imported before; the
            files' names begin with its number.
        options: dict of the command line's options, 'output' and 'seed' among
            them.
    """

    def __init__(self, task, options):
        self.task, self.options = task, options
        self.folder = options['output']
        self.started = datetime.datetime.now().astimezone()
        self.backup = Backup(self._path('backup.npz'), task, options)
        self.saved, self.lost, self.screen = [], {}, None
        self._spare_a_longer_run()

    def _spare_a_longer_run(self):
        """Raise RunEnded if this run would replace models that cost more."""
        try:
            with open(self._path('run.json')) as file:
                before = json.load(file)
            longer = [f'{name} {before[name]}' for name in ('epochs', 'limit')
                      if (before[name] or float('inf')) >
                      (self.options[name] or float('inf'))]
        except (OSError, ValueError, LookupError, TypeError):
            return                              # of no run that is known
        if longer and not self.options['replace']:
            raise RunEnded(
                f'{self.folder} has the models of a longer run of task '
                f'{self.task[0]} ({", ".join(longer)}): --output DIR keeps '
                'them, --replace replaces them', status=2)

    def save(self, history, **models):
        """Save each keras.Model under its name, the history, a summary.

        Args:
            history: dict of lists, that `training.fit` returned.
            models: keras.Model, one or more, by name.
        """
        for name, model in models.items():
            self._save(f'{name}.keras', model.save)
        self._save_history(history)
        self._save_summary(history)

    def _save_history(self, history):
        """Save the history as CSV, epochs from 1."""
        def write(file):
            with open(file, 'w', newline='') as stream:
                rows = csv.writer(stream)
                rows.writerow(['epoch', *history])
                rows.writerows((epoch, *losses) for epoch, losses
                               in enumerate(zip(*history.values()), 1))
        self._save('history.csv', write)

    def _save_summary(self, history):
        """Save options, versions, time and last losses as JSON."""
        def write(file):
            seconds = datetime.datetime.now().astimezone() - self.started
            with open(file, 'w') as stream:
                json.dump({
                    'task': self.task, **self.options,
                    'started': self.started.isoformat(timespec='seconds'),
                    'seconds': round(seconds.total_seconds(), 1),
                    'python': platform.python_version(),
                    'tensorflow': tf.__version__, 'numpy': np.__version__,
                    'matplotlib': matplotlib.__version__,
                    'losses': {name: losses[-1] for name, losses
                               in history.items()}}, stream, indent=2)
                stream.write('\n')
        self._save('run.json', write)

    def draw(self, name, function, *arguments):
        """Save the Matplotlib Figure that a function of figures.py returns."""
        self.screen = self.screen or Screen()
        self._save(f'{name}.png',
                   lambda file: function(*arguments).savefig(file))

    def end(self):
        """Say what was saved, show the pictures, raise RunEnded if any failed.

        The backup is removed unless something was not saved.
        """
        kept = ''
        if not self.lost:
            self.backup.remove()
        elif os.path.exists(self.backup.path):
            kept = f'; the backup stays, {self.backup.path}'
        print(f"saved: {' '.join(sorted(self.saved))}", flush=True)
        self.screen.show()
        lines = []
        if self.lost:
            lost = ', '.join(map(': '.join, self.lost.items()))
            lines.append(f'not saved in {self.folder}: {lost}{kept}')
        if self.screen.failure:
            lines.append(f"not shown: {self.screen.failure}")
        if lines:
            raise RunEnded('\n'.join(lines))

    def _path(self, name):
        return os.path.join(self.folder, f'{self.task[0]}-{name}')

    def _save(self, name, write):
        """Call `write` with a path; the file takes its name when whole."""
        try:
            with replacing(self._path(name)) as file:
                write(file)
            self.saved.append(self._path(name))
        except Exception as error:      # Matplotlib's backends raise anything
            self.lost[name] = one_line(error)
