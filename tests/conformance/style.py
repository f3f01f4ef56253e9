"""Remarks on the style of a file, in the manner of Holberton; nothing is run.
"""
import ast
import pathlib
import re

import pycodestyle

import files
from solution import said


def _shebang(path, tree):
    first = files.read(path).split(b'\n', 1)[0].decode(errors='replace')[:99]
    if not re.fullmatch(r'#!/usr/bin/(env )?python3(\.\d+)?', first):
        return 'the first line is {!r}'.format(first)
    return None


def _executable(path, tree):
    return None if path.stat().st_mode & 0o100 else 'it is not executable'


def _docstrings(path, tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (
                not ast.get_docstring(node)):
            return '{} has no docstring'.format(
                getattr(node, 'name', 'the module'))
    return None


def _pycodestyle(path, tree):
    # `path` as an argument, and no configuration of ours or of theirs.
    guide = pycodestyle.StyleGuide(config_file=None, quiet=1)
    report = guide.check_files([str(path)])
    return '; '.join(report.get_statistics()) or None


def _imports(path, tree):
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


RULES = {'starts with #!/usr/bin/env python3': _shebang,
         'is executable': _executable,
         'has a docstring on the module, every class and function':
             _docstrings,
         'passes pycodestyle': _pycodestyle,
         'imports only tensorflow.keras': _imports}


def remarks(folder, task):
    """Return {rule: what is against it, or None} for a task's file."""
    path = pathlib.Path(folder) / (task + '.py')
    if not files.is_regular(path):
        return {}
    try:
        tree = ast.parse(files.read(path))
    except (OSError, SyntaxError, ValueError, RecursionError,
            MemoryError) as error:
        return {'is Python': said(error)}
    return {name: rule(path, tree) for name, rule in RULES.items()}
