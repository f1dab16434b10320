"""What the weights look like: how uneven they became, and which targets had no say."""

from typing import Any

import numpy as np

from steelyard.calibrate.config import CalibrationConfig, Vector
from steelyard.calibrate.inputs import Inputs
from steelyard.calibrate.problem import Solution

#: Percentiles of the weight ratios that are reported.
PERCENTILES = (0, 1, 5, 25, 50, 75, 95, 99, 100)


def diagnose(
    inputs: Inputs, weights: Vector, solution: Solution, config: CalibrationConfig
) -> dict[str, Any]:
    """Return plain numbers and lists that a table or a manifest can hold.

    Keys: ``iterations`` and ``best_epoch``; ``converged``; ``effective_sample_size_before`` and
    ``_after`` (Kish, households); ``ratio_percentiles`` (percentile: ratio of calibrated to initial
    weight, households with weight); ``share_at_bounds`` (of those households, ratio within 1 % of
    a bound); ``top_100_weight_share``; ``zero_weight_households``; ``fitted_targets``,
    ``held_out_targets`` (counts); ``conjugate_gradient_steps``; ``is_settled`` (the answer is the
    same bit for bit wherever the solver began); ``unsupported_targets`` (row numbers: no household
    with weight has a value; left out of the loss).
    """
    moved = inputs.initial_weights > 0
    ratios = weights[moved] / inputs.initial_weights[moved]
    lower, upper = config.bounds
    at_bounds = (ratios <= lower * 1.01) | (ratios >= upper / 1.01)
    top = np.sort(weights)[-100:]
    return {
        "iterations": solution.history[-1].epoch,
        "best_epoch": solution.best_epoch,
        "converged": solution.converged,
        "conjugate_gradient_steps": solution.conjugate_gradient_steps,
        "is_settled": solution.is_settled,
        "effective_sample_size_before": kish(inputs.initial_weights),
        "effective_sample_size_after": kish(weights),
        "ratio_percentiles": {
            percentile: float(np.percentile(ratios, percentile)) for percentile in PERCENTILES
        },
        "share_at_bounds": float(at_bounds.mean()),
        "top_100_weight_share": float(top.sum() / weights.sum()),
        "zero_weight_households": int(np.sum(~moved)),
        "fitted_targets": int(inputs.fitted.sum()),
        "held_out_targets": int(inputs.held_out.sum()),
        "unsupported_targets": np.flatnonzero(inputs.support == 0).tolist(),
    }


def kish(weights: Vector) -> float:
    """Kish's effective sample size, (Σ w)² / Σ w² (Kish 1965, "Survey sampling", 11.7)."""
    return float(np.sum(weights) ** 2 / np.sum(np.square(weights)))
