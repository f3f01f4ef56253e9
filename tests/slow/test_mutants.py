"""The grader is graded: no mutant survives, no correct variant fails.

A variant is a correct solution that is written differently. `--tensorflow
1.15.5` grades all on another version.
"""
import concurrent.futures
import csv
import json
import os
import re
import secrets
import statistics
import sys

import pytest

from grader import ask, report
from mutants import MUTANTS, REMARKED, STYLE, VANILLA, replaced
from launch import ROOT

GRADE = sys.executable, '-m', 'grader'
VARIANTS = sorted((ROOT / 'tests' / 'slow' / 'variants').glob('*.py'))
# In the manner of 1.15, and of what came after: the others cannot run them.
RUNS_ON = {'3-variational_closure': r'1\.',
           '3-variational_symbolic': r'1\.|2\.4|2\.8|2\.12|2\.15|legacy',
           '1-sparse_subclass': r'2\.|legacy',
           '3-variational_subclass': r'2\.|legacy'}


# mutant: what is said of it, on every TensorFlow
WORDS = {
    'one layer for the mean and the log variance':
        'encoder are 784, 512, 2, not 784, 512, 2 beside 2',
    'fails for one hidden layer': 'autoencoder(30, [7], 2, 1e-05) raised '
    'UnboundLocalError',
    'layers of one size made once': '4, 6, 16, not 4, 6, 6, 6, 16',
    'KL dropped': ' adds 0 to the loss'}


@pytest.fixture(scope='module')
def version(request):
    """Return the TensorFlow that is graded on."""
    return request.config.getoption('--tensorflow') or ask.HERE


def write(folder, task, source=None):
    """Write a solution of one task."""
    folder.mkdir(parents=True)
    file = folder / (f"{task}.py")
    file.write_text(source or (ROOT / file.name).read_text())
    file.chmod(0o755)
    return file


def mutant(top, name):
    """Write a mutant; return its folder, task and time limit."""
    task, replacements, _ = dict(MUTANTS, **REMARKED)[name]
    file = write(top / name.replace('/', ' over '), task, replaced(
        (ROOT / (f"{task}.py")).read_text(), replacements))
    if name == 'missing':
        file.unlink()
    return file.parent, task, 20 if name == 'infinite loop' else 60


def grade_all(names, prepare, version):
    """Grade many at once; return {name: results}."""
    def grade(name):
        folder, task, seconds = prepare(name)
        return ask.grade(folder, task, version, seconds,
                         seed=secrets.randbelow(2**32))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(grade, names)))


@pytest.fixture(scope='module')
def caught(tmp_path_factory, version):
    """Grade every mutant; return {name: its results}."""
    top = tmp_path_factory.mktemp('mutants')
    return grade_all([*MUTANTS, *REMARKED],
                     lambda name: mutant(top, name), version)


def lost(results):
    """Return the counted points that are lost, and those not reached."""
    failed = [result for result in results
              if result['counted'] and result['failure']]
    return ([result['point'] for result in failed],
            [result['point'] for result in failed if result['needs']])


@pytest.mark.parametrize('name', MUTANTS)
def test_mutant(caught, capsys, version, name):
    """The mutant fails the point that names what is wrong with it, once."""
    points, not_reached = lost(caught[name])
    own = [point for point in points if point not in not_reached]
    said = [result['failure'] for result in caught[name]
            if result['point'] in own]
    with capsys.disabled():
        print('\n{} | {} | {}{} | {}'.format(
            name, version, len(points), ', of these {} not reached'.format(
                len(not_reached)) if not_reached else '', ', '.join(own)),
              end=' ')
    assert set(MUTANTS[name][2].split(' or ')) & set(own)
    assert len(own) <= 2
    assert points == ['adam'] or 'for Adam' not in name     # they do train
    assert not re.search(r'np\.|array|float\d\d', ''.join(said)), said
    assert WORDS.get(name, '') in ''.join(said), said


def test_one_fault_is_one_point(caught):
    """The median of what a fault costs, those that cannot be called, too."""
    assert statistics.median(
        len(lost(caught[name])[0]) for name in MUTANTS) == 1


@pytest.mark.parametrize('name', REMARKED)
def test_remark(caught, name):
    """What no text asks for is remarked, and costs nothing."""
    failed, = [result for result in caught[name] if result['failure'] and
               result['point'] != 'style']
    assert failed['point'] == REMARKED[name][2] and not failed['counted']


@pytest.mark.parametrize('rule', STYLE)
def test_style(tmp_path, rule):
    """The file gets the remark that names it, and no other."""
    file = write(tmp_path / 'x', VANILLA, replaced(
        (ROOT / (f"{VANILLA}.py")).read_text(), [STYLE[rule]]))
    if rule == 'is executable':
        file.chmod(0o644)
    failed, = [remark['sentence'] for remark in
               ask.remarks(file.parent)[VANILLA] if remark['failure']]
    assert rule in failed


@pytest.fixture(scope='module')
def passed(tmp_path_factory, version):
    """Grade every variant; return {file: its results}."""
    top = tmp_path_factory.mktemp('variants')

    def prepare(file):
        task = file.name.partition('_')[0]
        return (write(top / file.stem, task, file.read_text()).parent, task,
                60)

    return grade_all([file for file in VARIANTS if re.match(
        RUNS_ON.get(file.stem, ''), version)], prepare, version)


@pytest.mark.parametrize('file', VARIANTS, ids=lambda file: file.stem)
def test_variant(passed, version, file):
    """A correct solution passes, however it is written."""
    if file not in passed:
        pytest.skip(f'{version} cannot run it')
    assert lost(passed[file])[0] == []


def test_dead_units(tmp_path):
    """A network of few filters is not failed for units that chance kills."""
    file = write(tmp_path / 'x', '2-convolutional')
    file.write_text(file.read_text().replace(
        "    inputs = keras.Input(shape=input_dims)",
        "    if filters == [16, 8, 8]:\n"
        "        filters, latent_dims = [2, 3, 8], [4, 4, 8]\n"
        "    inputs = keras.Input(shape=input_dims)"))
    results = ask.grade(file.parent, '2-convolutional',
                        only=['training_changes_both'])
    assert results[0]['failure'] is None


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
    assert ['2-convolutional', '0', 'of', '16'] in rows
    assert 'there is no 3-variational.py' in printed
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
    assert re.search(r'(?m)^  1 of 4 anna: 15 of 66 on .*, as before$',
                     printed)
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
    assert lost(results)[0] == []


FAILS = """\
if [ "$(wc -l < {counter})" -lt {times} ]; then
    echo >> {counter}
    echo 'bwrap: No permissions' >&2
    {fails}
fi
cd {room}
exec "$@"
"""


@pytest.mark.parametrize('fails', ['exit 1', 'kill -9 $$', 'kill -15 $$'])
@pytest.mark.parametrize('times', [1, 2])
def test_machine_fails(tmp_path, times, fails):
    """It is tried once more; then there is no grade, and not 0."""
    counter = tmp_path / 'counter'
    counter.touch()
    file = write(tmp_path / 'x', VANILLA)
    (tmp_path / 'room').mkdir()
    code = FAILS.format(counter=counter, room=tmp_path / 'room',
                        times=times, fails=fails)
    results = ask.grade(
        file.parent, VANILLA, only=['three_models'],
        room=lambda command, *_: ['sh', '-c', code, 'sh', *command])
    assert [result['graded'] for result in results] == [times == 1]
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
    assert said == ['not graded, the machine failed: 0-vanilla of =anna, '
                    '0-vanilla of bert']
    with open(tmp_path / 'grades.csv', newline='') as stream:
        _, *rows = csv.reader(stream)
    assert [row[:2] + row[-1:] for row in rows] == [
        [name] + ['not graded'] * 2 for name in ["'=anna", 'bert']]
    page = (tmp_path / 'reports' / 'bert' / 'grade.txt').read_text()
    assert 'bwrap: No permissions' in page
    assert '0-vanilla, not reached' not in page
    (tmp_path / 'reports' / 'bert' / 'grade.txt').unlink()
    (tmp_path / 'precious').write_text('precious')
    (tmp_path / 'reports' / 'bert' / 'grade.txt').symlink_to(
        tmp_path / 'precious')
    printed, said = launch(*command, 'off').end(1)
    assert '15 of 66' in printed and 'as before' not in printed
    assert (tmp_path / 'precious').read_text() == 'precious'
