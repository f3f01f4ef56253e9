"""Pictures are shown where people look: a notebook, a browser."""
import base64
import io
import re
import signal
import urllib.request

import matplotlib.image
import nbclient
import nbformat
import pytest

from launch import ROOT

FEW = ['--epochs', '1', '--limit', '512']


@pytest.mark.program
def test_notebook(tmp_path, monkeypatch):
    """`%run` shows each picture once."""
    monkeypatch.delenv('MPLBACKEND')        # ipykernel sets its own
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(source) for source in (
            f"%run 3-main.py {' '.join(FEW)} --output '{tmp_path}'",
            'print(decoder.name, auto.layers[1] is encoder, list(history))')])
    nbclient.NotebookClient(
        notebook, timeout=600, kernel_name='python3',
        resources={'metadata': {'path': str(ROOT)}}).execute()
    shown, told = (cell.outputs for cell in notebook.cells)
    pictures = [base64.b64decode(output.data['image/png'])
                for output in shown if 'image/png' in output.get('data', {})]
    assert len(pictures) == len(list(tmp_path.glob('*.png'))) == 4
    for png in map(io.BytesIO, pictures):
        assert matplotlib.image.imread(png)[..., :3].std() > 0.05
    assert ' 0 Axes' not in str(shown)
    assert not any(output.get('name') == 'stderr' for output in shown)
    # What the main made is there, as after the task descriptions' own mains.
    assert told[0].text == "decoder True ['loss', 'val_loss']\n"


def test_browser(tmp_path, start):
    """WebAgg serves all figures; Ctrl-C ends it."""
    (tmp_path / 'matplotlibrc').write_text('webagg.open_in_browser: False')
    program = start('3-variational', *FEW, '--output', str(tmp_path), more={
        'MPLBACKEND': 'WebAgg', 'PYTHONUNBUFFERED': '1',
        'MATPLOTLIBRC': str(tmp_path)})
    program.until('Press Ctrl+C')
    url = re.search(r'visit (http://\S+)', program.printed)[1]
    with urllib.request.urlopen(url) as page:
        assert re.findall(r'ready\(figure_ready\((\d)\)\)',
                          page.read().decode()) == ['1', '2', '3', '4']
    program.kill(signal.SIGINT)
    assert program.end(0, 130)[1] == []
