"""The TensorFlows that `make matrix` tests on and the grader grades on.

Each has an environment of its own under .matrix/, kept for the next time.
"""
import glob
import os
import pathlib
import shutil
import subprocess

MATRIX = pathlib.Path(__file__).absolute().parent.parent / '.matrix'
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
    folder = MATRIX / name
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
