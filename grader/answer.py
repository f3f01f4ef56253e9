"""Answer questions about a solution; the only program that runs beside it.

    python answer.py TASK

Reads a tar of the solution's folder from its standard input, unpacks it in the
empty folder where it was started, says that it is ready, and answers one
question after another. It judges nothing, and holds nothing that is worth
finding. A message is a line of JSON; its `arrays` are the sizes in bytes of
the npy files that follow.
Written for Python 3.7 and TensorFlow 1.15, and for all that came after.
"""
import ast
import inspect
import io
import json
import os
import sys
import tarfile

import numpy as np


class Wrong(Exception):
    """What the solution gives cannot be asked about."""


def pack(words, arrays=()):
    """Return the bytes of a message."""
    files = []
    for array in arrays:
        stream = io.BytesIO()
        np.save(stream, np.asarray(array, 'float32'), allow_pickle=False)
        files.append(stream.getvalue())
    line = json.dumps(dict(words, arrays=[len(file) for file in files]))
    return b'\n'.join([line.encode(), b''.join(files)])


class Answers:
    """The answers about a task's module: each is words and arrays."""

    def __init__(self, task):
        self.task = task
        self.function = None
        self.built = []

    def answer(self, question, words, arrays):
        """Return the words and arrays of an answer, whatever goes wrong."""
        try:
            return getattr(self, question)(*words, *arrays)
        except Wrong as error:
            return {'wrong': str(error)[:4000]}, []
        except BaseException as error:  # exit() in a solution, too
            return {'raised': type(error).__name__,
                    'said': str(error)[:4000]}, []

    def find(self):
        """Import the module and find its function."""
        module = __import__(self.task)
        names = ['autoencoder'] + ['sparse'] * (self.task == '1-sparse')
        found = [name for name in names
                 if callable(getattr(module, name, None))]
        if not found:
            raise Wrong('{}.py has no function {}'.format(
                self.task, ' or '.join(names)))
        self.function = getattr(module, found[0])
        parameters = inspect.signature(self.function).parameters.values()
        return {'name': found[0], 'arguments': [p.name for p in parameters],
                'needed': [p.name for p in parameters
                           if p.default is p.empty]}, []

    def build(self, arguments):
        """Call the function; say what it returns, and what it did to them."""
        arguments = ast.literal_eval(arguments)
        returned = self.function(*arguments)
        import tensorflow as tf         # after the solution has set it up
        if not isinstance(returned, (list, tuple)) or len(returned) != 3:
            raise Wrong('it returned {!r}, not three models'.format(returned))
        models = dict(zip(('encoder', 'decoder', 'auto'), returned))
        for half, model in models.items():
            if not isinstance(model, tf.keras.Model):
                raise Wrong('{} is {!r}, not a Keras model'.format(
                    half, model))
        self.built.append(models)
        auto, times = models['auto'], [1]
        optimizer = getattr(auto, 'optimizer', None)
        if not tf.executing_eagerly():
            # TensorFlow 1.15 adds a penalty on a layer's activations for each
            # input that they have: twice, if auto has that of the encoder.
            times += [len(layer.get_losses_for(auto.inputs))
                      for layer in models['encoder'].layers]
        told = {'number': len(self.built) - 1, 'arguments': repr(arguments),
                'optimizer': type(optimizer).__name__ if optimizer else None,
                'loss': bool(getattr(auto, 'loss', None)), 'times': max(times),
                'shapes': {half: [w.shape for w in model.get_weights()]
                           for half, model in models.items()}}
        if not optimizer:               # the rest can be asked about
            auto.compile('adam', 'binary_crossentropy')
        return told, []

    def weights(self, number, half):
        """Return the weights of a half."""
        return {}, self.built[number][half].get_weights()

    def set(self, number, half, *arrays):
        """Set the weights of a half."""
        self.built[number][half].set_weights(list(arrays))
        return {}, []

    def run(self, number, half, x):
        """Return the output or outputs of a half for x, of shape (n, ...)."""
        import tensorflow as tf
        model = self.built[number][half]
        output = (model if tf.executing_eagerly() else
                  model.predict_on_batch)(x)
        several = isinstance(output, (list, tuple))
        return {'several': several}, output if several else [output]

    def evaluate(self, number, batch_size, x, y):
        """Return the loss of auto, of y from x."""
        auto = self.built[number]['auto']
        said = auto.evaluate(x, y, batch_size=batch_size, verbose=0)
        return {'loss': float(np.ravel(said)[0])}, []

    def fit(self, number, batch_size, x, y):
        """Train auto for an epoch to make y of x."""
        self.built[number]['auto'].fit(x, y, batch_size=batch_size, verbose=0)
        return {}, []


def main(task):
    """Answer until there are no more questions."""
    questions, replies = open(os.dup(0), 'rb'), open(os.dup(1), 'wb')
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):             # where the solution prints
        os.dup2(nowhere, number)
    size = int(questions.readline() or 0)
    assert not os.listdir(), 'this is for an empty folder'
    with tarfile.open(fileobj=io.BytesIO(questions.read(size))) as folder:
        folder.extractall()
    sys.path[0] = os.getcwd()
    answers, reply = Answers(task), ({}, [])
    while True:
        replies.write(pack(*reply))
        replies.flush()
        line = questions.readline() or sys.exit()
        asked = json.loads(line.decode())
        arrays = [np.load(io.BytesIO(questions.read(size)))
                  for size in asked['arrays']]
        reply = answers.answer(asked['question'], asked['words'], arrays)


if __name__ == '__main__':
    main(*sys.argv[1:])
