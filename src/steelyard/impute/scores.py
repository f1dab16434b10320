"""The scales on which trees tell donors apart."""

import numpy as np
from numpy.typing import NDArray

from steelyard.impute.evaluation import mid_ranks


def standard_scores(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weighted mid-ranks of an amount, standardised: shape (n_donors,).

    Squared error on ranks is fair to heavy tails, and a mass point (zero) keeps one rank apart
    from the values beside it in proportion to the people on it. A constant target scores 0.

    Parameters
    ----------
    values, weights
        Shape (n_donors,).
    """
    rank = mid_ranks(values, weights)
    spread = rank.std()
    return (rank - rank.mean()) / spread if spread > 0 else np.zeros(len(rank))


def class_scores(codes: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Return indicators of classes, of shape (n_donors, classes), as one outcome.

    They are centred and share one scale, so that a category has variance 1 in all and counts as
    much as one amount; squared error on them is the Gini impurity. A single class scores 0.

    Parameters
    ----------
    codes
        Shape (n_donors,), from 0 to classes - 1.
    classes
        How many classes there are.
    """
    indicators = np.asarray(codes[:, None] == np.arange(classes), dtype=np.float64)
    centred = indicators - indicators.mean(axis=0)
    spread = float(np.sqrt((centred**2).mean(axis=0).sum()))
    return np.asarray(centred / spread if spread > 0 else centred, dtype=np.float64)
