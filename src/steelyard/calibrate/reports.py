"""What the neighbourhood of a calibration says, as tables: conflicts and replicates."""

import numpy as np
import pyarrow as pa

from steelyard.calibrate.config import CalibrationConfig
from steelyard.calibrate.conflicts import Conflict, Side, find_conflicts
from steelyard.calibrate.layout import laid_out
from steelyard.calibrate.near_answer import near_answer
from steelyard.calibrate.nearby import Columns
from steelyard.calibrate.replicates import bootstrap_factors, replicate, survey_factors
from steelyard.frame import stream

#: What targets of one set have in common.
NAMED_BY = ("variable", "statistic", "geography_level", "target_family")
_SIDE = {
    "name": pa.string(),
    "direction": pa.string(),
    "target_ids": pa.list_(pa.string()),
    "error": pa.float64(),
    "error_alone": pa.float64(),
}
_CONFLICT = pa.schema(
    [("conflict_rank", pa.int32())]
    + [(f"{side}_{name}", kind) for side in ("first", "second") for name, kind in _SIDE.items()]
    + [
        ("price", pa.float64()),
        ("overlap", pa.float64()),
        ("household_count", pa.int64()),
        ("sentence", pa.string()),
    ]
)


def conflict_table(  # noqa: PLR0913  the five tables of one problem, and its answer
    matrix: pa.Table,
    targets: pa.Table,
    households: pa.Table,
    controls: pa.Table,
    control_matrix: pa.Table,
    multipliers: pa.Table,
    *,
    config: CalibrationConfig,
    most: int,
) -> pa.Table:
    """Return the worst fights among fitted targets, one row each.

    Parameters
    ----------
    matrix, controls, control_matrix
        As `steelyard.calibrate.solution.solve_tables` takes them.
    targets
        With ``target_id`` and the columns of ``NAMED_BY`` too: targets that agree on them are one
        set. Each control is a set of its own.
    households
        With ``calibrated_weight`` too.
    multipliers
        Ordered by ``position``: ``multiplier``, the answer's, of the targets, then the controls.
    config
        As it was solved with.
    most
        How many to return; 0 looks for none.
    """
    if not most:
        return _CONFLICT.empty_table()
    problem = laid_out(matrix, targets, households, controls, control_matrix)
    near = near_answer(problem, households, multipliers, config)
    columns = [targets.column(name).to_pylist() for name in NAMED_BY]
    names = ["{} ({}), {}, {}".format(*named) for named in zip(*columns, strict=True)]
    names += [f"held as surveyed: {name}" for name in controls.column("control_name").to_pylist()]
    ids = targets.column("target_id").to_pylist() + controls.column("control_name").to_pylist()
    found = find_conflicts(near, names, most=most)
    rows = [_row(rank, conflict, ids) for rank, conflict in enumerate(found, start=1)]
    return pa.Table.from_pylist(rows, schema=_CONFLICT)


def replicate_table(  # noqa: PLR0913  the five tables of one problem, and how to draw
    matrix: pa.Table,
    targets: pa.Table,
    households: pa.Table,
    controls: pa.Table,
    control_matrix: pa.Table,
    multipliers: pa.Table,
    *,
    survey: pa.Table,
    config: CalibrationConfig,
    count: int,
    spread: float,
) -> pa.Table:
    """Return the calibrated weight of each household in each replicate of the survey.

    Parameters
    ----------
    households
        With ``calibrated_weight``, ``state_fips`` (the stratum) and ``cluster_id`` (what the
        survey drew) too.
    multipliers
        Ordered by ``position``: ``multiplier``, the answer's, of the targets, then the controls.
    survey
        The survey's own replicates, ordered by ``replicate`` and ``household_id``:
        ``weight_factor``. Without rows, households are drawn.
    count, spread
        Replicates, 0 for none, and ε of `steelyard.calibrate.replicates.bootstrap_factors`.

    Returns
    -------
    Table with ``replicate`` (from 1), ``household_index``, ``weight`` and ``mismatch``, the largest
    distance of a target from its optimum in that replicate.
    """
    size, weights, mismatch = households.num_rows, np.empty((0, 0)), np.empty(0)
    if count:
        problem = laid_out(matrix, targets, households, controls, control_matrix)
        near = near_answer(problem, households, multipliers, config)
        factors = _factors(households, survey, config, count, spread)
        answers = replicate(near, factors, problem.is_control[near.fitted])
        weights, mismatch = answers.weights, answers.mismatch
    return pa.table(
        {
            "replicate": pa.array(np.repeat(np.arange(1, count + 1), size), pa.int32()),
            "household_index": pa.array(np.tile(np.arange(size), count), pa.int32()),
            "weight": pa.array(weights.T.ravel(), pa.float64()),
            "mismatch": pa.array(np.repeat(mismatch, size), pa.float64()),
        }
    )


def _factors(
    households: pa.Table, survey: pa.Table, config: CalibrationConfig, count: int, spread: float
) -> Columns:
    clusters = households.column("cluster_id").to_numpy()
    if survey.num_rows:
        surveyed = survey.column("household_id").to_numpy().reshape(count, -1)[0]
        told = survey.column("weight_factor").to_numpy().reshape(count, -1).T
        return survey_factors(clusters, surveyed, told, spread=spread)
    return bootstrap_factors(
        households.column("state_fips").to_pylist(),
        clusters,
        count,
        stream(config.seed, "calibrate", "replicates"),
        spread=spread,
    )


def _row(rank: int, conflict: Conflict, ids: list[str]) -> dict[str, object]:
    return {
        "conflict_rank": rank,
        **_side("first", conflict.first, ids),
        **_side("second", conflict.second, ids),
        "price": conflict.price,
        "overlap": conflict.overlap,
        "household_count": conflict.households,
        "sentence": conflict.sentence,
    }


def _side(place: str, side: Side, ids: list[str]) -> dict[str, object]:
    named = side._asdict() | {"target_ids": [ids[row] for row in side.targets]}
    return {f"{place}_{name}": named[name] for name in _SIDE}
