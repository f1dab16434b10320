"""The two products every solver needs: totals of ratios, and what totals ask of each ratio."""

from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from steelyard.calibrate.inputs import SparseRows
from steelyard.calibrate.kernels import added, curved, pulled

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
    """R = M P, for the hundreds of products of a descent.

    Parameters
    ----------
    parts
        P' (n_households, n_parts), near households in the order of their non-zeros.
    order
        (n_households,), the household of each row of ``parts``.
    sums, shares
        M (n_targets, n_parts) and M': of which parts each total is the sum.
    """

    parts: SparseRows
    order: NDArray[np.uint32]
    sums: SparseRows
    shares: SparseRows

    @classmethod
    def laid_out(cls, parts: SparseRows, sums: SparseRows) -> "InParts":
        """Lay out P' by household, and M."""
        near = np.arange(parts.shape[0]) // _NEAR
        order = np.lexsort((np.diff(parts.indptr), near))
        return cls(parts[order], order.astype(np.uint32), sums, sums.T.tocsr())

    def of(self, ratios: Tensor) -> Tensor:
        """R g."""
        return torch.from_numpy(self.sums @ added(self.parts, self.order, ratios.numpy()))

    def pull(self, y: Tensor) -> Tensor:
        """R'y."""
        return torch.from_numpy(pulled(self.parts, self.order, self.shares @ y.numpy()))

    def curved(self, stretch: NDArray[Any], vector: NDArray[Any]) -> NDArray[Any]:
        """R diag(d) R' x, of d (n_households,) and x (n_targets,)."""
        within = curved(self.parts, stretch[self.order], self.shares @ vector)
        of_targets: NDArray[Any] = self.sums @ within
        return of_targets

    def on(self, device: str) -> "OnDevice":
        """Return the same on a device, households in their own order."""
        return OnDevice.moved(self.parts[np.argsort(self.order)], self.sums, device)


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
