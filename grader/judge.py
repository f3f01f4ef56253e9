"""Judge one task by what its solution answers: the points, and remarks."""
from grader import common, convolutional, dense, training, variational
from grader.models import Ended, Failed
from grader.solution import Solution

COMMON = [common.three_models, common.signature, common.shapes,
          common.own_weights, common.binary_cross_entropy, training.adam,
          training.training_lowers_loss, training.training_changes_both,
          common.arguments_unchanged]
DENSE = [*COMMON, dense.encoder_layers, dense.decoder_layers,
         dense.decoder_hidden_relu, dense.decoder_output_sigmoid]
VANILLA = [*DENSE, common.auto_is_decoder_of_encoder,
           dense.encoder_hidden_relu, dense.latent_relu]
POINTS = {
    '0-vanilla': VANILLA,
    '1-sparse': [*VANILLA, dense.l1_on_the_codes],
    '2-convolutional': [
        *COMMON, common.auto_is_decoder_of_encoder,
        convolutional.encoder_filters, convolutional.decoder_filters,
        convolutional.encoder_convolutions, convolutional.encoder_pooling,
        convolutional.decoder_convolutions,
        convolutional.second_to_last_convolution,
        convolutional.last_convolution],
    '3-variational': [
        *DENSE, variational.outputs_in_order,
        variational.auto_is_decoder_of_encoder,
        variational.encoder_hidden_relu,
        variational.mean_and_log_variance_linear, variational.z_mean,
        variational.z_spread, variational.kl_divergence]}
# It goes beyond the tasks' texts: shown, never counted.
REMARK = common.arguments_unchanged


def judge(task, ask, seed):
    """Judge the points of a task, whichever of them fail.

    All but the signature require three models. What fails with the very words
    of an earlier point is the same fault, and waits for that one.

    Args:
        task: str, the name of its module.
        ask: see Solution.
        seed: int, of the weights and the images.

    Returns:
        list of dicts, see result(); and the Ended that the process ended
        with, or None.
    """
    solution, results = Solution(task, ask, seed), []
    owners, ended = {}, None
    for point in POINTS[task]:
        name, graded = point.__name__, True
        failure = str(ended) if ended else None
        try:
            if not ended and point is not common.signature:
                solution.once(common.three_models)
            if not ended:
                solution.once(point)
        except Failed as error:
            failure = str(error)
        except Ended as error:          # without its frames, and their weights
            ended, failure = error.with_traceback(None), str(error)
        except Exception as error:      # ours, and no fault of the solution's
            failure, graded = ('the grader failed: '
                               f'{type(error).__name__}: {error}'), False
        owner = owners.setdefault(failure, name) if failure else name
        results.append(result(
            name, ' '.join(point.__doc__.split()), point is not REMARK,
            failure, None if owner == name else owner, graded))
    return results, ended


def result(point, sentence, counted, failure, requires=None, graded=True):
    """Return what is said of a point or of a remark.

    Args:
        point: str, its name.
        sentence: str, of the task, that the point stands on.
        counted: bool, False for a remark.
        failure: str, None if the point is passed.
        requires: str, the point that failed before this one could be reached,
            or None.
        graded: bool, False if the grader failed, and not the solution.
    """
    return {'point': point, 'sentence': sentence, 'counted': counted,
            'failure': failure, 'requires': requires, 'graded': graded}
