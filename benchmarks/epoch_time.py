#!/usr/bin/env python3
"""Time a training epoch: ours, and what others would write.

Each trains in a process of its own, with the same data and batches of the same
size. They take turns, an epoch each, so that a change of the machine's speed
meets all of them; an epoch is its training and its validation. The first one
is not counted. Ours is the start of a training of 50 epochs, as of the mains.
Plain `fit` has TensorFlow's defaults. PyTorch, eager, has a DataLoader, as in
its tutorials; "indexed", the images of a batch at once; "compiled" is that
with torch.compile and a fused Adam. JAX runs an epoch as one compiled scan
over images that stay where they are. The limit is the time that the epoch's
floating-point operations take NumPy in products of 2048 by 2048 matrices.

Prints two tables and writes them to epoch_time.md. `--beside FOLDER` lets the
code of another checkout take turns, too.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from lab.tasks import TASKS  # noqa: E402
from turns import BATCH, digits, report, take_turns, turn  # noqa: E402


def train_ours(task, limit, epochs):
    """Train as the mains do."""
    from tensorflow import keras
    from lab import training
    from lab.backup import Backup

    class Timed(Backup):
        """Ends a turn once the backup is written."""

        def write(self, variables, history):
            super().write(variables, history)
            report(timed.start, history['val_loss'][-1])

    class Turns(keras.callbacks.Callback):
        """Waits for a turn, and ends the training after the last."""

        def on_epoch_begin(self, epoch, logs=None):
            self.model.stop_training = epoch + 1 == epochs
            self.start = turn()

    timed = Turns()
    x_train, x_test = digits(task, limit)
    keras.utils.set_random_seed(0)
    _, _, auto = __import__(task).autoencoder(*TASKS[task])
    with tempfile.TemporaryDirectory() as output:
        training.fit(auto, x_train, x_test, epochs=max(50, epochs),
                     batch_size=BATCH, callbacks=[timed],
                     backup=Timed(os.path.join(output, 'backup.npz'), task, 0))


def train_plain(task, limit, epochs):
    """Train as the task descriptions' mains do."""
    from tensorflow import keras
    from lab import mnist

    class Timed(keras.callbacks.Callback):
        """Waits for a turn, and ends it."""

        def on_epoch_begin(self, epoch, logs=None):
            self.start = turn()

        def on_epoch_end(self, epoch, logs=None):
            report(self.start, logs['val_loss'])

    x_train, x_test = map(mnist.scale, digits(task, limit))
    keras.utils.set_random_seed(0)
    _, _, auto = __import__(task).autoencoder(*TASKS[task])
    auto.fit(x_train, x_train, epochs=epochs, batch_size=BATCH, shuffle=True,
             validation_data=(x_test, x_test), verbose=2,
             callbacks=[Timed()])


def operations(task, limit):
    """Return the floating-point operations of an epoch with its validation.

    A product takes 2 for each weight used. Training computes it forwards, for
    the weights' gradient and, but for the first layer, for the input's.
    """
    if task[0] == '2':
        sizes = [rows * columns * 9 * a * b for rows, columns, a, b in [
            (28, 28, 1, 16), (14, 14, 16, 8), (7, 7, 8, 8), (4, 4, 8, 8),
            (8, 8, 8, 8), (14, 14, 8, 16), (28, 28, 16, 1)]]
    elif task[0] == '3':
        sizes = [784 * 512, 512 * 4, 2 * 512, 512 * 784]
    else:
        sizes = [784 * 128, 128 * 64, 64 * 32, 32 * 64, 64 * 128, 128 * 784]
    n_train, n_test = min(limit, 60000), min(limit, 10000)
    return 2 * ((3 * n_train + n_test) * sum(sizes) - n_train * sizes[0])


def multiply(task, limit, epochs):
    """Compute as many operations as an epoch has, in large products."""
    import numpy as np
    a = np.random.default_rng(0).random((2048, 2048), np.float32)
    needed = operations(task, limit) / (2 * 2048**3)
    count = max(5, round(needed))
    for _ in range(epochs):
        start = turn()
        for _ in range(count):
            a @ a
        report(start, share=count / needed)


def others():
    """Return what takes turns with ours: {name: function}."""
    import peers
    return {'plain fit': train_plain, 'PyTorch': peers.train_torch,
            'indexed': peers.train_indexed, 'compiled': peers.train_compiled,
            'JAX': peers.train_jax, 'limit': multiply}


def compare(task, args, names):
    """Let processes train a task in turns; return what take_turns does."""
    def start(name):
        folder = args.beside if name == 'beside' else ROOT
        worker = 'ours' if name == 'beside' else name
        # Where a machine sets these, OpenBLAS is held to half its speed.
        env = {key: value for key, value in os.environ.items()
               if key not in ('OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE')}
        return subprocess.Popen(
            [sys.executable, os.path.join(folder, 'benchmarks/epoch_time.py'),
             '--worker', worker, '--tasks', task, '--limit',
             str(args.limit), '--epochs', str(args.epochs)],
            env=env if name == 'limit' else None, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    return take_turns({name: start(name) for name in names}, args.epochs)


def ratio(ours, theirs):
    """Return the median of the pairs' ratios, and their quartiles, as text."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    low, middle, high = statistics.quantiles(ratios, method='inclusive')
    return f'{middle:.2f} ({low:.2f} to {high:.2f})'


def row(*cells):
    """Return a row of a table."""
    return f'| {" | ".join(cells)} |'


def main():
    """Compare, print tables and write them to epoch_time.md."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--tasks', nargs='+', choices=TASKS, metavar='TASK',
                        default=list(TASKS), help='such as 0-vanilla')
    parser.add_argument('--epochs', type=int, default=15)
    parser.add_argument('--limit', type=int, default=60000)
    parser.add_argument('--beside', metavar='FOLDER', help='another checkout')
    parser.add_argument('--worker', help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        train = dict(others(), ours=train_ours)[args.worker]
        train(args.tasks[0], args.limit, args.epochs + 1)
        return
    names = ['ours', *others()] + ['beside'] * bool(args.beside)
    seconds = [row('task', *names), row(*['---'] * (len(names) + 1))]
    ratios = [row('task', *names[1:]), row(*['---'] * len(names))]
    losses = []
    for task in args.tasks:
        results = compare(task, args, names)
        times = {name: times for name, (times, _) in results.items()}
        seconds.append(row(task, *[
            f'{statistics.median(times[name]):.2f} '
            f'({statistics.mean(times[name]):.2f})' for name in names]))
        ratios.append(row(task, *[ratio(times['ours'], times[name])
                                  for name in names[1:]]))
        losses.append(f'{task}: ' + ', '.join(
            f'{name} {float(loss):.4g}' for name, (_, loss) in results.items()
            if loss != 'None'))
        text = '\n\n'.join(map('\n'.join, (
            [f'Seconds for an epoch of {args.limit:,} digits with its '
             f'validation: the median of {args.epochs} (the mean).'], seconds,
            ['Ours over theirs: the median of the pairs (the quartiles).'],
            ratios, [f'Test losses after {args.epochs + 1} epochs.'],
            losses))) + '\n'
        pathlib.Path(__file__).with_suffix('.md').write_text(text)
        print(seconds[-1], ratios[-1], sep='\n', flush=True)
    print('\n' + text)


if __name__ == '__main__':
    main()
