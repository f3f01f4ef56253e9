"""The command line, the same for the four mains."""
import argparse
import contextlib
import os
import tempfile

from lab import RunEnded, mnist


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise RunEnded(f'{self.prog}: error: {message}', status=2)


def parse(task, description, argv=None):
    """Parse a main's command line.

    Args:
        task: str, the task's module, such as '0-vanilla'.
        description: str, what --help says of the main.
        argv: list of str, the arguments; None is the process's own.

    Returns:
        argparse.Namespace, the options.

    Raises:
        lab.RunEnded: with a line that names the option, its value and what is
            expected.
    """
    parser = _Parser(prog=f"{task[0]}-main.py", description=description,
                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--epochs', type=number(int, 1), default=50,
                        metavar='N',
                        help='times that training goes through the digits')
    parser.add_argument('--batch-size', type=number(int, 1), default=256,
                        metavar='N', help='images in each step of training')
    parser.add_argument('--seed', type=number(int, 0), default=0,
                        metavar='N',
                        help='seed of the weights, the noise, the order')
    parser.add_argument('--data', default=str(mnist.BUNDLED),
                        metavar='FILE.npz',
                        help="digits, in the format of Keras's mnist.npz")
    parser.add_argument('--limit', type=number(int, 1), metavar='N',
                        help='use the first N training and N test images')
    parser.add_argument('--output', type=_folder, default='output',
                        metavar='DIR',
                        help='folder for models, history and pictures')
    parser.add_argument('--replace', action='store_true',
                        help='replace the models of a longer run in DIR')
    if task == '1-sparse':
        parser.add_argument('--lambtha', type=number(float, 0), default=10e-6,
                            metavar='L', help='weight of the L1 penalty')
    return parser.parse_args(argv)


def number(kind, low, high=2**32):
    """Return a parser of numbers, int or float, from low on, below high."""
    def parse_number(text):
        with contextlib.suppress(ValueError):
            if low <= kind(text) < high:
                return kind(text)
        raise argparse.ArgumentTypeError(
            f'{text!r}, expected {kind.__name__} >= {low} and < {high}')
    return parse_number


def _folder(path):
    """Make the folder if need be; return its path if it can hold a run."""
    try:
        os.makedirs(path, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f'{path}: {error.strerror}, expected a folder to write in'
        ) from None
    return path
