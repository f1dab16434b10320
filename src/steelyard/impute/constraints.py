"""Bounds, logical zeros and identities: what makes a drawn value a feasible one."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.spec import Target

Floats = NDArray[np.float64]

# Components miss their total by no more than this part of it.
TOLERANCE = 1e-9
# Components smaller than this part of their total would overflow when multiplied.
SMALLEST_SHARE = 1e-300


def is_fractional(target: Target) -> bool:
    """Return whether a constraint may turn whole numbers into fractions."""
    whole = all(
        bound is None or (not isinstance(bound, str) and float(bound).is_integer())
        for bound in (target.at_least, target.at_most)
    )
    return target.total is not None or not whole


def referred(targets: Sequence[Target]) -> tuple[str, ...]:
    """Return the columns that caps and totals of the targets refer to, each once."""
    named = [
        column
        for target in targets
        for column in (target.at_most, target.total)
        if isinstance(column, str)
    ]
    return tuple(dict.fromkeys(named))


def bounds(
    target: Target, columns: Mapping[str, Floats], count: int, role: str
) -> tuple[Floats, Floats]:
    """Return the least and greatest value of a target for each record, shape (count,) each.

    Parameters
    ----------
    target
        Whose bounds.
    columns
        The records' values of the columns that bounds refer to.
    count
        How many records there are.
    role
        How messages call the table.

    Raises
    ------
    ValueError
        If a record's cap lies below the least value.
    """
    least = np.full(count, -np.inf if target.at_least is None else float(target.at_least))
    if target.at_most is None:
        return least, np.full(count, np.inf)
    cap = target.at_most
    most = columns[cap] if isinstance(cap, str) else np.full(count, float(cap))
    crossed = np.flatnonzero(most < least)
    if crossed.size:
        raise ValueError(
            f"{role}: {cap!r} caps {target.name!r} below its at_least {target.at_least:g} in "
            f"{crossed.size} of {count} rows (first rows: {crossed[:3].tolist()}); "
            "raise the caps, or lower at_least"
        )
    return least, most


def bounded(values: ArrayLike, least: Floats, most: Floats) -> NDArray[np.generic]:
    """Return values moved inside their bounds, in the values' type."""
    array: NDArray[np.generic] = np.asarray(values)
    if np.isneginf(least).all() and np.isposinf(most).all():
        return array
    moved = np.clip(array.astype(np.float64), least, most)
    return np.asarray(moved.astype(array.dtype))


def add_up(components: Floats, total: Floats, least: Floats, most: Floats) -> Floats:
    """Return components that sum to a total and stay inside their bounds.

    What is missing is shared out in proportion to the components' sizes: components of one sign
    keep their shares, those of mixed sign are moved and not blown up. Where a component meets
    its bound, the others take the rest, and those that are zero take part only when no other
    has room.

    Parameters
    ----------
    components, least, most
        Shape (n, n_components); least may be -inf and most inf.
    total
        Shape (n,).

    Returns
    -------
    Shape (n, n_components). Rows in which the bounds leave no way are returned as near to the
    total as they go; see `missed`.
    """
    sums = components.sum(axis=1)
    is_one_sided = (components >= 0).all(axis=1) | (components <= 0).all(axis=1)
    is_one_sided &= np.abs(sums) > np.abs(total) * SMALLEST_SHARE
    # Multiplied, so that a total of zero leaves zeros and no rounding.
    factor = np.divide(total, sums, out=np.ones_like(sums), where=is_one_sided)
    found = np.clip(components * factor[:, None], least, most)
    # Each round fills a component or is the last; then the zeros have their rounds.
    for _ in range(2 * found.shape[1] + 1):
        gap = total - found.sum(axis=1)
        open_rows = np.flatnonzero(np.abs(gap) > TOLERANCE * 1e-3 * np.maximum(1, np.abs(total)))
        if not open_rows.size:
            break
        here, wanted = found[open_rows], gap[open_rows, None]
        free = np.where(wanted > 0, here < most[open_rows], here > least[open_rows])
        part = np.abs(here) * free
        part = np.where(part.sum(axis=1, keepdims=True) > 0, part, free)
        whole = part.sum(axis=1, keepdims=True)
        moved = here + wanted * np.divide(part, whole, out=np.zeros_like(here), where=whole > 0)
        found[open_rows] = np.clip(moved, least[open_rows], most[open_rows])
    return np.asarray(found, dtype=np.float64)


def missed(components: Floats, total: Floats) -> NDArray[np.int64]:
    """Return the rows whose components do not sum to the total."""
    gap = np.abs(total - components.sum(axis=1))
    return np.flatnonzero(gap > TOLERANCE * np.maximum(1, np.abs(total)))
