"""A room for a solution, made by bubblewrap: what it sees and may do there."""
import os
import pathlib
import platform
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).absolute().parent
SOLUTION = '/tmp/solution'      # where it finds itself
FILES = 2**28                   # bytes that it may write, into memory
PROCESSES = 256                 # and threads; TensorFlow takes some 40


def wrap(command, python, folder, hidden, number):
    """Return a command that runs another in the room.

    Args:
        command: list of str.
        python: str, the interpreter, which stays in sight.
        folder: str, shown as SOLUTION, where the command starts.
        hidden: folders that are not to be seen, beside the homes.
        number: int; rooms that run at the same time have different ones.

    Returns:
        list of str.
    """
    hide = sorted(filter(os.path.isdir, {
        '/home', '/root', '/run', os.path.expanduser('~'),
        *map(os.path.abspath, hidden)} - {'/'}))
    show = sorted({str(HERE), *(str(pathlib.Path(path).parent.parent)
                                for path in (os.path.abspath(python),
                                             os.path.realpath(python)))})
    room = ['bwrap', '--die-with-parent', '--new-session', '--unshare-ipc',
            '--unshare-pid', '--unshare-net', '--unshare-uts',
            '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc',
            '--perms', '1777', '--size', str(FILES), '--tmpfs', '/tmp']
    for path in hide:
        room += ['--tmpfs', path]
    for path in show:
        for parent in map(str, reversed(pathlib.Path(path).parents)):
            if parent.startswith(('/tmp/', *(h + '/' for h in hide))):
                room += ['--perms', '0755', '--dir', parent]
        room += ['--ro-bind', path, path]
    room += ['--ro-bind', folder, SOLUTION]
    for path in hide + ['/dev']:
        room += ['--remount-ro', path]
    room += ['--chdir', SOLUTION]
    if os.geteuid():
        room += ['--unshare-user']
    else:       # not with root's rights; a user's processes are counted
        user = 2**20 + (os.getpid() << 9) + number % 2**9
        room += ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID',
                 'setpriv', '--reuid={}'.format(user),
                 '--regid={}'.format(user), '--clear-groups']
    return room + command


def settings():
    """Return the environment variables that `check` takes its limit from.

    Before Linux 5.14 the processes of a user were counted wherever they run.
    """
    version = [int(n) for n in re.findall(r'\d+', platform.release())[:2]]
    return ({'PROCESSES': str(PROCESSES)}
            if not os.geteuid() or version >= [5, 14] else {})


def missing(python):
    """Return why there can be no room on this machine, or None."""
    if shutil.which('bwrap') is None:
        return 'bubblewrap (bwrap) is not installed'
    trial = subprocess.run(
        wrap([python, '-c', ''], python, str(HERE), [], 0),
        capture_output=True, text=True, check=False)
    return (trial.stderr.strip() or 'bwrap failed').splitlines()[-1] if (
        trial.returncode) else None
