"""The dual's Hessian, whole or by large blocks, factored: a preconditioner worth its making.

R diag(d) R' is a product of sparse matrices whose cost lies in a few hundred targets that most
households support. Those are taken as dense columns, where BLAS is fastest, and the rest sparsely.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from steelyard.calibrate.inputs import SparseRows

#: Most targets in one block; coupling between blocks is left to conjugate gradients.
_BLOCK = 8000
#: Targets of a block, those with most support, that are taken as dense columns.
_DENSE = 384
#: Households multiplied at a time.
_CHUNK = 32_768
#: Above this many targets single precision suffices, and halves time and memory.
_DOUBLE = 1000


class _Block(NamedTuple):
    """A block by its targets, in the order of its rows, and their scale: factor · factor'."""

    targets: Tensor
    factor: Tensor
    size: Tensor


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
            column = (residual[block.targets] / block.size).to(block.factor.dtype)[:, None]
            column = torch.linalg.solve_triangular(block.factor, column, upper=False)
            column = torch.linalg.solve_triangular(block.factor.mT, column, upper=True)
            result[block.targets] = column[:, 0].to(residual.dtype) / block.size
        return result


def _factored(matrix: SparseRows, stretch: Tensor, softness: Tensor, targets: range) -> _Block:
    dtype = np.float64 if len(targets) <= _DOUBLE else np.float32
    lower, order = gram(matrix, stretch.sqrt().numpy().astype(dtype), targets)
    block, places = torch.from_numpy(lower), torch.from_numpy(order)
    block.diagonal().add_(softness[places])
    size = block.diagonal().double().clamp(min=torch.finfo(torch.float64).tiny).sqrt()
    scale = size.to(block.dtype)
    block.div_(scale[:, None]).div_(scale)
    raised = 1e-8 if dtype == np.float64 else 1e-6
    while True:
        block.diagonal().add_(raised)
        factor, failed = torch.linalg.cholesky_ex(block)
        if not failed:
            return _Block(places, factor, size)
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
    The product, of which only the lower triangle is whole, and the targets in the order of its
    rows and columns: the one with most support first.
    """
    support = np.bincount(matrix.indices, minlength=matrix.shape[1])[targets.start : targets.stop]
    order = np.argsort(-support, kind="stable")
    n_dense = min(_DENSE, order.size)
    place = np.full(matrix.shape[1], -1, dtype=np.int32)
    place[order + targets.start] = np.arange(order.size, dtype=np.int32)
    result = np.zeros((order.size, order.size), dtype=root.dtype)
    for first in range(0, root.size, _CHUNK):
        dense, rest = _split(matrix, root[first : first + _CHUNK], first, place, n_dense)
        columns = torch.from_numpy(dense)
        result[:n_dense, :n_dense] += (columns.T @ columns).numpy()
        by_target = rest.T.tocsr()
        result[n_dense:, :n_dense] += by_target @ dense
        product = by_target @ rest
        rows = np.repeat(np.arange(n_dense, order.size), np.diff(product.indptr))
        result[rows, product.indices + n_dense] += product.data
    return result, order + targets.start


def _split(
    matrix: SparseRows,
    root: NDArray[Any],
    first: int,
    place: NDArray[np.int32],
    n_dense: int,
) -> tuple[NDArray[Any], SparseRows]:
    """Households from ``first`` on, times ``root``: targets of most support dense, the rest not."""
    ends = matrix.indptr[first : first + root.size + 1]
    span = slice(ends[0], ends[-1])
    columns = place[matrix.indices[span]]
    rows = np.repeat(np.arange(root.size, dtype=np.int32), np.diff(ends))
    values = (matrix.data[span] * root[rows]).astype(root.dtype, copy=False)
    is_dense = (columns >= 0) & (columns < n_dense)
    dense = np.zeros((root.size, n_dense), dtype=root.dtype)
    dense[rows[is_dense], columns[is_dense]] = values[is_dense]
    is_rest = columns >= n_dense
    kept = np.concatenate([[0], np.cumsum(is_rest)])[ends - ends[0]]
    rest: SparseRows = sparse.csr_array(
        (values[is_rest], columns[is_rest] - n_dense, kept),
        shape=(root.size, int(place.max()) + 1 - n_dense),
    )
    return dense, rest
