"""A sandbox for a solution, of bubblewrap: what it sees and may do there."""
import functools
import itertools
import os
import pathlib
import shutil
import subprocess

FILES = 2**28                   # bytes that it may write, into memory
PROCESSES = 256                 # and threads; TensorFlow takes some 40
# Of each process: ours has 0.5 GB, of 2.5 GB mapped.
LIMITS = {'data': 2**32, 'as': 6 * 2**30, 'fsize': FILES, 'nofile': 64,
          'core': 0, 'nproc': PROCESSES}
# Of /etc what programs are linked with: nothing there is the student's.
SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64',
          '/etc/alternatives', '/etc/ld.so.cache', '/etc/localtime']
numbers = itertools.count()     # of the sandboxes


@functools.lru_cache(None)
def prefixes(python):
    """Return the folders that an interpreter's files are in."""
    said = subprocess.run(
        [python, '-c', 'import sys; print(sys.prefix, sys.base_prefix, '
         'sep="\\n")'], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [path for path in said.split() if not path.startswith('/usr')]


def wrap(command, python, programs, given):
    """Return a command that runs another in the sandbox, in its /tmp.

    Args:
        command: list of str.
        python: str, the interpreter.
        programs: list of str, files. They, the interpreter and the system are
            in sight, nothing else.
        given: str, the copy of a solution's folder, seen as /tmp/given.

    Returns:
        list of str.
    """
    bwrap = ['bwrap', '--die-with-parent', '--new-session', '--unshare-ipc',
             '--unshare-pid', '--unshare-net', '--unshare-uts',
             '--unshare-cgroup-try', '--dev', '/dev', '--proc', '/proc',
             '--perms', '1777', '--size', str(FILES), '--tmpfs', '/tmp']
    for path in [*filter(os.path.exists, SYSTEM), *prefixes(python),
                 *programs]:
        for parent in [*pathlib.Path(path).parents][-2::-1]:
            bwrap += ['--perms', '0755', '--dir', str(parent)]
        bwrap += ['--ro-bind', path, path]
    bwrap += ['--ro-bind', given, '/tmp/given', '--remount-ro', '/dev',
              '--remount-ro', '/', '--chdir', '/tmp']
    if os.geteuid():
        bwrap += ['--unshare-user']
    else:       # not with root's rights; a user's processes are counted
        user = str(2**15 + next(numbers) % 2**14)   # a container has it, too
        bwrap += ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID',
                  'setpriv', '--reuid', user, '--regid', user,
                  '--clear-groups']
    return [*bwrap, 'prlimit', *(f'--{name}={value}' for name, value in
                                 LIMITS.items()), *command]


def missing(python):
    """Return why there can be no sandbox on this machine, or None."""
    if shutil.which('bwrap') is None:
        return 'bubblewrap (bwrap) is not installed'
    trial = subprocess.run(
        wrap([python, '-c', ''], python, [], '/usr'),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if trial.returncode == 0:
        return None
    said = (trial.stderr.strip() or 'bwrap failed').splitlines()[-1]
    # Ubuntu from 24.04 on lets no program make a user namespace unasked.
    return f'{said} (docs/grading.md has the profile that AppArmor may want)'
