"""Run the modules' tests on every TensorFlow; print version x task.

    python -m tests.matrix [--rows NAME ...] [--skip NAME ...]

A row whose Python is not on this machine is not run, and fails the command
unless it is named in --skip.
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
    """Run the modules' tests; return {task: [passed, failed, skipped]}."""
    results = ROOT / '.matrix' / (f"{name}.xml")
    results.unlink(missing_ok=True)
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='1',
                       TF_CPP_MIN_LOG_LEVEL='3', **settings(name))
    process = subprocess.run(
        [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
         f"--junitxml={results!s}", 'tests/test_modules.py'],
        cwd=str(ROOT), env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)
    counts = {task: [0, 0, 0] for task in TASKS}
    if process.returncode or not results.exists():
        print(process.stdout[-5000:])
    if not results.exists():
        return counts
    for case in xml.etree.ElementTree.parse(results).iter('testcase'):
        task, = [noted.get('value') for noted in case.iter('property')]
        outcomes = {child.tag for child in case}
        counts[task][1 if outcomes & {'failure', 'error'} else
                     2 if 'skipped' in outcomes else 0] += 1
    return counts


def main():
    """Run the rows asked for; exit with status 1 unless all passed."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--rows', nargs='+', choices=ROWS, default=list(ROWS))
    parser.add_argument('--skip', nargs='*', choices=ROWS, default=[])
    args = parser.parse_args()
    lines, failed = [], []
    for name in args.rows:
        python = install(name)
        if python is None:
            cells = [f"not run: no Python {ROWS[name][0]}"]
            good = name in args.skip
        else:
            counts = run(name, python)
            cells = [f'{passed} passed' + ', {} FAILED'.format(
                broken) * bool(broken) for passed, broken, _ in
                counts.values()]
            good = all(passed and not broken
                       for passed, broken, _ in counts.values())
        lines.append(f"| {' | '.join([name, ROWS[name][0]] + cells)} |")
        print(lines[-1], flush=True)
        failed += [] if good else [name]
    print('\n| TensorFlow | Python | 0 vanilla | 1 sparse | 2 convolutional | '
          '3 variational |\n|' + ' --- |' * 6)
    print('\n'.join(lines))
    sys.exit(f"failed or not run: {', '.join(failed)}" if failed else 0)


if __name__ == '__main__':
    main()
