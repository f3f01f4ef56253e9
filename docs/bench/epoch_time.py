"""Time a training epoch: ours, and what others would write.

    python -m docs.bench.epoch_time [--tasks 0-vanilla] [--beside FOLDER]

Each trains in a process of its own, with the same data and batches of the same
size. They take turns, an epoch each, so that a change of the machine's speed
meets all of them; an epoch is its training and its validation. The first one
is not counted. Ours is the start of a training of 50 epochs, as of the mains.

- Plain `fit` has TensorFlow's defaults; "tuned fit" is what a good user of
  Keras writes: many steps at a call, XLA for the dense networks, batches of a
  dataset that does not tune itself.
- PyTorch, eager, has a DataLoader, as in its tutorials; "indexed", the images
  of a batch at once; "compiled" is that with torch.compile and a fused Adam.
- JAX runs an epoch as one compiled scan over images that stay where they are.
- The limit is the time that the epoch's floating-point operations take NumPy
  in products of 2048 by 2048 matrices.

Prints a table, and writes it to epoch_time.md when it has every task.
`--beside` lets the code of another checkout take turns, too.
"""
import argparse
import importlib.util
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy as np

from docs.bench import peers
from docs.bench.turns import BATCH, digits, report, take_turns, turn
from lab import TASKS

ROOT = pathlib.Path(__file__).parents[2]
LIMITS = {'2-convolutional': 20000}     # digits: its epochs are long


def turns(epochs):
    """Return a callback that waits for a turn, and ends it.

    A turn ends where the next epoch begins: what is done between is counted.
    """
    from tensorflow import keras

    class Turns(keras.callbacks.Callback):
        """Ends the training after the last turn."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch:
                report(self.start, self.loss)
            self.start = turn()

        def on_epoch_end(self, epoch, logs=None):
            self.loss = logs['val_loss']
            self.model.stop_training = epoch + 1 == epochs

        def on_train_end(self, logs=None):
            report(self.start, self.loss)

    return Turns()


def build(task):
    """Return a task's model, as its main builds it."""
    from tensorflow import keras
    keras.utils.set_random_seed(0)
    return __import__(task).autoencoder(*TASKS[task])[2]


def train_ours(task, limit, epochs):
    """Train as the mains do."""
    from lab import training
    auto, (x_train, x_test) = build(task), digits(task, limit)
    with tempfile.TemporaryDirectory() as output:
        training.fit(auto, x_train, x_train, epochs=max(50, epochs),
                     batch_size=BATCH, validation_data=(x_test, x_test),
                     callbacks=[turns(epochs)],
                     backup=os.path.join(output, 'backup.npz'))


def train_plain(task, limit, epochs):
    """Train as the task descriptions' mains do."""
    from lab import mnist
    auto = build(task)
    x_train, x_test = map(mnist.scale, digits(task, limit))
    auto.fit(x_train, x_train, epochs=epochs, batch_size=BATCH, shuffle=True,
             validation_data=(x_test, x_test), verbose=2,
             callbacks=[turns(epochs)])


def train_tuned(task, limit, epochs):
    """Train as a good user of Keras does."""
    import tensorflow as tf
    from lab import mnist
    auto = build(task)
    auto.steps_per_execution, auto.jit_compile = 47, task[0] != '2'

    def batches(images, order):
        # A NumPy array in map() is copied at each batch: 20 s an epoch.
        images, options = tf.constant(mnist.scale(images)), tf.data.Options()
        options.autotune.enabled = False
        return order(tf.data.Dataset.range(len(images))).batch(BATCH).map(
            lambda rows: (tf.gather(images, rows),) * 2).with_options(options)

    x_train, x_test = digits(task, limit)
    auto.fit(batches(x_train, lambda rows: rows.shuffle(len(x_train))),
             validation_data=batches(x_test, lambda rows: rows),
             epochs=epochs, verbose=2, callbacks=[turns(epochs)])


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
    a = np.random.default_rng(0).random((2048, 2048), np.float32)
    needed = operations(task, limit) / (2 * 2048**3)
    count = max(5, round(needed))
    for _ in range(epochs):
        start = turn()
        for _ in range(count):
            a @ a
        report(start, share=count / needed)


def others():
    """Return what takes turns with ours and is installed: {name: function}."""
    needs = {'PyTorch': 'torch', 'indexed': 'torch', 'compiled': 'torch',
             'JAX': 'jax'}
    return {name: train for name, train in {
        'plain fit': train_plain, 'tuned fit': train_tuned,
        'PyTorch': peers.train_torch, 'indexed': peers.train_indexed,
        'compiled': peers.train_compiled, 'JAX': peers.train_jax,
        'limit': multiply}.items()
        if name not in needs or importlib.util.find_spec(needs[name])}


def compare(task, args, names):
    """Let processes train a task in turns; return what take_turns does."""
    def start(name):
        # Where a machine sets these, OpenBLAS is held to half its speed.
        env = {key: value for key, value in os.environ.items()
               if key not in ('OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE')}
        return subprocess.Popen(
            [sys.executable, '-m', 'docs.bench.epoch_time', '--worker',
             'ours' if name == 'beside' else name, '--tasks', task, '--limit',
             str(min(args.limit, LIMITS.get(task, args.limit))), '--epochs',
             str(args.epochs)], cwd=args.beside if name == 'beside' else ROOT,
            env=env if name == 'limit' else None, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=tempfile.TemporaryFile('w+'))

    return take_turns({name: start(name) for name in names}, args.epochs)


def ratio(ours, theirs):
    """Return the median of the pairs' ratios, and their quartiles, as text."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    low, middle, high = np.percentile(ratios, (25, 50, 75))
    return f'{middle:.2f}, {low:.2f} to {high:.2f}'


def row(*cells):
    """Return a row of a table."""
    return f'| {" | ".join(cells)} |'


def main(argv=None):
    """Compare and print a table; write it to epoch_time.md if it is whole."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--tasks', nargs='+', choices=TASKS, metavar='TASK',
                        default=list(TASKS), help='such as 0-vanilla')
    parser.add_argument('--epochs', type=int, default=15)
    parser.add_argument('--limit', type=int, default=60000)
    parser.add_argument('--beside', metavar='FOLDER', help='another checkout')
    parser.add_argument('--worker', help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.worker:
        train = dict(others(), ours=train_ours)[args.worker]
        train(args.tasks[0], args.limit, args.epochs + 1)
        return
    names = ['ours', *others()]
    if args.beside:
        names.append('beside')
    lines = [f'Seconds for an epoch with its validation: the median of '
             f'{args.epochs} (ours over theirs: the median of the pairs, the '
             'quartiles). Task 2 has 20,000 digits.', '',
             row('task', *names), row(*['---'] * (len(names) + 1))]
    print('\n'.join(lines))
    losses = []
    for task in args.tasks:
        results = compare(task, args, names)
        ours, _ = results['ours']
        cells = [f'{statistics.median(times):.2f}' +
                 (f' ({ratio(ours, times)})' if name != 'ours' else '')
                 for name, (times, _) in results.items()]
        lines.append(row(task, *cells))
        print(lines[-1], flush=True)
        losses.append(f'{task}: ' + ', '.join(
            f'{name} {float(loss):.4g}' for name, (_, loss) in results.items()
            if loss != 'None'))
    lines += ['', f'Test losses after {args.epochs + 1} epochs.', '', *losses]
    print('\n'.join(lines[-len(losses) - 3:]))
    if args.tasks == list(TASKS) and args.limit >= 60000:
        pathlib.Path(__file__).with_suffix('.md').write_text(
            '\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
