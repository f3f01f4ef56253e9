"""Files of strangers: whatever lies in a folder, the class is graded."""
import csv
import os
import re
import sys

import pytest

from grader import sandbox
from launch import ROOT

GRADE = sys.executable, '-m', 'grader'
VANILLA = (ROOT / '0-vanilla.py').read_text()
WHY = sandbox.missing(sys.executable)
SECRET = 'token-of-the-teacher'
USES = '''
import json
from helpers.tools import ANSWER
assert json.load(open('config.json')) == {'answer': ANSWER}
'''


def folder(top, name, *more, code=VANILLA):
    """Write a solution of task 0, with more in it."""
    path = os.path.join(os.fsencode(top), os.fsencode(name))
    os.makedirs(path)
    with open(os.path.join(path, b'0-vanilla.py'), 'w') as file:
        file.write(code)
    for name_, data in more:
        os.makedirs(os.path.dirname(os.path.join(path, name_)), exist_ok=True)
        with open(os.path.join(path, name_), 'wb') as file:
            file.write(data)
    return path


@pytest.mark.skipif(WHY is not None, reason=f'no sandbox: {WHY}')
def test_strangers(tmp_path, launch):
    """None holds up the others, or shows what the student may not read."""
    top = tmp_path / 'class'
    folder(top, 'anna')
    folder(top, b'caf\xe9')
    folder(top, 'esc\x1b[1m\nape')
    folder(top, 'helped', (b'config.json', b'{"answer": 42}'),
           (b'helpers/tools.py', b'ANSWER = 42'), code=VANILLA.replace(
               'import tensorflow', USES + 'import tensorflow', 1))
    folder(top, 'spaces', code=VANILLA + 'x' + ' ' * 100000 + '= 1\n')
    folder(top, 'nested', code=VANILLA + 'x = ' + '-' * 200000 + '1\n')
    folder(top, 'long line', code='#' + 'x' * 10**7 + '\n' + VANILLA)
    sparse = folder(top, 'sparse')
    os.truncate(os.path.join(sparse, b'0-vanilla.py'), 300 * 2**30)
    for name, target in [('reads a file', tmp_path / 'secret'),
                         ('reads the kernel', '/proc/kmsg'),
                         ('reads another', top / 'anna' / '0-vanilla.py')]:
        os.makedirs(top / name)
        (top / name / '0-vanilla.py').symlink_to(target)
    folder(top, 'tells', code='raise ValueError(open("secret.py").read())')
    (tmp_path / 'secret').write_text(f'raise ValueError("{SECRET}")')
    (top / 'tells' / 'secret.py').symlink_to(tmp_path / 'secret')
    (top / 'pipe').mkdir()
    os.mkfifo(top / 'pipe' / '0-vanilla.py')
    (top / 'empty').mkdir()
    (top / 'link').symlink_to(top / 'anna')
    (tmp_path / 'reports' / 'anna').mkdir(parents=True)
    os.mkfifo(tmp_path / 'reports' / 'anna' / 'grade.txt')
    printed, said = launch(
        *GRADE, str(top), '--csv', str(tmp_path / 'grades.csv'), '--reports',
        str(tmp_path / 'reports'), '--seconds', '30').end(1)
    with open(tmp_path / 'grades.csv', newline='') as stream:
        _, *rows = csv.reader(stream)
    assert {row[0]: row[1] for row in rows} == {
        'anna': '15', 'caf\\xe9': '15', 'esc\\x1b[1m\\x0aape': '15',
        'helped': '15', 'spaces': '15', 'long line': '0', 'sparse': '0',
        'reads a file': '0', 'reads the kernel': '0', 'reads another': '0',
        'tells': '0', 'pipe': '0', 'nested': '0',
        'empty': 'no solution', 'link': 'no solution'}
    pages = {file.parent.name: file.read_text() for file in
             (tmp_path / 'reports').glob('*/grade.txt')}
    assert len(pages) == len(rows)
    for name, words in [
            ('spaces', 'it was not judged: no answer within 30 seconds'),
            *((name, '0-vanilla.py: it is no regular file of at most') for
              name in ('sparse', 'reads another', 'pipe')),
            ('tells', "No such file or directory: 'secret.py'"),
            ('link', 'no solution: no 0-vanilla.py, ')]:
        assert words in pages[name], pages[name]
    assert SECRET not in printed + ''.join(said) + ''.join(pages.values())
    assert all(c.isprintable() or c == '\n' for c in printed)


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='no /dev/full')
def test_grades_that_cannot_be_written(tmp_path, launch):
    """They are kept until all that was asked for is written."""
    folder(tmp_path / 'class', 'anna')
    command = [*GRADE, str(tmp_path / 'class'), '--sandbox', 'off', '--json',
               str(tmp_path / 'results.json'), '--csv']
    _, said = launch(*command, '/dev/full').end(2)
    assert said == ['[Errno 28] No space left on device: the same command '
                    'goes on']
    printed = launch(*command, str(tmp_path / 'grades.csv')).end(1)[0]
    assert (tmp_path / 'grades.csv').read_text().count('\n') == 2
    again = launch(*command, str(tmp_path / 'grades.csv')).end(1)[0]
    first, second = (re.search(r'of seed (\d+)', text)[1]
                     for text in (printed, again))
    assert first != second      # what is written is not kept any longer


def test_seed(tmp_path, launch):
    """A run has a seed of its own, which repeats it to the last digit."""
    folder(tmp_path, 'anna', code=VANILLA.replace("'binary_crossentropy'",
                                                  "'mse'"))
    said = [launch(*GRADE, str(tmp_path), '--sandbox', 'off', *more).end(1)[0]
            for more in [(), ('--seed', '5'), ('--seed', '5')]]
    loss = [re.search(r'the loss without penalties is \S+', text)[0]
            for text in said]
    seeds = [re.search(r'of seed (\d+)', text)[1] for text in said]
    assert seeds[1:] == ['5', '5'] and seeds[0] != '5'
    assert loss[1] == loss[2] != loss[0]
