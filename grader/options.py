"""Grade a folder of solutions, or a class of such folders.

A folder of solutions is one that holds 0-vanilla.py, 1-sparse.py,
2-convolutional.py or 3-variational.py, at most 12 folders down in DIR.

exit status:
  0  every point is passed      2  nothing was graded, or not all was written
  1  a solution has faults      3  the machine failed at some: they have no
                                   grade, the same command grades them again
  4  the grader itself failed   130  interrupted: the same command goes on

  python -m grader class --csv grades.csv --reports pages
  python -m grader anna --tensorflow 1.15.5 2.21.0
"""
import argparse
import os
import sys

from grader import files, sandbox, versions
from grader.process import HERE, SECONDS
from lab.options import number


def _parser():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m grader', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('dir', metavar='DIR')
    parser.add_argument(
        '--tensorflow', nargs='+', metavar='VERSION', default=[HERE],
        choices=[HERE, *versions.ROWS],
        help=f'those to grade on: {", ".join(versions.ROWS)}; by default '
        f'{HERE}, the one of this environment')
    parser.add_argument('--csv', metavar='FILE', help='a row for each folder')
    parser.add_argument('--json', metavar='FILE', help='every result')
    parser.add_argument('--reports', metavar='FOLDER',
                        help='a page of text for each folder')
    parser.add_argument('--seed', type=number(int, 0), metavar='N',
                        help='of the weights and images, to repeat a run; a '
                        'new one by default')
    parser.add_argument('--seconds', type=number(int, 1), default=SECONDS,
                        metavar='S', help='how long a solution may take for '
                        'an answer, and in all five times as long; by default '
                        '%(default)s')
    parser.add_argument('--sandbox', choices=['require', 'off'],
                        default='require', help='off: the solutions run with '
                        'your rights')
    return parser


def parse(arguments=None):
    """Return the command line, once all of it is known to be good."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if not os.path.isdir(args.dir):
        parser.error(f'argument DIR: {args.dir!r} is no folder')
    args.folders, args.none = files.find(args.dir)
    if not args.folders:
        parser.error(f'argument DIR: {args.dir!r} holds {files.NONE}')
    for version in args.tensorflow:
        if version != HERE and versions.install(version) is None:
            parser.error(f'argument --tensorflow: {version} needs Python '
                         f'{versions.ROWS[version][0]}, which is not on this '
                         'machine')
    try:
        for file in filter(None, [args.csv, args.json]):
            open(file, 'a').close()
        if args.reports:
            os.makedirs(args.reports, exist_ok=True)
    except OSError as error:
        parser.error(str(error))
    why = args.sandbox == 'require' and sandbox.missing(sys.executable)
    if why:
        parser.error(f'argument --sandbox: {why}; with off (make grade '
                     'SANDBOX=off), the solutions run with your rights')
    return args
