"""Remark on the style of solutions, in the manner of Holberton.

    python style.py TASK ...

Reads a tar of a folder as answer.py does, and tells of each rule what is
against it, a message each. Nothing of the solution is run, but what parses it
may be held up by it or end with it: so this, too, runs in the sandbox.
"""
import ast
import io
import json
import os
import pathlib
import re
import sys
import tarfile

import pycodestyle


def _shebang(path, tree):
    first = path.read_bytes().split(b'\n', 1)[0].decode(errors='replace')[:99]
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
    # `path` as an argument, and no configuration of theirs.
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


def remarks(path):
    """Yield (rule, what is against it, or None) for a file."""
    try:
        tree = ast.parse(path.read_bytes(), path.name)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield 'is Python', '{}: {}'.format(type(error).__name__, error)
        return
    for name, rule in RULES.items():
        yield name, rule(path, tree)


def main(*tasks):
    """Tell of every file that is there."""
    replies = sys.stdout
    sys.stdout = sys.stderr             # pycodestyle's own printing

    def say(**words):
        print(json.dumps(dict(words, arrays=[])), file=replies, flush=True)

    size = int(sys.stdin.buffer.readline() or 0)
    assert not os.listdir(), 'this is for an empty folder'
    with tarfile.open(fileobj=io.BytesIO(
            sys.stdin.buffer.read(size))) as folder:
        folder.extractall()
    say()
    for task in tasks:
        path = pathlib.Path(task + '.py')
        for rule, against in remarks(path) if path.exists() else ():
            say(task=task, rule=rule, against=against and against[:2000])
    say(task='all')


if __name__ == '__main__':
    main(*sys.argv[1:])
