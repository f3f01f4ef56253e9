"""What is said of graded folders: a page, a table, CSV."""
import collections
import csv
import itertools
import re

from grader.text import printable
from lab import TASKS


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
    """Return the text for one student: points, what failed, remarks.

    A task of which there is no file is told in a line, and does not count.
    """
    missing = [task for task in TASKS if any(
        result['failure'] == f'there is no {task}.py' for result in results
        if result['task'] == task)]
    results = [result for result in results if result['task'] not in missing]
    failed = _alike([result for result in results if result['counted'] and
                     result['graded']], versions)
    lines = [printable(folder), '', _first(failed), ''] + table(
        [(task or 'all', {version: cell(results, version, task)
                          for version in versions})
         for task in [*TASKS, None] if task not in missing], versions)
    if missing:
        lines += ['', 'Not there yet: ' + ', '.join(
            task + '.py' for task in missing)]
    for task, version, why in dict.fromkeys(
            (result['task'], result['tensorflow'], result['failure'])
            for result in results if not result['graded'] and
            result['requires'] is None and result['failure']):
        lines += ['', f'{task} on {version} was not graded: {why}']
    lines += _faults(failed) + _remarks(results, versions) + _said(results)
    seed = next(iter(results), {}).get('seed')
    return '\n'.join(lines + ['', f'Weights and images are of seed {seed}: '
                              f'--seed {seed} grades with the same.', ''])


def _faults(failed):
    """Return lines: each fault, and what waits for it."""
    lines = []
    for result, where in failed:
        if result['requires'] is None:
            lines += ['', '{task} {point}{}: {failure}'.format(
                where, **result), '    the task: ' + result['sentence']]
    # One line for all that the same fault keeps from being judged.
    for (task, needs, where), waiting in itertools.groupby(
            [pair for pair in failed if pair[0]['requires']], lambda pair: (
                pair[0]['task'], pair[0]['requires'], pair[1])):
        lines += ['', f'{task}{where}, not reached because of {needs}: ' +
                  ', '.join(result['point'] for result, _ in waiting)]
    return lines


def _remarks(results, versions):
    """Return lines: what is not counted."""
    remarks = ['{task} {point}{}: {failure} ({sentence})'.format(
        where, **result) for result, where in _alike(
            [result for result in results if not result['counted'] and
             result['graded']], versions) if result['requires'] is None]
    return ['', 'Remarks, not counted:', *remarks] if remarks else []


def _said(results):
    """Return lines: readings of the text, and claims."""
    lines = []
    for key, begins in [
            ('reading', 'Where the text can be read in two ways: '),
            ('claim', 'Claims, which no number holds: ')]:
        said = collections.defaultdict(dict)
        for result in results:
            if result[key]:
                said[result[key]][result['task']] = True
        if said:
            lines += ['', begins + '; '.join(
                '{} ({})'.format(text, ', '.join(
                    task[0] for task in tasks)) for text, tasks in
                said.items())]
    return lines


def _first(failed):
    """Return what to look at first: what keeps most points from passing."""
    waiting = collections.Counter(
        (result['task'], result['requires']) for result, _ in failed
        if result['requires'])
    own = [pair for pair in failed if pair[0]['requires'] is None]
    if not own:
        return 'Every point that was judged is passed.'
    result, where = max(own, key=lambda pair: waiting[
        pair[0]['task'], pair[0]['point']])
    more = waiting[result['task'], result['point']]
    return 'Look first at {task} {point}{}: {failure}'.format(
        where, **result) + (
            f' ({more} more wait{"s" * (more == 1)} for it)' if more else '')


def _alike(results, versions):
    """Return [(what failed, on which versions in words)], each fault once.

    Two TensorFlows may word what a call raised differently, and draw other
    noise: what is said of the last stands for all.
    """
    found = {}
    for result in filter(lambda result: result['failure'], results):
        call, raised, _ = result['failure'].partition(' raised ')
        found.setdefault(tuple(result[key] for key in (
            'task', 'point', 'sentence', 'requires')) + (
                raised, re.sub(r'\d[\d.e-]*', '0', call)), []).append(result)
    return [(same[-1], '' if len({result['tensorflow'] for result in same}) ==
             len(versions) else ' on ' + ', '.join(dict.fromkeys(
                 result['tensorflow'] for result in same)))
            for same in found.values()]


def write_csv(file, graded, versions):
    """Write a row for each folder: points of each task and in all."""
    columns = [(version, task) for version in versions
               for task in [*TASKS, None]]
    some = next(filter(None, graded.values()))
    with open(file, 'w', newline='', encoding='utf-8') as stream:
        rows = csv.writer(stream)
        rows.writerow(['folder'] + [
            '{} {} (of {})'.format(version, task or 'all', points(
                some, version, task)[1]) for version, task in columns])
        for folder, results in graded.items():
            name = printable(folder)
            if name[0] in '=+-@':       # a spreadsheet runs such words
                name = "'" + name
            cells = [(cell(results, *column), points(results, *column)[0])
                     for column in columns]
            rows.writerow([name] + [text if text.startswith('no') else passed
                                    for text, passed in cells])
