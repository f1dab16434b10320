"""What a sceptic asks of a calibration, as tables: targets left out, and targets that are wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.calibrate.config import CalibrationConfig, Mask, Vector
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.layout import Layout, laid_out
from steelyard.calibrate.left_out import leave_out
from steelyard.calibrate.problem import problem_from
from steelyard.calibrate.solve import calibrate
from steelyard.frame import stream

#: Fewest households that bear on a held-out fact whose error is judged.
SUPPORTED = 30
#: Digits that are told: the last of a double depend on how many threads a product was shared by.
_DIGITS = 9
_LEFT_OUT = pa.schema(
    [
        ("group_kind", pa.string()),
        ("group_name", pa.string()),
        ("target_count", pa.int64()),
        ("initial_median_error", pa.float64()),
        ("fitted_median_error", pa.float64()),
        ("left_out_median_error", pa.float64()),
        ("initial_p90_error", pa.float64()),
        ("fitted_p90_error", pa.float64()),
        ("left_out_p90_error", pa.float64()),
        ("rest_median_error", pa.float64()),
        ("mismatch", pa.float64()),
    ]
)
_PLACEBO = pa.schema(
    [
        ("weight_stage", pa.string()),
        ("fitted_count", pa.int64()),
        ("held_out_count", pa.int64()),
        ("own_median_error", pa.float64()),
        ("held_out_median_error", pa.float64()),
        ("held_out_p90_error", pa.float64()),
        ("effective_sample_share", pa.float64()),
    ]
)


def left_out_table(  # noqa: PLR0913  the five tables of one problem, and its answer
    matrix: pa.Table,
    targets: pa.Table,
    households: pa.Table,
    controls: pa.Table,
    control_matrix: pa.Table,
    multipliers: pa.Table,
    *,
    config: CalibrationConfig,
    is_wanted: bool,
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """Return each family's and each state's errors when the weights are not told of it.

    Parameters
    ----------
    matrix, controls, control_matrix
        As `steelyard.calibrate.solution.solve_tables` takes them.
    targets
        With ``target_family``, ``geography_level`` and ``geoid`` too.
    households
        With ``calibrated_weight`` too.
    multipliers
        Ordered by ``position``: ``multiplier``, the answer's, of the targets, then the controls.
    config
        As it was solved with.
    is_wanted
        Whether to look; else the table has no rows.
    progress
        Told after each group how many are done.

    Returns
    -------
    Table with one row a family, and one a state: errors relative to the scale, of the group's own
    fitted targets under initial weights, as fitted, and left out; the median of all others then.
    """
    if not is_wanted:
        return _LEFT_OUT.empty_table()
    problem = laid_out(matrix, targets, households, controls, control_matrix)
    given = problem.matrix, problem.targets, problem.initial_weights
    inputs = checked(*given, config, problem.options)
    fitted = inputs.fitted
    groups = {of: some[fitted] for of, some in _groups(targets, problem) if _divides(some[fitted])}
    found = leave_out(
        problem_from(inputs, config, np.float64),
        multipliers.column("multiplier").to_numpy()[fitted],
        list(groups.values()),
        progress,
    )
    weights = problem.initial_weights, households.column("calibrated_weight").to_numpy()
    before, after = (
        ((inputs.estimates(each) - inputs.targets) / inputs.scale)[fitted] for each in weights
    )
    rows, mismatch = [], np.round(found.mismatch, _DIGITS)
    for place, ((kind, name), members) in enumerate(groups.items()):
        row = {"group_kind": kind, "group_name": name, "mismatch": float(mismatch[place])}
        stages = {"initial": before, "fitted": after, "left_out": found.errors[:, place]}
        rows.append(row | _left_out(stages, members, ~problem.is_control[fitted]))
    return pa.Table.from_pylist(rows, schema=_LEFT_OUT)


def placebo_table(  # noqa: PLR0913  the five tables of one problem, and its answer
    matrix: pa.Table,
    targets: pa.Table,
    households: pa.Table,
    controls: pa.Table,
    control_matrix: pa.Table,
    *,
    config: CalibrationConfig,
    is_wanted: bool,
) -> pa.Table:
    """Return how well weights do that were told wrong targets, beside the right ones.

    Each fitted target is given the ratio to its initial estimate that another has, within the
    bounds of weights: the same changes, where they mean nothing.

    Parameters
    ----------
    matrix, controls, control_matrix, households, config, is_wanted
        As in `left_out_table`.
    targets
        With ``support_count`` too. Held-out targets are judged where 30 households bear on them.

    Returns
    -------
    Table with a row for each stage of the weights, ``initial``, ``calibrated``, ``placebo``: errors
    of the held-out facts, and ``own``: of the targets the weights were told, right or wrong.
    """
    if not is_wanted:
        return _PLACEBO.empty_table()
    problem = laid_out(matrix, targets, households, controls, control_matrix)
    initial = problem.matrix @ problem.initial_weights
    is_fitted = (problem.loss_weight > 0) & ~problem.held_out & ~problem.is_control & (initial != 0)
    wrong = problem.targets.copy()
    ratios = np.clip(problem.targets[is_fitted] / initial[is_fitted], *config.bounds)
    shuffled = stream(config.seed, "calibrate", "placebo").permutation(ratios)
    wrong[is_fitted] = initial[is_fitted] * shuffled
    scale = np.where(is_fitted, np.maximum(np.abs(wrong), _least(problem)), problem.scale)
    # Where it stops is no matter of the last digits here.
    loose = replace(config, settle=False, tolerance=1e-3)
    told = calibrate(
        problem.matrix,
        wrong,
        problem.initial_weights,
        loose,
        **(problem.options | {"scale": scale}),
    )
    support = np.append(
        targets.column("support_count").to_numpy(), np.zeros(problem.is_control.sum())
    )
    judged = problem.held_out & (support >= SUPPORTED) & (problem.targets != 0)
    stages = {
        "initial": (problem.initial_weights, problem.targets),
        "calibrated": (households.column("calibrated_weight").to_numpy(), problem.targets),
        "placebo": (told.weights, wrong),
    }
    rows = [
        {"weight_stage": stage, **_judged(problem, weights, own, is_fitted, judged)}
        for stage, (weights, own) in stages.items()
    ]
    return pa.Table.from_pylist(rows, schema=_PLACEBO)


def _left_out(stages: dict[str, Vector], members: Mask, facts: Mask) -> dict[str, Any]:
    """Return how far a group's targets are at each stage, the last of which leaves it out."""
    row: dict[str, Any] = {"target_count": int(members.sum())}
    for stage, errors in stages.items():
        row[f"{stage}_median_error"], row[f"{stage}_p90_error"] = _spread(errors[members])
    row["rest_median_error"], _ = _spread(stages["left_out"][facts & ~members])
    return row


def _divides(members: Mask) -> bool:
    """Whether some are members and some are not."""
    return bool(members.any() and not members.all())


def _groups(targets: pa.Table, problem: Layout) -> Iterator[tuple[tuple[str, str], Mask]]:
    """Yield kind and name, and members among the problem's rows, of each family and state."""
    padding = [""] * int(problem.is_control.sum())
    families = np.array(targets.column("target_family").to_pylist() + padding)
    levels = np.array(targets.column("geography_level").to_pylist() + padding)
    places = np.array([geoid or "" for geoid in targets.column("geoid").to_pylist()] + padding)
    for family in sorted(set(families) - {""}):
        yield ("family", family), families == family
    for state in sorted(set(places[levels == "state"])):
        yield ("state", state), (levels == "state") & (places == state)


def _least(problem: Layout) -> float:
    """Return the smallest scale that the right targets have."""
    return float(problem.scale[~problem.is_control].min())


def _judged(
    problem: Layout, weights: Vector, own: Vector, is_fitted: Mask, judged: Mask
) -> dict[str, Any]:
    """Return how near weights come to the targets they were told, and to those held out."""
    estimates = problem.matrix @ weights
    told = np.abs(estimates[is_fitted] / own[is_fitted] - 1)
    row: dict[str, Any] = {
        "fitted_count": int(is_fitted.sum()),
        "held_out_count": int(judged.sum()),
        "own_median_error": float(np.median(told)),
        "effective_sample_share": _kish(weights) / _kish(problem.initial_weights),
        "held_out_median_error": None,
        "held_out_p90_error": None,
    }
    if judged.any():
        errors = estimates[judged] / problem.targets[judged] - 1
        row["held_out_median_error"], row["held_out_p90_error"] = _spread(errors)
    return row


def _kish(weights: Vector) -> float:
    return float(weights.sum() ** 2 / np.square(weights).sum())


def _spread(errors: Vector) -> tuple[float, float]:
    """Return median and 90th percentile of the errors' size."""
    median, p90 = np.round(np.percentile(np.abs(errors), (50, 90)), _DIGITS)
    return float(median), float(p90)
