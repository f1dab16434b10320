"""Calibrate: move initial weights as little as the targets allow."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy import sparse

from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress, Vector
from steelyard.calibrate.diagnostics import diagnose
from steelyard.calibrate.dual import solve_dual
from steelyard.calibrate.inputs import Inputs, checked
from steelyard.calibrate.problem import Solution, problem_from

_DEFAULT = CalibrationConfig()


def calibrate(  # noqa: PLR0913  the three inputs, the settings, and what may be left out
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    config: CalibrationConfig = _DEFAULT,
    *,
    scale: ArrayLike | None = None,
    loss_weight: ArrayLike | None = None,
    held_out: ArrayLike | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Calibration:
    r"""Return weights that bring ``matrix @ weights`` to the targets.

    Minimises, over ratios g in [L, U] of calibrated to initial weight, the weighted mean loss of
    the relative errors plus λ times the mean distance of the ratios from 1 (see the methodology
    page "Calibration", whose symbols these are).

    Parameters
    ----------
    matrix
        Sparse (n_targets, n_households): each household's value of each target's statistic.
    targets
        t (n_targets,), in each row's own unit; zero and negative ones are fine.
    initial_weights
        w0 (n_households,), households represented, not negative. A household with weight 0
        keeps it.
    config
        Solver and settings.
    scale
        s (n_targets,): the error of target j is judged as (estimate - t) / s. Default
        max(\|t\|, floor).
    loss_weight
        π before it is divided by its sum (n_targets,); default equal. 0 leaves a target out.
    held_out
        bool (n_targets,): not fitted, but watched, to stop early (``adam``) and to judge by.
    progress
        Called with every entry of the history as it is made.

    Returns
    -------
    Calibration
        With every target's estimate, fitted or not. A target that no household with weight
        supports is left out of the loss and listed in the diagnostics. A solver that diverges
        or runs out of iterations says so in ``reason`` and ``diagnostics["converged"]``, and
        returns the best weights it met.

    Raises
    ------
    ValueError
        If shapes do not fit, numbers are not finite, weights are negative or all zero, or no
        target is left to fit; the message counts the offenders and names the first three.

    Notes
    -----
    The answer is the same to the last bit whatever the number of threads: the solve runs on one,
    and PyTorch's setting is restored afterwards.
    """
    optional = {"scale": scale, "loss_weight": loss_weight, "held_out": held_out}
    inputs = checked(matrix, targets, initial_weights, config, optional)
    solver, choice = _choose(config)
    with _one_thread():
        if solver == "dual":
            problem = problem_from(inputs, config, np.float64)
            solution = solve_dual(problem, progress)
        else:
            problem = problem_from(inputs, config, np.float32)
            solution = solve_adam(problem, progress)
        ratios = problem.link.ratio(solution.u.double()).numpy()
    result = _result(inputs, inputs.initial_weights * ratios, solution, config)
    result.diagnostics.update(solver=solver, solver_choice=choice, reason=solution.reason)
    return result


def _choose(config: CalibrationConfig) -> tuple[str, str]:
    """Return the solver and why."""
    if config.solver != "auto":
        return config.solver, "asked for"
    if config.adam_only:
        return "adam", f"only adam offers a {config.adam_only}"
    return "dual", "a convex problem with squared errors: the dual finds its one optimum exactly"


def _result(
    inputs: Inputs, weights: Vector, solution: Solution, config: CalibrationConfig
) -> Calibration:
    estimates = inputs.estimates(weights)
    errors = (estimates - inputs.targets) / inputs.scale
    fitted = inputs.fitted
    share = np.where(fitted, inputs.loss_weight, 0.0)
    pull = 2 * errors
    if config.loss == "huber":
        pull = np.clip(pull, -2 * config.huber_delta, 2 * config.huber_delta)
    return Calibration(
        weights=weights,
        estimates=estimates,
        relative_errors=errors,
        shadow_prices=-share / share.sum() * pull / inputs.scale,
        fitted=fitted,
        history=solution.history,
        diagnostics=diagnose(inputs, weights, solution, config),
        reason=solution.reason,
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run PyTorch on one thread for a while: sums over threads depend on how many there are."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
