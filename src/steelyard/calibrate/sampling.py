"""Few households that stand for all of a problem: near it, at a fraction of its cost.

A household is taken with a chance in proportion to its part in the squares of the targets' rows,
summed over targets, and then stands for one over that chance. So a target that few bear on keeps
all of them, one that everybody bears on a sample, and every sum over households, the dual and its
Hessian among them, is estimated without bias. The squares' part bounds a household's leverage
where rows are orthogonal; drawing by leverage is what keeps a matrix's spectrum.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from steelyard.calibrate.config import Vector
from steelyard.calibrate.inputs import SparseRows
from steelyard.calibrate.problem import Problem, Totals
from steelyard.calibrate.products import Direct
from steelyard.frame import stream

#: Households a target. On real records such a sample's Hessian takes some ten conjugate gradient
#: steps to a hundredth where the whole one takes one, and a quarter of the time to make.
_EACH = 8
#: No sample is smaller, and none is drawn of households that are not at least twice as many.
_LEAST = 16_384
#: Households looked at together.
_CHUNK = 65_536


class Few(NamedTuple):
    """A sample of a problem's households.

    Parameters
    ----------
    problem
        The same problem of them alone, each standing for one over its chance.
    places
        (n_few,), which of the households they are.
    chance
        (n_few,), with which each was taken; 0 < chance <= 1.
    """

    problem: Problem
    places: Tensor
    chance: Tensor

    def stretched(self, stretch: Tensor) -> Tensor:
        """Return F'/ω of all households as F'/ω of the sample's."""
        return stretch[self.places] * self.chance


def few_of(problem: Problem) -> Few | None:
    """Draw a sample of a problem's households, by its seed; None where it would not be worth it.

    Notes
    -----
    Drineas, Mahoney and Muthukrishnan (2006), "Sampling algorithms for l2 regression and
    applications", SODA; Spielman and Srivastava (2011), "Graph sparsification by effective
    resistances", *SIAM J. Comput.* 40.
    """
    matrix, shares = problem.fitted.contributions, problem.weight_shares.numpy()
    size = max(_EACH * matrix.shape[1], _LEAST)
    if 2 * size > shares.size:
        return None
    inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    chance = _chances(_parts(matrix, inverse), size)
    luck = stream(problem.config.seed, "calibrate", "few").uniform(size=shares.size)
    taken = np.flatnonzero(luck < chance)
    places, chances = torch.from_numpy(taken), torch.from_numpy(chance[taken])
    return Few(_of(problem, places, chances), places, chances)


def squares(matrix: SparseRows, inverse_share: NDArray[np.float64]) -> Vector:
    """Σ_i R_ji² / ω_i, (n_targets,), of R' (n_households, n_targets) and 1/ω (n_households,)."""
    total = np.zeros(matrix.shape[1])
    for rows in _chunks(matrix):
        each = np.square(rows.data) * np.repeat(inverse_share[rows.first :][: rows.n], rows.sizes)
        total += np.bincount(rows.columns, weights=each, minlength=total.size)
    return total


class _Rows(NamedTuple):
    """Consecutive rows of a matrix: the first, how many, non-zeros of each, places and values."""

    first: int
    n: int
    sizes: NDArray[np.int64]
    columns: NDArray[np.int32]
    data: NDArray[np.float64]


def _chunks(matrix: SparseRows) -> Iterator[_Rows]:
    """Yield views on the matrix, some rows each."""
    for first in range(0, matrix.shape[0], _CHUNK):
        ends = matrix.indptr[first : first + _CHUNK + 1]
        span = slice(ends[0], ends[-1])
        sizes = np.diff(ends)
        yield _Rows(first, sizes.size, sizes, matrix.indices[span], matrix.data[span])


def _parts(matrix: SparseRows, inverse_share: NDArray[np.float64]) -> Vector:
    """Σ_j (R_ji² / ω_i) / Σ_k (R_jk² / ω_k), (n_households,)."""
    total = squares(matrix, inverse_share)
    weight = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    parts = np.empty(matrix.shape[0])
    for rows in _chunks(matrix):
        each = np.square(rows.data) * weight[rows.columns]
        household = np.repeat(np.arange(rows.n), rows.sizes)
        summed = np.bincount(household, weights=each, minlength=rows.n)
        parts[rows.first : rows.first + rows.n] = summed
    return parts * inverse_share


def _chances(parts: Vector, size: int) -> Vector:
    """Chances in proportion to parts, at most 1, that sum to a size, or to all who have a part."""
    some = np.count_nonzero(parts)
    if some <= size:
        return (parts > 0).astype(np.float64)
    descending = np.sort(parts)[::-1]
    rest = np.cumsum(descending[::-1])[::-1]
    # With the k largest certain the others share size - k: the first k that leaves none above 1.
    factor = (size - np.arange(size)) / rest[:size]
    chance: Vector = np.minimum(factor[np.argmax(factor * descending[:size] <= 1)] * parts, 1.0)
    return chance


def _of(problem: Problem, places: Tensor, chance: Tensor) -> Problem:
    """Return the problem of some households, each standing for one over its chance."""

    def taken(totals: Totals) -> Totals:
        rows = totals.contributions[places.numpy()]
        data = rows.data / np.repeat(chance.numpy(), np.diff(rows.indptr))
        part = sparse.csr_array((data, rows.indices, rows.indptr), shape=rows.shape)
        return totals._replace(products=Direct(part))

    return replace(
        problem,
        fitted=taken(problem.fitted),
        held_out=taken(problem.held_out),
        weight_shares=problem.weight_shares[places] / chance,
    )
