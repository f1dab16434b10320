"""The dual's Hessian, whole or by large blocks, factored: a preconditioner worth its making.

R diag(d) R' takes as many multiplications as there are pairs of non-zeros in a household's row, and
is added up pair by pair, most of them of a few hundred targets that stay in the cache.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import blas, lapack
from torch import Tensor

from steelyard.calibrate.inputs import SparseRows
from steelyard.calibrate.kernels import curved, lower_gram

#: Most targets in one block; coupling between blocks is left to conjugate gradients.
_BLOCK = 8000
#: Above this many targets single precision suffices for a direction, and halves time and memory.
SINGLE = 1000


class _Block(NamedTuple):
    """A block by its targets, in the order of its rows, and their scale: factor' · factor."""

    targets: Tensor
    factor: NDArray[Any]
    size: Tensor


class Curvature:
    """R diag(d) R' x; in single precision two thirds of the bytes are read.

    Parameters
    ----------
    by_household
        R' (n_households, n_targets). In single precision its values are kept a second time, its
        places are not.
    is_single
        Whether single precision suffices.
    """

    def __init__(self, by_household: SparseRows, *, is_single: bool) -> None:
        self._dtype: type[Any] = np.float32 if is_single else np.float64
        values = by_household.data.astype(self._dtype, copy=False)
        parts = (values, by_household.indices, by_household.indptr)
        self._matrix: SparseRows = sparse.csr_array(parts, shape=by_household.shape)

    def __call__(self, stretch: NDArray[Any], vector: NDArray[Any]) -> NDArray[np.float64]:
        """Return the product for d (n_households, ...) and x (n_targets, ...), a column each."""
        d, x = (each.astype(self._dtype, copy=False) for each in (stretch, vector))
        if x.size == len(x):
            return curved(self._matrix, d.ravel(), x.ravel()).astype(np.float64).reshape(x.shape)
        return np.asarray(self._matrix.T @ (d * (self._matrix @ x)), dtype=np.float64)


class Preconditioner:
    """The inverse of the diagonal blocks of R diag(d) R' + diag κ, as they were when made.

    Parameters
    ----------
    matrix
        R' (n_households, n_targets).
    stretch
        d (n_households,), not negative.
    softness
        κ (n_targets,), not negative.

    Notes
    -----
    Each block is scaled to a unit diagonal and that diagonal raised by 1e-8 (1e-6 in single
    precision), tenfold as often as needed: targets that depend on each other make a block singular
    where κ is tiny, and a preconditioner may be approximate.
    """

    def __init__(self, matrix: SparseRows, stretch: Tensor, softness: Tensor) -> None:
        n_targets = matrix.shape[1]
        n_blocks = -(-n_targets // _BLOCK)
        edges = [n_targets * block // n_blocks for block in range(n_blocks + 1)]
        self._blocks = [
            _factored(matrix, stretch, softness, range(first, last))
            for first, last in pairwise(edges)
        ]

    def __call__(self, residual: Tensor) -> Tensor:
        """Apply it to (n_targets,)."""
        result = torch.empty_like(residual)
        for block in self._blocks:
            column = (residual[block.targets] / block.size).numpy().astype(block.factor.dtype)
            solve = blas.strsv if block.factor.dtype == np.float32 else blas.dtrsv
            for transposed in (1, 0):
                column = solve(block.factor, column, trans=transposed)
            result[block.targets] = torch.from_numpy(column).to(residual.dtype) / block.size
        return result


def _factored(matrix: SparseRows, stretch: Tensor, softness: Tensor, targets: range) -> _Block:
    dtype = np.float64 if len(targets) <= SINGLE else np.float32
    raised = 1e-8 if dtype == np.float64 else 1e-6
    while True:  # the factor takes the block's place: one that is not definite is made anew
        lower, order = gram(matrix, stretch.sqrt().numpy().astype(dtype), targets)
        places = torch.from_numpy(order)
        diagonal = lower.diagonal() + softness[places].numpy()
        size = np.sqrt(np.maximum(diagonal, np.finfo(np.float64).tiny))
        for scale in (size[:, None], size):
            np.divide(lower, scale, out=lower, casting="same_kind")
        np.fill_diagonal(lower, diagonal / np.square(size) + raised)
        factorise = lapack.spotrf if dtype == np.float32 else lapack.dpotrf
        factor, failed = factorise(lower.T, lower=0, overwrite_a=1, clean=0)
        if not failed:
            return _Block(places, factor, torch.from_numpy(size))
        raised *= 10


def gram(
    matrix: SparseRows, root: NDArray[Any], targets: range
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return R diag(root²) R' for a range of targets, dense, and the order of its rows.

    Parameters
    ----------
    matrix
        R' (n_households, n_targets).
    root
        (n_households,), in the precision to compute in.
    targets
        Consecutive targets.

    Returns
    -------
    The product's lower triangle, and the targets in the order of its rows and columns: the one with
    most support first.
    """
    support = np.bincount(matrix.indices, minlength=matrix.shape[1])[targets.start : targets.stop]
    order = np.argsort(-support, kind="stable")
    place = np.full(matrix.shape[1], -1, dtype=np.int32)
    place[order + targets.start] = np.arange(order.size, dtype=np.int32)
    return lower_gram(matrix, root, place), order + targets.start
