"""Figures that should add up, moved as little as their standard errors allow until they do."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import lsqr

from steelyard.calibrate.config import Mask, Vector
from steelyard.calibrate.inputs import SparseRows

#: What is left of a gap, as a share of the figures that make it up, counts as rounding.
CLOSED = 1e-9
#: A solve of least squares leaves its own rounding; a second or third one on what is left ends it.
PASSES = 4


class Reconciliation(NamedTuple):
    """Figures before and after, and what is left of each identity.

    Parameters
    ----------
    figures
        Reconciled figures, (n_figures,), in the units they came in.
    gaps_before, gaps_after
        ``identities @ figures``, (n_identities,).
    """

    figures: Vector
    gaps_before: Vector
    gaps_after: Vector


class InfeasibleIdentitiesError(ValueError):
    """Identities among figures of which none may move, or not enough."""


def reconcile(
    figures: ArrayLike,
    standard_errors: ArrayLike,
    identities: "sparse.sparray | sparse.spmatrix",
    names: Sequence[str] | None = None,
) -> Reconciliation:
    """Project figures on the identities, with the least change in units of their standard errors.

    ``t* = t - S A' (A S A')^+ A t`` with ``S = diag(standard_errors ** 2)``: of all figures for
    which ``A t* = 0``, the one with the least ``sum(((t* - t) / standard_errors) ** 2)``. A figure
    with no error is a control and does not move. Identities may follow from one another.

    Parameters
    ----------
    figures
        Published figures ``t``, (n_figures,).
    standard_errors
        In the unit of each figure, (n_figures,), not negative; 0 for a control.
    identities
        ``A``, (n_identities, n_figures): each row's combination of figures should be zero.
    names
        Names of the identities, for the error.

    Returns
    -------
    Reconciliation

    Raises
    ------
    InfeasibleIdentitiesError
        If controls contradict one another, naming how many identities and the first three.
    ValueError
        If shapes do not agree, a figure is not finite, or a standard error is negative.

    Notes
    -----
    Minimum-variance balancing of accounts: Stone, Champernowne and Meade (1942), "The precision of
    national income estimates", Review of Economic Studies 9(2). Each connected group of figures is
    solved by LSQR (Paige and Saunders 1982), whose answer is the one of least length.
    """
    target, error, rows = _checked(figures, standard_errors, identities)
    result = target.copy()
    groups = connected_groups(rows, error == 0)
    of_row = _group_of_rows(rows, groups, error)
    for group in np.unique(of_row[of_row >= 0]):
        members = np.flatnonzero(of_row == group)
        result = _closed(result, error, rows[members])
    before, after = rows @ target, rows @ result
    _refuse_open(rows, result, after, names)
    return Reconciliation(result, before, after)


def reconcile_by_level(
    figures: ArrayLike,
    standard_errors: ArrayLike,
    levels: ArrayLike,
    identities: "sparse.sparray | sparse.spmatrix",
    names: Sequence[str] | None = None,
) -> Reconciliation:
    """Reconcile the first level alone, then each next one to the levels already settled.

    An identity belongs to the last of the levels of its figures. So the nation agrees with itself
    first, and the states then agree with the nation, which they do not move.

    Parameters
    ----------
    figures, standard_errors, identities, names
        As in `reconcile`.
    levels
        Level of each figure, (n_figures,); lower ones are settled first.

    Returns
    -------
    Reconciliation

    Raises
    ------
    InfeasibleIdentitiesError, ValueError
        As `reconcile`.
    """
    target, error, rows = _checked(figures, standard_errors, identities)
    level = np.asarray(levels, dtype=np.int64)
    named = list(names) if names is not None else [str(row) for row in range(rows.shape[0])]
    of_row = np.full(rows.shape[0], np.iinfo(np.int64).min)
    np.maximum.at(of_row, _row_of_entry(rows), level[rows.indices])
    settled = target.copy()
    for current in np.unique(of_row):
        chosen = np.flatnonzero(of_row == current)
        free = np.where(level == current, error, 0.0)
        step = reconcile(settled, free, rows[chosen], [named[row] for row in chosen])
        settled = step.figures
    return Reconciliation(settled, rows @ target, rows @ settled)


def connected_groups(
    identities: "sparse.sparray | sparse.spmatrix", cut: ArrayLike
) -> NDArray[np.int64]:
    """Give each figure the number of the group that identities connect it with.

    Parameters
    ----------
    identities
        (n_identities, n_figures).
    cut
        Figures that connect nothing, bool (n_figures,): they stand in a group of their own.

    Returns
    -------
    int ndarray of shape (n_figures,)
        The same number for two figures if a chain of identities leads from one to the other
        without passing through a figure that is cut.
    """
    rows = _sparse_rows(identities)
    apart = np.asarray(cut, dtype=np.bool_)
    kept = ~apart[rows.indices] & (rows.data != 0)
    edges = sparse.csr_array(
        (np.ones(int(kept.sum())), (_row_of_entry(rows)[kept], rows.indices[kept])),
        shape=rows.shape,
    )
    # Identities and figures are the two sides of one graph.
    graph: Any = sparse.block_array([[None, edges], [edges.T, None]], format="csr")
    _, labels = connected_components(graph, directed=False)
    numbers: NDArray[np.int64] = labels[rows.shape[0] :].astype(np.int64)
    return numbers


def _closed(figures: Vector, error: Vector, rows: SparseRows) -> Vector:
    """Close one group's gaps, with figures in standard errors and each row of length one."""
    moved = figures.copy()
    free = np.unique(rows.indices)
    free = free[error[free] > 0]
    if free.size == 0:
        return moved
    scaled = _sparse_rows(rows[:, free] * error[free])
    length = np.sqrt(scaled.multiply(scaled).sum(axis=1))
    length[length == 0] = 1.0
    unit = _sparse_rows(scaled * (1 / length)[:, np.newaxis])
    for _ in range(PASSES):
        gap = (rows @ moved) / length
        if not np.any(gap):
            break
        step = lsqr(unit, gap, atol=1e-15, btol=1e-15, iter_lim=20 * max(unit.shape))[0]
        moved[free] -= error[free] * step
    return moved


def _group_of_rows(rows: SparseRows, groups: NDArray[np.int64], error: Vector) -> NDArray[np.int64]:
    """Group of each identity that has a figure free to move; -1 for the others."""
    of_row = np.full(rows.shape[0], -1, dtype=np.int64)
    free = error[rows.indices] > 0
    of_row[_row_of_entry(rows)[free]] = groups[rows.indices[free]]
    return of_row


def _sparse_rows(matrix: Any) -> SparseRows:
    rows: SparseRows = sparse.csr_array(matrix, dtype=np.float64)
    return rows


def _row_of_entry(rows: SparseRows) -> NDArray[np.int64]:
    """Row of each stored entry."""
    numbers: NDArray[np.int64] = np.repeat(
        np.arange(rows.shape[0], dtype=np.int64), np.diff(rows.indptr)
    )
    return numbers


def _refuse_open(
    rows: SparseRows, figures: Vector, gaps: Vector, names: Sequence[str] | None
) -> None:
    size = abs(rows) @ np.abs(figures)
    wrong: Mask = np.abs(gaps) > CLOSED * size
    places = np.flatnonzero(wrong)
    if places.size:
        shown = ", ".join(
            f"{names[place] if names is not None else place} by {gaps[place]:.6g}"
            for place in places[:3]
        )
        raise InfeasibleIdentitiesError(
            f"reconcile: {places.size} of {gaps.size} identities cannot hold, because the figures "
            f"in them are controls that contradict one another ({shown}); give one of them a "
            "standard error, or say that the identity is none"
        )


def _checked(
    figures: ArrayLike,
    standard_errors: ArrayLike,
    identities: "sparse.sparray | sparse.spmatrix",
) -> tuple[Vector, Vector, SparseRows]:
    rows = _sparse_rows(identities)
    target = np.asarray(figures, dtype=np.float64)
    error = np.asarray(standard_errors, dtype=np.float64)
    size = rows.shape[1]
    for name, vector in (("figures", target), ("standard_errors", error)):
        if vector.shape != (size,):
            raise ValueError(
                f"reconcile: {name} has shape {vector.shape}, but identities have {size} columns"
            )
        wrong = np.flatnonzero(~np.isfinite(vector))
        if wrong.size:
            raise ValueError(
                f"reconcile: {wrong.size} of {size} {name} are not finite (at {wrong[:3].tolist()})"
            )
    negative = np.flatnonzero(error < 0)
    if negative.size:
        raise ValueError(
            f"reconcile: {negative.size} of {size} standard_errors are negative "
            f"(at {negative[:3].tolist()}); 0 makes a figure a control"
        )
    return target, error, rows
