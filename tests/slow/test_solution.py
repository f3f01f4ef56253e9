"""Every point of the four tasks, and every remark, on this project's files."""
import gc
import secrets

import pytest

from grader import ask, judge
from grader.models import Models
from launch import ROOT


@pytest.mark.parametrize('task', judge.POINTS)
def test_points(task):
    """Ours passes all, there is nothing to remark, and nothing is left."""
    results = ask.grade(ROOT, task, seed=secrets.randbelow(2**32))
    assert not any(isinstance(left, Models) for left in gc.get_objects())
    assert len(results) == len(judge.POINTS[task]) + 1      # its style
    assert [result for result in results if result['failure']] == []


def test_counted():
    """There are 66 points."""
    assert sum(point is not judge.REMARK for points in judge.POINTS.values()
               for point in points) == 66
