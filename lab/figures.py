"""Every picture; each function returns a Matplotlib Figure."""
import itertools

import matplotlib.pyplot as plt
import numpy as np

DPI = 150
# One for each digit, as far apart as ten colours can be, for people who do not
# tell red from green, too; none is grey, none is lost on black or on white.
COLORS = ('#5ab4ff', '#c3c369', '#a50096', '#5ae100', '#00d2d2',
          '#6900ff', '#1e693c', '#4b69f0', '#ff5a87', '#c35a0f')


def show(axis, image, **settings):
    """Show pixels from 0, black, to 1, white, whatever rcParams say.

    Args:
        axis: Matplotlib axes.
        image: floats in [0, 1], (height, width), the first row on top.
        settings: more of `imshow`.
    """
    axis.imshow(image, cmap='gray', vmin=0, vmax=1, origin='upper',
                aspect='equal', interpolation='nearest', **settings)


def reconstructions(images, reconstructed, title):
    """Draw images in a row, and under each what the autoencoder made of it.

    Args:
        images: float32 in [0, 1], (n, ...) of 28 * 28 pixels each.
        reconstructed: float32 in [0, 1], the same shape.
        title: str.
    """
    figure = digit_rows({'input': images, 'output': reconstructed})
    figure.set_figheight(2.1)
    figure.suptitle(title, fontsize=10)
    return figure


def digit_rows(rows, figure=None):
    """Draw rows of digits, each row with its name at the left.

    Args:
        rows: dict of str to float32 in [0, 1], (n, ...) of 28 * 28 pixels.
        figure: Matplotlib figure to draw on; None makes one.
    """
    n = len(next(iter(rows.values())))
    figure = figure or plt.figure(figsize=(8, 0.72 * len(rows)), dpi=DPI,
                                  layout='constrained')
    axes = figure.subplots(len(rows), n, squeeze=False)
    for row, (name, images) in zip(axes, rows.items()):
        for axis, image in zip(row, images):
            show(axis, image.reshape(28, 28))
            axis.set(xticks=[], yticks=[])
        row[0].set_ylabel(name, rotation=0, ha='right', va='center')
    return figure


def loss_curves(history, title, unit):
    """Draw the training and the test loss over the epochs.

    Args:
        history: dict of the lists 'loss' and 'val_loss'.
        title: str.
        unit: str, of the losses.
    """
    figure, axis = plt.subplots(figsize=(6, 3.5), dpi=DPI,
                                layout='constrained')
    epochs = range(1, len(history['loss']) + 1)
    axis.plot(epochs, history['loss'], 'o-', markersize=3, label='training')
    axis.plot(epochs, history['val_loss'], 's--', markersize=3, label='test')
    axis.set(title=title, xlabel='epoch', ylabel=f'loss ({unit})')
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3)
    axis.legend()
    return figure


def latent_grid(digits, axis, title, axes=None):
    """Draw the digits decoded over a square of a plane of two latents.

    Args:
        digits: float32 in [0, 1], (n, n, 28, 28): digits[i, j] is decoded from
            the code (axis[j], axis[i]).
        axis: float, (n,), increasing by equal steps.
        title: str.
        axes: Matplotlib axes to draw on; None makes a figure of their own.
    """
    n = len(axis)
    # Row i of digits is at height axis[i], so the last row is on top:
    # (row, column, 28, 28) -> (row, 28, column, 28) -> one image.
    image = digits[::-1].transpose(0, 2, 1, 3).reshape(n * 28, n * 28)
    half = (axis[1] - axis[0]) / 2
    axes = axes or plt.subplots(figsize=(6, 6), dpi=DPI,
                                layout='compressed')[1]
    show(axes, image, extent=(axis[0] - half, axis[-1] + half) * 2)
    axes.set(xlabel='z[0]', ylabel='z[1]', title=title)
    return axes.figure


def latent_scatter(means, labels, title, axes=None):
    """Draw each digit as a point of the latent plane, coloured by its class.

    From the eleventh class on the colours are those of the first ones again.

    Args:
        means: float32, (n, 2), the codes.
        labels: int, (n,), the classes.
        title: str.
        axes: Matplotlib axes to draw on; None makes a figure of their own.
    """
    axes = axes or plt.subplots(figsize=(6, 6), dpi=DPI,
                                layout='compressed')[1]
    classes = np.unique(labels)
    places = class_places(means, labels, np.ptp(means, axis=0).max() * 0.08)
    for label, place, color in zip(classes, places, itertools.cycle(COLORS)):
        axes.scatter(*means[labels == label].T, s=4, alpha=0.5, linewidths=0,
                     color=color)
        axes.annotate(str(label), place, weight='bold', ha='center',
                      va='center', bbox={'boxstyle': 'circle', 'fc': 'white',
                                         'ec': color, 'linewidth': 2})
    axes.set(xlabel='z[0]', ylabel='z[1]', title=title, aspect='equal')
    return axes.figure


def class_places(means, labels, apart):
    """Return where the names of the classes stand, none on another.

    Args:
        means: float32, (n, 2), the codes.
        labels: int, (n,), the classes.
        apart: float, what is between two names at least.

    Returns:
        float, (classes, 2): the medians, pushed apart where they are nearer.
    """
    places = np.array([np.median(means[labels == label], axis=0)
                       for label in np.unique(labels)], dtype=float)
    for _ in range(500):
        gaps = places[:, None] - places             # (classes, classes, 2)
        distances = np.linalg.norm(gaps, axis=2, keepdims=True) + 1e-9
        pushes = np.maximum(apart / distances - 1, 0)   # in gaps
        places += np.mean(gaps * pushes, axis=1)
    return places
