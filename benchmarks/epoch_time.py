#!/usr/bin/env python3
"""Time a training epoch: ours, a plain `auto.fit`, PyTorch, and the limit.

Each trains in a process of its own, with the same data and batches of the same
size. They take turns, an epoch each, so that a change of the machine's speed
meets all of them; an epoch is its training and its validation. The first one
is not counted. Ours is the start of a training of 50 epochs, as of the mains.
Plain `fit` has TensorFlow's defaults; "no oneDNN" is what they are on CPUs
without AVX512-VNNI. PyTorch, eager, has a DataLoader, as in its tutorials;
"indexed", the images of a batch at once. The limit is the floating-point
operations of the epoch over the rate of the machine's own matrix product.

Prints the tables and writes them to epoch_time.md.
"""
import argparse
import importlib.util
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
TASKS = {'0': ('0-vanilla', (784, [128, 64], 32)),
         '1': ('1-sparse', (784, [128, 64], 32, 10e-6)),
         '2': ('2-convolutional', ((28, 28, 1), [16, 8, 8], (4, 4, 8))),
         '3': ('3-variational', (784, [512], 2))}
BATCH = 256
STALL = """\
Why plain `fit` is slow at times: for every iterator tf.data starts a thread
that tunes it (autotune), which sleeps for 10 ms, then 20, doubling up to a
minute; whoever drops the iterator, as `fit` does with one for each epoch and
each validation, waits until it wakes. In a `fit` of your own, give it
`tf.data.Dataset`s whose `options.autotune.enabled` is False.
"""


def digits(task, limit):
    """Return the training and the test digits, uint8."""
    from lab import mnist
    (x_train, _), (x_test, _) = mnist.load_data()
    shape = (-1, 28, 28, 1) if task == '2' else (-1, 784)
    return x_train[:limit].reshape(shape), x_test[:limit].reshape(shape)


def turn():
    """Wait for this process's turn; return the time it begins."""
    sys.stdin.readline()
    return time.perf_counter()


def report(start, loss):
    """End this process's turn."""
    print('TURN', time.perf_counter() - start, loss, flush=True)


def train_ours(task, limit, epochs):
    """Train as the mains do."""
    import lab  # noqa: F401, for the environment that it sets
    from tensorflow import keras
    from lab import training
    from lab.backup import Backup

    class Timed(Backup):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = turn()

        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            report(self.start, logs['val_loss'])
            self.model.stop_training = epoch + 1 == epochs

    module, args = TASKS[task]
    x_train, x_test = digits(task, limit)
    keras.utils.set_random_seed(0)
    _, _, auto = __import__(module).autoencoder(*args)
    with tempfile.TemporaryDirectory() as output:
        training.fit(auto, x_train, x_test, epochs=max(50, epochs),
                     batch_size=BATCH, backup=Timed(output, module, seed=0))


def train_plain(task, limit, epochs):
    """Train as the task descriptions' mains do."""
    from tensorflow import keras
    from lab import mnist

    class Timed(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = turn()

        def on_epoch_end(self, epoch, logs=None):
            report(self.start, logs['val_loss'])

    module, args = TASKS[task]
    x_train, x_test = map(mnist.scale, digits(task, limit))
    keras.utils.set_random_seed(0)
    _, _, auto = __import__(module).autoencoder(*args)
    auto.fit(x_train, x_train, epochs=epochs, batch_size=BATCH, shuffle=True,
             validation_data=(x_test, x_test), verbose=2,
             callbacks=[Timed()])


def torch_model(task):
    """Return a PyTorch module for the task; it returns (output, penalty)."""
    import torch
    from torch import nn

    def chain(sizes, last):
        layers = []
        for a, b in zip(sizes, sizes[1:]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        return nn.Sequential(*layers[:-1], *last)

    class Dense(nn.Module):
        def __init__(self, lambtha):
            super().__init__()
            self.encoder = chain([784, 128, 64, 32], [nn.ReLU()])
            self.decoder = chain([32, 64, 128, 784], [])
            self.lambtha = lambtha

        def forward(self, x):
            codes = self.encoder(x)
            penalty = self.lambtha * codes.abs().sum() / len(x)
            return self.decoder(codes), penalty if self.lambtha else 0

    class Convolutional(nn.Module):
        def __init__(self):
            super().__init__()

            def conv(a, b, padding=1):
                return [nn.Conv2d(a, b, 3, padding=padding), nn.ReLU()]

            def pool():
                return nn.MaxPool2d(2, ceil_mode=True)

            def up():
                return nn.Upsample(scale_factor=2)

            self.layers = nn.Sequential(
                *conv(1, 16), pool(), *conv(16, 8), pool(), *conv(8, 8),
                pool(), *conv(8, 8), up(), *conv(8, 8), up(),
                *conv(8, 16, 0), up(), nn.Conv2d(16, 1, 3, padding=1))

        def forward(self, x):
            return self.layers(x), 0

    class Variational(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Sequential(nn.Linear(784, 512), nn.ReLU())
            self.mean, self.log_var = nn.Linear(512, 2), nn.Linear(512, 2)
            self.decoder = chain([2, 512, 784], [])

        def forward(self, x):
            hidden = self.hidden(x)
            mean, log_var = self.mean(hidden), self.log_var(hidden)
            z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
            kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum(1).mean()
            return self.decoder(z), kl

    model = {'0': lambda: Dense(0), '1': lambda: Dense(10e-6),
             '2': Convolutional, '3': Variational}[task]()
    for layer in model.modules():           # Keras's initial weights
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def train_torch(task, limit, epochs, indexed=False):
    """Train as PyTorch's tutorials do, or index the images of a batch."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    from lab import mnist
    torch.manual_seed(0)
    x_train, x_test = (torch.from_numpy(mnist.scale(x))
                       for x in digits(task, limit))
    model = torch_model(task)
    if task == '2':
        model = model.to(memory_format=torch.channels_last)
        x_train, x_test = (x.permute(0, 3, 1, 2) for x in (x_train, x_test))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)

    def loss(x):
        output, penalty = model(x)
        value = torch.nn.functional.binary_cross_entropy_with_logits(output, x)
        return value * (784 if task == '3' else 1) + penalty

    def batches(images, shuffle):
        if not indexed:
            loader = DataLoader(TensorDataset(images), BATCH, shuffle=shuffle)
            return (x for x, in loader)
        if not shuffle:
            return images.split(BATCH)
        return (images[batch] for batch in
                torch.randperm(len(images)).split(BATCH))

    for _ in range(epochs):
        start = turn()
        for x in batches(x_train, shuffle=True):
            optimizer.zero_grad()
            loss(x).backward()
            optimizer.step()
        with torch.no_grad():
            total = sum(loss(x).item() * len(x)
                        for x in batches(x_test, shuffle=False))
        report(start, total / len(x_test))


def train_indexed(*args):
    """Train as `train_torch`, without a DataLoader."""
    train_torch(*args, indexed=True)


NAMES = {'ours': train_ours, 'plain fit': train_plain,
         'no oneDNN': train_plain, 'PyTorch': train_torch,
         'indexed': train_indexed}


def operations(task, limit):
    """Return the floating-point operations of an epoch with its validation.

    A forward pass takes 2 for each weight used; a backward pass twice that.
    """
    if task == '2':
        weights = sum(rows * columns * 9 * a * b for rows, columns, a, b in [
            (28, 28, 1, 16), (14, 14, 16, 8), (7, 7, 8, 8), (4, 4, 8, 8),
            (8, 8, 8, 8), (14, 14, 8, 16), (28, 28, 16, 1)])
    else:
        sizes = [784, 512, 4, 2, 512, 784] if task == '3' else [
            784, 128, 64, 32, 64, 128, 784]
        weights = sum(a * b for a, b in zip(sizes, sizes[1:]))
        weights -= 4 * 2 if task == '3' else 0      # no layer between those
    n_train, n_test = min(limit, 60000), min(limit, 10000)
    return 2 * weights * (3 * n_train + n_test)


def matrix_rate():
    """Return the operations a second of NumPy's float32 matrix product."""
    import numpy as np
    a = np.random.default_rng(0).random((2048, 2048), np.float32)
    times = []
    for _ in range(9):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / statistics.median(times)


def compare(task, limit, epochs):
    """Train with each of NAMES in turn; return {name: (times, losses)}."""
    processes = {}
    for name in NAMES:
        environment = dict(os.environ)
        if name == 'no oneDNN':
            environment['TF_ENABLE_ONEDNN_OPTS'] = '0'
        processes[name] = subprocess.Popen(
            [sys.executable, __file__, '--worker', name, '--tasks', task,
             '--limit', str(limit), '--epochs', str(epochs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, env=environment)
    results = {name: ([], []) for name in NAMES}
    for _ in range(epochs + 1):
        for name, process in processes.items():
            process.stdin.write('\n')
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith('TURN'):
                    _, seconds, loss = line.split()
                    results[name][0].append(float(seconds))
                    results[name][1].append(float(loss))
                    break
            else:
                sys.exit('{} ended early on task {}'.format(name, task))
    for process in processes.values():
        process.communicate()
    return {name: (times[1:], losses) for name, (times, losses) in
            results.items()}


def spread(ours, theirs):
    """Return the median of the ratios, and their quartiles, as text."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    low, middle, high = statistics.quantiles(ratios, method='inclusive')
    return '{:.2f} ({:.2f} to {:.2f})'.format(middle, low, high)


def slow(times):
    """Return how many epochs took over 1.25 times the fastest, in percent."""
    share = sum(time > 1.25 * min(times) for time in times) / len(times)
    return '{:.0f} %'.format(100 * share)


def rows(times, losses, limit):
    """Return the task's row of each table."""
    ours = times['ours']
    others = list(times)[1:]
    return [
        ['{:.2f}'.format(value) for value in
         [*map(statistics.median, times.values()), limit]],
        ['{:.2f}'.format(statistics.mean(times[name])) for name in times],
        [slow(times[name]) for name in times],
        [spread(ours, times[name]) for name in others],
        ['{:.2f}'.format(statistics.mean(ours) / statistics.mean(times[name]))
         for name in others],
        [('{:.4f}' if loss < 1 else '{:.1f}').format(loss)
         for loss in losses.values()]]


def main():
    """Compare, print tables and write them to epoch_time.md."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--tasks', default='0123')
    parser.add_argument('--epochs', type=int, default=15)
    parser.add_argument('--limit', type=int, default=60000)
    parser.add_argument('--worker', help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        NAMES[args.worker](args.tasks, args.limit, args.epochs + 1)
        return
    if importlib.util.find_spec('torch') is None:
        sys.exit('no torch: pip install -r requirements-bench.txt')
    rate = matrix_rate()
    others = list(NAMES)[1:]
    tables = {
        'Seconds for an epoch of {:,} digits with its validation, the median '
        'of {}. Matrix product: {:.0f} GFLOP/s.'.format(
            args.limit, args.epochs, rate / 1e9): [*NAMES, 'limit'],
        'The mean.': NAMES,
        'Epochs that took over 1.25 times the fastest.': NAMES,
        'Ours over theirs, the median (and the quartiles) of the pairs.':
            others,
        'Ours over theirs, the means.': others,
        'Test loss after these epochs.': NAMES}
    tables = [[title, '', '| task | {} |'.format(' | '.join(columns)),
               '|' + ' --- |' * (len(columns) + 1)]
              for title, columns in tables.items()]
    for task in args.tasks:
        results = compare(task, args.limit, args.epochs)
        times, losses = ({name: results[name][i] for name in NAMES}
                         for i in (0, 1))
        for table, row in zip(tables, rows(
                times, {name: losses[name][-1] for name in NAMES},
                operations(task, args.limit) / rate)):
            table.append('| {} | {} |'.format(TASKS[task][0],
                                              ' | '.join(row)))
            print(table[-1], flush=True)
    text = '\n\n'.join(['\n'.join(table) for table in tables] + [STALL])
    print('\n' + text)
    pathlib.Path(__file__).with_suffix('.md').write_text(text)


if __name__ == '__main__':
    main()
