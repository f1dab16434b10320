"""The link between a free number and a weight ratio, and the distance that belongs to it."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor


class Link(ABC):
    """Ratio g = F(u) of calibrated to initial weight, with F(0) = 1 and F'(0) = 1.

    ``dual`` sets u to a combination of the targets' multipliers; ``adam`` descends on u itself.
    The distance G that belongs to a link has G(1) = 0 and G'(g) = u: near 1 every G is
    (g - 1)² / 2, and the links differ only in what they make of large changes.

    Notes
    -----
    Deville and Särndal (1992), "Calibration estimators in survey sampling", JASA 87, section 2:
    their cases 1 (`Linear`), 2 (`Raking`), 6 (`Logit`) and 7 (`TruncatedLinear`).
    """

    #: Smallest and largest ratio the link can give.
    lower: float
    upper: float

    @abstractmethod
    def ratio(self, u: Tensor) -> Tensor:
        """F(u), element by element, never outside the bounds."""

    @abstractmethod
    def slope(self, ratio: Tensor) -> Tensor:
        """F'(u) from g = F(u)."""

    @abstractmethod
    def potential(self, u: Tensor) -> Tensor:
        """Integral of F from 0 to u, which is the convex conjugate of the distance."""

    def distance(self, u: Tensor, ratio: Tensor) -> Tensor:
        """G(g) = u g - (integral of F from 0 to u), where g = F(u); 0 at g = 1, convex."""
        return u * ratio - self.potential(u)


@dataclass(frozen=True)
class Logit(Link):
    """Bounded raking: F(u) = L + (U - L) / (1 + exp(-Cu - ζ)), smooth and never at a bound.

    C = (U - L) / ((1 - L)(U - 1)) is the steepness, ζ = ln((1 - L) / (U - 1)) the shift.

    Parameters
    ----------
    lower, upper
        Bounds of the ratio, 0 <= L < 1 < U < inf.
    """

    lower: float
    upper: float

    @property
    def _steepness(self) -> float:
        return (self.upper - self.lower) / ((1 - self.lower) * (self.upper - 1))

    @property
    def _shift(self) -> float:
        return math.log((1 - self.lower) / (self.upper - 1))

    def ratio(self, u: Tensor) -> Tensor:
        """L + (U - L) sigmoid(Cu + ζ), rounded into the bounds."""
        rise = torch.sigmoid(self._steepness * u + self._shift)
        return (self.lower + (self.upper - self.lower) * rise).clamp(self.lower, self.upper)

    def slope(self, ratio: Tensor) -> Tensor:
        """C (g - L)(U - g) / (U - L)."""
        width = self.upper - self.lower
        return self._steepness * (ratio - self.lower) * (self.upper - ratio) / width

    def potential(self, u: Tensor) -> Tensor:
        """Lu + (U - L) / C (softplus(Cu + ζ) - softplus(ζ))."""
        start = math.log1p(math.exp(self._shift))
        rise = torch.nn.functional.softplus(self._steepness * u + self._shift, threshold=40.0)
        return self.lower * u + (self.upper - self.lower) / self._steepness * (rise - start)


@dataclass(frozen=True)
class Raking(Link):
    """F(u) = exp(u), the limit of `Logit` as the bounds open; G(g) = g ln g - g + 1.

    With the margins of a table as exact targets it is iterative proportional fitting.
    """

    lower: float = 0.0
    upper: float = math.inf

    def ratio(self, u: Tensor) -> Tensor:
        """exp(u)."""
        return torch.exp(u)

    def slope(self, ratio: Tensor) -> Tensor:
        """Ratio g itself."""
        return ratio

    def potential(self, u: Tensor) -> Tensor:
        """exp(u) - 1."""
        return torch.expm1(u)


@dataclass(frozen=True)
class Linear(Link):
    """F(u) = 1 + u, the generalised regression estimator (GREG); G(g) = (g - 1)² / 2.

    Solved by one Newton step. Ratios may be negative.
    """

    lower: float = -math.inf
    upper: float = math.inf

    def ratio(self, u: Tensor) -> Tensor:
        """1 + u."""
        return 1 + u

    def slope(self, ratio: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(ratio)

    def potential(self, u: Tensor) -> Tensor:
        """Sum of u and u² / 2."""
        return u + u.square() / 2


@dataclass(frozen=True)
class TruncatedLinear(Link):
    """F(u) = 1 + u cut off at the bounds, which ratios do reach; G(g) = (g - 1)² / 2 within.

    Parameters
    ----------
    lower, upper
        Bounds of the ratio, 0 <= L < 1 < U < inf.
    """

    lower: float
    upper: float

    def ratio(self, u: Tensor) -> Tensor:
        """1 + u within the bounds, else the bound."""
        return (1 + u).clamp(self.lower, self.upper)

    def slope(self, ratio: Tensor) -> Tensor:
        """1 within the bounds, 0 at them."""
        return ((ratio > self.lower) & (ratio < self.upper)).to(ratio.dtype)

    def potential(self, u: Tensor) -> Tensor:
        """Sum of u and u² / 2 within the bounds, a straight line beyond them."""
        within = u.clamp(self.lower - 1, self.upper - 1)
        beyond = u - within
        return within + within.square() / 2 + beyond * (1 + within)


def link_named(name: str, lower: float, upper: float) -> Link:
    """Return a link by its name in `CalibrationConfig`; bounds of (0, inf) make logit raking."""
    if name == "raking" or (name == "logit" and math.isinf(upper)):
        return Raking()
    if name == "linear":
        return Linear()
    return Logit(lower, upper) if name == "logit" else TruncatedLinear(lower, upper)
