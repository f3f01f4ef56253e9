"""Remark on the style of a solution, in the manner of Holberton.

    python style.py TASK

Nothing of the solution is run, but what parses it may be held up by it or end
with it: so this, too, runs in the sandbox, and answers as answer.py does.
"""
import ast
import os
import sys

import pycodestyle

from answer import serve


def remarks(path):
    """Yield what is against the style of a file."""
    with open(path, 'rb') as file:
        source = file.read()
    if not source.startswith((b'#!/usr/bin/env python3\n',
                              b'#!/usr/bin/python3')):
        yield 'the first line is not #!/usr/bin/env python3'
    if not os.access(path, os.X_OK):
        yield 'it is not executable'
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            if not ast.get_docstring(node):
                yield getattr(node, 'name', 'the module') + ' has no docstring'
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imported = ast.unparse(node)
            if 'tensorflow.keras' not in imported:
                yield f'it has {imported}'
    # `path` as an argument, and no configuration of theirs.
    guide = pycodestyle.StyleGuide(config_file=None, quiet=1)
    yield from guide.check_files([path]).get_statistics()


class Style:
    """The answer about the style of a task's file."""

    def __init__(self, task):
        self.path = task + '.py'

    def answer(self, *_):
        """Return what is against it, and no arrays."""
        try:
            return {'remarks': list(remarks(self.path))}, []
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return {'remarks': [f'{type(error).__name__}: {error}']}, []


if __name__ == '__main__':
    serve(Style(sys.argv[1]))
