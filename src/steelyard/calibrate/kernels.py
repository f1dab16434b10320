"""Loops over a household's non-zeros that no product of sparse matrices has: each reads them once.

They are compiled at the first call, and kept beside this file. All run on one thread in the order
of the households, so the last digit is the same on any machine.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from steelyard.calibrate.inputs import SparseRows


def curved(matrix: SparseRows, stretch: NDArray[Any], vector: NDArray[Any]) -> NDArray[Any]:
    """Return R diag(d) R' x.

    Parameters
    ----------
    matrix
        R' (n_households, n_targets).
    stretch, vector
        d (n_households,) and x (n_targets,), in the matrix's precision.
    """
    result = np.zeros(matrix.shape[1], dtype=matrix.dtype)
    _curve(_rows(matrix), stretch, vector, result)
    return result


def added(matrix: SparseRows, order: NDArray[np.uint32], ratios: NDArray[Any]) -> NDArray[Any]:
    """Return R g, (n_targets,).

    Parameters
    ----------
    matrix
        R' (n_households, n_targets), its rows in some order.
    order
        (n_households,), the household of each row.
    ratios
        g (n_households,), in the matrix's precision.
    """
    result = np.zeros(matrix.shape[1], dtype=matrix.dtype)
    _add(_rows(matrix), order, ratios, result)
    return result


def pulled(matrix: SparseRows, order: NDArray[np.uint32], vector: NDArray[Any]) -> NDArray[Any]:
    """Return R'x, (n_households,), of x (n_targets,); the rest as `added` has it."""
    result = np.empty(matrix.shape[0], dtype=matrix.dtype)
    _pull(_rows(matrix), order, vector, result)
    return result


def lower_gram(matrix: SparseRows, root: NDArray[Any], place: NDArray[np.int32]) -> NDArray[Any]:
    """Return the lower triangle of R diag(r²) R' for some targets, dense; 0 above it.

    Parameters
    ----------
    matrix
        R' (n_households, n_targets).
    root
        r (n_households,), in the precision to compute in.
    place
        (n_targets,), each one's row and column in the result; -1 for one left out.
    """
    size = int(place.max()) + 1
    result = np.zeros((size, size), dtype=root.dtype)
    longest = int(np.diff(matrix.indptr).max(initial=0))
    kept = np.empty(longest, dtype=np.uint32), np.empty(longest, dtype=root.dtype)
    _add_pairs(_rows(matrix), root, place, kept, result)
    return result


def _rows(matrix: SparseRows) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Pointers, columns and values; places without a sign, as none could count from the end."""
    without = {4: np.uint32, 8: np.uint64}
    pointers, columns = matrix.indptr, matrix.indices
    return (
        pointers.view(without[pointers.itemsize]),
        columns.view(without[columns.itemsize]),
        matrix.data,
    )


@numba.njit(cache=True)
def _curve(rows, stretch, vector, result):  # type: ignore[no-untyped-def]  # numba types it
    pointers, columns, values = rows
    one = np.uint32(1)
    none = values.dtype.type(0)
    for row in range(stretch.size):
        first, end = pointers[row], pointers[row + 1]
        # Four sums side by side: none waits for the last addition of another.
        a, b, c, d = none, none, none, none
        at = first
        while at + one + one + one < end:
            a += values[at] * vector[columns[at]]
            b += values[at + one] * vector[columns[at + one]]
            c += values[at + one + one] * vector[columns[at + one + one]]
            d += values[at + one + one + one] * vector[columns[at + one + one + one]]
            at += one + one + one + one
        while at < end:
            a += values[at] * vector[columns[at]]
            at += one
        pull = ((a + b) + (c + d)) * stretch[row]
        for at in range(first, end):
            result[columns[at]] += values[at] * pull


@numba.njit(cache=True)
def _add(rows, order, ratios, result):  # type: ignore[no-untyped-def]  # likewise
    pointers, columns, values = rows
    for row in range(order.size):
        ratio = ratios[order[row]]
        for at in range(pointers[row], pointers[row + 1]):
            result[columns[at]] += values[at] * ratio


@numba.njit(cache=True)
def _pull(rows, order, vector, result):  # type: ignore[no-untyped-def]  # likewise
    pointers, columns, values = rows
    for row in range(order.size):
        total = values.dtype.type(0)
        for at in range(pointers[row], pointers[row + 1]):
            total += values[at] * vector[columns[at]]
        result[order[row]] = total


@numba.njit(cache=True)
def _add_pairs(rows, root, place, kept, result):  # type: ignore[no-untyped-def]  # likewise
    pointers, columns, values = rows
    places, sizes = kept
    for row in range(root.size):
        count = np.uint32(0)
        for at in range(pointers[row], pointers[row + 1]):
            if place[columns[at]] >= 0:
                places[count] = place[columns[at]]
                sizes[count] = values[at] * root[row]
                count += np.uint32(1)
        for one in range(count):
            for other in range(one + np.uint32(1)):
                low = min(places[one], places[other])
                high = max(places[one], places[other])
                result[high, low] += sizes[one] * sizes[other]
