"""Answer questions about a solution; the only program that runs beside it.

    python answer.py TASK

Copies the folder `given` beside it to one that the solution may write into,
says that it is ready, and answers one question after another. It judges
nothing, and holds nothing that is worth finding. A message is a line of JSON,
whose `shapes` tell of which arrays the float32 numbers are that follow.
Written for Python 3.7 and TensorFlow 1.15, and for all that came after.
"""
import ast
import inspect
import json
import os
import shutil
import sys
from multiprocessing.connection import Connection

import numpy as np


class Wrong(Exception):
    """What the solution gives cannot be asked about."""


def pack(words, arrays=()):
    """Return the bytes of a message: a dict and a list of arrays."""
    arrays = [np.asarray(array, 'float32') for array in arrays]
    line = json.dumps(dict(words, shapes=[array.shape for array in arrays]))
    return line.encode() + b'\n' + b''.join(
        array.tobytes() for array in arrays)


def unpack(message):
    """Return the dict and the arrays of a message; it may be no message."""
    line, _, data = message.partition(b'\n')
    words, arrays = json.loads(line.decode()), []
    numbers = np.frombuffer(data, 'float32')
    for shape in words.pop('shapes'):
        size = int(np.prod(shape))
        arrays.append(numbers[:size].reshape(shape))
        numbers = numbers[size:]
    return words, arrays


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
            return {'wrong': str(error)}, []
        except BaseException as error:  # exit() in a solution, too
            return {'raised': type(error).__name__, 'message': str(error)}, []

    def find(self):
        """Import the module and find its function."""
        module = __import__(self.task)
        names = ['autoencoder']
        if self.task == '1-sparse':
            names.append('sparse')
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
        for name, model in models.items():
            if not isinstance(model, tf.keras.Model):
                raise Wrong('{} is {!r}, not a Keras model'.format(
                    name, model))
        self.built.append(models)
        auto, times = models['auto'], [1]
        optimizer = getattr(auto, 'optimizer', None)
        if not tf.executing_eagerly():
            # TensorFlow 1.15 adds a penalty on a layer's activations for each
            # input that they have: twice, if auto has that of the encoder.
            times += [len(layer.get_losses_for(auto.inputs))
                      for layer in models['encoder'].layers]
        words = {'number': len(self.built) - 1, 'arguments': repr(arguments),
                 'optimizer': type(optimizer).__name__ if optimizer else None,
                 'times': max(times),
                 'shapes_of': {name: [w.shape for w in model.get_weights()]
                               for name, model in models.items()}}
        return words, []

    def weights(self, number, name):
        """Return the weights of a model."""
        return {}, self.built[number][name].get_weights()

    def set(self, number, name, *arrays):
        """Set the weights of a model."""
        self.built[number][name].set_weights(list(arrays))
        return {}, []

    def run(self, number, name, x):
        """Return the output or outputs of a model for x, (n, ...)."""
        import tensorflow as tf
        model = self.built[number][name]
        output = (model if tf.executing_eagerly() else
                  model.predict_on_batch)(x)
        return {}, output if isinstance(output, (list, tuple)) else [output]

    def evaluate(self, number, batch_size, x, y):
        """Return the loss of auto, of y from x."""
        auto = self.built[number]['auto']
        said = auto.evaluate(x, y, batch_size=batch_size, verbose=0)
        return {'loss': float(np.ravel(said)[0])}, []

    def fit(self, number, batch_size, x, y):
        """Train auto for an epoch to make y of x."""
        self.built[number]['auto'].fit(x, y, batch_size=batch_size, verbose=0)
        return {}, []


def serve(answers):
    """Answer until there are no more questions."""
    shutil.copytree('given', 'solution')
    os.chdir('solution')
    sys.path[0] = os.getcwd()
    connection = Connection(os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):             # where the solution prints
        os.dup2(nowhere, number)
    connection.send_bytes(pack({}))
    while True:
        try:
            words, arrays = unpack(connection.recv_bytes())
        except EOFError:
            sys.exit()
        # Older versions of TensorFlow want arrays that can be written to.
        connection.send_bytes(pack(*answers.answer(
            words['question'], words['words'], list(map(np.array, arrays)))))


if __name__ == '__main__':
    serve(Answers(*sys.argv[1:]))
