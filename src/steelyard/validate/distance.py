"""How far apart two weighted samples are."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from steelyard.validate.distribution import Distribution, Vector, distribution


def ks_distance(
    values: ArrayLike, weights: ArrayLike, other_values: ArrayLike, other_weights: ArrayLike
) -> float:
    """Return Kolmogorov and Smirnov's D, the largest gap between two distribution functions.

    Parameters
    ----------
    values, weights, other_values, other_weights
        Two samples, (n_records,) and (m_records,), weights not negative.

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    ValueError
        If a number may not enter (see `distribution`).
    """
    _, gap = _gaps(distribution(values, weights), distribution(other_values, other_weights))
    return float(gap.max())


def ks_probability(distance: float, size: float, other_size: float) -> float:
    """Return how probable a distance D or more is between samples of one distribution.

    Parameters
    ----------
    distance
        D from `ks_distance`.
    size, other_size
        Kish's effective sample sizes, never counts of records or sums of weights.

    Notes
    -----
    Q((√n + 0.12 + 0.11/√n) D) with n = n1 n2 / (n1 + n2): Stephens (1970), "Use of the
    Kolmogorov-Smirnov, Cramér-von Mises and related statistics without extensive tables".
    """
    root = np.sqrt(size * other_size / (size + other_size))
    return float(special.kolmogorov((root + 0.12 + 0.11 / root) * distance))


def wasserstein(
    values: ArrayLike, weights: ArrayLike, other_values: ArrayLike, other_weights: ArrayLike
) -> float:
    """Return the Wasserstein-1 distance ∫ |F1 - F2| dx, in the unit of the values.

    Raises
    ------
    ValueError
        If a number may not enter (see `distribution`).
    """
    points, gap = _gaps(distribution(values, weights), distribution(other_values, other_weights))
    return float(np.sum(gap[:-1] * np.diff(points)))


def _gaps(one: Distribution, other: Distribution) -> tuple[Vector, Vector]:
    """Every value of either, and |F1 - F2| from it up to the next."""
    points = np.union1d(one.values, other.values)
    return points, np.abs(_reached(one, points) - _reached(other, points))


def _reached(of: Distribution, points: Vector) -> Vector:
    reached = np.concatenate([[0.0], np.cumsum(of.weights)])
    share: Vector = reached / reached[-1]
    return share[np.searchsorted(of.values, points, side="right")]
