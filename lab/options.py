"""The command line, the same for the four mains."""
import argparse
import contextlib
import os
import sys
import tempfile

from lab import RunEnded, mnist


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        if 'ipykernel' in sys.argv[0]:
            message += '; in a notebook call main([]), or %run the file'
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
    parser.add_argument('--epochs', type=int_from(1), default=50, metavar='N',
                        help='times that training goes through the digits')
    parser.add_argument('--batch-size', type=int_from(1), default=256,
                        metavar='N', help='images in each step of training')
    parser.add_argument('--seed', type=int_from(0), default=0,
                        metavar='N',
                        help='seed of the weights, the noise, the order')
    parser.add_argument('--data', default=str(mnist.BUNDLED),
                        metavar='FILE.npz',
                        help="digits, in the format of Keras's mnist.npz")
    parser.add_argument('--limit', type=int_from(1), metavar='N',
                        help='use the first N training and N test images')
    parser.add_argument('--output', type=_folder, default='output',
                        metavar='DIR',
                        help='folder for models, history and pictures')
    parser.add_argument('--replace', action='store_true',
                        help='replace the models of a longer run in DIR')
    if task == '1-sparse':
        parser.add_argument('--lambtha', type=_weight, default=10e-6,
                            metavar='L', help='weight of the L1 penalty')
    try:
        import matplotlib       # noqa: F401, it reads MPLBACKEND
    except ValueError as error:
        parser.error(f'MPLBACKEND: {error}')
    return parser.parse_args(argv)


def int_from(low):
    """Return a parser of ints from low to 2**32 - 1."""
    def parse_int(text):
        if text.isdecimal() and low <= int(text) < 2**32:
            return int(text)
        raise argparse.ArgumentTypeError(
            f'{text!r}, expected an integer >= {low} and <= {2**32 - 1}')
    return parse_int


def _weight(text):
    """Return a finite float >= 0."""
    with contextlib.suppress(ValueError):
        if 0 <= float(text) < float('inf'):
            return float(text)
    raise argparse.ArgumentTypeError(f'{text!r}, expected a float >= 0')


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
