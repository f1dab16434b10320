"""Calibrate: move initial weights as little as the targets allow."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress, Vector
from steelyard.calibrate.diagnostics import diagnose
from steelyard.calibrate.dual import solve_dual
from steelyard.calibrate.inputs import Inputs, checked
from steelyard.calibrate.problem import Solution, problem_from
from steelyard.calibrate.threads import one_thread

_DEFAULT = CalibrationConfig()
#: Each solver with the numbers it works in: the dual's Newton steps need the digits.
_SOLVERS = {"dual": (np.float64, solve_dual), "adam": (np.float32, solve_adam)}


def calibrate(  # noqa: PLR0913  the three inputs, the settings, and what may be left out
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    config: CalibrationConfig = _DEFAULT,
    *,
    scale: ArrayLike | None = None,
    loss_weight: ArrayLike | None = None,
    held_out: ArrayLike | None = None,
    exact: ArrayLike | None = None,
    start: ArrayLike | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Calibration:
    r"""Return weights that bring ``matrix @ weights`` to the targets.

    Minimises the weighted mean loss of the relative errors plus λ times the mean distance of the
    weight ratios from 1; symbols as on the methodology page "Calibration".

    Parameters
    ----------
    matrix
        Sparse (n_targets, n_households), each household's value of each target's statistic.
    targets
        t (n_targets,), in each row's own unit; zero and negative ones are fine.
    initial_weights
        w0 (n_households,), households represented, not negative; 0 stays 0.
    config
        Solver and settings.
    scale
        s (n_targets,): errors are (estimate - t) / s. Default max(\|t\|, floor).
    loss_weight
        π up to a factor (n_targets,); default equal. 0 leaves a target out.
    held_out
        bool (n_targets,): not fitted, but watched, to stop early (``adam``) and to judge by.
    exact
        bool (n_targets,): met to 1e-10 of the scale (``dual`` only). Some that no weights meet
        together are in ``diagnostics["contradictory_targets"]``, and fitted softly.
    start
        (n_targets,): ``multipliers`` of the answer to a problem like this one, in the order of
        these targets, 0 for a new one; spares most steps.
    progress
        Called with every entry of the history; what it raises, or Ctrl-C, ends without answer.

    Returns
    -------
    Calibration
        Every target's estimate, fitted or not; one without support is left out of the loss. If
        the solver did not converge, ``reason`` and ``diagnostics["converged"]`` say so.

    Raises
    ------
    ValueError
        If shapes, numbers or weights are wrong, no target is left, or ``adam`` is to be exact.
    """
    optional = {"scale": scale, "loss_weight": loss_weight, "held_out": held_out, "exact": exact}
    inputs = checked(matrix, targets, initial_weights, config, optional | {"start": start})
    solver, choice = _choose(config, inputs)
    solution, weights = _solved(inputs, config, solver, progress)
    words = {"solver": solver, "solver_choice": choice, "reason": solution.reason}
    return _result(inputs, weights, solution, config, words | {"began": solution.began})


def _solved(
    inputs: Inputs,
    config: CalibrationConfig,
    solver: str,
    progress: Callable[[Progress], None] | None,
) -> tuple[Solution, Vector]:
    """Return the solver's answer and its weights."""
    if solver == "adam" and config.settle:
        inputs = inputs._replace(start=None)
    with one_thread():  # so that the answer is the same to the last bit on any machine
        problem = problem_from(inputs, config, _SOLVERS[solver][0], in_parts=solver == "adam")
        if config.device != "cpu":
            problem = problem.on(config.device)
        solution = _SOLVERS[solver][1](problem, progress)
        ratios = problem.link.ratio(solution.u.cpu().double()).numpy()
    return solution, inputs.initial_weights * ratios


def _choose(config: CalibrationConfig, inputs: Inputs) -> tuple[str, str]:
    """Return the solver and why."""
    if inputs.exact.any() and (config.solver == "adam" or config.adam_only):
        raise ValueError("calibrate: solver 'adam' meets no target exactly; use 'dual' or 'auto'")
    if config.solver != "auto":
        return config.solver, "asked for"
    if config.adam_only:
        return "adam", f"only adam offers a {config.adam_only}"
    return "dual", "a convex problem with squared errors: the dual finds its one optimum exactly"


def _result(
    inputs: Inputs,
    weights: Vector,
    solution: Solution,
    config: CalibrationConfig,
    words: dict[str, str],
) -> Calibration:
    estimates = inputs.estimates(weights)
    errors = (estimates - inputs.targets) / inputs.scale
    fitted = inputs.fitted
    share = np.where(fitted, inputs.loss_weight, 0.0)
    pull = 2 * errors
    if config.loss == "huber":
        pull = np.clip(pull, -2 * config.huber_delta, 2 * config.huber_delta)
    prices = -share / share.sum() * pull / inputs.scale
    multipliers = prices * inputs.scale / (config.distance_weight or np.inf)
    if solution.multipliers is not None:
        multipliers[fitted] = solution.multipliers.numpy()
    if inputs.exact.any():
        prices = config.distance_weight * multipliers / inputs.scale
    diagnostics = diagnose(inputs, weights, solution, config)
    contradictory = np.flatnonzero(fitted)[list(solution.contradictory)].tolist()
    return Calibration(
        weights=weights,
        estimates=estimates,
        relative_errors=errors,
        shadow_prices=prices,
        fitted=fitted,
        history=solution.history,
        diagnostics=diagnostics | words | {"contradictory_targets": contradictory},
        reason=solution.reason,
        multipliers=multipliers,
    )
