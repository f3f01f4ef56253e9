"""Grade a folder of solutions, or a class of such folders.

    python grade.py DIR [--tensorflow VERSION ...] [--sandbox auto] ...

A folder of solutions is one that holds 0-vanilla.py, 1-sparse.py,
2-convolutional.py or 3-variational.py; in DIR they may lie at any depth. Exit
status 0 if all passed every point, 1 if not, 2 if nothing was graded, 3 if
the machine failed at some: they are named, have no grade, and are graded again
by the same command.
"""
import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).absolute().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import files  # noqa: E402, which stands beside this file
import grader  # noqa: E402
import matrix  # noqa: E402, which stands above it
import report  # noqa: E402
import sandbox  # noqa: E402
from lab.tasks import TASKS  # noqa: E402

KEPT = HERE.parent.parent / 'output'    # what an interrupted class has


def find(top):
    """Return {name: path} of the folders of solutions in a folder."""
    found = {}
    for path, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders
                            if not name.startswith('.'))
        if any(task + '.py' in files for task in TASKS):
            found[os.path.relpath(path, top)] = path
    return found


def digest(name, path, versions):
    """Return what tells whether a folder was graded, just as it is."""
    said = hashlib.sha256(repr((name, versions)).encode())
    for folder in (HERE, path):
        for file, data in files.sources(folder).items():
            mode = os.lstat(os.path.join(folder, file)).st_mode
            said.update(repr((file, mode, data)).encode())
    return said.hexdigest()


def read_kept(file):
    """Return {digest: results} of the folders graded before it ended."""
    kept = {}
    if file.exists():
        for line in file.read_text().splitlines():
            try:
                kept.update([json.loads(line)])
            except ValueError:
                pass                    # it ended while this was written
    return kept


def grade_all(folders, versions, seconds, room, kept_in):
    """Yield (name, results, seconds) of each folder, as soon as it is known.

    Each is kept in a file, from which an interrupted class goes on.
    """
    kept = read_kept(kept_in)
    kept_in.parent.mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {}
        for number, (name, path) in enumerate(folders.items()):
            key = digest(name, path, versions)
            if key in kept:
                yield name, kept[key], None
                continue
            jobs = [pool.submit(grader.grade, path, task, version, seconds,
                                room=room and functools.partial(
                                    room, number=100 * number + i))
                    for i, (version, task) in enumerate(
                        (version, task) for version in versions
                        for task in TASKS)]
            waiting[name] = key, jobs
        begun = time.monotonic()
        try:
            for name, (key, jobs) in waiting.items():
                results = [result for job in jobs for result in job.result()]
                if all(result['graded'] for result in results):
                    with open(kept_in, 'a') as file:
                        file.write(json.dumps([key, results]) + '\n')
                yield name, results, time.monotonic() - begun
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(grader.running):
                grader.end(process)
            raise


def _seconds(text):
    """Return a finite number of seconds, more than 0."""
    if 0 < float(text) < float('inf'):
        return float(text)
    raise argparse.ArgumentTypeError('{!r}, expected a number > 0'.format(
        text))


def parse():
    """Return the command line, once all of it is known to be good."""
    parser = argparse.ArgumentParser(
        prog='grade', description=__doc__.split('\n')[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('dir', metavar='DIR')
    parser.add_argument(
        '--tensorflow', nargs='+', metavar='VERSION', default=[grader.HERE],
        help='rows of the matrix: ' + ', '.join(matrix.ROWS))
    parser.add_argument('--csv', metavar='FILE', help='a row for each folder')
    parser.add_argument('--json', metavar='FILE', help='every result')
    parser.add_argument('--reports', metavar='FOLDER',
                        help='a page of text for each folder')
    parser.add_argument('--seconds', type=_seconds, default=grader.SECONDS,
                        help='how long a task may take')
    parser.add_argument('--sandbox', choices=['auto', 'require', 'off'],
                        default='auto')
    args = parser.parse_args()
    args.folders = find(args.dir)
    if not args.folders:
        parser.error('argument DIR: {!r} holds no {}.py, at any depth'.format(
            args.dir, '.py, '.join(TASKS)))
    for version in args.tensorflow:
        if version not in [grader.HERE, *matrix.ROWS]:
            parser.error('argument --tensorflow: {!r} is not one of {}'.format(
                version, ', '.join([grader.HERE, *matrix.ROWS])))
        if version != grader.HERE and matrix.install(version) is None:
            parser.error('argument --tensorflow: {} needs Python {}, which is '
                         'not on this machine'.format(
                             version, matrix.ROWS[version][0]))
    for name in ('csv', 'json'):
        try:
            if getattr(args, name):
                open(getattr(args, name), 'a').close()
        except OSError as error:
            parser.error('argument --{}: {}: {}'.format(
                name, getattr(args, name), error.strerror))
    try:
        if args.reports:
            os.makedirs(args.reports, exist_ok=True)
    except OSError as error:
        parser.error('argument --reports: {}: {}'.format(
            args.reports, error.strerror))
    why = None if args.sandbox == 'off' else sandbox.missing(sys.executable)
    if why and args.sandbox == 'require':
        parser.error('argument --sandbox: ' + why)
    if why:
        print('no sandbox: {}; the solutions have your rights'.format(why),
              file=sys.stderr)
    args.room = None if why or args.sandbox == 'off' else functools.partial(
        sandbox.wrap, hidden=[args.dir])
    return args


def main():
    """Grade, print, write what was asked for."""
    args = parse()
    versions = list(dict.fromkeys(args.tensorflow))
    kept_in = KEPT / 'grades-{}.jsonl'.format(hashlib.sha256(
        os.path.abspath(args.dir).encode()).hexdigest()[:8])
    graded = {}
    try:
        for name, results, seconds in grade_all(
                args.folders, versions, args.seconds, args.room, kept_in):
            graded[name] = results
            if len(args.folders) > 1:
                print('{:3} of {} {}: {}, {}'.format(
                    len(graded), len(args.folders), name, '; '.join(
                        '{} on {}'.format(report.cell(results, version),
                                          version)
                        for version in versions),
                    'as before' if seconds is None else
                    'after {:.0f} s'.format(seconds)), flush=True)
    except KeyboardInterrupt:
        print('interrupted: the same command goes on after {} of {} folders'
              .format(len(graded), len(args.folders)), file=sys.stderr)
        sys.exit(130)
    graded = {name: graded[name] for name in args.folders}
    if len(graded) > 1:
        print()
        print('\n'.join(report.table([
            (name, {version: report.cell(results, version)
                    for version in versions})
            for name, results in graded.items()], versions)))
    else:
        print(report.page(args.dir, *graded.values(), versions))
    if args.csv:
        report.write_csv(args.csv, graded, versions)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(
            [{'folder': name, **result} for name, results in graded.items()
             for result in results], indent=1) + '\n')
    if args.reports:
        for name, results in graded.items():
            file = pathlib.Path(args.reports) / name / 'grade.txt'
            file.parent.mkdir(parents=True, exist_ok=True)
            # A link that stands there already is replaced, not followed.
            file.unlink(missing_ok=True)
            file.write_text(report.page(name, results, versions))
    kept_in.unlink(missing_ok=True)     # all that was asked for is written
    results = [result for results in graded.values() for result in results]
    lost = dict.fromkeys('{} of {}'.format(result['task'], name)
                         for name, results_ in graded.items()
                         for result in results_ if not result['graded'])
    if lost:
        print('not graded, the machine failed: {}'.format(', '.join(lost)),
              file=sys.stderr)
        sys.exit(3)
    sys.exit(any(result['failure'] for result in results
                 if result['counted']))


if __name__ == '__main__':
    main()
