"""A calibration of tables: triplets, targets and households in, one long table out."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress, Vector
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
    earlier: Iterable[pa.Table] = (),
) -> pa.Table:
    """Calibrate and lay the answer out as rows.

    Parameters
    ----------
    matrix
        Triplets ``target_index``, ``household_index``, ``value``, both indices from 0.
    targets
        Ordered by ``target_index``: ``target_id``, ``target_value``, ``loss_scale``,
        ``loss_weight`` (0 leaves a target out of the loss), ``target_role`` (``held_out`` ones are
        watched).
    households
        Ordered by ``household_index``: ``initial_weight``.
    controls
        Ordered by ``control_index``: ``control_name``, ``loss_scale``, ``loss_weight`` of sums
        that are to stay zero, as they are under the initial weights.
    control_matrix
        Triplets ``control_name``, ``household_index``, ``value``.
    config
        Solver and settings.
    progress
        Called as the solver goes.
    earlier
        Answers of this function, the best to begin with first. The first with as many households
        is begun with, target by target, by name.

    Returns
    -------
    Table with ``part`` (``weight``, ``estimate``, ``shadow_price``, ``multiplier``, ``history``,
    ``diagnostic``), ``position`` (index, or epoch), ``name``, ``number`` and ``words``; the
    controls' estimates follow those of the targets. A settled answer's history is its beginning
    and its end, 0 and 1: the way there depends on where the solver began, and is a diagnostic.
    """
    names = targets.column("target_id").to_pylist() + controls.column("control_name").to_pylist()
    problem = laid_out(matrix, targets, households, controls, control_matrix)
    solved = calibrate(
        problem.matrix,
        problem.targets,
        problem.initial_weights,
        config,
        **problem.options,
        start=_start(earlier, names, households.num_rows),
        progress=progress,
    )
    return _answer(solved, config, names)


def _answer(solved: Calibration, config: CalibrationConfig, names: list[str]) -> pa.Table:
    multipliers = {"position": range(len(names)), "name": names, "number": solved.multipliers}
    return pa.concat_tables(
        [
            _numbers("weight", solved.weights),
            _numbers("estimate", solved.estimates),
            _numbers("shadow_price", solved.shadow_prices),
            _table("multiplier", multipliers),
            _history(solved, config),
            _diagnostics(solved, config),
        ]
    )


def _start(earlier: Iterable[pa.Table], names: list[str], n_households: int) -> Vector | None:
    """Return the multipliers of the first answer for as many households; 0 for a new target."""
    for answer in earlier:
        part = answer.column("part")
        known = answer.filter(pc.equal(part, "multiplier"))
        if known.num_rows and pc.sum(pc.equal(part, "weight")).as_py() == n_households:
            pairs = zip(known["name"].to_pylist(), known["number"].to_pylist(), strict=True)
            multipliers = dict(pairs)
            return np.array([multipliers.get(name, 0.0) for name in names])
    return None


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


def _history(solved: Calibration, config: CalibrationConfig) -> pa.Table:
    history = [(0, solved.history[0]), (1, solved.history[-1])]
    if solved.diagnostics["solver"] == "adam" or not config.settle:
        history = [(entry.epoch, entry) for entry in solved.history]
    entries = [
        (epoch, name, float(value))
        for epoch, entry in history
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
