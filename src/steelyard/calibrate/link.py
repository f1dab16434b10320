"""The link between a free number and a weight ratio, and the distance that belongs to it."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Link:
    """Ratio g = F(u) of calibrated to initial weight, with F(0) = 1 and F'(0) = 1.

    Bounded, F is the logit link L + (U - L) / (1 + exp(-Cu - ζ)), with steepness
    C = (U - L) / ((1 - L)(U - 1)) and shift ζ = ln((1 - L) / (U - 1)); with bounds (0, inf) it is
    raking, exp(u). Both solvers use it:
    ``adam`` descends on u itself, ``dual`` sets u to a combination of the targets' multipliers.
    The distance G, with G'(g) = u, is g ln g - g + 1 for raking and close to it when bounded.

    Parameters
    ----------
    lower, upper
        Bounds of the ratio, 0 <= L < 1 < U, or 0 and infinity.

    Notes
    -----
    Deville and Särndal (1992), "Calibration estimators in survey sampling", JASA 87, cases 2 and 6.
    """

    lower: float
    upper: float

    @property
    def is_bounded(self) -> bool:
        """Whether the ratio has a largest value."""
        return math.isfinite(self.upper)

    @property
    def _steepness(self) -> float:
        return (self.upper - self.lower) / ((1 - self.lower) * (self.upper - 1))

    @property
    def _shift(self) -> float:
        return math.log((1 - self.lower) / (self.upper - 1))

    def ratio(self, u: Tensor) -> Tensor:
        """F(u), element by element, never outside the bounds."""
        if not self.is_bounded:
            return torch.exp(u)
        rise = torch.sigmoid(self._steepness * u + self._shift)
        return (self.lower + (self.upper - self.lower) * rise).clamp(self.lower, self.upper)

    def slope(self, ratio: Tensor) -> Tensor:
        """F'(u) from g = F(u)."""
        if not self.is_bounded:
            return ratio
        width = self.upper - self.lower
        return self._steepness * (ratio - self.lower) * (self.upper - ratio) / width

    def potential(self, u: Tensor) -> Tensor:
        """Integral of F from 0 to u, which is the convex conjugate of the distance."""
        if not self.is_bounded:
            return torch.expm1(u)
        start = math.log1p(math.exp(self._shift))
        rise = torch.nn.functional.softplus(self._steepness * u + self._shift, threshold=40.0)
        return self.lower * u + (self.upper - self.lower) / self._steepness * (rise - start)

    def distance(self, u: Tensor, ratio: Tensor) -> Tensor:
        """G(g) = u g - (integral of F from 0 to u), where g = F(u); 0 at g = 1, convex."""
        return u * ratio - self.potential(u)
