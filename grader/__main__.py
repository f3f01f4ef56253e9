"""Grade a folder of solutions, or a class of such folders; see options.py."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import secrets
import shutil
import sys
import traceback

from grader import ask, files, options, process, report, sandbox
from grader.text import printable
from lab import TASKS

HERE = pathlib.Path(__file__).absolute().parent
KEPT = HERE.parent / 'output'           # what an interrupted class has


def grade(args, path, version, task, seed, store):
    """Return the results of a task, as an interrupted class has them."""
    kept = None
    with contextlib.suppress(OSError, ValueError):  # none, or not all of it
        kept = store / files.digest(
            path, files.read(path), version, task, args.seed,
            [file.read_bytes() for file in sorted(HERE.glob('*.py'))])
        return json.loads(kept.read_text())
    results = ask.grade(
        path, task, version, args.seconds,
        sandbox.wrap if args.sandbox == 'require' else None, seed)
    if (kept and all(result['graded'] for result in results) and
            not process.stopping.is_set()):
        with contextlib.suppress(OSError):      # a checkout may be read-only
            store.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(results))
    return results


def grade_all(args, seed, store):
    """Yield the name and the results of each folder, once they are known."""
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    try:
        jobs = {name: [pool.submit(grade, args, path, version, task, seed,
                                   store)
                       for version in args.tensorflow for task in TASKS]
                for name, path in args.folders.items()}
        for name, of_folder in jobs.items():
            yield name, sum([job.result() for job in of_folder], [])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        process.stop()


def show(args, graded):
    """Print a table of a class, or the page of one folder."""
    if len(graded) > 1:
        print('\n' + '\n'.join(report.table(graded, args.tensorflow)))
    else:
        print(report.page(args.dir, *graded.values(), args.tensorflow))


def write(args, graded):
    """Write the files that were asked for."""
    if args.csv:
        report.write_csv(args.csv, graded, args.tensorflow)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(
            [{'folder': printable(name), **result}
             for name, results in graded.items() for result in results],
            indent=1) + '\n')
    if args.reports:
        for name, results in graded.items():
            files.replace(pathlib.Path(args.reports, name, files.PAGE),
                          report.page(name, results, args.tensorflow))


def main():
    """Grade, print, write what was asked for; return the exit status."""
    args = options.parse()
    seed = secrets.randbelow(2**32) if args.seed is None else args.seed
    store = KEPT / f'grades-{files.digest(os.path.abspath(args.dir))[:8]}'
    graded = dict.fromkeys(args.none, [])
    for number, (name, results) in enumerate(grade_all(args, seed, store), 1):
        graded[name] = results
        if len(args.folders) > 1:
            print('{:3} of {} {}: {}'.format(
                number, len(args.folders), printable(name), ', '.join(
                    f'{report.cell(results, version)} on {version}'
                    for version in args.tensorflow)), flush=True)
    graded = dict(sorted(graded.items()))
    show(args, graded)
    try:
        write(args, graded)
    except OSError as error:
        print(f'{error}: the same command goes on', file=sys.stderr)
        return 2
    results = sum(graded.values(), [])
    lost = sorted({result['task'] for result in results
                   if not result['graded']})
    if lost:
        print('not graded, the machine failed:', ', '.join(lost),
              file=sys.stderr)
        return 3
    shutil.rmtree(store, ignore_errors=True)    # all is written
    return int(bool(args.none) or any(
        result['failure'] and result['counted'] for result in results))


if __name__ == '__main__':
    sys.stdout.reconfigure(errors='backslashreplace')   # of any terminal
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print('interrupted: the same command goes on', file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:     # what reads it has gone, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception:           # the grader's own, and no solution's fault
        traceback.print_exc()
        sys.exit(4)
