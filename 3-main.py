#!/usr/bin/env python3
"""Train the variational autoencoder on MNIST, print its codes, draw its plane.
"""
import numpy as np

import lab
from lab import mnist, options


def main(argv=None):
    """Run as the command line `argv` says; see --help."""
    args = options.parse('3-variational', __doc__, argv)
    # These import TensorFlow: only now that the command line is known good.
    from lab import figures, results, training
    autoencoder = __import__('3-variational').autoencoder

    (x_train, _), (x_test, y_test) = args.digits
    x_train = mnist.scale(x_train).reshape((-1, 784))   # (60000, 784)
    x_test = mnist.scale(x_test).reshape((-1, 784))     # (10000, 784)
    training.set_seed(args.seed)
    encoder, decoder, auto = autoencoder(784, [512], 2)
    history = training.fit(auto, x_train, x_test, args)

    z, mu, log_sig = encoder.predict(x_test, verbose=0)     # (10000, 2) each
    print(mu[:10])
    print(np.exp(log_sig[:10] / 2))
    reconstructed = decoder.predict(z[:10], verbose=0)
    loss = history['val_loss'][-1]
    # The divergence has no noise in it, so the rest is the reconstruction's.
    kl = np.mean(np.sum(np.exp(log_sig) + mu**2 - 1 - log_sig, axis=1)) / 2
    print('test loss {:.1f} nats per image: reconstruction {:.1f} + KL '
          'divergence {:.1f}'.format(loss, loss - kl, kl))

    axis = np.linspace(-3, 3, 25)
    plane = np.stack(np.meshgrid(axis, axis), axis=2)       # (25, 25, 2)
    digits = decoder.predict(plane.reshape((-1, 2)), verbose=0)
    title = 'Variational autoencoder: test loss {:.1f} nats per image'.format(
        loss)
    grid = figures.latent_grid(digits.reshape((25, 25, 28, 28)), axis, title)
    scatter = figures.latent_scatter(mu, y_test, title)
    figures.explore(scatter, decoder)       # the digit under the pointer
    results.save(args, history, {
        'encoder': encoder, 'decoder': decoder, 'auto': auto}, {
        'reconstructions': figures.reconstructions(x_test[:10], reconstructed,
                                                   title),
        'loss': figures.loss_curves(history, title, 'nats per image'),
        'grid': grid, 'scatter': scatter})


if __name__ == '__main__':
    lab.run(main)
