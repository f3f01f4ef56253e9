"""Run the tests that start programs many times on a machine that is busy.

    python -m tests.stress [--rounds N] [pytest's arguments]

Beside them run as many busy loops as there are cores.
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
    busy = [subprocess.Popen([sys.executable, '-c', 'while True: pass'])
            for _ in range(os.cpu_count())]
    try:
        sys.exit(subprocess.call(
            [sys.executable, '-m', 'pytest', '-m', 'program', '-p',
             'no:cacheprovider', '-n', str(os.cpu_count()), '--dist',
             'worksteal', '--keep-duplicates',
             *((arguments or ['tests']) * args.rounds)], cwd=ROOT))
    finally:
        for loop in busy:
            loop.kill()


if __name__ == '__main__':
    main()
