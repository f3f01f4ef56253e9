"""Small digits and a small model, for tests that train."""
from tensorflow import keras

from lab import mnist, training


def digits(n=1000):
    """Return n training and n / 2 test digits, flat."""
    (x_train, _), (x_test, _) = mnist.load_data()
    return (mnist.scale(x_train[:n]).reshape((-1, 784)),
            mnist.scale(x_test[:n // 2]).reshape((-1, 784)))


def fit(auto, x_train, x_test, **options):
    """Train by `training.fit`, the input as the target."""
    return training.fit(auto, x_train, x_train,
                        validation_data=(x_test, x_test), **options)


def build_vanilla(nodes=16):
    """Build a small vanilla autoencoder."""
    keras.utils.set_random_seed(0)
    return __import__('0-vanilla').autoencoder(784, [nodes], 4)[2]
