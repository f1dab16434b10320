"""What may enter a calibration: shapes, finite numbers, weights to work with, targets to hit."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from steelyard.calibrate.config import CalibrationConfig, Mask, Vector

#: Any compressed-row matrix of numbers; rows are targets, or households where said.
SparseRows: TypeAlias = "sparse.csr_array[Any, tuple[int, int]]"


class Inputs(NamedTuple):
    """One calibration's inputs, checked. Rows are targets, columns households."""

    matrix: SparseRows
    targets: Vector
    initial_weights: Vector
    scale: Vector
    loss_weight: Vector
    held_out: Mask
    exact: Mask
    support: NDArray[np.int64]
    start: Vector | None = None

    @property
    def fitted(self) -> Mask:
        """Targets in the loss: supported, weighed and not held out."""
        return (self.support > 0) & (self.loss_weight > 0) & ~self.held_out

    @property
    def watched(self) -> Mask:
        """Targets held out that some household supports."""
        return (self.support > 0) & self.held_out

    def estimates(self, weights: Vector) -> Vector:
        """Return ``matrix @ weights`` in float64, by blocks of rows so that no copy is large."""
        matrix, result = self.matrix, np.empty(self.targets.size)
        block = max(1, matrix.shape[0] // 32)
        for first in range(0, matrix.shape[0], block):
            result[first : first + block] = _rows(matrix, first, first + block) @ weights
        return result


def checked(
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    config: CalibrationConfig,
    optional: dict[str, ArrayLike | None],
) -> Inputs:
    """Return the inputs as float64 vectors and a CSR matrix, with defaults filled in.

    Raises
    ------
    ValueError
        Naming the argument, how many entries are wrong, and the first three.
    """
    rows = _csr(matrix)
    n_targets, n_households = rows.shape
    goals = _vector("targets", targets, n_targets, "rows of the matrix")
    weights = _vector("initial_weights", initial_weights, n_households, "columns of the matrix")
    _refuse("initial_weights", weights, weights < 0, "is negative; mend or leave out the records")
    if not weights.any():
        raise ValueError(f"calibrate: all {weights.size} initial_weights are zero; nothing to move")
    held_out = _mask("held_out", optional.get("held_out"), n_targets)
    exact = _mask("exact", optional.get("exact"), n_targets)
    loss_weight = _optional("loss_weight", optional, np.ones(n_targets))
    _refuse("loss_weight", loss_weight, loss_weight < 0, "is negative; 0 leaves a target out")
    support = _support(rows, weights > 0)
    scale = optional.get("scale")
    if scale is None:
        scale = default_scale(goals, config.scale_floor)
    scales = _vector("scale", scale, n_targets, "rows of the matrix")
    _refuse("scale", scales, scales <= 0, "is not positive; leave scale out for max(|t|, floor)")
    unmet = exact & (goals != 0) & (support == 0)
    _refuse("exact targets", goals, unmet, "no household with weight supports it")
    idle = exact & (held_out | (loss_weight == 0))
    _refuse("exact targets", goals, idle, "is held out or has zero loss_weight; choose one")
    start = optional.get("start")
    if start is not None:
        start = _vector("start", start, n_targets, "rows of the matrix")
    inputs = Inputs(rows, goals, weights, scales, loss_weight, held_out, exact, support, start)
    if not inputs.fitted.any():
        raise ValueError(
            f"calibrate: none of {n_targets} targets can be fitted ({held_out.sum()} held out, "
            f"{np.sum(support == 0)} without a supporting household, "
            f"{np.sum(loss_weight == 0)} with zero loss_weight)"
        )
    return inputs


def default_scale(targets: Vector, floor: float) -> Vector:
    """Return s = max(|t|, floor * typical |t|), so that zero and small targets have a scale.

    The typical size is the median of the targets that are not zero; 1 where all are.
    """
    size = np.abs(targets)
    typical = float(np.median(size[size > 0])) if size.any() else 1.0 / floor
    return np.maximum(size, floor * typical)


def _csr(matrix: Any) -> SparseRows:
    is_sparse: bool = sparse.issparse(matrix)
    if not is_sparse:
        raise ValueError(
            f"calibrate: matrix is a {type(matrix).__name__}; give scipy.sparse, "
            "rows targets and columns households"
        )
    rows: SparseRows = sparse.csr_array(matrix)
    if rows.ndim != 2 or 0 in rows.shape:
        raise ValueError(f"calibrate: matrix has shape {rows.shape}; needs targets and households")
    if rows.indices.dtype != np.int32 and max(rows.nnz, *rows.shape) <= np.iinfo(np.int32).max:
        narrow = (rows.data, rows.indices.astype(np.int32), rows.indptr.astype(np.int32))
        rows = sparse.csr_array(narrow, shape=rows.shape)
    if rows.dtype.kind != "f":
        rows = rows.astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(rows.data))
    if wrong.size:
        at = np.searchsorted(rows.indptr, wrong[:3], side="right") - 1
        shown = ", ".join(
            f"[{row}, {rows.indices[entry]}]={rows.data[entry]}"
            for row, entry in zip(at, wrong[:3], strict=True)
        )
        raise ValueError(
            f"calibrate: matrix has {wrong.size} entries that are not finite "
            f"(target, household: {shown}); mend the column they come from"
        )
    return rows


def _vector(name: str, values: ArrayLike, size: int, of: str) -> Vector:
    vector = np.asarray(values, dtype=np.float64)
    if vector.shape != (size,):
        raise ValueError(f"calibrate: {name} has shape {vector.shape}, but there are {size} {of}")
    _refuse(name, vector, ~np.isfinite(vector), "is not finite; mend or leave out the records")
    return vector


def _optional(name: str, optional: dict[str, ArrayLike | None], default: Vector) -> Vector:
    values = optional.get(name)
    return default if values is None else _vector(name, values, default.size, "rows of the matrix")


def _mask(name: str, values: ArrayLike | None, size: int) -> Mask:
    if values is None:
        return np.zeros(size, dtype=np.bool_)
    mask = np.asarray(values)
    if mask.shape != (size,) or mask.dtype != np.bool_:
        raise ValueError(
            f"calibrate: {name} is {mask.dtype} of shape {mask.shape}; give bool of ({size},)"
        )
    return mask


def _refuse(name: str, vector: Vector, wrong: Mask, what: str) -> None:
    places = np.flatnonzero(wrong)
    if places.size:
        shown = ", ".join(f"[{place}]={vector[place]}" for place in places[:3])
        raise ValueError(f"calibrate: {places.size} of {vector.size} {name} ({shown}): {what}")


def _rows(matrix: SparseRows, first: int, last: int) -> SparseRows:
    """Rows first to last as a view on the same numbers."""
    pointers = matrix.indptr[first : last + 1]
    span = slice(pointers[0], pointers[-1])
    return sparse.csr_array(
        (matrix.data[span], matrix.indices[span], pointers - pointers[0]),
        shape=(pointers.size - 1, matrix.shape[1]),
    )


def _support(matrix: SparseRows, positive: Mask) -> NDArray[np.int64]:
    """Households with a positive weight and a value other than zero, for each target."""
    support = np.empty(matrix.shape[0], dtype=np.int64)
    for row, (first, last) in enumerate(zip(matrix.indptr, matrix.indptr[1:], strict=False)):
        counted = positive[matrix.indices[first:last]] & (matrix.data[first:last] != 0)
        support[row] = np.count_nonzero(counted)
    return support
