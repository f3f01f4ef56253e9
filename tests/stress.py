"""Run the tests that start programs many times on a machine that is busy.

    python tests/stress.py [--rounds N] [pytest's arguments]

Beside them run as many busy loops as there are cores; every second round has
a parent that ignores Ctrl-C, as under nohup, which programs inherit. Prints a
row for each test: passed of runs.
"""
import argparse
import collections
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).parent.parent


def ignore_interrupts():
    """Let a child's programs inherit that SIGINT is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(arguments, results, ignoring):
    """Run the tests once; return {name: whether it passed} and the output."""
    process = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-m', 'program', '-p',
         'no:cacheprovider', '-n', str(os.cpu_count()), '--junitxml',
         results, *(arguments or ['tests', 'tests/slow'])],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=ignore_interrupts if ignoring else None)
    cases = xml.etree.ElementTree.parse(results).iter('testcase')
    return {case.get('classname').split('.')[-1] + '::' + case.get('name'):
            not {'failure', 'error'} & {child.tag for child in case}
            for case in cases}, process.stdout


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
            for number in range(args.rounds):
                started = time.monotonic()
                outcomes, output = run(
                    arguments, os.path.join(folder, 'results.xml'), number % 2)
                runs.update(outcomes)
                passed.update(name for name in outcomes if outcomes[name])
                print('round {}: {} of {} passed, {:.0f} s'.format(
                    number + 1, sum(outcomes.values()), len(outcomes),
                    time.monotonic() - started), flush=True)
                if not outcomes or not all(outcomes.values()):
                    print(output[-20000:], flush=True)
    finally:
        for loop in busy:
            loop.kill()
        print('\n| test | passed | of |\n| --- | --- | --- |')
        for name in sorted(runs):
            print('| {} | {} | {} |'.format(name, passed[name], runs[name]))
    sys.exit(0 if runs and passed == runs else 1)


if __name__ == '__main__':
    main()
