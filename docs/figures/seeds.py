"""Run a main with some seeds, 0 first; print the spread of its test loss.

    python -m docs.figures.seeds TASK [--seeds 5] [the main's options]
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def main():
    """Print a line for each seed, then the median and the range as a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('task', choices='0123')
    parser.add_argument('--seeds', type=int, default=5)
    args, options = parser.parse_known_args()
    task = args.task
    losses = []
    for seed in range(args.seeds):
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
    text = dict(zip(map(float, losses), losses))
    median = statistics.median_low(map(float, losses))
    print(f'| {task} | {text[median]} ({text[min(text)]} to '
          f'{text[max(text)]}) |')


if __name__ == '__main__':
    main()
