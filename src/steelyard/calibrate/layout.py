"""One problem from its tables: triplets, targets, households, and the controls below them."""

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
    facts = _sparse(matrix, matrix.column("target_index").to_numpy(), targets, households)
    held = _sparse(control_matrix, _control_rows(control_matrix, controls), controls, households)
    roles = np.array(targets.column("target_role").to_pylist() + [""] * controls.num_rows)
    goals = targets.column("target_value").to_numpy()
    return Layout(
        matrix=sparse.vstack([facts, held], format="csr"),
        targets=np.append(goals, np.zeros(controls.num_rows)),
        initial_weights=households.column("initial_weight").to_numpy(),
        scale=_both(targets, controls, "loss_scale"),
        loss_weight=_both(targets, controls, "loss_weight"),
        held_out=roles == "held_out",
        is_control=np.arange(roles.size) >= targets.num_rows,
    )


def _sparse(triplets: pa.Table, rows: Any, of: pa.Table, households: pa.Table) -> Any:
    columns = triplets.column("household_index").to_numpy()
    values = triplets.column("value").to_numpy()
    shape = (of.num_rows, households.num_rows)
    return sparse.csr_array((values, (rows, columns)), shape=shape)


def _control_rows(control_matrix: pa.Table, controls: pa.Table) -> Any:
    places = {name: row for row, name in enumerate(controls.column("control_name").to_pylist())}
    names = control_matrix.column("control_name").to_pylist()
    return np.array([places[name] for name in names], dtype=np.int32)


def _both(targets: pa.Table, controls: pa.Table, column: str) -> Any:
    return np.append(targets.column(column).to_numpy(), controls.column(column).to_numpy())
