"""The grader is graded: no mutant survives, no correct variant fails.

A variant is a correct solution that is written differently. All are judged in
this process, on this TensorFlow, which may be a row of the matrix:

    .matrix/1.15.5/bin/python -m pytest -m slow tests/slow/test_mutants.py
"""
import functools
import gc
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
from mutants import MUTANTS, replaced
from launch import ROOT

VARIANTS = sorted((ROOT / 'tests' / 'slow' / 'variants').glob('*.py'))
# In the manner of 1.15, and of what came after: the others cannot run them.
RUNS_ON = {'3-variational_closure': tf.__version__ < '2',
           '3-variational_symbolic': not hasattr(keras, 'ops'),
           '1-sparse_subclass': tf.__version__ > '2',
           '3-variational_subclass': tf.__version__ > '2'}
# mutant: what is said of it, on every TensorFlow
WORDS = {
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
    before, path = dict(objects), sys.path[:]
    eager = getattr(tf.config, 'run_functions_eagerly', lambda _: None)
    eager(True)             # tracing is most of what a judgement takes
    gc.freeze()             # so was looking for garbage in TensorFlow's own
    yield
    gc.unfreeze()
    eager(False)
    objects.clear()
    objects.update(before)
    sys.path[:] = path
    for task in judge.POINTS:
        sys.modules.pop(task, None)


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
    @functools.lru_cache(maxsize=None)
    def judge_one(name):
        task, _, *replacements = MUTANTS[name]
        return judged(tmp_path_factory.mktemp('mutant'), task, replaced(
            (ROOT / f'{task}.py').read_text(), replacements))
    return judge_one


def lost(results):
    """Return the counted points that are lost."""
    return [result['point'] for result in results
            if result['counted'] and result['failure']]


@pytest.mark.parametrize('name', MUTANTS)
def test_mutant(mutant, name):
    """The mutant fails the point that names what is wrong with it, once."""
    own = {result['point']: result['failure'] for result in mutant(name)
           if result['failure'] and not result['requires']}
    assert set(MUTANTS[name][1].split(' or ')) & set(own)
    assert len(own) <= 2
    assert list(own) == ['adam'] or 'for Adam' not in name  # they do train
    said = ''.join(own.values())
    assert not re.search(r'np\.|array\(|float\d\d', said)
    assert WORDS.get(name, '') in said


def test_one_fault_is_one_point(mutant):
    """The median of what a fault costs, those that cannot be called, too."""
    assert statistics.median(len(lost(mutant(name))) for name in MUTANTS) == 1
    assert lost(mutant('list reversed in place')) == []     # it is a remark


@pytest.mark.parametrize('file', VARIANTS, ids=lambda file: file.stem)
def test_variant(tmp_path, file):
    """A correct solution passes, however it is written."""
    if not RUNS_ON.get(file.stem, True):
        pytest.skip(f'TensorFlow {tf.__version__} cannot run it')
    assert lost(judged(tmp_path, file.name.partition('_')[0],
                       file.read_text())) == []


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
