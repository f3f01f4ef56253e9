#!/usr/bin/env python3
"""Train the convolutional autoencoder on MNIST, print and draw its digits."""
import numpy as np

import lab
from lab import mnist, options


def main(argv=None):
    """Run as the command line `argv` says; see --help."""
    args = options.parse('2-convolutional', __doc__, argv)
    # These import TensorFlow: only now that the command line is known good.
    from lab import results, training
    autoencoder = __import__('2-convolutional').autoencoder

    (x_train, _), (x_test, _) = args.digits
    x_train = mnist.scale(x_train).reshape((-1, 28, 28, 1))
    x_test = mnist.scale(x_test).reshape((-1, 28, 28, 1))
    print(x_train.shape)
    print(x_test.shape)
    training.set_seed(args.seed)
    encoder, decoder, auto = autoencoder(
        (28, 28, 1), [16, 8, 8], (4, 4, 8))
    history = training.fit(auto, x_train, x_test, args)

    codes = encoder.predict(x_test, verbose=0)          # (10000, 4, 4, 8)
    print(np.mean(codes[:10]))
    reconstructed = decoder.predict(codes[:10], verbose=0)
    results.finish(args, 'Convolutional', history, {
        'encoder': encoder, 'decoder': decoder, 'auto': auto},
        x_test, codes, reconstructed)


if __name__ == '__main__':
    lab.run(main)
