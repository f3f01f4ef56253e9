"""Run the tests that start programs many times on a machine that is busy.

    python -m tests.stress [--rounds N] [pytest's arguments]

Two are run at a time for each core.
"""
import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent


def main():
    """Run the rounds; exit with pytest's status."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--rounds', type=int, default=20)
    args, arguments = parser.parse_known_args()
    sys.exit(subprocess.call(
        [sys.executable, '-m', 'pytest', '-m', 'program', '-p',
         'no:cacheprovider', '-n', str(2 * os.cpu_count()), '--dist',
         'worksteal', '--keep-duplicates',
         *((arguments or ['tests']) * args.rounds)], cwd=ROOT))


if __name__ == '__main__':
    main()
