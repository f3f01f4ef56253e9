"""Remark on the style of solutions, in the manner of Holberton.

    python style.py

Asked about a task, as answer.py is, it tells of each rule what is against it.
Nothing of the solution is run, but what parses it may be held up by it or end
with it: so this, too, runs in the sandbox.
"""
import ast
import pathlib
import re

import pycodestyle

from answer import serve


def _shebang(path, _):
    first = path.read_bytes().split(b'\n', 1)[0].decode(errors='replace')[:99]
    return None if re.fullmatch(
        r'#!/usr/bin/(env )?python3(\.\d+)?', first) else (
            f'the first line is {first!r}')


def _executable(path, _):
    return None if path.stat().st_mode & 0o100 else 'it is not executable'


def _docstrings(_, tree):
    return next((getattr(node, 'name', 'the module') + ' has no docstring'
                 for node in ast.walk(tree) if isinstance(node, (
                     ast.Module, ast.ClassDef, ast.FunctionDef)) and
                 not ast.get_docstring(node)), None)


def _pycodestyle(path, _):
    # `path` as an argument, and no configuration of theirs.
    guide = pycodestyle.StyleGuide(config_file=None, quiet=1)
    return '; '.join(guide.check_files([str(path)]).get_statistics()) or None


def _imports(_, tree):
    names = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, 'module', None)
            names += [f'{module}.{alias.name}' if module else alias.name
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


class Style:
    """The answers about the style of each task's file."""

    def answer(self, task, *_):
        """Return {rule: what is against it, or None}, and no arrays."""
        path = pathlib.Path(task + '.py')
        try:
            tree = ast.parse(path.read_bytes(), path.name)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return {'is Python': f'{type(error).__name__}: {error}'[:2000]}, []
        return {rule: (against(path, tree) or '')[:2000]
                for rule, against in RULES.items()}, []


if __name__ == '__main__':
    serve(Style())
