"""A folder and a class, graded as a teacher does it: in processes."""
import csv
import json
import os
import re
import sys

import pytest

from grader import ask, judge, process, report
from mutants import ENDING, MUTANTS, STYLE, VANILLA, replaced
from launch import ROOT

GRADE = sys.executable, '-m', 'grader'


def write(folder, task, source=None):
    """Write a solution of one task."""
    folder.mkdir(parents=True)
    file = folder / (f"{task}.py")
    file.write_text(source or (ROOT / file.name).read_text())
    file.chmod(0o755)
    return file


def lost(results):
    """Return the counted points that are lost."""
    return [result['point'] for result in results
            if result['counted'] and result['failure']]


@pytest.mark.parametrize('name', ENDING)
def test_no_answer(tmp_path, name, request):
    """A solution that ends its process, or never answers, has no points."""
    task, replacements, said = ENDING[name]
    file = write(tmp_path / 'x', task, replaced(
        (ROOT / (f"{task}.py")).read_text(), replacements))
    if name == 'missing':
        file.unlink()
    results = ask.grade(
        file.parent, task, request.config.getoption('--tensorflow') or
        ask.HERE, seconds=5 if name == 'infinite loop' else 60)
    assert len(lost(results)) == 15
    assert said in results[0]['failure']
    assert [result['point'] for result in results if result['counted'] and
            not result['requires']] == ['three_models']


@pytest.mark.parametrize('rule', STYLE)
def test_style(tmp_path, rule):
    """The file gets the remark that names it, and no other."""
    file = write(tmp_path / 'x', VANILLA, replaced(
        (ROOT / (f"{VANILLA}.py")).read_text(), [STYLE[rule]]))
    if rule == 'is not executable':
        file.chmod(0o644)
    with process.Process(process.STYLE, file.parent, VANILLA, process.HERE, 60,
                         None) as started:
        against = ask.style(started.ask)['failure']
    assert rule in against and '; ' not in against


def test_folder_is_left_alone(tmp_path, launch):
    """A read-only folder elsewhere, with spaces in its path, is graded."""
    folder = tmp_path / 'a student' / 'my work'
    file = write(folder, VANILLA)
    file.chmod(0o555)
    folder.chmod(0o555)
    printed, said = launch(
        *GRADE, str(folder), '--sandbox', 'off', '--json',
        str(tmp_path / 'results.json')).end(1)
    rows = [line.split() for line in printed.splitlines()]
    assert ['0-vanilla', '15', 'of', '15'] in rows
    assert ['all', '15', 'of', '15'] in rows        # of what is there
    assert ('Not there yet: 1-sparse.py, 2-convolutional.py, 3-variational.py'
            in printed and 'not reached' not in printed)
    results = json.loads((tmp_path / 'results.json').read_text())
    assert sum(result['counted'] and not result['failure']
               for result in results) == 15
    assert os.listdir(folder) == [file.name] and said == []


def test_class(tmp_path, launch):
    """Folders at any depth; what was graded is kept when it is killed."""
    names = ['anna', 'bert/holberton/autoencoders', 'carl', 'dora']
    for name in names:
        write(tmp_path / 'class' / name, VANILLA, replaced(
            (ROOT / (f"{VANILLA}.py")).read_text(),
            MUTANTS['latent linear'][1] if name == 'carl' else []))
    command = [*GRADE, str(tmp_path / 'class'), '--csv',
               str(tmp_path / 'grades.csv'), '--reports',
               str(tmp_path / 'reports'), '--sandbox', 'off']
    program = launch(*command)
    program.until('  2 of 4 ')
    program.kill()
    printed, _ = launch(*command).end(1)
    assert re.search('(?m)^  1 of 4 anna: 15 of 66 on ', printed)
    seeds = [re.search(r'of seed (\d+)', (
        tmp_path / 'reports' / name / 'grade.txt').read_text())[1]
             for name in names]
    assert seeds[0] == seeds[1] != seeds[-1]    # of the first run, and a new
    with open(tmp_path / 'grades.csv', newline='') as stream:
        header, *rows = csv.reader(stream)
    assert header[1].endswith(' 0-vanilla (of 15)') and len(header) == 6
    assert [row[:2] + row[-1:] for row in rows] == [
        [name] + ['14' if name == 'carl' else '15'] * 2 for name in names]
    page = (tmp_path / 'reports' / 'carl' / 'grade.txt').read_text()
    assert 'latent_relu: autoencoder(784, [128, 64], 32): the activations ' \
        'in encoder are relu, relu, linear' in page
    assert 'the task: All layers should use a relu activation' in page


def test_helper_files(tmp_path):
    """A student's own file is imported, whatever ours are called; no link."""
    file = write(tmp_path / 'x', VANILLA)
    names = ['common', 'dense', 'oracle', 'solution', 'check']
    for name in names:
        (tmp_path / 'x' / f'{name}.py').write_text(f'helper = "{name}"')
    (tmp_path / 'x' / 'secret.py').symlink_to('/proc/self/environ')
    file.write_text(file.read_text().replace(
        'import tensorflow.keras as keras',
        f'import os, {", ".join(names)}\nimport tensorflow.keras as keras\n'
        f'assert [{", ".join(f"{name}.helper" for name in names)}] == {names}'
        '\nassert not os.path.lexists("secret.py")'))
    results = ask.grade(file.parent, VANILLA)
    assert lost(results) == []


FAILS = """\
if [ "$(wc -l < {counter})" -lt {times} ]; then
    echo >> {counter}
    echo 'bwrap: No permissions' >&2
    {fails}
fi
exec "$@"
"""


@pytest.mark.parametrize('fails', ['exit 1', 'kill -9 $$', 'kill -15 $$'])
@pytest.mark.parametrize('times', [1, 2])
def test_machine_fails(tmp_path, monkeypatch, times, fails):
    """It is tried once more; then there is no grade, and not 0."""
    monkeypatch.setitem(judge.POINTS, VANILLA, judge.POINTS[VANILLA][:1])
    counter = tmp_path / 'counter'
    counter.touch()
    file = write(tmp_path / 'x', VANILLA)
    code = FAILS.format(counter=counter, times=times, fails=fails)
    results = ask.grade(
        file.parent, VANILLA,
        sandbox=lambda command, *_: ['sh', '-c', code, 'sh', *command])
    assert [result['graded'] for result in results] == [times == 1] * 2
    assert (results[0]['failure'] is None) == (times == 1)
    if times == 2:
        assert 'bwrap: No permissions' in results[0]['failure']
        assert report.cell(results, ask.HERE) == 'not graded'


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
    names = ['=anna', 'bert']
    for name in names:
        write(tmp_path / 'class' / name, VANILLA)
    command = [*GRADE, str(tmp_path / 'class'), '--csv',
               str(tmp_path / 'grades.csv'), '--reports',
               str(tmp_path / 'reports'), '--sandbox']
    printed, said = launch(*command, 'require').end(3)
    assert len(re.findall('(?m)^(?:=anna|bert) +not graded$', printed)) == 2
    assert said == ['not graded, the machine failed: 0-vanilla']
    with open(tmp_path / 'grades.csv', newline='') as stream:
        _, *rows = csv.reader(stream)
    assert [row[:2] + row[-1:] for row in rows] == [
        [name] + ['not graded'] * 2 for name in ["'=anna", 'bert']]
    page = (tmp_path / 'reports' / 'bert' / 'grade.txt').read_text()
    assert 'bwrap: No permissions' in page
    assert 'not reached' not in page
    (tmp_path / 'reports' / 'bert' / 'grade.txt').unlink()
    (tmp_path / 'precious').write_text('precious')
    (tmp_path / 'reports' / 'bert' / 'grade.txt').symlink_to(
        tmp_path / 'precious')
    printed, said = launch(*command, 'off').end(1)
    assert len(re.findall('(?m)^(?:=anna|bert) +15 of 66$', printed)) == 2
    assert (tmp_path / 'precious').read_text() == 'precious'
