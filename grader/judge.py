"""Judge one task by what its solution answers: the points, and remarks."""
from grader import common, convolutional, dense, training, variational
from grader.models import Ended, Failed
from grader.solution import Solution
from lab import TASKS

COMMON = [common.three_models, common.signature, common.shapes,
          common.own_weights, common.binary_cross_entropy, training.adam,
          training.training_lowers_loss, training.training_changes_both]
DENSE = [dense.encoder_layers, dense.decoder_layers,
         dense.decoder_hidden_relu, dense.decoder_output_sigmoid]
CODES = [common.auto_is_decoder_of_encoder, dense.encoder_hidden_relu,
         dense.latent_relu]
POINTS = {
    '0-vanilla': [*COMMON, *DENSE, *CODES],
    '1-sparse': [*COMMON, *DENSE, *CODES, dense.l1_on_the_codes],
    '2-convolutional': [
        *COMMON, common.auto_is_decoder_of_encoder,
        convolutional.encoder_filters, convolutional.decoder_filters,
        convolutional.encoder_convolutions, convolutional.encoder_pooling,
        convolutional.decoder_convolutions,
        convolutional.second_to_last_convolution,
        convolutional.last_convolution],
    '3-variational': [
        *COMMON, *DENSE, variational.outputs_in_order,
        variational.auto_is_decoder_of_encoder,
        variational.encoder_hidden_relu,
        variational.mean_and_log_variance_linear, variational.z_mean,
        variational.z_spread, variational.kl_divergence]}
# What goes beyond the tasks' texts: shown, never counted.
REMARKS = {
    '0-vanilla': [common.arguments_unchanged, dense.no_hidden_layers],
    '1-sparse': [common.arguments_unchanged, dense.no_hidden_layers],
    '2-convolutional': [common.arguments_unchanged,
                        convolutional.other_sizes],
    '3-variational': [common.arguments_unchanged, dense.no_hidden_layers]}


def ordered(points):
    """Return the points in an order in which none waits for a later one."""
    found = []
    for point in points:
        found += [other for other in [*ordered(point.requires), point]
                  if other not in found]
    return found


def judge(task, ask, seed, only=()):
    """Judge the points of a task, whichever of them fail.

    A point is not judged where one that it requires is not passed. What fails
    with the very words of an earlier point is the same fault, and waits for
    that one, too.

    Args:
        task: str, the name of its module.
        ask: see Solution.
        seed: int, of the weights and the images.
        only: names of points; empty for all.

    Returns:
        list of dicts; and the Ended that the process ended with, or None.
    """
    solution, results = Solution(task, TASKS[task], ask, seed), []
    failures, owners, ended = {}, {}, None
    for point in ordered(POINTS[task] + REMARKS[task]):
        name, graded = point.__name__, True
        if only and name not in only:
            continue
        solution.reading = solution.claim = None
        failure = str(ended) if ended else next(
            (failures[other] for other in point.requires
             if failures.get(other)), None)
        try:
            if not failure:
                point(solution)
        except Failed as error:
            failure = str(error)
        except Ended as error:
            ended, failure = error, str(error)
        except Exception as error:      # ours, and no fault of the solution's
            failure, graded = (f'the grader failed at {name}: '
                               f'{type(error).__name__}: {error}'), False
        failures[point] = failure
        owner = owners.setdefault(failure, name) if failure else name
        results.append(result(
            name, ' '.join(point.__doc__.split()), point in POINTS[task],
            failure, None if owner == name else owner,
            solution.reading, solution.claim, graded))
    return results, ended


def result(point, sentence, counted, failure, requires=None, reading=None,
           claim=None, graded=True):
    """Return what is said of a point or of a remark.

    Args:
        point: str, its name.
        sentence: str, of the task, that the point stands on.
        counted: bool, False for a remark.
        failure: str, None if the point is passed.
        requires: str, the point that failed before this one could be reached,
            or None.
        reading: str, which of the readings of a sentence the solution took, or
            None.
        claim: str, what no number could be held against, or None.
        graded: bool, False if the grader failed, and not the solution.
    """
    return {'point': point, 'sentence': sentence, 'counted': counted,
            'failure': failure, 'requires': requires, 'graded': graded,
            'reading': None if failure else reading,
            'claim': None if failure else claim}
