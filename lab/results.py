"""What a run leaves in its output folder, and shows."""
import json
import os
import pathlib
import sys

from matplotlib import pyplot as plt
import numpy as np

from lab import RunEnded
from lab.backup import replacing


def activity(codes):
    """Say how much codes, float32 >= 0, (n, ...), use their units."""
    return (f'{np.any(codes > 0, axis=0).sum()} of {codes[0].size} latent '
            'units ever fire on the test digits, '
            f'{np.mean(codes == 0):.0%} of their activations are 0, the mean '
            f'is {codes.mean():.2f}')


class Run:
    """A run of a main: its files and its pictures.

    What cannot be saved ends the run in a line that names it. The backup stays
    then, and the same command makes all files anew from it.

    Args:
        task: str, the task's module, such as '0-vanilla', imported before; the
            files' names begin with its number.
        options: dict of the command line's options, 'output' and 'seed' among
            them.

    Attributes:
        prefix: str, how the files' paths begin, such as 'output/0-'.
        backup: str, the path of the training's backup.
        settings: dict of what must be the same to go on from it.
    """

    def __init__(self, task, options):
        self.task, self.options = task, options
        self.prefix = os.path.join(options['output'], f'{task[0]}-')
        self.backup = self.prefix + 'backup.npz'
        self.settings = {
            'code': pathlib.Path(sys.modules[task].__file__).read_text('utf8'),
            'seed': options['seed'], 'lambtha': options.get('lambtha')}
        self.saved = []
        self._spare_a_longer_run()

    def _spare_a_longer_run(self):
        """Raise RunEnded if this run would replace models that cost more."""
        path = pathlib.Path(self.prefix + 'run.json')
        if self.options['replace'] or not path.exists():
            return
        before = json.loads(path.read_text())
        longer = [f'{name} {before[name]}' for name in ('epochs', 'limit')
                  if (before[name] or np.inf) > (self.options[name] or np.inf)]
        if longer:
            raise RunEnded(
                f'{self.options["output"]} has the models of a longer run of '
                f'task {self.task[0]} ({", ".join(longer)}): --output DIR '
                'keeps them, --replace replaces them', status=2)

    def save(self, history, **models):
        """Save each keras.Model under its name, the history, a summary.

        Args:
            history: dict of lists, that `training.fit` returned.
            models: keras.Model, one or more, by name.
        """
        for name, model in models.items():
            self._save(f'{name}.keras', model.save)
        losses = list(history.values())
        rows = np.column_stack([np.arange(1, 1 + len(losses[0])), *losses])
        self._save('history.csv', lambda file: np.savetxt(
            file, rows, '%.9g', ',', header=','.join(['epoch', *history]),
            comments=''))
        summary = {'task': self.task, **self.options,
                   'losses': dict(zip(history, rows[-1, 1:]))}
        self._save('run.json', lambda file: pathlib.Path(file).write_text(
            json.dumps(summary, indent=2) + '\n'))

    def draw(self, name, figure):
        """Save a Matplotlib Figure."""
        self._save(f'{name}.png', figure.savefig)

    def end(self):
        """Say what was saved, show the pictures; the backup has served."""
        pathlib.Path(self.backup).unlink(missing_ok=True)
        print(f"saved: {' '.join(sorted(self.saved))}", flush=True)
        if plt.get_backend().lower() == 'agg':      # it would only warn
            plt.close('all')
        plt.show()

    def _save(self, name, write):
        """Call `write` with a path; the file takes its name when whole."""
        with replacing(self.prefix + name) as file:
            write(file)
        self.saved.append(self.prefix + name)
