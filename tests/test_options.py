"""The command line: its defaults, and what it refuses."""
import pytest

from lab import RunEnded, options


def refusal(argv):
    """Return the line with which task 1's command line is refused."""
    with pytest.raises(RunEnded) as stop:
        options.parse('1-sparse', 'A main.', argv)
    error = str(stop.value)
    assert stop.value.status == 2 and '\n' not in error
    assert error.startswith('1-main.py: error: ')
    return error


def test_defaults(tmp_path):
    """Without arguments a main does what the task descriptions' mains do."""
    output = str(tmp_path / 'new' / 'folder')
    args = vars(options.parse('0-vanilla', 'A main.', ['--output', output]))
    assert args.pop('data').endswith('mnist.npz')
    assert args == {'epochs': 50, 'batch_size': 256, 'seed': 0, 'limit': None,
                    'output': output, 'replace': False}
    assert options.parse('1-sparse', 'A main.', [
        '--output', output]).lambtha == 10e-6


@pytest.mark.parametrize('argv, expected', [
    (['--epochs', '0'], "--epochs: '0', expected int >= 1 "),
    (['--batch-size', 'x'], "--batch-size: 'x', expected int >= 1 "),
    (['--limit', '0'], "--limit: '0', expected int >= 1 "),
    (['--seed', '-1'], "--seed: '-1', expected int >= 0 "),
    (['--seed', '4294967296'], '< 4294967296'),
    (['--lambtha=-1'], "--lambtha: '-1', expected float >= 0 "),
    (['--lambtha', 'nan'], "--lambtha: 'nan', expected"),
    (['--verbose'], '--verbose')])
def test_bad_options(argv, expected):
    """One line names the option, the value and what was expected."""
    assert expected in refusal(argv)


def test_bad_output(tmp_path):
    """A folder that cannot be made is known before any training."""
    (tmp_path / 'file').write_text('')
    output = str(tmp_path / 'file' / 'folder')
    error = refusal(['--output', output])
    assert output in error and 'expected a folder to write in' in error
