#!/usr/bin/env python3
"""Train the variational autoencoder on MNIST, print its codes, draw its plane.
"""
import lab
from lab import mnist, options

import numpy as np

TASK = '3-variational'


def main(argv=None):
    """Run as the command line `argv` says; see --help."""
    args = options.parse(TASK, __doc__, argv)
    (x_train, _), (x_test, y_test) = mnist.load_data(args.data, args.limit)
    # TensorFlow is imported only now that the options are known to be good.
    keras = lab.import_keras()
    from lab import figures, results, training
    autoencoder = __import__(TASK).autoencoder

    x_train = x_train.reshape((-1, 784))                # (60000, 784)
    x_test = x_test.reshape((-1, 784))                  # (10000, 784)
    keras.utils.set_random_seed(args.seed)
    encoder, decoder, auto = autoencoder(784, [512], 2)
    run = results.Run(TASK, vars(args))
    # Input and target are the same. This is auto.fit of images / 255, but it
    # is faster, and goes on from its backup.
    history = training.fit(
        auto, x_train, x_train, batch_size=args.batch_size, epochs=args.epochs,
        validation_data=(x_test, x_test), shuffle=True,
        backup=run.backup, settings=run.settings)

    x_test = mnist.scale(x_test)                            # in [0, 1]
    z, mu, log_sig = encoder.predict(                       # (10000, 2) each
        x_test, batch_size=args.batch_size, verbose=0)
    print(f'means of ten digits:\n{mu[:10]}')
    print(f'their standard deviations:\n{np.exp(log_sig[:10] / 2)}')
    reconstructed = decoder.predict(                        # (10000, 784)
        z, batch_size=args.batch_size, verbose=0)
    axis = np.linspace(-3, 3, 25)
    plane = np.stack(np.meshgrid(axis, axis), axis=2)       # (25, 25, 2)
    digits = decoder.predict(plane.reshape((-1, 2)), verbose=0)
    digits = digits.reshape((25, 25, 28, 28))
    # Nats per image: of what is drawn, and of the code.
    cross_entropy = 784 * np.mean(
        keras.losses.binary_crossentropy(x_test, reconstructed))
    kl = np.mean(np.sum(np.exp(log_sig) + mu**2 - 1 - log_sig, axis=1)) / 2
    loss = f"test loss {history['val_loss'][-1]:.1f} nats per image"
    print(f'{loss}: reconstruction {cross_entropy:.1f} + '
          f'KL divergence {kl:.1f}')
    title = f'{TASK[2:].capitalize()} autoencoder: {loss}'
    run.save(history, encoder=encoder, decoder=decoder, auto=auto)
    run.draw('reconstructions', figures.reconstructions(
        x_test[:10], reconstructed[:10], title))
    run.draw('loss', figures.loss_curves(history, title, 'nats per image'))
    run.draw('grid', figures.latent_grid(digits, axis, title))
    run.draw('scatter', figures.latent_scatter(mu, y_test, title))
    run.end()
    return encoder, decoder, auto, history


if __name__ == '__main__':
    encoder, decoder, auto, history = lab.run(main)
