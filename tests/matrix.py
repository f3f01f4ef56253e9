"""Run the modules' tests on every TensorFlow; print version x task.

    python tests/matrix.py [--rows NAME ...] [--skip NAME ...]

Each row has an environment of its own under .matrix/, kept for the next time.
A row whose Python is not on this machine is not run, and fails the command
unless it is named in --skip.
"""
import argparse
import glob
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from lab.tasks import TASKS  # noqa: E402

# name: (Python, what pip installs); pip finds the rest.
ROWS = {
    '1.15.5': ('3.7', ['tensorflow==1.15.5', 'protobuf<3.21', 'numpy<1.19',
                       'h5py<3']),
    '2.4.4': ('3.8', ['tensorflow==2.4.4']),
    '2.8.4': ('3.9', ['tensorflow==2.8.4', 'protobuf<3.21', 'numpy<2']),
    '2.12.1': ('3.10', ['tensorflow==2.12.1']),
    '2.15.1': ('3.11', ['tensorflow==2.15.1']),
    '2.16.2': ('3.12', ['tensorflow==2.16.2', 'keras>=3.14']),
    '2.21.0': ('3.13', ['tensorflow==2.21.0', 'keras>=3.14']),
    'legacy': ('3.11', ['tensorflow==2.21.0', 'tf-keras==2.21.0'])}


def find_python(version):
    """Return a working interpreter of this version, or None."""
    found = [shutil.which(f"python{version}")] + sorted(glob.glob(
        os.path.expanduser(f'~/.pyenv/versions/{version}.*/bin/python')))
    for python in filter(None, found):
        if subprocess.run([python, '-c', ''], capture_output=True,
                          check=False).returncode == 0:
            return python
    return None


def install(name):
    """Return the Python of the row's environment; None if there is none."""
    version, requirements = ROWS[name]
    folder = ROOT / '.matrix' / name
    python, done = folder / 'bin' / 'python', folder / 'installed'
    # Matplotlib, as the tasks' own mains import it, and so do solutions.
    packages = ['pytest', 'matplotlib', *requirements]
    if not done.exists() or done.read_text() != ' '.join(packages):
        base = find_python(version)
        if base is None:
            return None
        subprocess.run([base, '-m', 'venv', '--clear', str(folder)],
                       check=True)
        subprocess.run([str(python), '-m', 'pip', 'install', '-q', *packages],
                       check=True)
        done.write_text(' '.join(packages))
    return str(python)


def settings(name):
    """Return the environment variables that make a row what it is."""
    return {'TF_USE_LEGACY_KERAS': '1'} if name == 'legacy' else {}


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
