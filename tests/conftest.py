"""What every test needs before TensorFlow and Matplotlib are imported."""
import os
import pathlib
import sys

import pytest

os.environ['MPLBACKEND'] = 'Agg'        # no windows, wherever the tests run
TESTS = pathlib.Path(__file__).parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

import lab  # noqa: E402,F401, for the environment that it sets
from program import ROOT, Program  # noqa: E402


@pytest.fixture
def launch():
    """Return a function that starts a program; what still runs ends here."""
    programs = []

    def launch_one(*command, **settings):
        programs.append(Program(*command, **settings))
        return programs[-1]

    yield launch_one
    for program in programs:
        program.close()


@pytest.fixture
def start(launch):
    """Return a function that starts a task's main."""
    return lambda task, *arguments, **settings: launch(
        str(ROOT / f'{task[0]}-main.py'), *arguments, **settings)


def pytest_configure(config):
    """Name the markers: what `make stress` runs, what `make matrix` counts.
    """
    config.addinivalue_line('markers', 'program: starts a program')
    config.addinivalue_line('markers', 'task(name): the task that is tested')


def pytest_collection_modifyitems(items):
    """Mark the tests that start a program; note each test's task."""
    for item in items:
        if 'launch' in item.fixturenames:
            item.add_marker('program')
        mark, call = item.get_closest_marker('task'), vars(item).get(
            'callspec')
        task = mark.args[0] if mark else call and call.params.get('task')
        item.user_properties.append(('task', task))


def pytest_addoption(parser):
    """Add what tests/slow/test_grader.py takes."""
    parser.addoption('--tensorflow', metavar='VERSION',
                     help='row of the matrix that the grader grades on')
