"""A room for a solution, made by bubblewrap: what it sees and may do there."""
import functools
import os
import platform
import re
import shutil
import subprocess
import sys

ROOM = '/tmp/solution'          # where a program finds itself
GIGABYTE = 2**30
FILES = 2**28                   # bytes that it may write, into memory
PROCESSES = 256                 # and threads; TensorFlow takes some 40
# Of each process: ours has 0.5 GB, of 2.5 GB mapped.
LIMITS = {'data': 4 * GIGABYTE, 'as': 6 * GIGABYTE, 'fsize': FILES,
          'nofile': 64, 'core': 0}
SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc']


@functools.lru_cache(None)
def prefixes(python):
    """Return the folders that an interpreter's files are in."""
    said = subprocess.run(
        [python, '-c', 'import sys; print(sys.prefix, sys.base_prefix, '
         'sep="\\n")'], stdout=subprocess.PIPE, text=True, check=True).stdout
    return sorted({path for path in said.split('\n') if path and not
                   path.startswith('/usr')})


@functools.lru_cache(None)
def cgroup():
    """Return a command's beginning that bounds all of its processes.

    Of what a room's processes share, memory that they map or write, only a
    cgroup knows. It takes systemd; [] where there is none.
    """
    command = ['systemd-run', *['--user'] * bool(os.geteuid()), '--scope',
               '--quiet', '-p', f'MemoryMax={5 * GIGABYTE}', '-p',
               'MemorySwapMax=0', '-p', f'TasksMax={PROCESSES}', '--']
    try:
        subprocess.run([*command, 'true'], check=True, timeout=10,
                       stdin=subprocess.DEVNULL, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return command


def limited(**more):
    """Return a command's beginning that bounds each of its processes."""
    return ['prlimit', *(f'--{name}={value}'
                         for name, value in {**LIMITS, **more}.items())]


def wrap(command, python, program, hidden, number):
    """Return a command that runs another in the room, an empty folder.

    Args:
        command: list of str.
        python, program: str, the interpreter and a file. They and the system
            are in sight, nothing else.
        hidden: str, a folder that is not to be seen, wherever it lies.
        number: int; rooms that run at the same time have different ones.

    Returns:
        list of str.
    """
    room = [*cgroup(), 'bwrap', '--die-with-parent', '--new-session',
            '--unshare-ipc', '--unshare-pid', '--unshare-net',
            '--unshare-uts', '--unshare-cgroup-try']
    for path in filter(os.path.exists, SYSTEM):
        room += ['--ro-bind', path, path]
    room += ['--dev', '/dev', '--proc', '/proc', '--perms', '1777',
             '--size', str(FILES), '--tmpfs', '/tmp']
    shown = [*prefixes(python), program]
    for path in shown:
        parts = path.split('/')
        for end in range(2, len(parts)):
            room += ['--perms', '0755', '--dir', '/'.join(parts[:end])]
        room += ['--ro-bind', path, path]
    if any((hidden + '/').startswith(path + '/') for path in shown + SYSTEM):
        room += ['--tmpfs', hidden, '--remount-ro', hidden]
    room += ['--perms', '1777', '--dir', ROOM, '--remount-ro', '/dev',
             '--remount-ro', '/', '--chdir', ROOM]
    if os.geteuid():
        room += ['--unshare-user']
    else:       # not with root's rights; a user's processes are counted
        user = 2**20 + (os.getpid() << 9) + number % 2**9
        room += ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID',
                 'setpriv', f'--reuid={user}', f'--regid={user}',
                 '--clear-groups']
    # Before Linux 5.14 the processes of a user were counted wherever they run.
    version = [int(n) for n in re.findall(r'\d+', platform.release())[:2]]
    counted = not os.geteuid() or version >= [5, 14]
    return room + limited(**{'nproc': PROCESSES} if counted else {}) + command


def missing(python):
    """Return why there can be no room on this machine, or None."""
    for program, package in [('bwrap', 'bubblewrap'),
                             ('prlimit', 'util-linux')]:
        if shutil.which(program) is None:
            return f'{package} ({program}) is not installed'
    trial = subprocess.run(
        wrap([python, '-c', ''], python, os.path.abspath(__file__), '', 0),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if trial.returncode == 0:
        return None
    said = (trial.stderr.strip() or 'bwrap failed').splitlines()[-1]
    # Ubuntu from 24.04 on lets no program make a user namespace unasked.
    return said + (
        ' (AppArmor forbids it: docs/grading.md has the profile for bwrap)'
        if 'uid map' in said or 'user namespace' in said else '')


def mortal(command, pipe, folder):
    """Return a command that runs another without a room.

    Args:
        command: list of str.
        pipe: int, the reading end of a pipe. When the grader ends, however
            that may be, all that the command has started ends.
        folder: str, which is removed then.
    """
    return [sys.executable, '-c', '''
import os, shutil, signal, sys
pipe, folder, *command = sys.argv[1:]
group = os.getpid()
if os.fork():
    os.close(int(pipe))
    os.execvp(command[0], command)
os.setsid()
os.closerange(0, 3)
os.read(int(pipe), 1)
try:
    os.killpg(group, signal.SIGKILL)
finally:
    shutil.rmtree(folder, ignore_errors=True)
''', str(pipe), folder, *limited() * bool(shutil.which('prlimit')), *command]
