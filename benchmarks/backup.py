#!/usr/bin/env python3
"""Time the backup that follows each epoch, and its wait for the disk."""
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import lab  # noqa: E402,F401, for the environment that it sets
from lab import backup, mnist, training  # noqa: E402

TIMES = 30


def main():
    """Train task 0 with a backup; print the medians beside its epoch's."""
    (x_train, _), (x_test, _) = mnist.load_data()
    x_train, x_test = (mnist.scale(x).reshape((-1, 784))
                       for x in (x_train, x_test))
    auto = __import__('0-vanilla').autoencoder(784, [128, 64], 32)[2]
    epochs, whole, waits = [], [], []

    class Timed(backup.Backup):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            start = time.perf_counter()
            waits.append(0)
            super().on_epoch_end(epoch, logs)
            epochs.append(start - self.start)
            whole.append(time.perf_counter() - start)

    fsync = os.fsync

    def timed(descriptor):
        start = time.perf_counter()
        fsync(descriptor)
        waits[-1] += time.perf_counter() - start

    os.fsync = timed
    # A folder of the project's: /tmp may be in memory.
    with tempfile.TemporaryDirectory(dir=str(ROOT)) as folder:
        training.fit(auto, x_train, x_test, epochs=TIMES,
                     backup=Timed(folder, '0-vanilla', seed=0))
    epoch, backup_, wait = (1000 * statistics.median(times)
                            for times in (epochs, whole, waits))
    print('an epoch {:.0f} ms; its backup {:.1f} ms, {:.1f} %; of this the '
          'disk {:.1f} ms, {:.1f} % (medians of {})'.format(
              epoch, backup_, 100 * backup_ / epoch, wait,
              100 * wait / epoch, TIMES))


if __name__ == '__main__':
    main()
