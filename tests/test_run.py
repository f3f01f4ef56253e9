"""How a program ends: one line on stderr, or an exception in a notebook."""
import builtins
import contextlib
import os
import sys

import pytest
from tensorflow import keras

import lab
import lab.devices


def test_start_up_chatter(capfd):
    """It is kept back, and nothing after it, where the import fails, too."""
    with contextlib.suppress(ImportError), lab._quiet():
        os.write(2, b'chatter')
        raise ImportError
    os.write(2, b'after')
    assert capfd.readouterr().err == 'after'


def test_old_tensorflow(monkeypatch):
    """A line names its version and the one that is needed."""
    monkeypatch.setattr('tensorflow.__version__', '2.14.1')
    with pytest.raises(lab.RunEnded, match='2.14.1.* 2.15 or later'):
        lab.import_keras()


def test_other_backend(monkeypatch):
    """A line names it and what to do."""
    monkeypatch.setenv('KERAS_BACKEND', 'jax')
    with pytest.raises(lab.RunEnded, match='KERAS_BACKEND is jax'):
        lab.import_keras()


def ends(error):
    """Return a main that raises an error."""
    def main():
        print('printed')
        raise error
    return main


@pytest.mark.parametrize('error, status, said', [
    (lab.RunEnded('a line'), 1, 'a line\n'),
    (lab.RunEnded('a line', status=2), 2, 'a line\n'),
    (KeyboardInterrupt(), 130, '\ninterrupted: the same command goes on after '
     'the last finished epoch\n')])
def test_one_exit(capsys, error, status, said):
    """A program ends with the line and the status of what ended it."""
    with pytest.raises(SystemExit) as stop:
        lab.run(ends(error))
    assert stop.value.code == status
    assert capsys.readouterr() == ('printed\n', said)


@pytest.mark.parametrize('error, sentence', [
    (lab.RunEnded('a line'), 'a line'),
    (KeyboardInterrupt(), 'interrupted: the same command')])
def test_in_a_notebook(monkeypatch, error, sentence):
    """There it is an exception, shown as its sentence."""
    monkeypatch.setattr(builtins, '__IPYTHON__', True, raising=False)
    with pytest.raises(lab.RunEnded, match=sentence) as ended:
        lab.run(ends(error))
    assert ended.value._render_traceback_() == [str(ended.value)]


def test_errors_are_not_hidden():
    """What is no RunEnded is a traceback, as ever."""
    with pytest.raises(ZeroDivisionError):
        lab.run(ends(ZeroDivisionError()))


def test_not_installed(capsys):
    """A line names it, and what installs it."""
    with pytest.raises(SystemExit):
        lab.run(ends(ModuleNotFoundError(name='matplotlib')))
    said = capsys.readouterr().err
    assert said.startswith(f'matplotlib is not installed for {sys.executable}')
    assert 'pip install -r requirements.txt' in said


@pytest.mark.skipif(not hasattr(keras, 'ops'), reason='Keras 2 trains so')
def test_several_machines_under_keras_3(monkeypatch):
    """A worker stops at once, with a line."""
    monkeypatch.setenv('TF_CONFIG', '{}')
    with pytest.raises(lab.RunEnded, match='pip install tf-keras, and set '
                       'TF_USE_LEGACY_KERAS=1'):
        lab.import_keras()


def test_bad_configuration(monkeypatch):
    """A TF_CONFIG without a task of its cluster is refused, in a line."""
    monkeypatch.setattr('lab.devices.keras', None)      # as Keras 2 would be
    for config in 'x', '{"cluster": {"worker": []}}':
        monkeypatch.setenv('TF_CONFIG', config)
        with pytest.raises(lab.RunEnded, match='^TF_CONFIG is .* expected '
                           'JSON') as ended:
            lab.import_keras()
        assert repr(config) in str(ended.value)
