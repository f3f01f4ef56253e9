"""Start a main as a user does, as a program of its own."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent


def start(task, *arguments, **settings):
    """Start a main without a screen; settings are those of Popen."""
    env = {name: value for name, value in settings.pop(
        'env', os.environ).items()
           if name not in ('DISPLAY', 'WAYLAND_DISPLAY', 'MPLBACKEND')}
    env['PATH'] = os.pathsep.join([str(pathlib.Path(sys.executable).parent),
                                   env['PATH']])
    return subprocess.Popen([str(ROOT / (task + '-main.py')), *arguments],
                            env=env, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **settings)


def said(stderr):
    """Return the lines on stderr that are not TensorFlow's own logging."""
    return [line for line in stderr.splitlines()
            if not re.match(r'WARNING: All log|[IWE]\d{4} |\d{4}-\d\d-\d\d ',
                            line)]
