"""Grade a folder of solutions, or a class of such folders.

A folder of solutions is one that holds 0-vanilla.py, 1-sparse.py,
2-convolutional.py or 3-variational.py, at most 12 folders down in DIR.
"""
import concurrent.futures
import contextlib
import functools
import gc
import json
import os
import pathlib
import secrets
import signal
import sys
import time
import traceback

from grader import ask, files, options, process, report
from grader.text import printable
from lab import TASKS

HERE = pathlib.Path(__file__).absolute().parent
KEPT = HERE.parent / 'output'           # what an interrupted class has
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


class Stopped(BaseException):
    """A signal came that ends the grader."""


def stop(number, _):
    """Raise Stopped, once."""
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def read_kept(file):
    """Return {digest: results} of the folders graded before it ended."""
    kept = {}
    with contextlib.suppress(OSError):
        for line in file.read_text().splitlines():
            with contextlib.suppress(ValueError):   # it ended in this line
                kept.update([json.loads(line)])
    return kept


def again(kept_in):
    """Return what the same command will do: a checkout may be read-only."""
    return ('the grades are kept, the same command goes on' if
            kept_in.exists() else
            'no grade is kept, the same command begins anew')


def grade(folder, version, task, args, seed):
    """Return the results of one task, or the remarks where it is None."""
    wrap = args.wrap and functools.partial(args.wrap, number=next(args.number))
    try:
        if task is None:
            return ask.remarks(folder, args.seconds, wrap)
        return ask.grade(folder, task, version, args.seconds, wrap, seed)
    finally:            # exceptions and closures hold each other, and weights
        gc.collect()


def grade_all(args, seed, kept_in):
    """Yield (name, results, seconds) of each folder, as soon as it is known.

    Each is kept in a file, from which an interrupted class goes on.
    """
    kept, waiting, begun = read_kept(kept_in), {}, time.monotonic()
    program = [file.read_bytes() for file in sorted(HERE.glob('*.py'))]
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    try:
        for name, path in args.folders.items():
            key = None
            with contextlib.suppress(OSError):      # the folder is gone
                key = files.digest(name, args.tensorflow, args.seed, program,
                                   files.read(path))
            if key in kept:
                yield name, kept[key], None
            else:
                waiting[name] = key, pool.submit(
                    grade, path, None, None, args, seed), [
                        pool.submit(grade, path, version, task, args, seed)
                        for version in args.tensorflow for task in TASKS]
        for name, (key, remarks, jobs) in waiting.items():
            results = sum([job.result() for job in jobs], [])
            results += [dict(remark, tensorflow=version, seed=seed)
                        for version in args.tensorflow
                        for task, found in remarks.result().items()
                        for remark in found]
            if key and all(result['graded'] for result in results):
                with contextlib.suppress(OSError), open(kept_in, 'a') as file:
                    file.write(json.dumps([key, results]) + '\n')
            yield name, results, time.monotonic() - begun
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        process.stop()


def write(args, graded):
    """Write the files that were asked for; return those that cannot be."""
    failed = []

    def attempt(file, function, *arguments):
        try:
            function(*arguments)
        except OSError as error:
            failed.append(f'{printable(str(file))}: {error.strerror}')

    if args.csv:
        attempt(args.csv, report.write_csv, args.csv, graded, args.tensorflow)
    if args.json:
        attempt(args.json, pathlib.Path(args.json).write_text, json.dumps(
            [{'folder': printable(name), **result}
             for name, results in graded.items() for result in results],
            indent=1) + '\n')
    for name, results in graded.items() if args.reports else ():
        file = pathlib.Path(args.reports) / name / files.PAGE
        attempt(file, files.replace, file, report.page(
            name, results, args.tensorflow) if results else
            f'{printable(name)}\n\nno solution: {args.none[name]}\n')
    return failed


def show(args, graded):
    """Print a table of a class, or the page of one folder."""
    if len(graded) > 1:
        print('\n' + '\n'.join(report.table([
            (printable(name), {version: report.cell(results, version)
                               for version in args.tensorflow})
            for name, results in graded.items()], args.tensorflow)))
    else:
        print(report.page(args.dir, *graded.values(), args.tensorflow))
    for name, why in args.none.items():
        print(f'no solution: {printable(name)}: {why}', file=sys.stderr)


def status(args, graded):
    """Return the exit status; say what the machine failed at."""
    lost = dict.fromkeys(
        f'{result["task"]} of {printable(name)}'
        for name, results in graded.items() for result in results
        if not result['graded'])
    if lost:
        print('not graded, the machine failed:', ', '.join(lost),
              file=sys.stderr)
        return 3
    return int(bool(args.none) or any(
        result['failure'] for results in graded.values()
        for result in results if result['counted']))


def main():
    """Grade, print, write what was asked for; return the exit status."""
    args = options.parse()
    seed = secrets.randbelow(2**32) if args.seed is None else args.seed
    kept_in = KEPT / 'grades-{}.jsonl'.format(
        files.digest(os.path.abspath(args.dir))[:8])
    with contextlib.suppress(OSError):
        KEPT.mkdir(exist_ok=True)
    graded = {}
    try:
        for name, results, seconds in grade_all(args, seed, kept_in):
            graded[name] = results
            if len(args.folders) > 1:
                print('{:3} of {} {}: {}, {}'.format(
                    len(graded), len(args.folders), printable(name),
                    '; '.join(f'{report.cell(results, version)} on {version}'
                              for version in args.tensorflow),
                    'as before' if seconds is None else
                    f'after {seconds:.0f} s'), flush=True)
    except Stopped as stopped:
        print(f'interrupted after {len(graded)} of {len(args.folders)} '
              f'folders: {again(kept_in)}', file=sys.stderr)
        return 128 + stopped.args[0]
    graded = {name: graded.get(name, [])
              for name in sorted({**args.folders, **args.none})}
    show(args, graded)
    failed = write(args, graded)
    if failed:
        print(*failed, again(kept_in), sep='\n', file=sys.stderr)
        return 2
    with contextlib.suppress(OSError):
        kept_in.unlink()                # all that was asked for is written
    return status(args, graded)


if __name__ == '__main__':
    for signal_ in SIGNALS:
        if signal.getsignal(signal_) is not signal.SIG_IGN:
            signal.signal(signal_, stop)
    sys.stdout.reconfigure(errors='backslashreplace')   # of any terminal
    try:
        sys.exit(main())
    except Stopped as stopped_:         # while it began or wrote
        sys.exit(128 + stopped_.args[0])
    except BrokenPipeError:     # what reads it has gone, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit('nobody reads what is printed: the same command goes on')
    except Exception:           # the grader's own, and no solution's fault
        traceback.print_exc()
        sys.exit(4)
