"""Every point of the four tasks, on any folder of solutions.

    pytest tests/conformance --solution=FOLDER [--json=FILE]
"""
import pytest

import grader
import points


@pytest.mark.parametrize('row, point', [
    (task, point.__name__) for task in points.POINTS
    for point in points.POINTS[task]] + [
    ('style', '{}.py {}'.format(task, rule)) for task in points.POINTS
    for rule in grader.STYLE])
def test_point(results, row, point):
    """The solution passes this point."""
    result = results[row, point]
    if result['failure']:
        pytest.fail('{failure} (the task: {sentence})'.format(**result),
                    pytrace=False)
