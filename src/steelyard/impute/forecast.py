"""How good conditional distributions are, judged from several draws of each record.

Everywhere: ``observed`` of shape (n,); ``draws`` of shape (n, m), m independent draws from the
conditional distribution of each record; ``weights`` of shape (n,), not negative. Draws are asked
for, not distribution functions, because every imputer can draw, also one that conditions on
what it drew before, and because draws are what a file of imputed records holds.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import kstwo

from steelyard.impute.evaluation import effective_size

Vector = NDArray[np.float64]


def crps(observed: ArrayLike, draws: ArrayLike, weights: ArrayLike) -> float:
    """Return the weighted mean continuous ranked probability score, in the target's unit.

    Raises
    ------
    ValueError
        If there are fewer than two draws of a record.

    Notes
    -----
    E|X - y| - E|X - X'| / 2 with X, X' from the conditional distribution (Gneiting and Raftery
    2007). Both expectations are means over draws, the second over pairs of different draws, which
    makes the score unbiased for any m (Ferro 2014): a model gains nothing by the number of draws.
    """
    ordered = np.sort(np.asarray(draws, dtype=np.float64), axis=1)
    count = ordered.shape[1]
    if count < 2:
        raise ValueError(f"crps: {count} draws of a record; a spread needs two or more")
    distance = np.abs(ordered - np.asarray(observed, dtype=np.float64)[:, None]).mean(axis=1)
    # Of m ordered draws the i-th is the larger of a pair i - 1 times, the smaller m - i times.
    sides = 2 * np.arange(1, count + 1) - count - 1
    spread = 2 * (ordered @ sides) / (count * (count - 1))
    return _mean(distance - spread / 2, weights)


def pit(observed: ArrayLike, draws: ArrayLike, jump: ArrayLike) -> Vector:
    """Return where each record lies among its draws: uniform on [0, 1) if the model is right.

    Parameters
    ----------
    jump
        Shape (n,), independent uniform numbers in [0, 1): where to stand among equals.

    Returns
    -------
    ndarray of shape (n,): (draws below + jump * (draws equal + 1)) / (m + 1).

    Notes
    -----
    Under the right model the record is one of m + 1 equal draws, so its rank, ties broken at
    random, is uniform on 0 ... m, and `jump` spreads a rank evenly over its step. This is exact
    for every m and for distributions with mass points (zeros).
    """
    own = np.asarray(observed, dtype=np.float64)[:, None]
    table = np.asarray(draws, dtype=np.float64)
    below, equal = (table < own).sum(axis=1), (table == own).sum(axis=1)
    return np.asarray((below + np.asarray(jump) * (equal + 1)) / (table.shape[1] + 1))


def uniformity(places: ArrayLike, weights: ArrayLike) -> tuple[float, float]:
    """Return the Kolmogorov-Smirnov distance of weighted numbers from uniform, and its p-value.

    The p-value is that of a simple sample of Kish's effective size: it allows for unequal
    weights, not for clustering or for the draws' model having been fitted.
    """
    order = np.argsort(np.asarray(places), kind="stable")
    ordered = np.asarray(places, dtype=np.float64)[order]
    weight = np.asarray(weights, dtype=np.float64)[order]
    above = np.cumsum(weight) / weight.sum()
    below = np.concatenate([[0.0], above[:-1]])
    distance = float(max((above - ordered).max(), (ordered - below).max()))
    size = max(1, round(effective_size(weight)))
    return distance, float(kstwo.sf(distance, size))


def coverage(observed: ArrayLike, lower: ArrayLike, upper: ArrayLike, weights: ArrayLike) -> float:
    """Return the weighted share of records inside their closed intervals.

    Where an end of the interval is a mass point (a median of zero), the interval holds more
    than its nominal share even if the model is right; the PIT has no such excess.
    """
    own = np.asarray(observed, dtype=np.float64)
    inside = (own >= np.asarray(lower)) & (own <= np.asarray(upper))
    return _mean(inside.astype(np.float64), weights)


def _mean(values: Vector, weights: ArrayLike) -> float:
    return float(np.average(values, weights=np.asarray(weights, dtype=np.float64)))
