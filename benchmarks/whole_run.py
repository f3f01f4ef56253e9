#!/usr/bin/env python3
"""Tell where the time of a main at its defaults goes, beside its epochs."""
import argparse
import collections
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def run(task, started, output):
    """Run a task's main and print the seconds of its parts.

    A part is what lies between two calls that are wrapped here.
    """
    parts = collections.Counter()
    epochs = []
    last = started

    def mark(part):
        nonlocal last
        now = time.time()
        parts[part] += now - last
        last = now

    def between(owner, name, before, after):
        function = getattr(owner, name)

        def marked(*args, **kwargs):
            mark(before)
            value = function(*args, **kwargs)
            mark(after)
            return value
        setattr(owner, name, marked)

    main = __import__(f"{task}-main").main
    import lab
    from lab import options
    between(options, 'parse', 'Python and NumPy', 'options and digits')
    parse = options.parse

    def parse_and_import(*args):
        parsed = parse(*args)
        import tensorflow   # noqa: F401
        import keras        # noqa: F401
        mark('import of TensorFlow and Keras')
        from lab import backup, figures, results, training
        mark('import of Matplotlib and of lab/')
        on_epoch_end = backup.Backup.on_epoch_end

        def timed(*args):
            epochs.append(time.time() - last)
            mark('epochs')
            on_epoch_end(*args)
            mark('backups')
        backup.Backup.on_epoch_end = timed
        between(training, 'fit', 'the models', 'end of fit')
        between(results, 'save', 'codes and reconstructions', 'pictures')
        between(figures, 'reconstructions',
                'saving of models, history and summary', 'pictures')
        return parsed

    options.parse = parse_and_import
    lab.run(lambda: main(['--output', output]))
    epoch = statistics.median(epochs)
    parts['tracing and compiling, in the first epoch'] = epochs[0] - epoch
    parts['epochs'] -= epochs[0] - epoch
    for part, seconds in parts.items():
        print(f'PART {part} | {seconds:.2f}')
    print(f'PART the median epoch | {epoch:.3f}')
    print(f'PART last mark | {last}', flush=True)


def main():
    """Run a main as a program, print the table and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--task', default='0')
    parser.add_argument('--started', type=float, help=argparse.SUPPRESS)
    parser.add_argument('--output', help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.started:
        run(args.task, args.started, args.output)
        return
    with tempfile.TemporaryDirectory() as output:
        started = time.time()
        printed = subprocess.run(
            [sys.executable, __file__, '--task', args.task, '--started',
             str(started), '--output', output], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, check=True).stdout
        ended = time.time()
    parts = dict(line[5:].split(' | ') for line in printed.splitlines()
                 if line.startswith('PART'))
    parts['leaving'] = f"{ended - float(parts.pop('last mark')):.2f}"
    epoch = float(parts.pop('the median epoch'))
    print(f'| of ./{args.task}-main.py | seconds |\n| --- | --- |')
    for part, seconds in parts.items():
        print(f'| {part} | {seconds} |')
    print('| all | {:.2f} |\n{:.2f} times 50 epochs of {:.3f} s, the '
          'median'.format(ended - started, (ended - started) / epoch / 50,
                          epoch))


if __name__ == '__main__':
    main()
