"""Run the modules' tests on every TensorFlow; print version x task.

    python -m tests.matrix [--rows NAME ...]

A row whose Python is not on this machine is not run, and fails the command.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

from grader.versions import ROWS, install, settings
from lab import TASKS

ROOT = pathlib.Path(__file__).parent.parent


def run(name, python):
    """Run the modules' tests; return {task: [passed, not passed]}."""
    results = ROOT / '.matrix' / f'{name}.xml'
    results.unlink(missing_ok=True)
    process = subprocess.run(
        [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
         f'--junitxml={results}', 'tests/test_modules.py'], cwd=ROOT,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1',
                 TF_CPP_MIN_LOG_LEVEL='3', **settings(name)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if process.returncode:
        print(process.stdout[-5000:])
    counts = {task: [0, 0] for task in TASKS}
    if results.exists():
        for case in xml.etree.ElementTree.parse(results).iter('testcase'):
            task, = [noted.get('value') for noted in case.iter('property')]
            bad = {child.tag for child in case} & {
                'failure', 'error', 'skipped'}
            counts[task][bool(bad)] += 1
    return counts


def main():
    """Run the rows asked for; exit with status 1 unless all passed."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=list(ROWS))
    args = parser.parse_args()
    print('| TensorFlow | Python | 0 vanilla | 1 sparse | 2 convolutional | '
          '3 variational |\n|' + ' --- |' * 6, flush=True)
    failed = []
    for name in args.rows:
        python = install(name)
        if python is None:
            cells = ['not run: there is no such Python']
            good = False
        else:
            counts = run(name, python).values()
            cells = [f'{passed} passed, {bad} NOT PASSED' if bad else
                     f'{passed} passed' for passed, bad in counts]
            good = all(passed and not bad for passed, bad in counts)
        print(f"| {' | '.join([name, ROWS[name][0], *cells])} |", flush=True)
        failed += [] if good else [name]
    sys.exit(f"failed or not run: {', '.join(failed)}" if failed else 0)


if __name__ == '__main__':
    main()
