"""An answer that does not remember where its solver began.

A solver stops near the optimum, and where exactly depends on where it began. Multipliers that are
rounded to a grid, wide beside what may still be wrong with them, do not; unless one lies so near
the edge of its cell that the error decides. That can be seen, because the dual is strongly concave.
With s the gradient, H (minus) a Hessian and δ the distance to the optimum, δ'Hδ <= s'δ and H >= κ
give

    √(Σ κ_j δ_j²) <= √(Σ s_j² / κ_j), the rest, and so |δ_j| <= rest / √κ_j.
"""

import math

import torch
from torch import Tensor

from steelyard.calibrate.inputs import SparseRows
from steelyard.calibrate.sampling import squares

#: A cell, in the change of one target's multiplier that moves ratios by 1 in root mean square.
_CELL = 2.0**-18
#: Root mean squared gradient, weighted by 1/κ, below which nothing is left but rounding.
_FINE = 3e-14


class Grid:
    """Cells for the multipliers of one problem.

    Parameters
    ----------
    matrix
        R' (n_households, n_targets).
    inverse_share
        1/ω (n_households,).
    kappa
        κ (n_targets,) of the problem as it was asked, not of an easier one.
    """

    def __init__(self, matrix: SparseRows, inverse_share: Tensor, kappa: Tensor) -> None:
        total = torch.from_numpy(squares(matrix, inverse_share.numpy()))
        self._cell = torch.exp2(torch.floor(torch.log2(_CELL / torch.sqrt(total + kappa))))
        self._kappa = kappa
        self._fine = self.rest(torch.full_like(kappa, _FINE)) if kappa.all() else 0.0

    def rest(self, gradient: Tensor) -> float:
        """Return what bounds the distance to the optimum; infinite if a target is exact."""
        rest = float((gradient.square() / self._kappa).sum())
        return math.inf if math.isnan(rest) else math.sqrt(rest)

    def is_fine(self, rest: float) -> bool:
        """Whether so little is left that the cells are wide beside it."""
        return rest <= self._fine > 0

    def rounded(self, y: Tensor) -> Tensor:
        """Return the middle of each multiplier's cell."""
        return torch.round(y / self._cell) * self._cell

    def is_clear(self, y: Tensor, rest: float) -> Tensor:
        """Mark multipliers whose cell is that of any other that is fine, wherever it came from."""
        places = y / self._cell
        to_edge = 0.5 - (places - torch.round(places)).abs()
        return to_edge * self._cell > (rest + self._fine) / self._kappa.sqrt()
