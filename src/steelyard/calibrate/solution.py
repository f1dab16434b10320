"""A calibration of tables: triplets, targets and households in, one long table out."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress
from steelyard.calibrate.solve import calibrate


def solve_tables(
    matrix: pa.Table,
    targets: pa.Table,
    households: pa.Table,
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
    config
        Solver and settings.
    progress
        Called as the solver goes.

    Returns
    -------
    Table with ``part`` (``weight``, ``estimate``, ``shadow_price``, ``history``,
    ``diagnostic``), ``position`` (index, or epoch), ``name``, ``number`` and ``words``.
    """
    shape = (targets.num_rows, households.num_rows)
    rows, columns, values = (
        matrix.column(name).to_numpy() for name in ("target_index", "household_index", "value")
    )
    solved = calibrate(
        sparse.csr_array((values, (rows, columns)), shape=shape),
        targets.column("target_value").to_numpy(),
        households.column("initial_weight").to_numpy(),
        config,
        scale=targets.column("loss_scale").to_numpy(),
        loss_weight=targets.column("loss_weight").to_numpy(),
        held_out=np.array(targets.column("target_role").to_pylist()) == "held_out",
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
