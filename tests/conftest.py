"""What every test needs before TensorFlow and Matplotlib are imported."""
import os
import pathlib
import sys

os.environ['MPLBACKEND'] = 'Agg'        # no windows, wherever the tests run
TESTS = pathlib.Path(__file__).parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

import lab  # noqa: E402,F401, for the environment that it sets


def pytest_addoption(parser):
    """Add what tests/conformance takes."""
    group = parser.getgroup('conformance')
    group.addoption('--solution', default=str(TESTS.parent), metavar='FOLDER',
                    help='folder of solutions to grade (this project)')
    group.addoption('--json', metavar='FILE',
                    help='write the results there, too')
