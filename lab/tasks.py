"""The four tasks: each module, and the arguments that its main gives it."""
TASKS = {
    '0-vanilla': (784, [128, 64], 32),
    '1-sparse': (784, [128, 64], 32, 10e-6),
    '2-convolutional': ((28, 28, 1), [16, 8, 8], (4, 4, 8)),
    '3-variational': (784, [512], 2)}
