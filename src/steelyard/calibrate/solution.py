"""A calibration of tables: triplets, targets and households in, one long table out."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress
from steelyard.calibrate.layout import laid_out
from steelyard.calibrate.solve import calibrate


def solve_tables(  # noqa: PLR0913  the five tables of one problem
    matrix: pa.Table,
    targets: pa.Table,
    households: pa.Table,
    controls: pa.Table,
    control_matrix: pa.Table,
    *,
    config: CalibrationConfig,
    progress: Callable[[Progress], None] | None = None,
) -> pa.Table:
    """Calibrate and lay the answer out as rows.

    Parameters
    ----------
    matrix
        Triplets ``target_index``, ``household_index``, ``value``, both indices from 0.
    targets
        Ordered by ``target_index``: ``target_value``, ``loss_scale``, ``loss_weight`` (0 leaves
        a target out of the loss), ``target_role`` (``held_out`` ones are watched).
    households
        Ordered by ``household_index``: ``initial_weight``.
    controls
        Ordered by ``control_index``: ``loss_scale``, ``loss_weight`` of sums that are to stay
        zero, as they are under the initial weights.
    control_matrix
        Triplets ``control_name``, ``household_index``, ``value``.
    config
        Solver and settings.
    progress
        Called as the solver goes.

    Returns
    -------
    Table with ``part`` (``weight``, ``estimate``, ``shadow_price``, ``history``,
    ``diagnostic``), ``position`` (index, or epoch), ``name``, ``number`` and ``words``; the
    controls' estimates follow those of the targets.
    """
    problem = laid_out(matrix, targets, households, controls, control_matrix)
    solved = calibrate(
        problem.matrix,
        problem.targets,
        problem.initial_weights,
        config,
        **problem.options,
        progress=progress,
    )
    return pa.concat_tables(
        [
            _numbers("weight", solved.weights),
            _numbers("estimate", solved.estimates),
            _numbers("shadow_price", solved.shadow_prices),
            _history(solved),
            _diagnostics(solved, config),
        ]
    )


def _table(part: str, rows: dict[str, Any]) -> pa.Table:
    count = len(rows["position"])
    empty = {"name": [None] * count, "number": [None] * count, "words": [None] * count}
    columns = {"part": [part] * count, **empty, **rows}
    schema = {
        "part": pa.string(),
        "position": pa.int32(),
        "name": pa.string(),
        "number": pa.float64(),
        "words": pa.string(),
    }
    return pa.table({name: pa.array(columns[name], kind) for name, kind in schema.items()})


def _numbers(part: str, values: Any) -> pa.Table:
    return _table(part, {"position": np.arange(len(values)), "number": values})


def _history(solved: Calibration) -> pa.Table:
    entries = [
        (entry.epoch, name, float(value))
        for entry in solved.history
        for name, value in asdict(entry).items()
        if name != "epoch"
    ]
    positions, names, numbers = zip(*entries, strict=True)
    return _table("history", {"position": positions, "name": names, "number": numbers})


def _diagnostics(solved: Calibration, config: CalibrationConfig) -> pa.Table:
    entries: dict[str, Any] = {"reason": solved.reason, **solved.diagnostics}
    entries |= {f"config.{name}": value for name, value in asdict(config).items()}
    numbers = [
        float(value) if isinstance(value, bool | int | float | np.number) else None
        for value in entries.values()
    ]
    return _table(
        "diagnostic",
        {
            "position": range(len(entries)),
            "name": list(entries),
            "number": numbers,
            "words": [str(value) for value in entries.values()],
        },
    )
