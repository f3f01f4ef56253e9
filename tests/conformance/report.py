"""What is said of graded folders: a page, a table, CSV."""
import csv
import itertools

from lab.tasks import TASKS


def points(results, tensorflow, task=None):
    """Return how many points are passed, of how many that count."""
    counted = [result for result in results if result['counted'] and
               result['tensorflow'] == tensorflow and
               task in (None, result['task'])]
    return sum(not result['failure'] for result in counted), len(counted)


def cell(results, tensorflow, task=None):
    """Return what a table says of it: '14 of 15', or 'not graded'."""
    if any(not result['graded'] for result in results if
           result['tensorflow'] == tensorflow and task in
           (None, result['task'])):
        return 'not graded'
    return '{} of {}'.format(*points(results, tensorflow, task))


def table(rows, versions):
    """Return lines: a row for each name, a column for each TensorFlow.

    `rows` is a list of (name, {version: what `cell` says}).
    """
    width = max([len(name) for name, _ in rows] + [16])
    return [' ' * width + ''.join('{:>12}'.format(v) for v in versions)] + [
        name.ljust(width) + ''.join('{:>12}'.format(of[version])
                                    for version in versions)
        for name, of in rows]


def page(folder, results, versions):
    """Return the text for one student: points, what failed, remarks."""
    lines = [folder, ''] + table(
        [(task or 'all', {version: cell(results, version, task)
                          for version in versions})
         for task in [*TASKS, None]], versions)
    for task, version, why in dict.fromkeys(
            (result['task'], result['tensorflow'], result['failure'])
            for result in results if not result['graded'] and
            result['needs'] is None and result['failure']):
        lines += ['', '{} on {} was not graded, the machine failed twice: {}'
                  .format(task, version, why)]
    failed = _alike([result for result in results if result['counted'] and
                     result['graded']], versions)
    for (task, point, failure, sentence, needs), where in failed.items():
        if needs is None:
            lines += ['', '{} {}{}: {}'.format(task, point, where, failure),
                      '    the task: {}'.format(sentence)]
    # One line for all that the same fault keeps from being judged.
    for (task, needs, where), points_ in itertools.groupby(
            [(key, where) for key, where in failed.items() if key[4]],
            lambda item: (item[0][0], item[0][4], item[1])):
        lines += ['', '{}{}, not reached because of {}: {}'.format(
            task, where, needs, ', '.join(key[1] for key, _ in points_))]
    remarks = ['{} {}{}: {} ({})'.format(task, point, where, failure, sentence)
               for (task, point, failure, sentence, needs), where in _alike(
                   [result for result in results if not result['counted'] and
                    result['graded']], versions).items() if needs is None]
    if remarks:
        lines += ['', 'Remarks, not counted:'] + remarks
    readings = dict.fromkeys(
        '{}: {}'.format(result['task'], result['reading'])
        for result in results if result['reading'])
    if readings:
        lines += ['', 'Where the text can be read in two ways: ' +
                  '; '.join(readings)]
    return '\n'.join(lines) + '\n'


def _alike(results, versions):
    """Return {what failed: on which versions, in words}, each once."""
    where = {}
    for result in filter(lambda result: result['failure'], results):
        where.setdefault(tuple(result[key] for key in (
            'task', 'point', 'failure', 'sentence', 'needs')), []).append(
                result['tensorflow'])
    return {key: '' if found == versions else ' on ' + ', '.join(found)
            for key, found in where.items()}


def write_csv(file, graded, versions):
    """Write a row for each folder: points of each task and in all."""
    columns = [(version, task) for version in versions
               for task in [*TASKS, None]]
    with open(file, 'w', newline='') as stream:
        rows = csv.writer(stream)
        rows.writerow(['folder'] + [
            '{} {} (of {})'.format(version, task or 'all', points(
                next(iter(graded.values())), version, task)[1])
            for version, task in columns])
        for folder, results in graded.items():
            # A spreadsheet runs what begins like a formula.
            name = "'" + folder if folder[0] in '=+-@\t\r' else folder
            rows.writerow([name] + [
                'not graded' if cell(results, *column) == 'not graded' else
                points(results, *column)[0] for column in columns])
