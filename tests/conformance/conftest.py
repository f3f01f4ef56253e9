"""Grade the folder once; end with a table."""
import collections
import json
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import grader  # noqa: E402, which stands beside this file


@pytest.fixture(scope='session')
def results(request):
    """Return the results of the folder, {(row, point): dict}."""
    graded = grader.grade(request.config.getoption('solution'))
    request.config.stash[RESULTS] = graded
    return {(result['row'], result['point']): result for result in graded}


RESULTS = pytest.StashKey()


def pytest_terminal_summary(terminalreporter, config):
    """Print a row for each task, and a line for each point that failed."""
    graded = config.stash.get(RESULTS, None)
    if graded is None:
        return
    write = terminalreporter.write_line
    rows = collections.defaultdict(list)
    for result in graded:
        rows[result['row']].append(result)
    write('')
    write('{:16} {:>6} of {:>6}'.format('', 'passed', 'points'))
    for row, results in rows.items():
        write('{:16} {:6} of {:6}'.format(
            row, sum(not result['failure'] for result in results),
            len(results)))
    for row, results in rows.items():
        for result in results:
            if result['failure']:
                write('')
                write('{} {}: {}'.format(row, result['point'],
                                         result['failure']))
                write('    the task: {}'.format(result['sentence']))
    readings = dict.fromkeys(
        '{}: {}'.format(result['row'], result['reading'])
        for result in graded if result['reading'] and not result['failure'])
    if readings:
        write('')
        write('where the text can be read in two ways: ' +
              '; '.join(readings))
    file = config.getoption('json')
    if file:
        pathlib.Path(file).write_text(json.dumps(graded, indent=1) + '\n')
