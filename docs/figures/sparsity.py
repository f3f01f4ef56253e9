"""Train the sparse autoencoder with larger and larger penalties; draw them.

    python -m docs.figures.sparsity [--epochs N]

Prints a row for each, draws sparsity.png: 20 epochs each, 2 minutes. Pictures
of other than 20 epochs go to output/, not to the README.
"""
import argparse
import pathlib

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

import lab
from lab import figures, mnist

HERE = pathlib.Path(__file__).parent
LAMBTHAS = 1e-5, 1e-4, 3e-4, 1e-3, 3e-3
DRAWN = 1e-5, 3e-4, 3e-3        # of these the digits are shown
DIGITS = 6
EPOCHS = 20                     # of the README's picture


def main():
    """Train, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--epochs', type=int, default=EPOCHS)
    epochs = parser.parse_args().epochs
    matplotlib.use('agg')
    keras = lab.import_keras()
    from lab import training
    (x_train, _), (x_test, _) = mnist.load_data()
    x_train, x_test = x_train.reshape((-1, 784)), x_test.reshape((-1, 784))
    zeros, losses, images = [], [], {'original': mnist.scale(x_test[:DIGITS])}
    print('| λ | activations that are 0 | test loss with the penalty |\n'
          '| --- | --- | --- |')
    for lambtha in LAMBTHAS:
        keras.utils.set_random_seed(0)
        encoder, decoder, auto = __import__('1-sparse').autoencoder(
            784, [128, 64], 32, lambtha)
        history = training.fit(auto, x_train, x_train, epochs=epochs,
                               validation_data=(x_test, x_test))
        codes = encoder.predict(mnist.scale(x_test), verbose=0)
        zeros.append(np.mean(codes == 0))
        losses.append(history['val_loss'][-1])
        print(f'| {lambtha:g} | {zeros[-1]:.0%} | {losses[-1]:.4f} |',
              flush=True)
        if lambtha in DRAWN:
            images[f'λ = {lambtha:g}'] = decoder.predict(codes[:DIGITS],
                                                         verbose=0)
    folder = HERE if epochs == EPOCHS else pathlib.Path('output')
    folder.mkdir(exist_ok=True)
    sparsity(zeros, losses, images).savefig(folder / 'sparsity.png')


def sparsity(zeros, losses, images):
    """Draw what is 0 and what it costs over lambtha, and digits beside.

    Args:
        zeros: list of floats in [0, 1], the activations that are 0.
        losses: list of floats, nats per pixel with the penalty.
        images: dict of str to float32 in [0, 1], (n, 784).
    """
    figure = plt.figure(figsize=(10, 3.2), dpi=figures.DPI,
                        layout='constrained')
    left, right = figure.subfigures(1, 2)
    axis = left.subplots()
    axis.semilogx(LAMBTHAS, np.array(zeros) * 100, 'o-', color='C0')
    axis.set_xlabel('λ')
    axis.set_ylabel('activations that are 0, %', color='C0')
    axis.set_ylim(0, 100)
    axis.grid(alpha=0.3)
    other = axis.twinx()
    other.semilogx(LAMBTHAS, losses, 's--', color='C1')
    other.set_ylabel('test loss, nats per pixel', color='C1')
    figures.digit_rows(images, right)
    return figure


if __name__ == '__main__':
    lab.run(main)
