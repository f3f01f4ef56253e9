"""Judge one task by what its solution answers: the points, and remarks."""
from grader import common, convolutional, dense, training, variational
from grader.solution import Ended, Failed, Solution
from lab import TASKS

COMMON = [common.three_models, common.signature, common.shapes,
          common.own_weights, training.adam, training.training_lowers_loss,
          training.training_changes_both]
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


def judge(task, ask, seed, only=()):
    """Judge the points of a task, whichever of them fail.

    Args:
        task: str, the name of its module.
        ask: see Solution.
        seed: int, of the weights and the images.
        only: names of points; empty for all.

    Returns:
        list of dicts, up to the point where the process ended; and the Ended
        that it ended with, or None.
    """
    solution, results = Solution(task, TASKS[task], ask, seed), []
    for point in _points(task, only):
        failure = needs = solution.reading = solution.claim = None
        try:
            _need_models(point, solution)
            if point is not common.three_models:
                point(solution)
        except Failed as error:
            failure, needs = str(error), error.point
        except Ended as ended:
            return _owned(results), ended
        except Exception as error:      # ours, and no fault of the solution's
            results.append(_of(point, task, 'the grader failed at '
                               f'{point.__name__}: {type(error).__name__}: '
                               f'{error}', graded=False))
            continue
        results.append(_of(point, task, failure, needs, *(
            (None, None) if failure else
            (solution.reading, solution.claim))))
    return _owned(results), None


def _need_models(point, solution):
    """Fail where there are no three models; a signature stands without."""
    if point is not common.signature:
        try:
            solution.once(common.three_models)
        except Failed as error:
            raise Failed(str(error), 'three_models') from None


def _owned(results):
    """Return the results: what a point needs is one that failed, not itself.
    """
    owners = {result['point']: result['point'] for result in results
              if result['failure']}
    for result in results:
        if result['needs']:
            owner = owners.setdefault(result['needs'], result['point'])
            result['needs'] = None if owner == result['point'] else owner
    return results


def not_reached(task, results, ended, only=()):
    """Return the results of the points that a process did not live to."""
    known, first = {result['point'] for result in results}, None
    missing = []
    for point in _points(task, only):
        if point.__name__ not in known:
            missing.append(_of(point, task, str(ended), first))
            first = first or point.__name__
    return missing


def _points(task, only):
    return [point for point in POINTS[task] + REMARKS[task]
            if not only or point.__name__ in only]


def _of(point, task, *more, **others):
    return result(point.__name__, ' '.join(point.__doc__.split()),
                  point in POINTS[task], *more, **others)


def result(point, sentence, counted, failure, needs=None, reading=None,
           claim=None, graded=True):
    """Return what `ask.grade` says of a point or of a remark."""
    return {'point': point, 'sentence': sentence, 'counted': counted,
            'failure': failure, 'needs': needs, 'reading': reading,
            'claim': claim, 'graded': graded}
