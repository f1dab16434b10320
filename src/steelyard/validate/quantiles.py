"""Weighted quantiles and their ratios."""

import numpy as np
from numpy.typing import ArrayLike

from steelyard.validate.distribution import Distribution, Vector, distribution

#: Two shares of the population closer than this are one: sums of weights are rounded.
_TIE = 1e-12


def weighted_quantile(
    values: ArrayLike, weights: ArrayLike, q: ArrayLike, *, interpolated: bool = False
) -> float | Vector:
    """Return the values below which shares q of the population lie.

    With values in rising order, weights w, W = Σ w and p_k = Σ_{i<=k} w_i / W: the smallest x_k
    with p_k >= q, or, where p_k = q, the mean of x_k and x_{k+1}.

    Parameters
    ----------
    values, weights
        (n_records,), weights not negative.
    q
        A share of the population from 0 to 1, or several of any shape.
    interpolated
        Instead, join the points (p_k - w_k / 2W, x_k) by straight lines, flat beyond the ends.

    Returns
    -------
    float, or ndarray of the shape of q; in the unit of the values

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or a number may not enter (see `distribution`).

    Notes
    -----
    The definition by inverse distribution function is Hyndman and Fan (1996), "Sample quantiles in
    statistical packages", type 2, with weights; the interpolated one is their type 5, with tied
    records taken as one.
    """
    shares = np.asarray(q, dtype=np.float64)
    if not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(f"q must lie between 0 and 1, got {q!r}")
    of = distribution(values, weights)
    read = _interpolated if interpolated else _inverse
    found = read(of, shares)
    return float(found) if shares.ndim == 0 else found


def percentile_ratio(
    values: ArrayLike, weights: ArrayLike, upper: float = 0.9, lower: float = 0.1
) -> float:
    """Return the ratio of two quantiles, P90/P10 by default.

    Raises
    ------
    ValueError
        If the lower quantile is not positive: the ratio would say nothing.
    """
    high, low = np.atleast_1d(weighted_quantile(values, weights, [upper, lower]))
    if low <= 0:
        raise ValueError(f"the quantile at {lower} is {low}; a ratio needs a positive one")
    return float(high / low)


def _inverse(of: Distribution, shares: Vector) -> Vector:
    reached = np.cumsum(of.weights) / of.population
    last = of.values.size - 1
    first_at = np.minimum(np.searchsorted(reached, shares - _TIE), last)
    is_tie = np.abs(reached[first_at] - shares) <= _TIE
    next_at = np.where(is_tie, np.minimum(first_at + 1, last), first_at)
    middle: Vector = (of.values[first_at] + of.values[next_at]) / 2
    return np.where(shares <= _TIE, of.values[0], middle)


def _interpolated(of: Distribution, shares: Vector) -> Vector:
    middles = (np.cumsum(of.weights) - of.weights / 2) / of.population
    found: Vector = np.interp(shares, middles, of.values)
    return found
