"""One problem from its tables: triplets, targets, households, and the controls below them."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from scipy import sparse

from steelyard.calibrate.config import Mask, Vector
from steelyard.calibrate.inputs import SparseRows


class Layout(NamedTuple):
    """What `steelyard.calibrate.calibrate` takes; rows are targets, then controls."""

    matrix: SparseRows
    targets: Vector
    initial_weights: Vector
    scale: Vector
    loss_weight: Vector
    held_out: Mask
    is_control: Mask

    @property
    def options(self) -> dict[str, Any]:
        """Scale, loss weight and held-out rows, by the names of their arguments."""
        return {name: getattr(self, name) for name in ("scale", "loss_weight", "held_out")}


def laid_out(
    matrix: pa.Table,
    targets: pa.Table,
    households: pa.Table,
    controls: pa.Table,
    control_matrix: pa.Table,
) -> Layout:
    """Lay the tables of `steelyard.calibrate.solution.solve_tables` out as arrays."""
    names = {name: row for row, name in enumerate(controls.column("control_name").to_pylist())}
    below = [names[name] for name in control_matrix.column("control_name").to_pylist()]
    held = control_matrix.append_column(
        "target_index", pa.array(np.array(below, np.int32) + targets.num_rows, pa.int32())
    )
    roles = np.array(targets.column("target_role").to_pylist() + [""] * controls.num_rows)
    goals = targets.column("target_value").to_numpy()
    return Layout(
        matrix=_by_row([matrix, held], (roles.size, households.num_rows)),
        targets=np.append(goals, np.zeros(controls.num_rows)),
        initial_weights=households.column("initial_weight").to_numpy(),
        scale=_both(targets, controls, "loss_scale"),
        loss_weight=_both(targets, controls, "loss_weight"),
        held_out=roles == "held_out",
        is_control=np.arange(roles.size) >= targets.num_rows,
    )


def _by_row(triplets: list[pa.Table], shape: tuple[int, int]) -> Any:
    """Compress the rows of tables that follow each other, a batch at a time: no copy of all."""
    ordered = [_ordered(table) for table in triplets]
    size = sum(table.num_rows for table in ordered)
    counts = np.zeros(shape[0], dtype=np.int64)
    columns, values = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.float64)
    start = 0
    for batch in (batch for table in ordered for batch in table.to_batches()):
        span = slice(start, start + batch.num_rows)
        counts += np.bincount(batch.column("target_index").to_numpy(), minlength=shape[0])
        columns[span] = batch.column("household_index").to_numpy()
        values[span] = batch.column("value").to_numpy()
        start = span.stop
    # With wide pointers SciPy would widen the columns too, which takes half as long again to read.
    narrow = np.int32 if size <= np.iinfo(np.int32).max else np.int64
    pointers = np.concatenate([[0], np.cumsum(counts)]).astype(narrow)
    return sparse.csr_array((values, columns, pointers), shape=shape)


def _ordered(triplets: pa.Table) -> pa.Table:
    """Return triplets by their row, as most are already."""
    rows = triplets.column("target_index")
    ends = [(chunk[0].as_py(), chunk[-1].as_py()) for chunk in rows.chunks if len(chunk)]
    follow = all(before[1] <= after[0] for before, after in pairwise(ends))
    if follow and all((np.diff(chunk.to_numpy()) >= 0).all() for chunk in rows.chunks):
        return triplets
    return triplets.sort_by("target_index")


def _both(targets: pa.Table, controls: pa.Table, column: str) -> Any:
    return np.append(targets.column(column).to_numpy(), controls.column(column).to_numpy())
