"""How good an imputation is: pure functions of values and weights.

Everywhere: ``values`` of shape (n,), in the target's unit; ``weights`` of shape (n,), not
negative, in any unit. Two samples may differ in length and in total weight. Judge only records
the model has not seen: a forest remembers its donors.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


def weighted_quantile(values: ArrayLike, weights: ArrayLike, probabilities: ArrayLike) -> Vector:
    """Return the smallest values at which the weighted distribution reaches probabilities."""
    ordered, cumulated = _cumulated(values, weights)
    wanted = np.asarray(probabilities, dtype=np.float64) * cumulated[-1] * (1 - 1e-12)
    return np.asarray(ordered[np.searchsorted(cumulated, wanted, side="left")], dtype=np.float64)


def weighted_pinball(
    observed: ArrayLike, quantiles: ArrayLike, probabilities: ArrayLike, weights: ArrayLike
) -> Vector:
    """Return the weighted mean pinball loss at each probability, in the target's unit.

    Parameters
    ----------
    observed
        Shape (n,): true values.
    quantiles
        Shape (n, n_probabilities): predicted conditional quantiles.
    probabilities
        Shape (n_probabilities,).
    weights
        Shape (n,).

    Returns
    -------
    ndarray of shape (n_probabilities,): mean of max(q e, (q - 1) e), e = observed - quantile
    (Koenker and Bassett 1978). Twice its integral over q is the CRPS.
    """
    wanted = np.asarray(probabilities, dtype=np.float64)
    error = np.asarray(observed, dtype=np.float64)[:, None] - np.asarray(quantiles)
    loss = np.maximum(wanted * error, (wanted - 1) * error)
    weight = np.asarray(weights, dtype=np.float64)
    return np.asarray(weight @ loss / weight.sum(), dtype=np.float64)


def pinball_skill(
    observed: ArrayLike,
    quantiles: ArrayLike,
    probabilities: ArrayLike,
    weights: ArrayLike,
    reference: ArrayLike,
) -> float:
    """Return 1 - loss / loss of reference quantiles, losses averaged over probabilities.

    Parameters
    ----------
    observed, quantiles, probabilities, weights
        As in `weighted_pinball`.
    reference
        Shape (n_probabilities,): unconditional quantiles of the donors.

    Returns
    -------
    1 is perfect, 0 as good as ignoring the predictors, below 0 worse.
    """
    flat = np.broadcast_to(np.asarray(reference), np.shape(quantiles))
    loss = weighted_pinball(observed, quantiles, probabilities, weights).mean()
    return float(1 - loss / weighted_pinball(observed, flat, probabilities, weights).mean())


def ks_distance(
    values: ArrayLike, weights: ArrayLike, other_values: ArrayLike, other_weights: ArrayLike
) -> float:
    """Return the largest gap between two weighted distribution functions (Kolmogorov-Smirnov)."""
    _, gap = _gap(values, weights, other_values, other_weights)
    return float(np.abs(gap).max())


def wasserstein(
    values: ArrayLike, weights: ArrayLike, other_values: ArrayLike, other_weights: ArrayLike
) -> float:
    """Return the area between two weighted distribution functions, in the values' unit."""
    points, gap = _gap(values, weights, other_values, other_weights)
    return float(np.abs(gap[:-1]) @ np.diff(points))


def zero_share(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the weighted share of values that are zero."""
    weight = np.asarray(weights, dtype=np.float64)
    return float(weight @ (np.asarray(values) == 0) / weight.sum())


def top_share(values: ArrayLike, weights: ArrayLike, share: float = 0.01) -> float:
    """Return the part of the weighted total that the records with the largest values hold.

    The top is exactly `share` of the weight: the record on the boundary counts in part. The
    total is of all values, negative ones included.

    Raises
    ------
    ValueError
        If the weighted total is not positive: a share of it says nothing.
    """
    order = np.argsort(-np.asarray(values, dtype=np.float64), kind="stable")
    ordered = np.asarray(values, dtype=np.float64)[order]
    weight = np.asarray(weights, dtype=np.float64)[order]
    total = float(ordered @ weight)
    if total <= 0:
        raise ValueError(f"top_share: the weighted total is {total:g}, not positive")
    before = np.cumsum(weight) - weight
    inside = np.clip(share * weight.sum() - before, 0, weight)
    return float(ordered @ inside) / total


def gini(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the weighted Gini coefficient; above 1 is possible with negative values.

    Raises
    ------
    ValueError
        If the weighted total is not positive.
    """
    ordered, cumulated = _cumulated(values, weights)
    mass = np.diff(cumulated, prepend=0.0)
    held = np.cumsum(ordered * mass)
    if held[-1] <= 0:
        raise ValueError(f"gini: the weighted total is {held[-1]:g}, not positive")
    pairs = held + np.concatenate([[0.0], held[:-1]])
    return float(1 - mass @ pairs / (cumulated[-1] * held[-1]))


def effective_size(weights: ArrayLike) -> float:
    """Return how many equal records carry as much information (Kish): (sum w)^2 / sum w^2."""
    weight = np.asarray(weights, dtype=np.float64)
    return float(weight.sum() ** 2 / (weight @ weight))


def tenth(values: ArrayLike, weights: ArrayLike) -> NDArray[np.int64]:
    """Return the weighted decile group, 1 to 10, of each value; equal values stay together.

    A value is in the group where its mid-rank lies, so a mass point leaves groups empty.
    """
    return np.minimum((mid_ranks(values, weights) * 10).astype(np.int64) + 1, 10)


def rank_correlation(values: ArrayLike, weights: ArrayLike) -> NDArray[np.float64]:
    """Return the weighted Spearman correlations of the columns of values.

    Parameters
    ----------
    values
        Shape (n, n_columns).
    weights
        Shape (n,).

    Returns
    -------
    ndarray of shape (n_columns, n_columns). Ranks are weighted mid-ranks; a constant column has
    correlation 0 with every other.
    """
    table = np.asarray(values, dtype=np.float64)
    weight = np.asarray(weights, dtype=np.float64)
    ranks = np.stack([mid_ranks(column, weight) for column in table.T], axis=1)
    centred = ranks - np.average(ranks, axis=0, weights=weight)
    covariance = (centred * weight[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    spread[spread == 0] = np.inf
    correlation = covariance / np.outer(spread, spread)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation, dtype=np.float64)


def rank_correlation_error(
    imputed: ArrayLike, weights: ArrayLike, true: ArrayLike, true_weights: ArrayLike
) -> NDArray[np.float64]:
    """Return the matrix of imputed minus true rank correlations, (n_columns, n_columns)."""
    return rank_correlation(imputed, weights) - rank_correlation(true, true_weights)


def mid_ranks(values: ArrayLike, weights: ArrayLike) -> Vector:
    """Return (F(y-) + F(y)) / 2 for each value, F the weighted distribution of them all."""
    _, place = np.unique(np.asarray(values), return_inverse=True)
    mass = np.bincount(place, np.asarray(weights, dtype=np.float64))
    return np.asarray(((np.cumsum(mass) - mass / 2) / mass.sum())[place], dtype=np.float64)


def _cumulated(values: ArrayLike, weights: ArrayLike) -> tuple[Vector, Vector]:
    """Return values in ascending order and the weight up to each."""
    array = np.asarray(values, dtype=np.float64)
    order = np.argsort(array, kind="stable")
    return array[order], np.cumsum(np.asarray(weights, dtype=np.float64)[order])


def _gap(
    values: ArrayLike, weights: ArrayLike, other_values: ArrayLike, other_weights: ArrayLike
) -> tuple[Vector, Vector]:
    """Return every point where either distribution jumps, and F - G from there on."""
    points = np.union1d(np.asarray(values, np.float64), np.asarray(other_values, np.float64))
    gap = np.zeros(len(points))
    for sign, sample, weight in ((1, values, weights), (-1, other_values, other_weights)):
        ordered, cumulated = _cumulated(sample, weight)
        share = np.concatenate([[0.0], cumulated / cumulated[-1]])
        gap += sign * share[np.searchsorted(ordered, points, side="right")]
    return points, gap
