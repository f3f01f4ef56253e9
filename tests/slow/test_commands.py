"""Each command that Makefile, README and docs name runs to its end.

In a copy of the project that has few digits, so that all of it is run.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import matplotlib.image
import numpy as np
import pytest

from launch import ROOT

BIN = pathlib.Path(sys.executable).parent
# command: what it prints, and files that it leaves; in this order.
COMMANDS = {
    'make figures ARGS="--epochs 1"': (
        'drawn in output: reconstructions losses plane divergence',
        'reconstructions.png', 'losses.png', 'plane.png', 'divergence.png',
        '3-grid.png'),
    'make run TASK=0 ARGS="--epochs 1"': (
        r'test loss 0\.\d{4} nats per pixel', '0-auto.keras'),
    'make page': (r'output/page\.html', 'page.html'),
    'python -m docs.figures.page output/page.html output/page.png': (
        '', 'page.png'),
    'python -m docs.bench.page output/page.html': (
        r'\| 6 times slower \| [1-9]\d* \| \d+\.\d \|',),
    'make seeds TASK=0 ARGS="--seeds 1 --epochs 1"': (
        r'\| 0 \| 0\.\d{4} \(0\.\d{4} to 0\.\d{4}\) \|',),
    'python -m docs.figures.sparsity --epochs 1': (
        r'\| 0\.003 \| \d+% \| 0\.\d{4} \|', 'sparsity.png'),
    'make bench ARGS="--tasks 0-vanilla --epochs 1"': (
        r'\| 0-vanilla \| \d+\.\d\d \| \d+\.\d\d \(.*\n.*\n.*\n.*\n'
        r'0-vanilla: ours 0\.\d+, plain fit 0\.\d+, tuned fit 0\.\d+',),
    'python -m docs.bench.memory --times 1': (
        r'\| 512 \| \d\.\d\d \| \d\.\d\d \| \d',),
    'make grade DIR=solutions SANDBOX=off': ('15 of 15',),
    'python -m grader --help': ('130  interrupted',),
    'make stress ROUNDS=1 ARGS="tests/slow/test_programs.py -k anywhere"': (
        '1 passed',)}
# What the gate runs itself: all tests, and a row of the matrix.
ELSEWHERE = {'make test', 'make slow', 'make matrix', 'python -m pytest'}


@pytest.fixture(scope='module')
def project(tmp_path_factory):
    """Return a copy with few digits, and a solution of task 0 to grade."""
    folder = tmp_path_factory.mktemp('copy') / 'project'
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(
        '.git', '.venv', '.matrix', 'output', '__pycache__', '.pytest_cache'))
    with np.load(ROOT / 'lab' / 'mnist.npz') as digits:
        np.savez(folder / 'lab' / 'mnist.npz', **{
            name: array[:512] for name, array in digits.items()})
    (folder / 'solutions').mkdir()
    shutil.copy(folder / '0-vanilla.py', folder / 'solutions')
    return folder


@pytest.mark.program
@pytest.mark.parametrize('command', COMMANDS)
def test_command(project, command):
    """It ends well, prints what it should, and leaves its files."""
    printed, *files = COMMANDS[command]
    # The environment is that of this test: nothing is installed.
    make = f'make BIN={BIN} ' + ' '.join(
        f'-o .venv/{name}' for name in ('run', 'test', 'bench'))
    ended = subprocess.run(
        command.replace('make', make, 1) if command.startswith('make') else
        command, cwd=project, shell=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, env=dict(
            # What a make that runs the tests was given is not for this one.
            os.environ, MAKEFLAGS='', ARGS='',
            PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}"))
    assert ended.returncode == 0, ended.stdout
    assert re.search(printed, ended.stdout), ended.stdout
    for name in files:
        path = project / 'output' / name
        assert path.stat().st_size > 0
        if path.suffix == '.png':
            assert matplotlib.image.imread(path)[..., :3].std() > 0.05


def test_all_commands():
    """What the Makefile, README and docs name is in the table above."""
    targets = re.findall(r'(?m)^([a-z]+):', (ROOT / 'Makefile').read_text())
    documented = {f'make {target}' for target in targets}
    for path in [ROOT / 'README.md', *(ROOT / 'docs').glob('*.md')]:
        documented |= {name for name in re.findall(
            r'python -m [a-z.]+', path.read_text())}
    run = {re.match(r'make \w+|python -m [a-z.]+', command)[0]
           for command in COMMANDS}
    assert documented - {'python -m venv'} <= run | ELSEWHERE
