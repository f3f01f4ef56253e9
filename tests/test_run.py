"""How a program ends: one line on stderr, or an exception in a notebook."""
import builtins
import contextlib
import os
import sys
import types

import pytest

import lab
from lab import start, training


@pytest.mark.parametrize('fails', [False, True])
def test_start_up_chatter(capfd, fails):
    """It is kept back, unless the import fails."""
    with contextlib.suppress(ImportError), start._quiet():
        os.write(2, b'chatter')
        if fails:
            raise ImportError
    os.write(2, b', after')
    assert capfd.readouterr().err == ('chatter' if fails else '') + ', after'


@pytest.mark.parametrize('version', ['1.15.5', '2.4.4', '2.14.1'])
def test_old_tensorflow(monkeypatch, version):
    """A line names its version and the one that is needed."""
    monkeypatch.setattr('tensorflow.__version__', version)
    with pytest.raises(lab.RunEnded, match=f'{version}.* 2.15 or later'):
        start.import_keras()


def test_other_backend(monkeypatch):
    """A line names it and what to do."""
    monkeypatch.setenv('KERAS_BACKEND', 'jax')
    with pytest.raises(lab.RunEnded, match='KERAS_BACKEND is jax'):
        start.import_keras()


@pytest.mark.parametrize('stream', [None, types.SimpleNamespace(
    write=lambda text: len(text), flush=lambda: None)])
def test_any_stdout(monkeypatch, stream):
    """Whatever print can use will do, and none."""
    monkeypatch.setattr(sys, 'stdout', stream)
    assert lab.run(lambda: print('printed')) is None
    assert training.verbosity() == 2


def ends(error):
    """Return a main that raises an error."""
    def main():
        print('printed')
        raise error
    return main


@pytest.mark.parametrize('error, status, said', [
    (lab.RunEnded('a line'), 1, 'a line\n'),
    (lab.RunEnded('a line', status=2), 2, 'a line\n'),
    (lab.RunEnded('', status=0), 0, ''),
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


@pytest.mark.parametrize('config, printed', [
    (None, 'printed\n'),
    ('{"cluster": {"worker": ["a", "b"]}, '
     '"task": {"type": "worker", "index": 0}}', 'printed\n'),
    ('{"cluster": {"worker": ["a", "b"]}, '
     '"task": {"type": "worker", "index": 1}}', ''),
    ('{"cluster": {"chief": ["a"], "worker": ["b"]}, '
     '"task": {"type": "worker", "index": 0}}', '')])
def test_only_the_chief_prints(capsys, monkeypatch, config, printed):
    """Of several workers one prints; afterwards stdout is as it was."""
    if config:
        monkeypatch.setenv('TF_CONFIG', config)
    before = sys.stdout
    lab.run(lambda: print('printed'))
    assert sys.stdout is before and capsys.readouterr().out == printed


@pytest.mark.parametrize('config', [
    'x', '{}', '{"cluster": {"worker": []}}',
    '{"cluster": {"worker": ["a"]}, "task": {"type": "worker", "index": 1}}'])
def test_bad_tf_config(capsys, monkeypatch, config):
    """A TF_CONFIG without a task of its cluster is refused in a line."""
    monkeypatch.setenv('TF_CONFIG', config)
    with pytest.raises(SystemExit) as stop:
        lab.run(lambda: pytest.fail('began'))
    assert stop.value.code == 1
    assert capsys.readouterr().err == (
        f'TF_CONFIG is {config!r}, expected JSON with a cluster and a task of '
        'it\n')
