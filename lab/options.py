"""The command line, the same for the four mains."""
import argparse
import datetime
import os
import tempfile

from lab import mnist

NEEDED_BYTES = 32 * 2**20   # a run writes less: models, backup and pictures


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, '{}: error: {}\n'.format(self.prog, message))


def parse(task, description, argv=None):
    """Parse a main's command line, load its digits, check its output folder.

    Whatever is wrong ends the program here, before TensorFlow is imported,
    with one line on stderr and exit status 2.

    Args:
        task: str, the task's module, such as '0-vanilla'.
        description: str, what --help says of the main.
        argv: list of str, the arguments; None is the process's own.

    Returns:
        argparse.Namespace: the options; `settings`, a dict of the same for
        `results.save`; and `digits`, what `mnist.load_data` returns, cut to
        --limit.
    """
    parser = _Parser(prog=task[0] + '-main.py', description=description,
                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--epochs', type=_int_from(1), default=50, metavar='N',
                        help='times that training goes through the digits')
    parser.add_argument('--batch-size', type=_int_from(1), default=256,
                        metavar='N', help='images in each step of training')
    parser.add_argument('--seed', type=_int_from(0), default=0,
                        metavar='N',
                        help='seed of the weights, the noise, the order')
    parser.add_argument('--data', default=mnist.BUNDLED, metavar='FILE.npz',
                        help="digits, in the format of Keras's mnist.npz")
    parser.add_argument('--limit', type=_int_from(1), metavar='N',
                        help='use the first N training and N test images')
    parser.add_argument('--output', default='output', metavar='DIR',
                        help='folder for models, history and pictures')
    args = parser.parse_args(argv)
    args.settings = dict(vars(args), data=str(args.data), started=(
        datetime.datetime.now().astimezone().isoformat(timespec='seconds')))
    try:
        import matplotlib       # noqa: F401, it reads MPLBACKEND
    except ValueError as error:
        parser.error('MPLBACKEND: {}'.format(error))
    try:
        args.digits = [[array[:args.limit] for array in part]
                       for part in mnist.load_data(args.data)]
    except ValueError as error:
        parser.error('argument --data: {}'.format(error))
    try:
        os.makedirs(args.output, exist_ok=True)
        with tempfile.TemporaryFile(dir=args.output) as file:
            file.write(bytes(NEEDED_BYTES))
    except OSError as error:
        parser.error('argument --output: {}: {}, expected a folder with {} MB '
                     'to write'.format(args.output, error.strerror,
                                       NEEDED_BYTES // 2**20))
    return args


def _int_from(low):
    """Return a parser of ints from low to 2**32 - 1."""
    def parse_int(text):
        if text.isdecimal() and low <= int(text) < 2**32:
            return int(text)
        raise argparse.ArgumentTypeError(
            '{!r}, expected an integer >= {} and <= {}'.format(
                text, low, 2**32 - 1))
    return parse_int
