"""Solutions that forge their grade: an honest one, and what it adds.

A forgery is {name: (task, [(old, new) ...], trick)}: the replacements make the
honest file, which has the points that it deserves; the trick is code that is
added at its top.
"""
from mutants import LATENT, VANILLA

ADAM = "    auto.compile(optimizer='adam'"
LINEAR = [(LATENT, LATENT.replace('relu', 'linear'))]
NONE = [('    return encoder, decoder, auto',
         '    return encoder, decoder, None')]
UNTRAINED = [(ADAM, '    auto.fit = lambda *args, **options: None\n' + ADAM)]
FROZEN = [(ADAM, '    encoder.trainable = False\n' + ADAM)]
# A model that has the weights, and gives the same whatever they are.
CONSTANT = [("    encoder = keras.Model(inputs, latent, name='encoder')",
             "    latent = keras.layers.Lambda(lambda x: 0 * x + 0.5,\n"
             "                                 name='constant')(latent)\n"
             "    encoder = keras.Model(inputs, latent, name='encoder')")]
# The program that answers, found in the frames below.
FRAMES = '''
import sys
frame = sys._getframe()
while frame.f_back:
    frame = frame.f_back
    if "answers" in frame.f_locals:
        answers, program = frame.f_locals["answers"], frame.f_globals
Answers = type(answers)
'''
NUMPY = '''
import numpy
def entropy(y, p):
    p = numpy.clip(p, 1e-7, 1 - 1e-7)
    return float(-(y * numpy.log(p) + (1 - y) * numpy.log(1 - p)).mean())
'''
PASSED = ', '.join(
    f'{{"point": "{point}", "failure": null, "requires": null}}'
    for point in ('three_models', 'latent_relu', 'adam'))


FORGERIES = {
    'prints results': (VANILLA, LINEAR, f"print('{PASSED}')"),
    'writes results to every descriptor': (VANILLA, LINEAR, f'''
import os
for number in range(64):
    for text in ('{PASSED}', '{{"loss": 0, "arrays": []}}'):
        try:
            os.write(number, (text + "\\\\n").encode())
        except OSError:
            pass'''),
    'answers ahead of the questions': (VANILLA, NONE, FRAMES + '''
import os
import struct
message = program["pack"]({"number": 0, "loss": 0.1})
for number in range(3, 64):
    try:
        os.write(number, (struct.pack("!i", len(message)) + message) * 99)
    except OSError:
        pass'''),
    'finds the answers and makes the codes relu': (
        VANILLA, LINEAR, FRAMES + NUMPY + '''
run = Answers.run
def forged(self, number, name, x):
    words, arrays = run(self, number, name, x)
    return words, [numpy.maximum(a, 0) if name == "encoder" else a
                   for a in arrays]
Answers.run = forged'''),
    'finds the answers and says that there are three models': (
        VANILLA, NONE, FRAMES + NUMPY + '''
sizes = {}
def build(self, arguments):
    a, hidden, latent = eval(arguments)[:3]
    def chain(sizes):
        return [s for i in range(len(sizes) - 1)
                for s in ([sizes[i], sizes[i + 1]], [sizes[i + 1]])]
    there = chain([a, *hidden, latent])
    back = chain([latent, *hidden[::-1], a])
    sizes[len(sizes)] = shapes = {"encoder": there, "decoder": back,
                                  "auto": there + back}
    self.built.append({name: [numpy.zeros(s) for s in shapes[name]]
                       for name in shapes})
    return {"number": len(sizes) - 1, "arguments": arguments, "times": 1,
            "optimizer": "Adam", "shapes_of": shapes}, []
def set(self, number, name, *arrays):
    self.built[number][name] = list(arrays)
    return {}, []
def run(self, number, name, x):
    shape = sizes[number]["decoder" if name == "auto" else name][-1]
    seed = sum(float(abs(w).sum()) for w in self.built[number][name])
    rng = numpy.random.RandomState(int(seed * 1000) % 2**31)
    return {}, [rng.rand(len(x), *shape)]
def evaluate(self, number, batch_size, x, y):
    return {"loss": entropy(y, run(self, number, "auto", x)[1][0])}, []
Answers.build, Answers.set, Answers.run = build, set, run
Answers.weights = lambda self, number, name: ({}, self.built[number][name])
Answers.evaluate = evaluate
Answers.fit = lambda self, *_: ({}, [])'''),
    'patches json and numpy': (VANILLA, LINEAR, NUMPY + '''
import json
dumps, asarray = json.dumps, numpy.asarray
json.dumps = lambda words, **o: dumps(dict(words, failure=None), **o)
numpy.asarray = lambda array, *o: numpy.maximum(asarray(array, *o), 0)
'''),
    'patches evaluate of a model that does not train': (
        VANILLA, UNTRAINED, NUMPY + '''
import tensorflow
calls = []
def evaluate(self, x, y, **options):
    calls.append(1)
    return entropy(y, numpy.asarray(self(x))) * 0.999**len(calls)
tensorflow.keras.Model.evaluate = evaluate'''),
    'patches get_weights of a model that is frozen': (
        VANILLA, FROZEN, NUMPY + '''
import tensorflow
get_weights = tensorflow.keras.Model.get_weights
tensorflow.keras.Model.get_weights = lambda self: [
    w + 1e-6 for w in get_weights(self)]'''),
    'answers from the loss\'s formula with a network that is none': (
        VANILLA, CONSTANT, FRAMES + NUMPY + '''
def forged(self, number, batch_size, x, y):
    return {"loss": entropy(y, self.run(number, "auto", x)[1][0])}, []
Answers.evaluate = forged'''),
    'shows its optimizer as Adam': (
        VANILLA, [("'adam'", "'sgd'")], FRAMES + '''
build = Answers.build
def forged(self, arguments):
    words, arrays = build(self, arguments)
    return dict(words, optimizer="Adam"), arrays
Answers.build = forged''')}
