"""Quantiles and ranks in a distribution that is given as weights on donors."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

# A quantile is reached when F is there up to rounding.
ROUNDING = 1e-12
# Any donor with weight reaches the quantile of 0.
SMALLEST = float(np.finfo(np.float64).tiny)


def weighted_quantiles(
    neighbours: sparse.csr_array, values: NDArray[np.float64], probabilities: ArrayLike
) -> NDArray[np.float64]:
    """Return, for each recipient, the smallest donor value at which F reaches a probability.

    Parameters
    ----------
    neighbours
        Sparse of shape (n_recipients, n_donors): non-negative weights of donors.
    values
        Shape (n_donors,): the donors' values of the target.
    probabilities
        Shape (1, n_probabilities), or (n_recipients, n_probabilities) for each its own; in
        [0, 1], 0 giving the smallest value with weight.

    Returns
    -------
    ndarray of shape (n_recipients, n_probabilities). No interpolation: every value is a donor's.

    Raises
    ------
    ValueError
        If a probability lies outside [0, 1].
    """
    asked = np.asarray(probabilities, dtype=np.float64)
    if not ((asked >= 0) & (asked <= 1)).all():
        wrong = asked[~((asked >= 0) & (asked <= 1))]
        raise ValueError(f"quantiles: {wrong.size} probabilities not in [0, 1]: {wrong[:3]}")
    weights, places = _in_value_order(neighbours, values)
    cumulated = np.cumsum(weights, axis=1)
    wanted = np.maximum(asked * cumulated[:, [-1]] * (1 - ROUNDING), SMALLEST)
    columns = [(cumulated < wanted[:, [place]]).sum(axis=1) for place in range(wanted.shape[1])]
    reached = np.minimum(np.stack(columns, axis=1), cumulated.shape[1] - 1)
    found = np.sort(values)[np.take_along_axis(places, reached, axis=1)]
    return np.asarray(found, dtype=np.float64)


def conditional_intervals(
    neighbours: sparse.csr_array,
    values: NDArray[np.float64],
    observed: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return F(y- | x) and F(y | x) at each recipient's own value y.

    Parameters
    ----------
    neighbours
        Sparse of shape (n_recipients, n_donors): non-negative weights of donors.
    values
        Shape (n_donors,): the donors' values of the target.
    observed
        Shape (n_recipients,): the recipients' values.

    Returns
    -------
    low, high
        Shape (n_recipients,) each, in [0, 1]; equal where no donor has the value.
    """
    count = len(observed)
    row = np.repeat(np.arange(count), np.diff(neighbours.indptr))
    theirs, own = values[neighbours.indices], observed[row]
    # Added one by one, so that a sum does not depend on the other rows.
    below, up_to, total = (
        np.bincount(row, neighbours.data * counted, minlength=count)
        for counted in (theirs < own, theirs <= own, np.ones(len(row)))
    )
    return below / total, up_to / total


def conditional_ranks(
    neighbours: sparse.csr_array,
    values: NDArray[np.float64],
    observed: NDArray[np.float64],
    jump: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return F(y- | x) + jump * (F(y | x) - F(y- | x)) at each recipient's own value y.

    Parameters
    ----------
    neighbours, values, observed
        As in `conditional_intervals`.
    jump
        Shape (n_recipients,), in [0, 1]: where to stand on a mass point.
    """
    low, high = conditional_intervals(neighbours, values, observed)
    return np.asarray(low + jump * (high - low), dtype=np.float64)


def _in_value_order(
    neighbours: sparse.csr_array, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return weights and value ranks of each recipient's donors, ascending, padded with zeros."""
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    sizes = np.diff(neighbours.indptr)
    ranked = sparse.csr_array(
        (neighbours.data, rank[neighbours.indices], neighbours.indptr),
        shape=neighbours.shape,
        copy=True,  # sorting in place must not reorder the caller's weights
    )
    ranked.sort_indices()
    filled = np.arange(sizes.max())[None, :] < sizes[:, None]
    weights = np.zeros(filled.shape)
    weights[filled] = ranked.data
    places = np.zeros(filled.shape, dtype=np.int64)
    places[filled] = ranked.indices
    return weights, places
