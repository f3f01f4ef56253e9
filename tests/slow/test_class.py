"""A folder and a class, graded as a teacher does it: in processes."""
import csv
import os
import re
import sys

import pytest

from grader import __main__, ask, files, judge, process, report
from mutants import LINEAR, RELU, VANILLA, replaced
from launch import ROOT

GRADE = sys.executable, '-m', 'grader'
OURS = (ROOT / f'{VANILLA}.py').read_text()
# It gives no answer as long as the grader that asks it is there.
WAITS = '''
import os
import time

parent = os.getppid()
while os.getppid() == parent:
    time.sleep(0.1)
'''


def write(folder, source=OURS):
    """Write a solution of task 0."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f'{VANILLA}.py'
    file.write_text(source)
    file.chmod(0o755)
    return file


def written(folder):
    """Return the rows of a class's table that was written, and its pages."""
    with open(folder / 'grades.csv', newline='') as stream:
        rows = list(csv.reader(stream))
    return rows, {file.parent.name: file.read_text() for file in (
        folder / 'reports').rglob('grade.txt')}


def test_style(tmp_path):
    """Each rule that a file breaks is named, and no other."""
    file = write(tmp_path, replaced(OURS, [
        ('#!/usr/bin/env python3\n', ''), ('x = inputs', 'x=inputs'),
        ('    """Build a vanilla', '    x = """Build a vanilla'),
        ('import tensorflow.', 'import numpy\nimport tensorflow.')]))
    file.chmod(0o644)
    with process.Process(process.STYLE, tmp_path, VANILLA, process.HERE, 60,
                         None) as started:
        against = ask.style(started.ask)['failure'].split('; ')
    assert against == [
        'the first line is not #!/usr/bin/env python3', 'it is not executable',
        'it has import numpy', 'autoencoder has no docstring',
        '1       E225 missing whitespace around operator']


def test_folder_is_left_alone(tmp_path, launch):
    """A read-only folder, with spaces in its path, is graded; a seed repeats
    what is said of it.
    """
    folder = tmp_path / 'a student' / 'my work'
    file = write(folder, OURS.replace('binary_crossentropy', 'mse'))
    file.chmod(0o555)
    folder.chmod(0o555)
    printed, said = launch(*GRADE, str(folder), '--sandbox', 'off', '--seed',
                           '5').end(1)
    rows = [line.split() for line in printed.splitlines()]
    assert ['0-vanilla', '14', 'of', '15'] in rows
    assert ['all', '14', 'of', '15'] in rows        # of what is there
    assert ('Not there yet: 1-sparse.py, 2-convolutional.py, 3-variational.py'
            in printed and 'not reached' not in printed)
    fault, = (result['failure'] for result in ask.grade(
        folder, VANILLA, seed=5) if result['failure'])
    assert f'binary_cross_entropy: {fault}\n' in printed
    assert os.listdir(folder) == [file.name] and said == []


def test_class(tmp_path, launch):
    """What was graded is kept when it is killed, until all is written."""
    top = tmp_path / 'class'
    write(top / 'anna' / 'holberton' / 'autoencoders')
    write(top / 'bert', WAITS)
    command = [*GRADE, str(top), '--sandbox', 'off', '--reports',
               str(tmp_path / 'reports'), '--csv']
    program = launch(*command, '/dev/full')
    program.until('  1 of 2 anna/holberton/autoencoders: 15 of 66 on ')
    program.kill()
    write(top / 'bert', replaced(OURS, [(RELU, LINEAR, 2)]))
    _, said = launch(*command, '/dev/full').end(2)
    assert said == ['[Errno 28] No space left on device: the same command '
                    'goes on']
    store = __main__.KEPT / f'grades-{files.digest(str(top))[:8]}'
    assert store.exists()
    launch(*command, str(tmp_path / 'grades.csv')).end(1)
    assert not store.exists()
    (header, *rows), pages = written(tmp_path)
    assert header[1].endswith(' 0-vanilla (of 15)') and len(header) == 6
    assert [row[:2] + row[-1:] for row in rows] == [
        ['anna/holberton/autoencoders', '15', '15'], ['bert', '14', '14']]
    # That of the first run, and that of the second.
    assert len({re.search(r'of seed (\d+)', page)[1]
                for page in pages.values()}) == 2
    assert ('latent_relu: autoencoder(784, [128, 64], 32): the activations in '
            'encoder are relu, relu, linear\n    the task: All layers should '
            'use a relu activation except') in pages['bert']


def test_machine_fails(tmp_path, monkeypatch):
    """Where the sandbox does not begin, it is tried once more."""
    monkeypatch.setitem(judge.POINTS, VANILLA, judge.POINTS[VANILLA][:1])
    write(tmp_path)
    fails = iter([['false']])
    results = ask.grade(tmp_path, VANILLA,
                        sandbox=lambda command, *_: next(fails, command))
    assert [(result['graded'], result['failure'])
            for result in results] == [(True, None)] * 2


@pytest.mark.parametrize('number, cell', [(9, 'not graded'), (11, '0 of 15')])
def test_killed(tmp_path, number, cell):
    """SIGKILL is the kernel's, for the memory of others; no fault is."""
    write(tmp_path, f'import os\nos.kill(os.getpid(), {number})\n')
    assert report.cell(ask.grade(tmp_path, VANILLA), ask.HERE) == cell


def test_class_on_a_machine_that_fails(tmp_path, launch, monkeypatch):
    """The table, the CSV, the page and the status say so; nothing is kept."""
    stub = tmp_path / 'bin' / 'bwrap'
    stub.parent.mkdir()
    stub.write_text(f"""#!/bin/sh
test -e {tmp_path}/tried || {{ touch {tmp_path}/tried; exit 0; }}
echo 'bwrap: No permissions' >&2
exit 1
""")
    stub.chmod(0o755)
    monkeypatch.setenv('PATH', str(stub.parent), prepend=os.pathsep)
    for name in ('=anna', 'bert'):
        write(tmp_path / 'class' / name)
    command = [*GRADE, str(tmp_path / 'class'), '--csv',
               str(tmp_path / 'grades.csv'), '--reports',
               str(tmp_path / 'reports'), '--sandbox']
    printed, said = launch(*command, 'require').end(3)
    assert len(re.findall('(?m)^(?:=anna|bert) +not graded$', printed)) == 2
    assert said == ['not graded, the machine failed: 0-vanilla']
    (_, *rows), pages = written(tmp_path)
    assert [row[:2] + row[-1:] for row in rows] == [
        [name] + ['not graded'] * 2 for name in ("'=anna", 'bert')]
    assert 'bwrap: No permissions' in pages['bert']
    assert 'not reached' not in pages['bert']
    page = tmp_path / 'reports' / 'bert' / 'grade.txt'
    page.unlink()
    (tmp_path / 'precious').write_text('precious')
    page.symlink_to(tmp_path / 'precious')      # a student's, in a class
    printed, said = launch(*command, 'off').end(1)
    assert len(re.findall('(?m)^(?:=anna|bert) +15 of 66$', printed)) == 2
    assert (tmp_path / 'precious').read_text() == 'precious'
