#!/usr/bin/env python3
"""Train the vanilla autoencoder on MNIST, print its codes, draw its digits."""
import lab
from lab import mnist, options

import numpy as np

TASK = '0-vanilla'


def main(argv=None):
    """Run as the command line `argv` says; see --help."""
    args = options.parse(TASK, __doc__, argv)
    (x_train, _), (x_test, _) = mnist.load_data(args.data, args.limit)
    # TensorFlow is imported only now that the options are known to be good.
    keras = lab.import_keras()
    from lab import figures, results, training
    autoencoder = __import__(TASK).autoencoder

    x_train = x_train.reshape((-1, 784))                # (60000, 784)
    x_test = x_test.reshape((-1, 784))                  # (10000, 784)
    keras.utils.set_random_seed(args.seed)
    encoder, decoder, auto = autoencoder(784, [128, 64], 32)
    run = results.Run(TASK, vars(args))
    # Input and target are the same. This is auto.fit of images / 255, but it
    # is faster, and goes on from its backup.
    history = training.fit(
        auto, x_train, x_train, batch_size=args.batch_size, epochs=args.epochs,
        validation_data=(x_test, x_test), shuffle=True,
        backup=run.backup, settings=run.settings)

    x_test = mnist.scale(x_test)                        # float32 in [0, 1]
    codes = encoder.predict(                            # (10000, 32)
        x_test, batch_size=args.batch_size, verbose=0)
    print('mean of the codes of ten digits:', np.mean(codes[:10]))
    reconstructed = decoder.predict(codes[:10], verbose=0)
    loss = f"test loss {history['val_loss'][-1]:.4f} nats per pixel"
    print(f'{loss}; {results.activity(codes)}')
    title = f'{TASK[2:].capitalize()} autoencoder: {loss}'
    run.save(history, encoder=encoder, decoder=decoder, auto=auto)
    run.draw('reconstructions', figures.reconstructions(
        x_test[:10], reconstructed, title))
    run.draw('loss', figures.loss_curves(history, title, 'nats per pixel'))
    run.end()
    return encoder, decoder, auto, history


if __name__ == '__main__':
    encoder, decoder, auto, history = lab.run(main)
