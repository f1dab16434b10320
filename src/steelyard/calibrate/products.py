"""The two products every solver needs: totals of ratios, and what totals ask of each ratio."""

from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from steelyard.calibrate.inputs import SparseRows
from steelyard.calibrate.kernels import Narrow, added, pulled
from steelyard.calibrate.parts import entries

#: Households among which those of equally many non-zeros lie side by side: the processor foresees
#: where their loops end, and their ratios stay near.
_NEAR = 4_096


class Products(Protocol):
    """R g and R'y, however R is stored."""

    def of(self, ratios: Tensor) -> Tensor:
        """R g: ratios (n_households,) to totals (n_targets,)."""

    def pull(self, y: Tensor) -> Tensor:
        """R'y: multipliers (n_targets,) to pulls (n_households,)."""

    def on(self, device: str) -> "Products":
        """Return the same on a device."""


class Direct(NamedTuple):
    """R' (n_households, n_targets) as it is: both products stream its numbers once, by SciPy."""

    contributions: SparseRows

    def of(self, ratios: Tensor) -> Tensor:
        """R g."""
        return torch.from_numpy(self.contributions.T @ ratios.numpy())

    def pull(self, y: Tensor) -> Tensor:
        """R'y."""
        return torch.from_numpy(self.contributions @ y.numpy())

    def on(self, device: str) -> "OnDevice":
        """Return the same on a device."""
        return OnDevice.moved(self.contributions, None, device)


class InParts(NamedTuple):
    """R = s⁻¹ M P w0, for the hundreds of products of a descent.

    Parameters
    ----------
    rows
        P' (n_households, n_targets) and w0, stored to be read fast.
    sums, shares
        s⁻¹ M (n_targets, n_targets), of `steelyard.calibrate.parts`, and its transpose.
    """

    rows: Narrow
    sums: SparseRows
    shares: SparseRows

    @classmethod
    def laid_out(cls, parts: SparseRows, weights: NDArray[Any], sums: SparseRows) -> "InParts":
        """Lay out P' by household, w0 and s⁻¹ M, all in the precision to compute in."""
        is_one = parts.data == 1
        ones, others = (np.diff(entries(parts, each).indptr) for each in (is_one, ~is_one))
        order = np.lexsort((ones, others, np.arange(ones.size) // _NEAR))
        ordered = parts[order]
        counts = entries(ordered, ordered.data == 1)
        amounts = entries(ordered, ordered.data != 1)
        width = np.min_scalar_type(parts.shape[1])
        rows = Narrow(
            first_count=counts.indptr,
            counts=counts.indices.astype(width),
            first_amount=amounts.indptr,
            amounts=amounts.indices.astype(width),
            values=amounts.data,
            order=order.astype(np.uint32),
            weights=weights[order],
        )
        return cls(rows, sums, sums.T.tocsr())

    def of(self, ratios: Tensor) -> Tensor:
        """R g."""
        return torch.from_numpy(self.sums @ added(self.rows, ratios.numpy(), self.sums.shape[1]))

    def pull(self, y: Tensor) -> Tensor:
        """R'y."""
        return torch.from_numpy(pulled(self.rows, self.shares @ y.numpy()))

    def on(self, device: str) -> "OnDevice":
        """Return the same on a device, households in their own order."""
        rows, shape = self.rows, (self.rows.order.size, self.sums.shape[0])
        ones = np.ones(rows.counts.size, rows.values.dtype)
        counts = sparse.csr_array((ones, rows.counts, rows.first_count), shape=shape)
        amounts = sparse.csr_array((rows.values, rows.amounts, rows.first_amount), shape=shape)
        both = sparse.csr_array(counts + amounts)
        both.data *= np.repeat(rows.weights, np.diff(both.indptr))
        return OnDevice.moved(both[np.argsort(rows.order)], self.sums, device)


class OnDevice(NamedTuple):
    """R or M P on a device, every product by rows, so that no sum depends on timing."""

    by_household: Tensor
    by_target: Tensor
    sums: Tensor | None
    shares: Tensor | None

    @classmethod
    def moved(cls, by_household: SparseRows, sums: "SparseRows | None", device: str) -> "OnDevice":
        """Move R', or P' and M, there."""
        return cls(
            _compressed(by_household, device),
            _compressed(by_household.T, device),
            sums if sums is None else _compressed(sums, device),
            sums if sums is None else _compressed(sums.T, device),
        )

    def of(self, ratios: Tensor) -> Tensor:
        """R g."""
        added = self.by_target @ ratios
        return added if self.sums is None else self.sums @ added

    def pull(self, y: Tensor) -> Tensor:
        """R'y."""
        return self.by_household @ (y if self.shares is None else self.shares @ y)

    def on(self, device: str) -> "OnDevice":
        """Return the same on another device."""
        return OnDevice(
            self.by_household.to(device),
            self.by_target.to(device),
            None if self.sums is None else self.sums.to(device),
            None if self.shares is None else self.shares.to(device),
        )


def _compressed(rows: Any, device: str) -> Tensor:
    matrix = sparse.csr_array(rows)
    starts, columns, values = map(torch.from_numpy, (matrix.indptr, matrix.indices, matrix.data))
    return torch.sparse_csr_tensor(
        starts, columns, values, size=matrix.shape, check_invariants=False
    ).to(device)
