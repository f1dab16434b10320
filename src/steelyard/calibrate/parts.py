"""Totals that are sums of other totals: what a household counts towards each, it counts once.

A nation is its states, an income its bands, a band its filing statuses. Where every household of
one row has the same value in another, that row is a part of the other, and the other need not add
it up again. So the matrix A of all values is a product M P: P has the values that no part of their
row has, M says of which parts each row is made.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.calibrate.inputs import SparseRows

#: Households of a row at which others are asked for its value before all are.
_ASKED = 8


class Parts(NamedTuple):
    """A = M P, without rounding.

    Parameters
    ----------
    values
        P (n_targets, n_households), entries of A that no part of their row has.
    sums
        M (n_targets, n_targets), ones where a row has another in it, itself included.
    """

    values: SparseRows
    sums: SparseRows


def parts_of(matrix: SparseRows) -> Parts:
    """Find the rows that are parts of others, and leave them out of those.

    Of the parts that a row could be made of, those of most households are taken first, and then
    any that share no household with them.

    Parameters
    ----------
    matrix
        A (n_targets, n_households), each row's places in order and without repetition.
    """
    rows = (matrix.indptr, matrix.indices, matrix.data)
    support = np.diff(matrix.indptr)
    wholes, parts = _possible(matrix, support)
    order = np.lexsort((-support[parts], wholes))
    wholes, parts = wholes[order], parts[order]
    first = np.searchsorted(wholes, np.arange(matrix.shape[0] + 1))
    is_part, is_kept = np.zeros(parts.size, np.bool_), np.ones(matrix.nnz, np.bool_)
    _choose(rows, (first, parts), matrix.shape[1], is_part, is_kept)
    kept = np.concatenate([[0], np.cumsum(is_kept)])[matrix.indptr].astype(matrix.indptr.dtype)
    values = sparse.csr_array(
        (matrix.data[is_kept], matrix.indices[is_kept], kept), shape=matrix.shape
    )
    return Parts(values, _with_their_own(wholes[is_part], parts[is_part], matrix.shape[0]))


def _possible(
    matrix: SparseRows, support: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of a row and one with the same value at each of some of the other's households."""
    steps = np.arange(_ASKED) * np.maximum(support // _ASKED, 1)[:, None]
    is_asked = np.arange(_ASKED) < support[:, None]
    asked = (matrix.indptr[:-1, None] + steps)[is_asked]
    households, place = np.unique(matrix.indices[asked], return_inverse=True)
    few = matrix[:, households].tocsc()
    few.sort_indices()
    first = np.concatenate([[0], np.cumsum(is_asked.sum(axis=1))])
    room = np.empty(support.size * int(np.diff(few.indptr).max(initial=0)), np.int32)
    ends = np.zeros(support.size + 1, np.int64)
    given = (first, place, matrix.data[asked])
    _agree(given, (few.indptr, few.indices, few.data), support, ends, room)
    parts = np.repeat(np.arange(support.size, dtype=np.int32), np.diff(ends))
    return room[: ends[-1]], parts


def _with_their_own(
    wholes: NDArray[np.int32], parts: NDArray[np.int32], n_targets: int
) -> SparseRows:
    """Return M = 1 + T + T² + …, where T has the parts that a row is made of."""
    ones = np.ones(wholes.size)
    direct = sparse.csr_array((ones, (wholes, parts)), shape=(n_targets, n_targets))
    sums, deeper = sparse.csr_array(sparse.eye_array(n_targets, format="csr")), direct
    while deeper.nnz:
        sums, deeper = sums + deeper, deeper @ direct
    return sums


@numba.njit(cache=True)
def _agree(asked, by_household, support, ends, room):  # type: ignore[no-untyped-def]  # numba types it
    """Of each row, the larger ones that have its values; of equal ones, the first is the whole."""
    first, place, value = asked
    pointers, targets, values = by_household
    for row in range(support.size):
        begin = end = ends[row]
        for each in range(first[row], first[row + 1]):
            at, last = pointers[place[each]], pointers[place[each] + 1]
            if each == first[row]:
                for other in range(at, last):
                    found = targets[other]
                    is_larger = (support[found], row) > (support[row], found)
                    if values[other] == value[each] and is_larger:
                        room[end] = found
                        end += 1
                continue
            kept = begin
            for candidate in range(begin, end):
                found = room[candidate]
                while at < last and targets[at] < found:
                    at += 1
                if at < last and targets[at] == found and values[at] == value[each]:
                    room[kept] = found
                    kept += 1
            end = kept
        ends[row + 1] = end


@numba.njit(cache=True)
def _choose(rows, possible, n_households, is_part, is_kept):  # type: ignore[no-untyped-def]  # likewise
    """Take each possible part that has its row's values, and no household of one taken before."""
    pointers, households, values = rows
    first, parts = possible
    value = np.zeros(n_households, values.dtype)
    is_taken = np.zeros(n_households, np.bool_)
    for row in range(pointers.size - 1):
        if first[row] == first[row + 1]:
            continue
        own = range(pointers[row], pointers[row + 1])
        for at in own:
            value[households[at]] = values[at]
        for candidate in range(first[row], first[row + 1]):
            theirs = range(pointers[parts[candidate]], pointers[parts[candidate] + 1])
            fits = True
            for at in theirs:
                if is_taken[households[at]] or value[households[at]] != values[at]:
                    fits = False
                    break
            if fits:
                is_part[candidate] = True
                for at in theirs:
                    is_taken[households[at]] = True
        for at in own:
            is_kept[at] = not is_taken[households[at]]
            value[households[at]] = 0
            is_taken[households[at]] = False
