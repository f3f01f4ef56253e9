"""docs/autoencoders.ipynb runs, and prints what it has printed.

Each training is cut after its first epoch: what is told of that must be what
is committed, and of all that depends on the others the words.
"""
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
        shown = [output for output in outputs
                 if 'image/png' in output.get('data', {})]
        texts.append(''.join(
            output.get('text', '') or output.data.get('text/plain', '')
            for output in outputs if output not in shown))
        pictures.append(len(shown))
        assert not any(output.get('name') == 'stderr' for output in outputs)
    return texts, pictures


def test_notebook():
    """The same words and pictures; the first epochs' losses are near."""
    committed = nbformat.read(PATH, 4)
    run = copy.deepcopy(committed)
    for cell in run.cells:
        cell.source = re.sub(r'epochs=\d+', 'epochs=1', cell.source)
    nbclient.NotebookClient(run, timeout=600, resources={
        'metadata': {'path': str(PATH.parent)}}).execute()
    (texts, pictures), (wanted, as_many) = printed(run), printed(committed)
    assert pictures == as_many and sum(pictures) >= 12
    assert list(map(words, texts)) == list(map(words, wanted))
    losses = early(''.join(texts))
    assert len(losses) == 9
    assert losses == pytest.approx(         # another processor's are near
        early(''.join(wanted)), rel=0.03)


def words(text):
    """Return what is told in words, without the lines of epochs."""
    return re.sub(r'-?\d+(?:\.\d+)?', '', re.sub(
        r'(?m)^(Epoch \d|\d+/\d+ - ).*\n', '', text))


def early(text):
    """Return the test losses that are told of the first epochs."""
    return [float(loss) for loss in re.findall(
        r'val_loss: ([\d.]+)', text)[:1] + re.findall(
            r'test loss ([\d.]+) after the first epoch', text)]
