"""What goes wrong costs that one thing, and a line that names it."""
import os
import sys

import pytest

from launch import ROOT

# A main to which something happens: after an epoch, or once the models are
# saved.
MAIN = """
import os, resource, shutil, sys
import lab
lab.import_keras()
from lab import backup, results

def then(owner, name):
    function = getattr(owner, name)
    def changed(*args, **kwargs):
        function(*args, **kwargs)
        {}
    setattr(owner, name, changed)

output = sys.argv[-1]
then({})
sys.argv[0] = '0-main.py'
__import__('lab').run(__import__('0-main').main)
"""
EPOCH, SAVED = "backup.Backup, 'write'", "results.Run, 'save'"
MODELS = ['0-auto.keras', '0-decoder.keras', '0-encoder.keras']
TEXTS = ['0-history.csv', '0-run.json']
PICTURES = ['0-loss.png', '0-reconstructions.png']
BACKUP = ['0-backup.npz']
LOST = 'training goes on without a backup'
BROKEN = """
from matplotlib.backends.backend_agg import FigureCanvasAgg

class FigureCanvas(FigureCanvasAgg):
    pass
"""
# fault: (what happens, when, a backend's code or its name, what is left,
#         what the lines on stderr say)
FAULTS = {
    'disk full in training': (
        'resource.setrlimit(resource.RLIMIT_FSIZE, (10**5,) * 2)', EPOCH,
        None, BACKUP + TEXTS + PICTURES, [
            f"File too large; {LOST}",
            'not saved in {output}: encoder.keras: File too large, '
            'decoder.keras: File too large, auto.keras: File too large; the '
            'backup stays']),
    'disk full after the models': (
        'resource.setrlimit(resource.RLIMIT_FSIZE, (10**4,) * 2)', SAVED, None,
        BACKUP + MODELS + TEXTS, [
            'not saved in {output}: reconstructions.png: File too large, '
            'loss.png: File too large; the backup stays']),
    'output removed in training': (
        'shutil.rmtree(output)', EPOCH, None, MODELS + TEXTS + PICTURES, []),
    'output made read-only in training': (
        'os.chmod(output, 0o500)', EPOCH, None,
        BACKUP, [
            f"Permission denied; {LOST}", 'not saved in {output}: ']),
    'no screen': (
        'pass', EPOCH, 'TkAgg', MODELS + TEXTS + PICTURES, []),
    'backend raises at save': (
        'pass', EPOCH, BROKEN + '    def print_png(self, *args, **kwargs):\n'
        '        raise RuntimeError("at save")', BACKUP + MODELS + TEXTS, [
            'not saved in {output}: reconstructions.png: RuntimeError: at '
            'save, loss.png: RuntimeError: at save; the backup stays'])}


@pytest.mark.parametrize('name', FAULTS)
def test_fault(tmp_path, launch, name):
    """The rest is there; exit status 1 if anything is not."""
    happens, when, backend, left, lines = FAULTS[name]
    output = tmp_path / 'output'
    more = {}
    if backend:
        more['MPLBACKEND'] = backend
    if backend and ' ' in backend:
        (tmp_path / 'broken.py').write_text(backend)
        more = {'MPLBACKEND': 'module://broken', 'PYTHONPATH': str(tmp_path)}
    command = [sys.executable, '-c', MAIN.format(happens, when), '--epochs',
               '3', '--limit', '256', '--output', str(output)]
    if os.geteuid() == 0:       # root may write where nobody may
        command = ['setpriv', '--bounding-set', '-dac_override'] + command
    program = launch(*command, cwd=ROOT, more=more)
    printed, said = program.end(1 if lines else 0)
    assert 'latent units ever fire' in printed
    assert sorted(os.listdir(output)) == sorted(left)
    assert len(said) == len(lines)
    for line, wanted in zip(said, lines):
        assert wanted.format(output=output) in line, said
    for saved in left:
        assert (str(output / saved) in printed.splitlines()[-1]) == (
            saved not in BACKUP)


def test_no_such_backend(start):
    """A backend that Matplotlib does not know is refused before training."""
    printed, said = start('0-vanilla', more={'MPLBACKEND': 'nonsense'}).end(2)
    assert printed == '' and len(said) == 1
    assert said[0].startswith("0-main.py: error: MPLBACKEND: Key backend: "
                              "'nonsense' is not a valid value")
