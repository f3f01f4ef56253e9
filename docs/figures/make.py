"""Make the README's pictures from what the four mains left in output/.

    python -m docs.figures.make [FOLDER]
"""
import csv
import os
import pathlib
import sys

import matplotlib.pyplot as plt
import numpy as np

import lab
from lab import TASKS, figures, mnist

HERE = pathlib.Path(__file__).parent
VAE = '3-variational'
# The test losses that the task descriptions print; task 2's older transcript
# and task 3's newer one are of other quantities, task 1's older of 100 epochs.
EPOCHS = (1, 2, 3, 4, 5, 46, 47, 48, 49, 50)
TRANSCRIPTS = {
    '0-vanilla': (
        0.1704, 0.1370, 0.1242, 0.1165, 0.1119,
        0.0845, 0.0845, 0.0842, 0.0842, 0.0842),
    '1-sparse': (
        0.1715, 0.1372, 0.1242, 0.1166, 0.1122,
        0.0844, 0.0840, 0.0837, 0.0837, 0.0835),
    '2-convolutional': (
        0.1597, 0.1358, 0.1271, 0.1216, 0.1179,
        0.0933, 0.0929, 0.0932, 0.0927, 0.0926),
    '3-variational': (
        177.2306, 168.7191, 166.5061, 165.1279, 163.7083,
        151.3205, 151.2141, 151.3823, 151.4026, 151.1969)}


def transcripts(histories, seeds, theirs):
    """Draw the test losses beside those of the tasks' transcripts.

    Args:
        histories: dict of a title to a list, the test loss of each epoch.
        seeds: dict of titles to the same of other seeds, (runs, epochs).
        theirs: dict of all titles to dicts of an epoch to a test loss.
    """
    figure, axes = plt.subplots(1, len(histories), figsize=(10, 2.7),
                                dpi=figures.DPI, layout='constrained')
    for axis, (title, losses) in zip(axes, histories.items()):
        epochs = range(1, len(losses) + 1)
        axis.plot(epochs, losses, label='this code')
        if title in seeds:
            axis.fill_between(epochs, np.min(seeds[title], axis=0),
                              np.max(seeds[title], axis=0), alpha=0.4,
                              label=f'{len(seeds[title])} seeds')
        axis.plot(*zip(*theirs[title].items()), 'o', markersize=4, mfc='none',
                  label='transcript')
        axis.set_title(title, fontsize=9)
        axis.set_xlabel('epoch')
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)     # as many seeds as were run
    axes[0].set_ylabel('test loss')
    return figure


def plane(means, labels, digits, axis):
    """Draw the test digits and the decoded digits over the same plane.

    Args: see `latent_scatter` and `latent_grid` of lab/figures.py.
    """
    _, (left, right) = plt.subplots(
        1, 2, figsize=(10, 5), dpi=95, layout='compressed', sharex=True,
        sharey=True)
    figures.latent_scatter(
        means, labels, 'where the encoder puts the test digits', axes=left)
    return figures.latent_grid(
        digits, axis, 'what the decoder makes of each code', right)


def divergence():
    """Draw the divergence of N(μ, σ²) from N(0, 1), over μ and over σ."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.2), sharey=True,
                                         dpi=figures.DPI, layout='constrained')
    mean, deviation = np.linspace(-3, 3, 200), np.linspace(0.05, 3, 200)
    left.plot(mean, mean**2 / 2)
    left.set(xlabel='μ, where σ = 1', ylabel='divergence, nats')
    right.plot(deviation, (deviation**2 - 1) / 2 - np.log(deviation))
    right.set(xlabel='σ, where μ = 0')
    for axis in (left, right):
        axis.grid(alpha=0.3)
    return figure


def main(output='output'):
    """Load models and histories, draw, save.

    What `make seeds` left in output/seeds is drawn as a band of losses. The
    README's pictures are replaced by those of 50 epochs only: others go to the
    output folder.
    """
    keras = lab.import_keras()
    _, (x_test, y_test) = mnist.load_data()
    x_test = mnist.scale(x_test)                    # (10000, 28, 28)
    models, titles, histories, seeds = {}, {}, {}, {}
    for task in TASKS:
        __import__(task)                            # registers the VAE's layer
        models[task] = [keras.models.load_model(os.path.join(
            output, f'{task[0]}-{name}.keras'))
            for name in ('encoder', 'decoder')]
        titles[task] = '{}, nats per {}'.format(
            task[2:], 'image' if task == VAE else 'pixel')
        name = task[0] + '-history.csv'
        histories[titles[task]] = test_losses(pathlib.Path(output, name))
        runs = [test_losses(path) for path in pathlib.Path(
            output, 'seeds').glob('*/' + name)]
        if runs:
            seeds[titles[task]] = runs

    rows = {'original': x_test[:10]}
    for task, (encoder, decoder) in models.items():
        codes = encoder.predict(x_test.reshape(
            (-1, *encoder.input_shape[1:])), verbose=0)
        codes = codes[1] if task == VAE else codes  # a VAE's means
        rows[task[2:]] = decoder.predict(codes[:10], verbose=0)
    _, decoder = models[VAE]
    axis = np.linspace(-3, 3, 15)
    digits = decoder.predict(np.stack(np.meshgrid(axis, axis), axis=2).reshape(
        (-1, 2)), verbose=0).reshape((15, 15, 28, 28))

    pictures = {
        'reconstructions': figures.digit_rows(rows),
        'losses': transcripts(
            histories, seeds,
            {titles[task]: dict(zip(EPOCHS, losses))
             for task, losses in TRANSCRIPTS.items()}),
        'plane': plane(codes, y_test, digits, axis),
        'divergence': divergence()}
    whole = all(len(losses) == 50 for losses in histories.values())
    folder = HERE if whole else pathlib.Path(output)
    for name, figure in pictures.items():
        figure.savefig(folder / f'{name}.png')
    print(f'drawn in {folder}: {" ".join(pictures)}')


def test_losses(path):
    """Return the test loss of each epoch of a run, a list."""
    with open(path, newline='') as stream:
        return [float(row['val_loss']) for row in csv.DictReader(stream)]


if __name__ == '__main__':
    main(*sys.argv[1:])
