"""Check the points of one solution in this process.

    python check.py TASK [POINT ...]

says that it is ready, waits for a line, the arguments of the task's main,
imports TASK.py from the folder that it is started in, and prints a line of
JSON for each point as soon as it is known; the solution's own printing goes
nowhere. What it takes is limited.
"""
import ast
import contextlib
import json
import os
import resource
import sys

import common
import convolutional
import dense
import variational
from solution import Failed, Solution, said

# A student's own file of such a name is imported, not ours.
for _name in ('common', 'convolutional', 'dense', 'oracle', 'solution',
              'variational'):
    sys.modules.pop(_name, None)

COMMON = [common.three_models, common.signature, common.shapes,
          common.own_weights, common.adam, common.training_lowers_loss,
          common.training_changes_both]
DENSE = [dense.encoder_layers, dense.decoder_layers,
         dense.decoder_hidden_relu, dense.decoder_output_sigmoid]
CODES = [common.binary_cross_entropy, common.auto_is_decoder_of_encoder]
POINTS = {
    '0-vanilla': [*COMMON, *CODES, *DENSE, dense.encoder_hidden_relu,
                  dense.latent_relu],
    '1-sparse': [*COMMON, *CODES, *DENSE, dense.encoder_hidden_relu,
                 dense.latent_relu, dense.l1_on_the_codes],
    '2-convolutional': [
        *COMMON, *CODES, convolutional.encoder_filters,
        convolutional.decoder_filters, convolutional.encoder_convolutions,
        convolutional.encoder_pooling, convolutional.decoder_convolutions,
        convolutional.second_to_last_convolution,
        convolutional.last_convolution],
    '3-variational': [
        *COMMON, *DENSE, variational.auto_is_decoder_of_encoder,
        variational.encoder_hidden_relu, variational.outputs_in_order,
        variational.mean_and_log_variance_linear, variational.z_mean,
        variational.z_spread, variational.variational_cross_entropy,
        variational.kl_divergence]}
# What goes beyond the tasks' texts: shown, never counted.
REMARKS = {
    '0-vanilla': [common.arguments_unchanged, dense.no_hidden_layers],
    '1-sparse': [common.arguments_unchanged, dense.no_hidden_layers],
    '2-convolutional': [common.arguments_unchanged,
                        convolutional.other_sizes],
    '3-variational': [common.arguments_unchanged, dense.no_hidden_layers]}
GIGABYTE = 2**30


def limit():
    """Bound what the solution takes: ours has 0.5 GB, of 2.5 GB mapped."""
    limits = {resource.RLIMIT_DATA: 4 * GIGABYTE,
              resource.RLIMIT_AS: 16 * GIGABYTE,
              resource.RLIMIT_FSIZE: GIGABYTE // 4}
    if 'PROCESSES' in os.environ:       # set where none but ours are counted
        limits[resource.RLIMIT_NPROC] = int(os.environ['PROCESSES'])
    for name, value in limits.items():
        with contextlib.suppress(OSError, ValueError):  # not on macOS
            resource.setrlimit(name, (value, value))


def main(task, *only):
    """Check the points, all or only those named, whichever of them fail."""
    limit()
    sys.path.insert(0, os.getcwd())
    with open(os.dup(1), 'w') as results:
        print('ready', file=results, flush=True)
        call = sys.stdin.readline()
        if not call:                    # the grader has ended
            return
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        solution = Solution(task, ast.literal_eval(call))
        for point in POINTS[task] + REMARKS[task]:
            if not only or point.__name__ in only:
                json.dump(check(point, solution), results)
                results.write('\n')
                results.flush()


def check(point, solution):
    """Return a point's result: why it fails, and which other one it needs."""
    failure = needs = solution.reading = None
    try:
        point(solution)
    except Failed as error:
        failure = str(error)
        needs = error.point if error.point != point.__name__ else None
    except BaseException as error:      # exit() in a solution, too
        failure = said(error)
    return {'point': point.__name__, 'failure': failure, 'needs': needs,
            'reading': None if failure else solution.reading}


if __name__ == '__main__':
    main(*sys.argv[1:])
