"""Run a main with seeds 0 to 4; print the spread of its test loss.

    python -m docs.figures.seeds TASK [the main's options]
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def main():
    """Print a line for each seed, then the median and the range as a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('task', choices='0123')
    args, options = parser.parse_known_args()
    task = args.task
    losses = []
    for seed in range(5):
        folder = ROOT / 'output' / 'seeds' / str(seed)
        command = subprocess.Popen(
            [sys.executable, str(ROOT / f'{task}-main.py'), '--seed',
             str(seed), '--output', str(folder), *options], text=True,
            stdout=subprocess.PIPE, env={**os.environ, 'MPLBACKEND': 'agg'})
        try:
            for line in command.stdout:
                if line.startswith('Epoch') and sys.stdout.isatty():
                    print(f'seed {seed}: {line.strip()}', end='\r', flush=True)
                elif line.startswith('test loss'):
                    print(f'seed {seed}: {line}', end='', flush=True)
                    losses += re.findall('^test loss ([0-9.]+)', line)
        except KeyboardInterrupt:
            command.wait()              # it says that it was interrupted
        if command.wait():
            sys.exit(command.returncode)
    least, _, median, _, most = sorted(losses, key=float)
    print(f'| {task} | {median} ({least} to {most}) |')


if __name__ == '__main__':
    main()
