#!/usr/bin/env python3
"""Time a training epoch: ours, a plain `auto.fit`, PyTorch, and the limit.

Each trains in a process of its own, with the same data and batches of the same
size. They take turns, an epoch each, so that a change of the machine's speed
meets all of them; an epoch is its training and its validation. The first one
is not counted. Ours is the start of a training of 50 epochs, as of the mains.
Plain `fit` has TensorFlow's defaults. PyTorch, eager, has a DataLoader, as in
its tutorials; "indexed", the images of a batch at once. "Products" are the
epoch's matrix products and nothing else, in NumPy, for the tasks that are made
of them. The limit is the time that the epoch's floating-point operations take
in a matrix product of 2048 by 2048. What these two vary, the machine varies.

Prints the tables and writes them to epoch_time.md.
"""
import argparse
import importlib.util
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


def report(start, loss=None, share=1):
    """End this process's turn, which did a share of the epoch's work."""
    print('TURN', (time.perf_counter() - start) / share, loss, flush=True)


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


def products(task):
    """Return (rows, inner, columns) of an image's matrix products, a list."""
    if task == '2':
        return [(rows * columns, 9 * a, b) for rows, columns, a, b in [
            (28, 28, 1, 16), (14, 14, 16, 8), (7, 7, 8, 8), (4, 4, 8, 8),
            (8, 8, 8, 8), (14, 14, 8, 16), (28, 28, 16, 1)]]
    if task == '3':
        return [(1, 784, 512), (1, 512, 4), (1, 2, 512), (1, 512, 784)]
    sizes = [784, 128, 64, 32, 64, 128, 784]
    return [(1, a, b) for a, b in zip(sizes, sizes[1:])]


def amounts(limit):
    """Return how many digits an epoch trains on, and is validated on."""
    return min(limit, 60000), min(limit, 10000)


def operations(task, limit):
    """Return the floating-point operations of an epoch with its validation.

    A product takes 2 for each weight used. Training computes it forwards, for
    the weights' gradient and, but for the first layer, for the input's.
    """
    n_train, n_test = amounts(limit)
    sizes = [rows * inner * columns for rows, inner, columns in products(task)]
    return 2 * ((3 * n_train + n_test) * sum(sizes) - n_train * sizes[0])


def multiply_batches(task, limit, epochs):
    """Compute the matrix products of an epoch, and nothing else."""
    import numpy as np
    random = np.random.default_rng(0).random
    layers = [[random(shape, np.float32) for shape in [
        (BATCH, inner), (inner, columns), (BATCH, columns)]]
        for _, inner, columns in products(task)]
    n_train, n_test = amounts(limit)
    for _ in range(epochs):
        start = turn()
        for _ in range(n_train // BATCH):
            for index, (x, kernel, gradient) in enumerate(layers):
                x @ kernel
                x.T @ gradient
                if index:
                    gradient @ kernel.T
        for _ in range(n_test // BATCH):
            for x, kernel, _ in layers:
                x @ kernel
        report(start)


def multiply_large(task, limit, epochs):
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


TRAINED = {'ours': train_ours, 'plain fit': train_plain,
           'PyTorch': train_torch, 'indexed': train_indexed}
NAMES = dict(TRAINED, products=multiply_batches, limit=multiply_large)


def compare(task, limit, epochs):
    """Let each of NAMES take turns; return {name: (times, last loss)}."""
    processes = {}
    for name in NAMES:
        if name == 'products' and task == '2':
            continue        # its convolutions are not computed as such
        processes[name] = subprocess.Popen(
            [sys.executable, __file__, '--worker', name, '--tasks', task,
             '--limit', str(limit), '--epochs', str(epochs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
    times = {name: [] for name in processes}
    losses = {}
    for _ in range(epochs + 1):
        for name, process in processes.items():
            process.stdin.write('\n')
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith('TURN'):
                    _, seconds, loss = line.split()
                    times[name].append(float(seconds))
                    losses[name] = loss
                    break
            else:
                sys.exit(f'{name} ended early on task {task}')
    for process in processes.values():
        process.communicate()
    return {name: (times[name][1:], losses[name]) for name in processes}


def spread(ours, theirs):
    """Return the median of the ratios, and their quartiles, as text."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    low, middle, high = statistics.quantiles(ratios, method='inclusive')
    return f'{middle:.2f} ({low:.2f} to {high:.2f})'


def slow(times):
    """Return how many epochs took over 1.25 times the fastest, in percent."""
    share = sum(time > 1.25 * min(times) for time in times) / len(times)
    return f'{100 * share:.0f} %'


def rows(results):
    """Return the task's row of each table."""
    times = {name: seconds for name, (seconds, _) in results.items()}
    ours = times['ours']

    def row(function, names):
        return [function(times[name]) if name in times else '' for name in
                names]

    others = list(NAMES)[1:]
    losses = [float(results[name][1]) for name in TRAINED]
    return [
        row(lambda theirs: f'{statistics.median(theirs):.2f}', NAMES),
        row(lambda theirs: f'{statistics.mean(theirs):.2f}', NAMES),
        row(slow, NAMES),
        row(lambda theirs: spread(ours, theirs), others),
        row(lambda theirs: '{:.2f}'.format(
            statistics.mean(ours) / statistics.mean(theirs)), others),
        [('{:.4f}' if loss < 1 else '{:.1f}').format(loss) for loss in losses]]


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
    others = list(NAMES)[1:]
    tables = {
        'Seconds for an epoch of {:,} digits with its validation, the median '
        'of {}.'.format(args.limit, args.epochs): NAMES,
        'The mean.': NAMES,
        'Epochs that took over 1.25 times the fastest.': NAMES,
        'Ours over theirs, the median (and the quartiles) of the pairs.':
            others,
        'Ours over theirs, the means.': others,
        'Test loss after these epochs.': TRAINED}
    tables = [[title, '', f"| task | {' | '.join(columns)} |",
               f"|{' --- |' * (len(columns) + 1)}"]
              for title, columns in tables.items()]
    for task in args.tasks:
        results = compare(task, args.limit, args.epochs)
        for table, row in zip(tables, rows(results)):
            table.append(f"| {TASKS[task][0]} | {' | '.join(row)} |")
            print(table[-1], flush=True)
        text = '\n\n'.join(['\n'.join(table) for table in tables] + [STALL])
        pathlib.Path(__file__).with_suffix('.md').write_text(text)
    print(f"\n{text}")


if __name__ == '__main__':
    main()
