"""What every test needs before TensorFlow and Matplotlib are imported."""
import os

import pytest

os.environ['MPLBACKEND'] = 'Agg'        # no windows, wherever the tests run

import lab  # noqa: E402,F401, for the environment that it sets
from launch import ROOT, Program  # noqa: E402


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


def pytest_collection_modifyitems(items):
    """Mark what lies in slow/ or starts a program; note each test's task.

    The file that takes longest is first: two processes share the files.
    """
    items.sort(key=lambda item: item.path.stem != 'test_mutants')
    for item in items:
        if item.path.parent.name == 'slow':
            item.add_marker('slow')
        if 'launch' in item.fixturenames:
            item.add_marker('program')
        mark, call = item.get_closest_marker('task'), vars(item).get(
            'callspec')
        task = mark.args[0] if mark else call and call.params.get('task')
        item.user_properties.append(('task', task))
