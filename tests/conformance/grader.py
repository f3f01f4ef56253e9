"""Grade a folder: each task in a process of its own, and the style of all."""
import ast
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import pycodestyle

import points

SCRIPT = pathlib.Path(points.__file__)
SECONDS = 120       # for a task; ours take about 8
STYLE = ['starts with #!/usr/bin/env python3', 'is executable',
         'has a docstring on the module, every class and function',
         'passes pycodestyle', 'imports only tensorflow.keras']


def grade(folder, tasks=tuple(points.POINTS), seconds=SECONDS, only=()):
    """Return a list of results, a dict for each point of the tasks.

    Args:
        folder: str, where the solutions are.
        tasks: names of the tasks' modules.
        seconds: how long a task may take.
        only: names of the points to check; empty for all.

    Returns:
        list of dicts with the keys row (the task, or 'style'), point, sentence
        (of the task, that the point stands on), failure (str, None if the
        point is passed) and reading (str, which of the readings of a sentence
        the solution took, or None).
    """
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(
            lambda task: _task(folder, task, seconds, only), tasks)
        return [result for row in rows for result in row] + [
            result for task in tasks for result in _style(folder, task)]


def _task(folder, task, seconds, only):
    """Check a task's points in another process; return their results."""
    path = pathlib.Path(folder) / (task + '.py')
    why = None if path.is_file() else 'there is no ' + path.name
    known = {}
    if why is None:
        with tempfile.TemporaryDirectory() as elsewhere:
            why, known = _process(folder, task, seconds, only, elsewhere)
    return [dict({'row': task, 'point': point.__name__, 'reading': None,
                  'sentence': ' '.join(point.__doc__.split()),
                  'failure': why}, **known.get(point.__name__, {}))
            for point in points.POINTS[task]
            if not only or point.__name__ in only]


def _process(folder, task, seconds, only, elsewhere):
    """Return why points are missing, and the results of those that are not.
    """
    results = pathlib.Path(elsewhere) / 'results'
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='1',
                       TF_CPP_MIN_LOG_LEVEL='3')
    try:
        process = subprocess.run(
            [sys.executable, str(SCRIPT), task, os.path.abspath(folder),
             str(results), *only], cwd=elsewhere, env=environment,
            timeout=seconds, stdin=subprocess.DEVNULL, capture_output=True)
        why = 'the process ended with exit status {}'.format(
            process.returncode)
    except subprocess.TimeoutExpired:
        why = 'no answer within {} seconds'.format(seconds)
    lines = results.read_text().splitlines() if results.exists() else []
    return why, {result['point']: result for result in map(json.loads, lines)}


def _style(folder, task):
    """Return the results of a file's points of style; nothing is run."""
    path = pathlib.Path(folder) / (task + '.py')
    if path.is_file():
        source = path.read_bytes().decode(errors='replace')
        try:
            tree = ast.parse(source)
            failures = [_shebang(source), _executable(path),
                        _docstrings(tree), _pycodestyle(path), _imports(tree)]
        except (SyntaxError, ValueError) as error:
            failures = [points.said(error)] * len(STYLE)
    else:
        failures = ['there is no ' + path.name] * len(STYLE)
    return [{'row': 'style', 'point': '{} {}'.format(path.name, rule),
             'sentence': 'every file ' + rule, 'reading': None,
             'failure': failure and '{}: {}'.format(path.name, failure)}
            for rule, failure in zip(STYLE, failures)]


def _shebang(source):
    first = source.split('\n', 1)[0]
    if not re.fullmatch(r'#!/usr/bin/(env )?python3(\.\d+)?', first):
        return 'the first line is {!r}'.format(first)
    return None


def _executable(path):
    return None if path.stat().st_mode & 0o100 else 'it is not executable'


def _docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (
                not ast.get_docstring(node)):
            return '{} has no docstring'.format(
                getattr(node, 'name', 'the module'))
    return None


def _pycodestyle(path):
    # `path` as an argument, and no configuration of ours or of theirs.
    guide = pycodestyle.StyleGuide(config_file=None, quiet=1)
    report = guide.check_files([str(path)])
    return '; '.join(report.get_statistics()) or None


def _imports(tree):
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += ['{}.{}'.format(node.module, alias.name)
                      for alias in node.names]
    other = [name for name in names
             if not re.match(r'tensorflow\.keras(\.|$)', name)]
    return 'it imports ' + ', '.join(other) if other else None
