#!/usr/bin/env python3
"""Train the notebook's models with Adadelta, as it asks; print test losses."""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import lab  # noqa: E402,F401, for the environment that it sets
from lab import mnist  # noqa: E402

MODELS = {'simple': ('0-vanilla', (784, [], 32)),
          'deeper': ('0-vanilla', (784, [128, 64], 32)),
          'convolutional': ('2-convolutional',
                            ((28, 28, 1), [16, 8, 8], (4, 4, 8)))}


def main():
    """Train each model at each rate; print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--epochs', type=int, default=50)
    parser.add_argument('--models', nargs='+', choices=MODELS,
                        default=list(MODELS))
    args = parser.parse_args()
    from tensorflow import keras
    (x_train, _), (x_test, _) = mnist.load_data()
    print('| model | learning rate | test loss after {} epochs |\n'
          '| --- | --- | --- |'.format(args.epochs))
    for name in args.models:
        module, arguments = MODELS[name]
        for rate in (0.001, 1.0):
            keras.utils.set_random_seed(0)
            _, _, auto = __import__(module).autoencoder(*arguments)
            train, test = (
                mnist.scale(x).reshape((-1, *auto.input_shape[1:]))
                for x in (x_train, x_test))
            auto.compile(optimizer=keras.optimizers.Adadelta(rate),
                         loss='binary_crossentropy', steps_per_execution=47)
            history = auto.fit(train, train, epochs=args.epochs,
                               batch_size=256, shuffle=True, verbose=0,
                               validation_data=(test, test)).history
            print(f"| {name} | {rate} | {history['val_loss'][-1]:.4f} |",
                  flush=True)


if __name__ == '__main__':
    main()
