"""Run the tests that start programs many times on a machine that is busy.

    python -m tests.stress [--rounds N] [pytest's arguments]

Beside them run as many busy loops as there are cores. Two pytests share the
rounds; one ignores Ctrl-C, as under nohup, which its programs inherit. Prints
a row for each test: passed of runs.
"""
import argparse
import collections
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).parent.parent


def ignore_interrupts():
    """Let a child's programs inherit that SIGINT is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def begin(arguments, rounds, results, ignoring):
    """Start a pytest that runs the tests so many times."""
    return subprocess.Popen(
        [sys.executable, '-m', 'pytest', '-v', '-m', 'program', '-p',
         'no:cacheprovider', '-n', str(os.cpu_count()), '--dist', 'worksteal',
         '--junitxml', results, '--keep-duplicates', *(arguments * rounds)],
        cwd=ROOT, preexec_fn=ignore_interrupts if ignoring else None)


def main():
    """Run the rounds; exit with status 1 unless every test passed in each."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--rounds', type=int, default=20)
    args, arguments = parser.parse_known_args()
    runs, passed = collections.Counter(), collections.Counter()
    busy = [subprocess.Popen([sys.executable, '-c', 'while True: pass'])
            for _ in range(os.cpu_count())]
    try:
        with tempfile.TemporaryDirectory() as folder:
            results = [os.path.join(folder, name) for name in 'ab']
            half = args.rounds // 2
            ended = [pytest.wait() for pytest in [
                    begin(arguments or ['tests'], rounds, file, ignoring)
                    for rounds, file, ignoring in zip(
                        (args.rounds - half, half), results, (False, True))
                    if rounds]]
            for file in filter(os.path.exists, results):
                for case in xml.etree.ElementTree.parse(file).iter('testcase'):
                    name = '{}::{}'.format(
                        case.get('classname').split('.')[-1], case.get('name'))
                    tags = {child.tag for child in case}
                    runs[name] += 'skipped' not in tags
                    passed[name] += not tags & {'skipped', 'failure', 'error'}
    finally:
        for loop in busy:
            loop.kill()
        print('\n| test | passed | of |\n| --- | --- | --- |')
        for name in sorted(runs):
            print(f'| {name} | {passed[name]} | {runs[name]} |')
    sys.exit(0 if runs and passed == runs and not any(ended) else 1)


if __name__ == '__main__':
    main()
