"""Every point of the four tasks, and every remark, on this project's files."""
import pytest

import check
import grader
import style
from program import ROOT


@pytest.mark.parametrize('task', check.POINTS)
def test_points(task):
    """Ours passes all, and there is nothing to remark."""
    results = grader.grade(ROOT, task)
    assert len(results) == (len(check.POINTS[task] + check.REMARKS[task]) +
                            len(style.RULES))
    assert [result for result in results if result['failure']] == []
