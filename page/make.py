"""Make a page of the four trained autoencoders, one HTML file.

The page has the weights in it and computes the models itself, in plain
JavaScript: it opens without a server and asks none for anything.
"""
import argparse
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import zlib

import numpy as np

import lab
from lab import TASKS, backup, figures, mnist

HERE = pathlib.Path(__file__).parent
SCRIPTS = 'networks.js', 'pen.js', 'draw.js', 'explore.js', 'watch.js'
LEARNED, HELD_OUT = 5000, 1000      # digits of "Watch one learn"
OF_EACH_CLASS = 10          # test digits that the page offers
ACTIVATIONS = 'linear', 'relu', 'sigmoid'
# What networks.js computes: for each kind of layer the values of its settings.
COMPUTED = {
    'Dense': {'activation': ACTIVATIONS, 'use_bias': [True]},
    'Conv2D': {'activation': ACTIVATIONS, 'use_bias': [True], 'groups': [1],
               'kernel_size': [(3, 3)], 'strides': [(1, 1)],
               'padding': ['same', 'valid'], 'dilation_rate': [(1, 1)],
               'data_format': ['channels_last']},
    'MaxPooling2D': {'pool_size': [(2, 2)], 'strides': [(2, 2)],
                     'padding': ['same'], 'data_format': ['channels_last']},
    'UpSampling2D': {'size': [(2, 2)], 'interpolation': ['nearest'],
                     'data_format': ['channels_last']}}


def main(argv=None):
    """Make the page of the models that the mains left in a folder."""
    parser = argparse.ArgumentParser(prog='make page', description=__doc__)
    parser.add_argument('--output', default='output', metavar='DIR',
                        help="the mains' folder; the page is put there, too")
    folder = parser.parse_args(argv).output
    paths = {task: [os.path.join(folder, f'{task[0]}-{name}.keras')
                    for name in ('encoder', 'decoder')] for task in TASKS}
    missing = {path: task for task in TASKS for path in paths[task]
               if not os.path.isfile(path)}
    if missing:
        more = '' if folder == 'output' else f' ARGS="--output {folder}"'
        runs = dict.fromkeys(f'make run TASK={task[0]}{more}'
                             for task in missing.values())
        raise lab.RunEnded(f"missing {' '.join(missing)}: made by "
                           f"{' && '.join(runs)}")
    keras = lab.import_keras()
    models = {}
    for task in TASKS:
        __import__(task)                    # registers the VAE's layer
        models[task] = [keras.models.load_model(path) for path in paths[task]]
    (learned, _), (images, labels) = mnist.load_data()
    target = os.path.join(folder, 'page.html')
    with backup.replacing(target) as file:
        size = pathlib.Path(file).write_text(
            page(data_of(models, images, labels, learned, epochs_in(folder))),
            encoding='utf-8')
    print(f'{target}: {size / 1e6:.2f} MB')


def epochs_in(folder):
    """Return how many epochs each model of a folder has learned, by name."""
    epochs = {}
    for task in TASKS:
        with contextlib.suppress(OSError), open(os.path.join(
                folder, f'{task[0]}-history.csv')) as history:
            epochs[task[2:]] = len(history.readlines()) - 1
    return epochs


def data_of(models, images, labels, learned, epochs):
    """Return all that the page knows of the models, for JSON.

    Args:
        models: dict of each task to its [encoder, decoder], keras.Models of
            images of 784 pixels.
        images: uint8, (n, 28, 28), n test digits of all ten classes.
        labels: int, (n,).
        learned: uint8, (m, 28, 28), training digits.
        epochs: dict of a model's name to its epochs, where they are known.

    Raises:
        ValueError: if a model has what networks.js does not compute.
    """
    shown = np.stack([np.flatnonzero(labels == label)[:OF_EACH_CLASS]
                      for label in range(10)], axis=1)      # (10, class)
    return {'digits': encode64(images[shown]),
            'labels': encode64(labels.astype(np.uint8)),
            'colors': figures.COLORS,
            'learning': {'train': pack(learned[:LEARNED]),
                         'held': pack(images[:HELD_OUT])},
            'models': [{**describe(task[2:], *submodels, mnist.scale(images),
                                   labels), 'epochs': epochs.get(task[2:])}
                       for task, submodels in models.items()]}


def page(data):
    """Return the page, HTML, of what `data_of` gave."""
    style, html, worker, *scripts = (
        (HERE / name).read_text(encoding='utf-8')
        for name in ('style.css', 'page.html', 'learn.js', *SCRIPTS))
    script = '\n'.join(scripts)
    for mark, text in {
            'STYLE-HASH': digest(style), 'SCRIPT-HASH': digest(script),
            'STYLE': style, 'SCRIPT': script, 'WORKER': worker,
            'DATA': json.dumps(data)}.items():
        html = html.replace(f'%{mark}%', text)
    return html


def describe(name, encoder, decoder, images, labels):
    """Return what the page must know of a model, for JSON.

    Args:
        name: str.
        encoder: keras.Model, images in; a code out, or z, mean, log variance.
        decoder: keras.Model, codes in, images out.
        images: float32 in [0, 1], (n, 28, 28).
        labels: int, (n,).
    """
    is_vae = len(encoder.outputs) == 3
    *hidden, code = chain(encoder, encoder.outputs[1 if is_vae else 0])
    described = {'name': name, 'hidden': list(map(layer, hidden)),
                 'code': layer(code),
                 'decoder': list(map(layer, chain(decoder,
                                                  decoder.outputs[0])))}
    codes = encoder.predict(images.reshape((-1, *encoder.input_shape[1:])),
                            verbose=0)
    kl = 0
    if is_vae:
        _, codes, log_var = codes                   # (n, 2) each
        kl = np.mean(np.sum(np.exp(log_var) + codes**2 - 1 - log_var,
                            axis=1)) / 2
        # Half of the plane's side; of a VAE that tells nothing, still a plane.
        reach = max(np.quantile(np.abs(codes), 0.999), 0.1)
        described.update(
            logVar=layer(chain(encoder, encoder.outputs[2])[-1]),
            means=quantize(codes), reach=float(reach),
            places=figures.class_places(codes, labels, reach * 0.16).tolist())
    x, drawn = (array.reshape((len(images), -1)).astype(float) for array in (
        images, decoder.predict(codes, verbose=0).clip(1e-7, 1 - 1e-7)))
    loss = -np.sum(x * np.log(drawn) + (1 - x) * np.log(1 - drawn), axis=1)
    return {**described, 'average': float(loss.mean() + kl),
            'largest': codes.reshape((len(x), -1)).max(axis=0).tolist()}


def chain(model, tensor):
    """Return the layers that lead from a model's input to one of its tensors.
    """
    makers = {id(each.output): each for each in model.layers}
    layers = []
    while tensor is not model.inputs[0]:
        if id(tensor) not in makers:
            raise ValueError(f'{layers[0].name} has several inputs, the page '
                             'computes layers of one')
        layers.insert(0, makers[id(tensor)])
        tensor = layers[0].input
    return layers


def layer(keras_layer):
    """Return a layer as networks.js takes it, for JSON."""
    kind, config = type(keras_layer).__name__, keras_layer.get_config()
    if kind not in COMPUTED:
        raise ValueError(f'{keras_layer.name} is a {kind}, the page computes '
                         f'{", ".join(COMPUTED)}')
    for name, values in COMPUTED[kind].items():
        value = config.get(name, values[0])
        if (tuple(value) if isinstance(value, list) else value) not in values:
            raise ValueError(f'{keras_layer.name} has {name} {value!r}, the '
                             f'page computes {" or ".join(map(str, values))}')
    return {'kind': kind, 'activation': config.get('activation'),
            'input': list(keras_layer.input.shape[1:]),
            'output': list(keras_layer.output.shape[1:]),
            **dict(zip(('kernel', 'bias'),
                       map(quantize, keras_layer.get_weights())))}


def quantize(array):
    """Return floats as int16 and the scale to multiply them by, for JSON."""
    scale = float(np.abs(array).max() / 32767) or 1.
    return {'scale': scale,
            'ints': encode64(np.rint(array / scale).astype('<i2'))}


def pack(images):
    """Return digits, 4 bits a pixel, two pixels a byte, deflated, for JSON."""
    levels = np.rint(images.reshape(-1) / 17).astype(np.uint8)      # 0 to 15
    return encode64(zlib.compress(levels[::2] << 4 | levels[1::2], 9))


def encode64(data):
    """Return the bytes of an array, or bytes, in base64, str."""
    return base64.b64encode(data).decode()


def digest(text):
    """Return the hash by which the page's security policy knows a text."""
    return encode64(hashlib.sha256(text.encode()).digest())


if __name__ == '__main__':
    lab.run(main)
