"""docs/autoencoders.ipynb runs as it is, and prints what it has printed."""
import copy
import pathlib
import re

import nbclient
import nbformat
import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent
PATH = ROOT / 'docs' / 'autoencoders.ipynb'


def printed(notebook):
    """Return what each cell printed, and how many pictures it showed."""
    texts, pictures = [], []
    for cell in notebook.cells:
        outputs = cell.get('outputs', [])
        texts.append(''.join(
            output.get('text', '') or output.data.get('text/plain', '')
            for output in outputs if 'image/png' not in output.get(
                'data', {})))
        pictures.append(sum('image/png' in output.get('data', {})
                            for output in outputs))
        assert not any(output.get('name') == 'stderr' for output in outputs)
    return texts, pictures


def test_notebook():
    """Its numbers are those committed: the same words, each number near."""
    assert PATH.stat().st_size < 1.5e6
    committed = nbformat.read(PATH, 4)
    assert len(committed.cells) <= 40
    run = copy.deepcopy(committed)
    nbclient.NotebookClient(run, timeout=600, resources={
        'metadata': {'path': str(PATH.parent)}}).execute()
    (texts, pictures), (wanted, as_many) = printed(run), printed(committed)
    assert pictures == as_many and sum(pictures) >= 9
    number = re.compile(r'\d+(?:\.\d+)?%?')
    for text, want in zip(texts, wanted):
        assert number.sub('', text) == number.sub('', want)
        for value, near in zip(number.findall(text), number.findall(want)):
            # On another CPU, 3 % more or less; of a share, 5 points.
            assert float(value.strip('%')) == pytest.approx(
                float(near.strip('%')), **(
                    {'abs': 5} if '%' in near else {'rel': 0.03}))
    assert sum(map(len, map(number.findall, wanted))) > 20
