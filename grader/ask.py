"""Ask about a folder's solutions: a process in a sandbox for each task."""
from grader import files, judge
from grader.models import Ended
from grader.process import ANSWER, HERE, SECONDS, STYLE, Process
from grader.text import line


def _ended(error):
    """Return an Ended: another exception ends a folder, and not the class."""
    return error if isinstance(error, Ended) else Ended(
        f'{type(error).__name__}: {error}', machine=True)


def _needed(given, module):
    """Raise Ended unless the file of a task was read."""
    if module not in given:
        raise Ended(f'there is no {module}')
    if isinstance(given[module], str):
        raise Ended(f'{module}: {given[module]}')


def grade(folder, task, version=HERE, seconds=SECONDS, sandbox=None, seed=0,
          only=()):
    """Return a task's results: a dict for each point and each remark.

    Args:
        folder: str, where the solution is.
        task: str, the name of the task's module.
        version: str, HERE or a row of the matrix, which is installed.
        seconds, sandbox: see Process.
        seed: int, of the weights and the images.
        only: names of the points to judge; empty for all.

    Returns:
        list of dicts with the keys task, tensorflow, seed, graded (False if
        the machine failed, twice, or the grader, and not the solution) and
        those of judge.result().
    """
    for _ in range(2):
        results = ended = None
        try:
            given = files.read(folder)
            _needed(given, task + '.py')
            with Process(ANSWER, [task], given, version, seconds,
                         sandbox) as process:
                results, ended = judge.judge(task, process.ask, seed, only)
        except Exception as error:
            ended = _ended(error)
        if ended is None or not ended.machine:
            break
    graded = ended is None or not ended.machine
    if results is None or not graded:
        def no_answer(*_, **__):
            raise ended

        results, _ = judge.judge(task, no_answer, seed, only)
    return [{'task': task, 'tensorflow': version, 'seed': seed, **result,
             'graded': graded and result['graded']} for result in results]


def remarks(folder, seconds=SECONDS, sandbox=None):
    """Return the remarks on the style of a folder's files.

    Returns:
        {task: list of dicts like those of `grade`}.
    """
    found = {}
    try:
        given = files.read(folder)
        tasks = [task for task in judge.POINTS
                 if isinstance(given.get(task + '.py'), tuple)]
        found = {task: {'is judged': 'it was not'} for task in tasks}
        with Process(STYLE, [], given, HERE, seconds, sandbox) as process:
            for task in tasks:
                found[task], _ = process.ask(task)
    except Exception as error:
        for rules in found.values():
            if 'is judged' in rules:
                rules['is judged'] += f': {_ended(error)}'
    return {task: [dict(judge.result(
        'style', 'every file ' + line(rule), False,
        line(against) if against else None), task=task)
        for rule, against in rules.items()] for task, rules in found.items()}
