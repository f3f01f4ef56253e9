"""Measure a training's peak memory and seconds an epoch, at three sizes.

    python -m docs.bench.memory [--times 1 4 16]

Ours is ./0-main.py; plain `fit` is on images / 255, as in the tasks' mains.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from lab import mnist

ROOT = pathlib.Path(__file__).parents[2]
PLAIN = """
import sys
import numpy as np
digits = np.load(sys.argv[1])
x_train, x_test = (digits[name].astype('float32').reshape((-1, 784)) / 255
                   for name in ('x_train', 'x_test'))
auto = __import__('0-vanilla').autoencoder(784, [128, 64], 32)[2]
auto.fit(x_train, x_train, epochs=int(sys.argv[2]), batch_size=256,
         shuffle=True, validation_data=(x_test, x_test), verbose=2)
"""
SIZES = {1: 3, 4: 3, 16: 3}    # times 60,000 images: epochs


def measure(command):
    """Run a training; return its peak memory in GB and seconds an epoch."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=dict(os.environ, PYTHONUNBUFFERED='1'))
    ends = [time.perf_counter() for line in process.stdout
            if 'ms/step' in line]
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f'{command} ended with status {status}')
    return usage.ru_maxrss / 2**20, statistics.median(
        b - a for a, b in zip(ends, ends[1:]))


def main():
    """Print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--times', type=int, nargs='+', choices=SIZES,
                        default=list(SIZES), help='times 60,000 images')
    args = parser.parse_args()
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    print('| training images | peak GB, ours | plain fit | seconds an epoch, '
          'ours | plain fit |\n| --- | --- | --- | --- | --- |')
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'digits.npz')
        for times in args.times:
            epochs = SIZES[times]
            np.savez(file, x_train=np.tile(x_train, (times, 1, 1)),
                     y_train=np.tile(y_train, times), x_test=x_test,
                     y_test=y_test)
            ours = measure([sys.executable, '0-main.py', '--data', file,
                            '--output', folder, '--epochs', str(epochs)])
            plain = measure([sys.executable, '-c', PLAIN, file, str(epochs)])
            print('| {:,} | {:.2f} | {:.2f} | {:.2f} | {:.2f} |'.format(
                len(x_train) * times, ours[0], plain[0], ours[1], plain[1]),
                flush=True)


if __name__ == '__main__':
    main()
