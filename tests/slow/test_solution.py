"""Every point of the four tasks, and every remark, on this project's files."""
import argparse
import gc
import secrets

import pytest

from grader import __main__ as command
from grader import ask, judge
from grader.models import Models
from launch import ROOT


@pytest.mark.parametrize('task', judge.POINTS)
def test_points(task):
    """Ours passes all, there is nothing to remark, and nothing is left."""
    args = argparse.Namespace(wrap=None, number=iter([0]),
                              seconds=60)
    results = command.grade(ROOT, ask.HERE, task, args,
                            seed=secrets.randbelow(2**32))
    assert not any(isinstance(left, Models) for left in gc.get_objects())
    assert len(results) == len(judge.POINTS[task] + judge.REMARKS[task])
    assert [result for result in results if result['failure']] == []


def test_style():
    """Nothing to remark on the style of any."""
    results = ask.remarks(ROOT)
    assert list(results) == list(judge.POINTS)
    for remarks in results.values():
        assert len(remarks) == 5
        assert [remark for remark in remarks if remark['failure']] == []
