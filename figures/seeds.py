#!/usr/bin/env python3
"""Run a main with seeds 0 to 4; print the spread of its test loss.

    figures/seeds.py TASK [the main's options]
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent


def main(task, *options):
    """Print a line for each seed, then the median and the range as a row."""
    losses = []
    for seed in range(5):
        printed = subprocess.run(
            [sys.executable, str(ROOT / (f"{task}-main.py")), '--seed',
             str(seed), '--output', str(ROOT / 'output' / 'seeds' / str(seed)),
             *options], check=True, stdout=subprocess.PIPE, text=True).stdout
        line = re.search('^test loss ([0-9.]+) nats.*', printed, re.MULTILINE)
        print(f'seed {seed}: {line[0]}', flush=True)
        losses.append(line[1])
    least, _, median, _, most = sorted(losses, key=float)
    print(f'| {task} | {median} ({least} to {most}) |')


if __name__ == '__main__':
    main(*sys.argv[1:])
