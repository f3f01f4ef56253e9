"""What is said of graded folders: a page, a table, CSV."""
import csv

from grader.files import NONE
from grader.text import printable
from lab import TASKS

CLAIMS = (
    'Claims, which no number holds: that the three are Keras models; the '
    'names of the arguments; the name of the optimizer, others move weights '
    'by one size in a first step, too; that the loss which evaluate() gives '
    'is that of the weights; that it is fit() which moves the weights; how '
    'often TensorFlow 1.15 counts a penalty.')


def points(results, tensorflow, task=None):
    """Return how many points are passed, of how many that count."""
    counted = [result for result in results if result['counted'] and
               result['tensorflow'] == tensorflow and
               task in (None, result['task'])]
    return sum(not result['failure'] for result in counted), len(counted)


def cell(results, tensorflow, task=None):
    """Return what a table says of it: '14 of 15', or why there is no grade."""
    if not results:
        return 'no solution'
    if any(not result['graded'] for result in results if
           result['tensorflow'] == tensorflow and task in
           (None, result['task'])):
        return 'not graded'
    return '{} of {}'.format(*points(results, tensorflow, task))


def rows(cells, versions):
    """Return lines: a row for each name, a column for each TensorFlow.

    `cells` is {name: what `cell` says of each version}.
    """
    width = max(map(len, [*cells, ' ' * 16]))
    return [name.ljust(width) + ''.join(f'{text:>12}' for text in texts)
            for name, texts in {'': versions, **cells}.items()]


def table(graded, versions):
    """Return the lines of a class's table."""
    return rows({printable(name): [cell(results, version)
                                   for version in versions]
                 for name, results in graded.items()}, versions)


def page(folder, results, versions):
    """Return the text for one student: points, what failed, remarks.

    A task of which there is no file is told in a line, and does not count.
    """
    if not results:
        return f'{printable(folder)}\n\nno solution: {NONE}\n'
    missing = [task for task in TASKS if any(
        result['failure'] == f'there is no {task}.py' for result in results)]
    results = [result for result in results if result['task'] not in missing]
    lines = [printable(folder), ''] + rows(
        {task or 'all': [cell(results, version, task) for version in versions]
         for task in [*TASKS, None] if task not in missing}, versions)
    if missing:
        lines += ['', 'Not there yet: ' + ', '.join(
            task + '.py' for task in missing)]
    lines += ['', *dict.fromkeys(
        '{task} on {tensorflow} was not graded: {failure}'.format(**result)
        for result in results if not result['graded'] and result['failure']
        and not result['requires'])]
    seed = results[0]['seed']
    results = [result for result in results if result['graded']]
    lines += _faults(results, versions) + _remarks(results, versions)
    return '\n'.join(lines + [CLAIMS, '', 'Weights and images are of seed '
                              f'{seed}: --seed {seed} grades with the same.',
                              ''])


def _faults(results, versions):
    """Return lines: each fault, and what waits for it."""
    lines = []
    failed = _alike(results, versions, counted=True)
    for result, where in failed:
        if not result['requires']:
            lines += ['{task} {point}{}: {failure}'.format(where, **result),
                      '    the task: ' + result['sentence']]
            waiting = [other['point'] for other, _ in failed if (
                other['task'], other['requires']) == (
                    result['task'], result['point'])]
            if waiting:
                lines += ['    not reached because of it: ' +
                          ', '.join(waiting)]
            lines += ['']
    return lines or ['Every point that was judged is passed.', '']


def _remarks(results, versions):
    """Return lines: what is not counted."""
    remarks = ['{task} {point}{}: {failure} ({sentence})'.format(
        where, **result) for result, where in _alike(
            results, versions, counted=False) if not result['requires']]
    return ['Remarks, not counted:', *remarks, ''] if remarks else []


def _alike(results, versions, counted):
    """Return [(what failed, on which versions in words)], each fault once.

    Two TensorFlows may word what a call raised differently, and draw other
    noise: what is said of the last stands for all.
    """
    found = {}
    for result in results:
        if result['failure'] and result['counted'] == counted:
            found.setdefault((result['task'], result['point'],
                              result['requires']), []).append(result)
    return [(same[-1], '' if len(same) == len(versions) else ' on ' +
             ', '.join(result['tensorflow'] for result in same))
            for same in found.values()]


def write_csv(file, graded, versions):
    """Write a row for each folder: points of each task and in all."""
    columns = [(version, task) for version in versions
               for task in [*TASKS, None]]
    some = next(filter(None, graded.values()))
    with open(file, 'w', newline='', encoding='utf-8') as stream:
        writer = csv.writer(stream)
        writer.writerow(['folder'] + [
            '{} {} (of {})'.format(version, task or 'all', points(
                some, version, task)[1]) for version, task in columns])
        for folder, results in graded.items():
            name = printable(folder)
            if name[0] in '=+-@':       # a spreadsheet runs such words
                name = "'" + name
            cells = [cell(results, *column) for column in columns]
            writer.writerow([name] + [
                text if text.startswith('no') else text.split()[0]
                for text in cells])
