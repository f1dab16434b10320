"""Whether two weighted samples fall into the same categories."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from steelyard.validate.distribution import Vector, checked_weights, refuse, vector


class ChiSquare(NamedTuple):
    """A test that shares are as expected: the statistic corrected, and how probable it is."""

    statistic: float
    degrees_of_freedom: int
    probability: float


def chi_square(
    weights: ArrayLike, expected_shares: ArrayLike, *, n_records: float, design_effect: ArrayLike
) -> ChiSquare:
    """Test whether weighted categories have the expected shares, survey design considered.

    Parameters
    ----------
    weights
        Weight in each category, (n_categories,), not negative.
    expected_shares
        Share of each category, (n_categories,), positive, summing to 1.
    n_records
        Records in the sample, of which the weights make shares.
    design_effect
        Variance of each category's share over that of a simple random sample of ``n_records``,
        one for all or (n_categories,); Kish's n_records / effective sample size, if no better is
        known.

    Returns
    -------
    ChiSquare
        X² / δ, categories less one, and the probability of as much or more under the
        expected shares.

    Raises
    ------
    ValueError
        If lengths differ, a share or design effect is not positive, the shares do not sum to 1,
        or there is one category.

    Notes
    -----
    X² = n Σ (p - π)²/π, divided by the mean generalised design effect
    δ = Σ d_k (1 - p_k) p_k/π_k / (K - 1): Rao and Scott (1981), "The analysis of categorical data
    from complex sample surveys", JASA 76, first order, equation 3.4.
    """
    mass, expected = checked_weights("weights", weights), vector("expected shares", expected_shares)
    effect = np.broadcast_to(np.asarray(design_effect, dtype=np.float64), mass.shape)
    refuse("expected shares", expected, expected <= 0, "not positive")
    refuse("design effects", effect, ~(effect > 0), "not positive")
    if mass.size != expected.size or mass.size < 2:
        raise ValueError(
            f"there are {mass.size} weights and {expected.size} expected shares; "
            "a test needs two categories or more, the same for both"
        )
    if not np.isclose(expected.sum(), 1, rtol=0, atol=1e-9):
        raise ValueError(f"expected shares sum to {expected.sum()}, not 1")
    found = mass / mass.sum()
    freedom = mass.size - 1
    raw = n_records * np.sum((found - expected) ** 2 / expected)
    correction = np.sum(effect * (1 - found) * found / expected) / freedom
    statistic = float(raw / correction)
    return ChiSquare(statistic, freedom, float(special.chdtrc(freedom, statistic)))


def population_stability(
    weights: ArrayLike, other_weights: ArrayLike, *, least_share: float = 1e-6
) -> float:
    """Return the population stability index Σ (p - q) ln(p/q) of two sets of category weights.

    0 for equal shares, symmetric; the sum of both Kullback-Leibler divergences.

    Parameters
    ----------
    weights, other_weights
        Weight in each category, (n_categories,), not negative.
    least_share
        An empty category counts with this share, or the index would be infinite.

    Raises
    ------
    ValueError
        If lengths differ or a number may not enter.
    """
    one, other = _shares(weights, least_share), _shares(other_weights, least_share)
    if one.size != other.size:
        raise ValueError(f"there are {one.size} categories but {other.size} to compare with")
    return float(np.sum((one - other) * np.log(one / other)))


def _shares(weights: ArrayLike, least_share: float) -> Vector:
    mass = checked_weights("weights", weights)
    shares: Vector = np.maximum(mass / mass.sum(), least_share)
    return shares
