"""The grader is graded: no mutant survives, no correct variant fails.

A variant is a correct solution that is written differently. All are judged in
this process, on this TensorFlow, which may be a row of the matrix:

    .matrix/1.15.5/bin/python -m pytest -m slow tests/slow/test_mutants.py
"""
import functools
import importlib
import random
import re
import statistics
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow.keras as keras

from grader import answer, judge
from mutants import MUTANTS, REMARKED, replaced
from launch import ROOT

VARIANTS = sorted((ROOT / 'tests' / 'slow' / 'variants').glob('*.py'))
# In the manner of 1.15, and of what came after: the others cannot run them.
RUNS_ON = {'3-variational_closure': tf.__version__ < '2',
           '3-variational_symbolic': not hasattr(keras, 'ops'),
           '1-sparse_subclass': tf.__version__ > '2',
           '3-variational_subclass': tf.__version__ > '2'}
# mutant: what is said of it, on every TensorFlow
WORDS = {
    'one layer for the mean and the log variance':
        '[(784, 512), (512, 2)], not [(784, 512), (512, 2), (512, 2)]',
    'fails for one hidden layer': 'autoencoder(30, [7], 2, 1e-05) raised '
    'UnboundLocalError',
    'layers of one size made once':
        '[(4, 6), (6, 16)], not [(4, 6), (6, 6), (6, 6), (6, 16)]',
    'KL dropped': ' adds 0 to the loss'}


# tf.data, which says so, is not run eagerly.
pytestmark = pytest.mark.filterwarnings('ignore:Even though the `tf.config')


@pytest.fixture(autouse=True, scope='module')
def ours_again():
    """Give other tests our own modules, and Keras our own layer."""
    objects = keras.utils.get_custom_objects()
    before, path, modules = dict(objects), sys.path[:], dict(sys.modules)
    eager = getattr(tf.config, 'run_functions_eagerly', lambda _: None)
    eager(True)             # tracing is most of what a judgement takes
    yield
    eager(False)
    objects.clear()
    objects.update(before)
    sys.path[:] = path
    for task in judge.POINTS:
        sys.modules.pop(task, None)
        sys.modules.update({task: modules[task]} if task in modules else {})


@functools.lru_cache(maxsize=None)
def judged(folder, task, source):
    """Judge a solution of one task; return its results.

    Args:
        folder: pathlib.Path, an empty folder for it.
        task: str, the name of its module.
        source: str, the module.
    """
    (folder / f'{task}.py').write_text(source)
    sys.path.insert(0, str(folder))
    sys.modules.pop(task, None)
    importlib.invalidate_caches()
    keras.backend.clear_session()
    answers = answer.Answers(task)

    def ask(question, *words, arrays=()):
        words, arrays = answers.answer(question, words, [
            np.asarray(array, 'float32') for array in arrays])
        return words, [np.asarray(array, 'float32').astype('float64')
                       for array in arrays]

    seed = random.randrange(2**32)
    print('seed', seed)         # pytest shows it if the test fails
    results, ended = judge.judge(task, ask, seed)
    assert ended is None
    return results


@pytest.fixture(scope='module')
def mutant(tmp_path_factory):
    """Return a function that judges a mutant, by its name."""
    folders = {name: tmp_path_factory.mktemp('mutant')
               for name in [*MUTANTS, *REMARKED]}

    def judge_one(name):
        task, replacements, _ = dict(MUTANTS, **REMARKED)[name]
        return judged(folders[name], task, replaced(
            (ROOT / f'{task}.py').read_text(), replacements))
    return judge_one


def lost(results):
    """Return the counted points that are lost, and those not reached."""
    failed = [result for result in results
              if result['counted'] and result['failure']]
    return ([result['point'] for result in failed],
            [result['point'] for result in failed if result['requires']])


@pytest.mark.parametrize('name', MUTANTS)
def test_mutant(mutant, name):
    """The mutant fails the point that names what is wrong with it, once."""
    points, not_reached = lost(mutant(name))
    own = [point for point in points if point not in not_reached]
    said = ''.join(result['failure'] for result in mutant(name)
                   if result['point'] in own)
    assert set(MUTANTS[name][2].split(' or ')) & set(own)
    assert len(own) <= 2
    assert points == ['adam'] or 'for Adam' not in name     # they do train
    assert not re.search(r'np\.|array\(|float\d\d', said)
    assert WORDS.get(name, '') in said


def test_one_fault_is_one_point(mutant):
    """The median of what a fault costs, those that cannot be called, too."""
    assert statistics.median(
        len(lost(mutant(name))[0]) for name in MUTANTS) == 1


@pytest.mark.parametrize('name', REMARKED)
def test_remark(mutant, name):
    """What no text asks for is remarked, and costs nothing."""
    failed, = [result for result in mutant(name) if result['failure']]
    assert failed['point'] == REMARKED[name][2] and not failed['counted']


@pytest.mark.parametrize('file', VARIANTS, ids=lambda file: file.stem)
def test_variant(tmp_path, file):
    """A correct solution passes, however it is written."""
    if not RUNS_ON.get(file.stem, True):
        pytest.skip(f'TensorFlow {tf.__version__} cannot run it')
    assert lost(judged(tmp_path, file.name.partition('_')[0],
                       file.read_text()))[0] == []


def test_dead_units(tmp_path):
    """A network of few filters is not failed for units that chance kills."""
    results = judged(tmp_path, '2-convolutional', (
        ROOT / '2-convolutional.py').read_text().replace(
            '    inputs = keras.Input(shape=input_dims)',
            '    if filters == [16, 8, 8]:\n'
            '        filters, latent_dims = [2, 3, 8], [4, 4, 8]\n'
            '    inputs = keras.Input(shape=input_dims)'))
    assert [result['failure'] for result in results if
            result['point'] == 'training_changes_both'] == [None]
