"""Values that two totals have at the same households: what both count there, they count once.

Wages of the married in a state are in the state's wages and in those of their band: where two rows
have the same value at the same households, a row of its own adds these up, and both have it in
them. A household's many ones (a return, a wage, a dividend) are such values too. So a matrix is a
product J S, where S has fewer entries.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.calibrate.inputs import SparseRows

#: Households that a row of its own has at least: it costs entries in J, and room in the cache.
_LEAST = 32
#: Pairs of a household's entries that are counted, at most, to see which are frequent.
_COUNTED = 4_000_000
#: Share of the entries that another round must spare, or be the last.
_WORTH = 0.05
#: Entries that are compared at most, in multiples of all: where little is shared, looking for it
#: must not take longer than it would spare.
_COMPARED = 200


class Shared(NamedTuple):
    """A matrix (n_rows, n_households) as J S, without rounding.

    Parameters
    ----------
    values
        S (n_parts, n_households): the rows without what they share, then what is shared.
    joins
        J (n_rows, n_parts), ones.
    """

    values: SparseRows
    joins: SparseRows


def shared_of(matrix: SparseRows) -> Shared:
    """Find what rows share, of the most frequent pairs first, again and again while it pays.

    Parameters
    ----------
    matrix
        (n_rows, n_households), each row's places in order and without repetition.
    """
    values = matrix
    joins = sparse.csr_array(sparse.eye_array(matrix.shape[0], format="csr"))
    while True:
        parted = _parted(values, _frequent(values))
        if parted.values.nnz >= (1 - _WORTH) * values.nnz:
            return Shared(values, joins)
        values, joins = parted.values, sparse.csr_array(joins @ parted.joins)


def _frequent(matrix: SparseRows) -> NDArray[np.int32]:
    """Pairs of rows (n_pairs, 2) of one value at many households, by a count of some of them."""
    entries = np.bincount(matrix.indices, minlength=matrix.shape[1])
    step = 1 + int((entries * (entries - 1) // 2).sum()) // _COUNTED
    some = matrix[:, ::step].tocsc()
    some.sort_indices()
    by_household = (some.indptr, some.indices, some.data)
    room = np.empty(_list(by_household, np.empty(0, np.int64), matrix.shape[0]), np.int64)
    _list(by_household, room, matrix.shape[0])
    pairs, count = np.unique(room, return_counts=True)
    is_frequent = count * step >= _LEAST
    pairs, count = pairs[is_frequent], count[is_frequent]
    order = np.lexsort((pairs, -count))
    return np.stack(np.divmod(pairs[order], matrix.shape[0]), axis=1).astype(np.int32)


def _parted(matrix: SparseRows, pairs: NDArray[np.int32]) -> Shared:
    """Give each pair, in order, a row of what both still have."""
    n_rows = matrix.shape[0]
    support = np.diff(matrix.indptr)
    rows = (matrix.indptr, matrix.indices.copy(), matrix.data.copy(), support.copy())
    room = matrix.nnz // 2 + int(support.max(initial=0))
    new = (np.empty(room, matrix.indices.dtype), np.empty(room, matrix.dtype))
    ends = np.zeros(len(pairs) + 1, np.int64)
    is_made = np.zeros(len(pairs), np.bool_)
    made = _part(rows, pairs, _COMPARED * matrix.nnz, new, ends, is_made)
    _, households, values, left = rows
    place = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], support)
    is_left = place < np.repeat(left, support)
    pointers = np.concatenate([[0], np.cumsum(left), left.sum() + ends[1 : made + 1]])
    whole = (
        np.concatenate([values[is_left], new[1][: ends[made]]]),
        np.concatenate([households[is_left], new[0][: ends[made]]]),
        pointers.astype(matrix.indptr.dtype),
    )
    at = np.concatenate([np.arange(n_rows), pairs[is_made].ravel()])
    of = np.concatenate([np.arange(n_rows), n_rows + np.repeat(np.arange(made), 2)])
    shape = (n_rows, n_rows + made)
    return Shared(
        sparse.csr_array(whole, shape=(shape[1], matrix.shape[1])),
        sparse.csr_array((np.ones(at.size), (at, of)), shape=shape),
    )


@numba.njit(cache=True)
def _list(by_household, room, n_rows):  # type: ignore[no-untyped-def]  # numba types it
    """Write down each household's pairs of rows of one value, where there is room; count them."""
    pointers, rows, values = by_household
    count = 0
    for household in range(pointers.size - 1):
        last = pointers[household + 1]
        for one in range(pointers[household], last):
            for other in range(one + 1, last):
                if values[one] == values[other]:
                    if room.size:
                        room[count] = np.int64(rows[one]) * n_rows + rows[other]
                    count += 1
    return count


@numba.njit(cache=True)
def _part(rows, pairs, most, new, ends, is_made):  # type: ignore[no-untyped-def]  # likewise
    """Move what a pair has in common, if it is enough, out of both rows behind the new ones."""
    pointers, households, values, left = rows
    new_households, new_values = new
    made = compared = 0
    for pair in range(pairs.shape[0]):
        one, other = pairs[pair]
        if min(left[one], left[other]) < _LEAST:
            continue
        compared += left[one] + left[other]
        if compared > most:
            break
        at, last = pointers[one], pointers[one] + left[one]
        to, end = pointers[other], pointers[other] + left[other]
        found = ends[made]
        while at < last and to < end:
            if households[at] < households[to]:
                at += 1
            elif households[at] > households[to]:
                to += 1
            else:
                if values[at] == values[to]:
                    new_households[found] = households[at]
                    new_values[found] = values[at]
                    found += 1
                at += 1
                to += 1
        if found - ends[made] < _LEAST:
            continue
        _take(rows, one, new_households[ends[made] : found])
        _take(rows, other, new_households[ends[made] : found])
        is_made[pair] = True
        made += 1
        ends[made] = found
    return made


@numba.njit(cache=True)
def _take(rows, row, taken):  # type: ignore[no-untyped-def]  # likewise
    """Take some households, in order, out of what is left of a row."""
    pointers, households, values, left = rows
    kept, next_one = pointers[row], 0
    for at in range(pointers[row], pointers[row] + left[row]):
        if next_one < taken.size and households[at] == taken[next_one]:
            next_one += 1
        else:
            households[kept], values[kept] = households[at], values[at]
            kept += 1
    left[row] = kept - pointers[row]
