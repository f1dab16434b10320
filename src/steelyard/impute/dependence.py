"""How strongly two targets hang together when ranks are known only to lie in intervals.

A target with many zeros has no rank at zero, only an interval of them. Spreading such ranks at
random hides the dependence; the likelihood of the interval does not.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
# Low and high end of each record's rank, shape (n,) each.
Interval = tuple[Floats, Floats]

# Fewer records than this say nothing about a correlation.
FEWEST = 10
LARGEST_CORRELATION = 0.98
# A rank is never taken for surer than this: values between two donors' have width zero.
NARROWEST = 1e-3
EDGE = 1e-4
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(5)
# What a row of correlations may explain of its target together.
MOST_EXPLAINED = 0.995


def interval_correlation(first: Interval, second: Interval, weights: Floats) -> float:
    """Return the correlation of normal scores that are known to lie in intervals, shrunk.

    Parameters
    ----------
    first, second
        Ends of the ranks, in [0, 1]; records where an end is NaN are left out.
    weights
        Shape (n,).

    Returns
    -------
    The maximum of the weighted likelihood of a Gaussian copula, times the positive part of
    1 - 1 / ratio (James and Stein), ratio being the likelihood-ratio statistic against
    independence at Kish's effective sample size. So what noise could have made is taken for none.
    Only the two targets enter: a further one changes nothing.
    """
    known = np.isfinite(first[0] + second[0])
    if np.count_nonzero(known) < FEWEST:
        return 0.0
    weight = weights[known] / weights[known].sum()
    one, two = (_inside(low[known], high[known]) for low, high in (first, second))
    # The narrower interval is walked by a few nodes, the wider one integrated exactly.
    swap = one[1] - one[0] > two[1] - two[0]
    walked = [np.where(swap, theirs, own) for own, theirs in zip(one, two, strict=True)]
    whole = [np.where(swap, own, theirs) for own, theirs in zip(one, two, strict=True)]
    share = (NODES + 1) / 2
    nodes = ndtri(walked[0][:, None] + share * (walked[1] - walked[0])[:, None])
    low, high = (ndtri(end)[:, None] for end in whole)

    def loss(correlation: float) -> float:
        spread = np.sqrt(1 - correlation**2)
        inside = ndtr((high - correlation * nodes) / spread) - ndtr(
            (low - correlation * nodes) / spread
        )
        return -float(weight @ np.log(np.maximum(inside @ NODE_WEIGHTS, 1e-300)))

    found = minimize_scalar(
        loss,
        bounds=(-LARGEST_CORRELATION, LARGEST_CORRELATION),
        method="bounded",
        options={"xatol": 1e-3},
    )
    best, effective = float(found.x), 1 / float(weight @ weight)
    ratio = 2 * effective * (loss(0.0) - loss(best))
    return best * max(0.0, 1 - 1 / ratio) if ratio > 0 else 0.0


def correlation_matrix(intervals: Sequence[Interval], weights: Floats) -> Floats:
    """Return the correlations of several targets' ranks, positive definite.

    Row after row: where a target's correlations with those before it would explain more than
    all of it, they are shrunk together. Rows before are never touched.
    """
    count = len(intervals)
    found = np.eye(count)
    for row in range(count):
        for column in range(row):
            found[row, column] = found[column, row] = interval_correlation(
                intervals[row], intervals[column], weights
            )
        explained = explained_by(found[: row + 1, : row + 1])
        if explained > MOST_EXPLAINED:
            shrunk = found[row, :row] * np.sqrt(MOST_EXPLAINED / explained)
            found[row, :row] = found[:row, row] = shrunk
    return found


def between_matrix(
    correlation: Floats,
    own: Sequence[Interval],
    theirs: Sequence[Interval],
    weights: Floats,
) -> Floats:
    """Return the correlations of one partner's ranks with the other's, symmetric.

    Parameters
    ----------
    correlation
        Shape (n_targets, n_targets): within a person.
    own, theirs
        For each target the intervals of the two partners; a pair counts once each way.
    weights
        Shape (n_pairs,).

    Returns
    -------
    Shape (n_targets, n_targets), shrunk row after row until `correlation` plus and minus it are
    positive definite.
    """
    count = len(own)
    found = np.zeros((count, count))
    twice = np.concatenate([weights, weights])

    def both(first: Interval, second: Interval) -> Interval:
        return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])

    for row in range(count):
        found[row, row] = interval_correlation(own[row], theirs[row], weights)
        for column in range(row):
            # One partner's row with the other's column, and the other way about.
            found[row, column] = found[column, row] = interval_correlation(
                both(own[row], theirs[row]), both(theirs[column], own[column]), twice
            )
        here = slice(0, row + 1)
        while not all(
            _is_definite(correlation[here, here] + sign * found[here, here]) for sign in (1, -1)
        ):
            found[row, here] *= 0.9
            found[here, row] = found[row, here]
    return found


def lower_root(matrix: Floats) -> Floats:
    """Return the Cholesky factor, row after row, so that further rows leave those before alone.

    Raises
    ------
    ValueError
        If the matrix is not positive definite.
    """
    count = len(matrix)
    root = np.zeros((count, count))
    for row in range(count):
        for column in range(row + 1):
            left = matrix[row, column]
            for inner in range(column):
                left -= root[row, inner] * root[column, inner]
            if column < row:
                root[row, column] = left / root[column, column]
            elif left > 0:
                root[row, row] = np.sqrt(left)
            else:
                raise ValueError(f"correlations are not positive definite in row {row}")
    return root


def explained_by(matrix: Floats) -> float:
    """Return the share of the last variable's variance that those before it explain."""
    last = len(matrix) - 1
    root = lower_root(matrix[:last, :last])
    solved = np.zeros(last)
    for row in range(last):
        solved[row] = (matrix[last, row] - root[row, :row] @ solved[:row]) / root[row, row]
    return float(solved @ solved)


def _is_definite(matrix: Floats) -> bool:
    last = len(matrix) - 1
    try:
        lower_root(matrix[:last, :last])
    except ValueError:
        return False
    return explained_by(matrix) < float(matrix[last, last]) * MOST_EXPLAINED


def _inside(low: Floats, high: Floats) -> Interval:
    """Return intervals of some width, away from the ends, where scores would be infinite."""
    middle = (low + high) / 2
    half = np.maximum((high - low) / 2, NARROWEST / 2)
    return np.clip(middle - half, EDGE, 1 - 2 * EDGE), np.clip(middle + half, 2 * EDGE, 1 - EDGE)
