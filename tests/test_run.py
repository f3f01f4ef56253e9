"""How a program ends: one line on stderr."""
import contextlib
import os

import pytest
from tensorflow import keras

import lab


def test_start_up_chatter(capfd):
    """It is kept back, and nothing after it, where the import fails, too."""
    with contextlib.suppress(ImportError), lab._quiet():
        os.write(2, b'chatter')
        raise ImportError
    os.write(2, b'after')
    assert capfd.readouterr().err == 'after'


@pytest.mark.skipif(not hasattr(keras, 'ops'), reason='Keras 2 trains so')
def test_several_machines(monkeypatch):
    """Keras 3 trains on one: a line tells what to do."""
    monkeypatch.setenv('TF_CONFIG', '{}')
    with pytest.raises(lab.RunEnded, match='pip install tf-keras, and set '
                       'TF_USE_LEGACY_KERAS=1'):
        lab.import_keras()


def ends(error):
    """Return a main that raises an error."""
    def main():
        print('printed')
        raise error
    return main


@pytest.mark.parametrize('error, status, said', [
    (lab.RunEnded('a line'), 1, '\na line\n'),
    (lab.RunEnded('a line', status=2), 2, 'a line\n'),
    (KeyboardInterrupt(), 130, '\ninterrupted: an unfinished training goes on '
     'by the same command\n')])
def test_one_exit(capsys, error, status, said):
    """A program ends with the line and the status of what ended it."""
    with pytest.raises(SystemExit) as stop:
        lab.run(ends(error))
    assert stop.value.code == status
    assert capsys.readouterr() == ('printed\n', said)
