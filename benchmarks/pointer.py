#!/usr/bin/env python3
"""Count the digits a second that the latent plane draws at the pointer.

In a window, and as the PNG images that WebAgg and nbagg send to a browser.
"""
import os
import pathlib
import sys
import time

os.environ.setdefault('MPLBACKEND', 'Agg')
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import lab  # noqa: E402,F401, for the environment that it sets
import numpy as np  # noqa: E402
from lab import figures  # noqa: E402
from matplotlib.backend_bases import MouseEvent  # noqa: E402
from matplotlib.backends.backend_webagg_core import (  # noqa: E402
    FigureCanvasWebAggCore, FigureManagerWebAgg)

FRAMES = 200


class Browser:
    """Counts the images that it is sent."""
    images = 0

    def send_json(self, message):
        """Ignore what is not an image."""

    def send_binary(self, image):
        """Count an image."""
        self.images += 1


def main():
    """Move the pointer across a plane of 10,000 digits; print the rates."""
    decoder = __import__('3-variational').autoencoder(784, [512], 2)[1]
    means = np.random.default_rng(0).normal(size=(10000, 2))
    for where in ('a window', 'a browser'):
        figure = figures.latent_scatter(means, np.arange(10000) % 10, 'title')
        if where == 'a browser':
            FigureManagerWebAgg(FigureCanvasWebAggCore(figure), 1)
            browser = Browser()
            figure.canvas.manager.add_web_socket(browser)
        figures.explore(figure, decoder)
        figure.canvas.draw()
        times = []
        for i in range(FRAMES):
            start = time.perf_counter()
            MouseEvent('motion_notify_event', figure.canvas, 300 + i,
                       400)._process()
            times.append(time.perf_counter() - start)
        print('in {}: {:.0f} frames a second; the slowest of {} took {:.0f} '
              'ms'.format(where, FRAMES / sum(times), FRAMES,
                          1000 * max(times)))
    assert browser.images > FRAMES, 'not every move sent an image'


if __name__ == '__main__':
    main()
