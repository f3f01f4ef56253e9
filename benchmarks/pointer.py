#!/usr/bin/env python3
"""Count the digits a second that the latent window draws at the pointer."""
import os
import pathlib
import sys
import time

os.environ.setdefault('MPLBACKEND', 'Agg')
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import lab  # noqa: E402,F401, for the environment that it sets
import numpy as np  # noqa: E402
from matplotlib.backend_bases import MouseEvent  # noqa: E402
from lab import figures  # noqa: E402

FRAMES = 200


def main():
    """Move the pointer across a plane of 10,000 digits; print the rate."""
    decoder = __import__('3-variational').autoencoder(784, [512], 2)[1]
    means = np.random.default_rng(0).normal(size=(10000, 2))
    figure = figures.latent_scatter(means, np.arange(10000) % 10, 'a title')
    figures.explore(figure, decoder)
    figure.canvas.draw()
    times = []
    for i in range(FRAMES):
        start = time.perf_counter()
        MouseEvent('motion_notify_event', figure.canvas, 300 + i,
                   400)._process()
        times.append(time.perf_counter() - start)
    print('{:.0f} frames a second; the slowest of {} took {:.0f} ms'.format(
        FRAMES / sum(times), FRAMES, 1000 * max(times)))


if __name__ == '__main__':
    main()
