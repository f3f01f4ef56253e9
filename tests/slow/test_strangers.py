"""Files of strangers: whatever lies in a folder, the class is graded."""
import csv
import os
import sys

import pytest

from grader import sandbox
from launch import ROOT

GRADE = sys.executable, '-m', 'grader'
OURS = (ROOT / '0-vanilla.py').read_text()
WHY = sandbox.missing(sys.executable)
SECRET = 'token-of-the-teacher'
# Its own packages are found, whatever ours are called.
USES = '''
import json
from grader.answer import ANSWER
assert json.load(open('config.json')) == {'answer': ANSWER}
'''


@pytest.mark.skipif(WHY is not None, reason=f'no sandbox: {WHY}')
def test_strangers(tmp_path, launch):
    """None holds up the others, or shows what the student may not read."""
    top = tmp_path / 'class'
    for name, code in [
            ('anna', OURS), ('caf\udce9', OURS), ('esc\x1b[1m\nape', OURS),
            ('helped', USES + OURS), ('nested', 'x = ' + '-' * 200000 + '1'),
            ('tells', 'raise ValueError(open("secret.py").read())')]:
        (top / name).mkdir(parents=True)
        (top / name / '0-vanilla.py').write_text(code)
    (top / 'helped' / 'config.json').write_text('{"answer": 42}')
    (top / 'helped' / 'grader').mkdir()
    (top / 'helped' / 'grader' / 'answer.py').write_text('ANSWER = 42')
    for name in ('empty', 'pipe', 'reads'):
        (top / name).mkdir()
    os.mkfifo(top / 'pipe' / '0-vanilla.py')
    (tmp_path / 'secret').write_text(f'raise ValueError("{SECRET}")')
    (top / 'tells' / 'secret.py').symlink_to(tmp_path / 'secret')
    (top / 'reads' / '0-vanilla.py').symlink_to(tmp_path / 'secret')
    (top / 'link').symlink_to(top / 'anna')
    printed, said = launch(
        *GRADE, str(top), '--csv', str(tmp_path / 'grades.csv'), '--reports',
        str(tmp_path / 'reports')).end(1)
    with open(tmp_path / 'grades.csv', newline='') as stream:
        _, *rows = csv.reader(stream)
    assert {row[0]: row[1] for row in rows} == {
        'anna': '15', 'caf\\udce9': '15', 'esc\\x1b[1m\\nape': '15',
        'helped': '15', 'nested': '0', 'tells': '0', 'pipe': '0',
        'reads': '0', 'empty': 'no solution', 'link': 'no solution'}
    pages = {file.parent.name: file.read_text() for file in
             (tmp_path / 'reports').glob('*/grade.txt')}
    assert len(pages) == len(rows)
    assert '0-vanilla.py: it is no regular file of at most' in pages['reads']
    assert "No such file or directory: 'secret.py'" in pages['tells']
    assert 'no solution: no 0-vanilla.py, ' in pages['link']
    assert SECRET not in printed + ''.join(said) + ''.join(pages.values())
    assert all(c.isprintable() or c == '\n' for c in printed)
