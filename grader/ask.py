"""Ask about a folder's solutions: a process in a sandbox for each task."""
from grader import judge
from grader.models import Ended
from grader.process import ANSWER, HERE, SECONDS, STYLE, Process

MANNER = '#!/usr/bin/env python3, executable, docstrings on the module, ' \
    'every class and function, pycodestyle, no import but tensorflow.keras'


def grade(folder, task, version=HERE, seconds=SECONDS, sandbox=None, seed=0):
    """Return a task's results: a dict for each point and each remark.

    Args:
        folder: str, where the solution is.
        task: str, the name of the task's module.
        version: str, HERE or a row of the matrix, which is installed.
        seconds, sandbox: see Process.
        seed: int, of the weights and the images.

    Returns:
        list of dicts with the keys task, tensorflow, seed, graded (False if
        the machine failed, twice, or the grader, and not the solution) and
        those of judge.result().
    """
    for _ in range(2):
        with Process(ANSWER, folder, task, version, seconds,
                     sandbox) as process:
            results, ended = judge.judge(task, process.ask, seed)
        failed = ended is not None and ended.machine
        if not failed:
            break
    with Process(STYLE, folder, task, HERE, seconds, sandbox) as process:
        results.append(style(process.ask))
    return [{'task': task, 'tensorflow': version, 'seed': seed, **result,
             'graded': result['graded'] and not failed} for result in results]


def style(ask):
    """Return the remark on a file's style; see judge.result()."""
    try:
        words, _ = ask('style')
        against = '; '.join(map(str, words['remarks']))
    except Ended as error:
        against = f'it was not judged: {error}'
    return judge.result('style', MANNER, False, against or None)
