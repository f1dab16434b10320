"""What became of the weights themselves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steelyard.validate.distribution import checked_weights

#: Percentiles of the ratios that `weight_distribution` gives.
PERCENTILES = (0, 1, 5, 25, 50, 75, 95, 99, 100)
#: Records whose joint weight shows concentration.
TOP_RECORDS = 100


@dataclass(frozen=True)
class WeightDistribution:
    """How uneven weights are, and how far they moved.

    Parameters
    ----------
    total
        Sum of the weights, households represented.
    effective_sample_size, effective_sample_share
        Kish's size in records, and relative to that of the initial weights.
    top_100_share
        Part of the total on the 100 heaviest records.
    zero_share
        Part of the records without weight.
    ratio_percentiles
        Percentile to ratio of weight to initial weight, over the records with an initial weight,
        each counted once.
    """

    total: float
    effective_sample_size: float
    effective_sample_share: float
    top_100_share: float
    zero_share: float
    ratio_percentiles: dict[int, float]


def effective_sample_size(weights: ArrayLike) -> float:
    """Return Kish's effective sample size, (Σ w)² / Σ w², in records.

    The size of an equally weighted sample that would estimate a mean as precisely, if weights
    and values were unrelated.

    Raises
    ------
    ValueError
        If weights are negative, not finite or all zero.

    Notes
    -----
    Kish (1965), "Survey sampling", section 11.7.
    """
    mass = checked_weights("weights", weights)
    return float(np.sum(mass) ** 2 / np.sum(np.square(mass)))


def weight_distribution(weights: ArrayLike, initial_weights: ArrayLike) -> WeightDistribution:
    """Describe weights beside those they came from.

    Parameters
    ----------
    weights, initial_weights
        (n_records,), the same records in the same order, not negative.

    Raises
    ------
    ValueError
        If lengths differ, or weights are negative, not finite or all zero.
    """
    mass = checked_weights("weights", weights)
    initial = checked_weights("initial_weights", initial_weights)
    if mass.size != initial.size:
        raise ValueError(f"there are {mass.size} weights but {initial.size} initial_weights")
    size = effective_sample_size(mass)
    ratios = mass[initial > 0] / initial[initial > 0]
    return WeightDistribution(
        total=float(np.sum(mass)),
        effective_sample_size=size,
        effective_sample_share=size / effective_sample_size(initial),
        top_100_share=float(np.sum(np.sort(mass)[-TOP_RECORDS:]) / np.sum(mass)),
        zero_share=float(np.mean(mass == 0)),
        ratio_percentiles={at: float(np.percentile(ratios, at)) for at in PERCENTILES},
    )
