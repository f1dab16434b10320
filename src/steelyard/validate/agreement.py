"""How well estimates for many areas agree with what was published for them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steelyard.validate.distribution import Vector, checked_weights, refuse, vector


@dataclass(frozen=True)
class Agreement:
    """Areas compared in several ways: levels alone agree wherever populations do.

    Parameters
    ----------
    n_areas
        Areas compared.
    correlation
        Pearson's, of levels; near 1 for anything that grows with population.
    log_correlation
        Pearson's, of logarithms; NaN where a level is not positive.
    per_head_correlation
        Pearson's, of levels per head: what is left when size is taken out.
    rank_correlation
        Spearman's, of levels per head.
    mean_absolute_percentage_error
        Mean of |estimate / published - 1|.
    median_absolute_percentage_error
        Median of the same.
    """

    n_areas: int
    correlation: float
    log_correlation: float
    per_head_correlation: float
    rank_correlation: float
    mean_absolute_percentage_error: float
    median_absolute_percentage_error: float


def agreement(estimates: ArrayLike, published: ArrayLike, heads: ArrayLike) -> Agreement:
    """Compare estimates of areas with published ones.

    Parameters
    ----------
    estimates, published
        The same quantity of each area, (n_areas,), in one unit; published ones not 0.
    heads
        Population of each area, (n_areas,), positive.

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than 3 areas, or a number may not enter.
    """
    found, said = vector("estimates", estimates), vector("published", published)
    size = vector("heads", heads)
    refuse("published", said, said == 0, "zero, and an error is relative to it")
    refuse("heads", size, size <= 0, "not positive")
    if not found.size == said.size == size.size or found.size < 3:
        raise ValueError(
            f"there are {found.size} estimates, {said.size} published figures and {size.size} "
            "populations; a comparison needs three areas or more"
        )
    error = np.abs(found / said - 1)
    is_positive = bool(np.all(found > 0) and np.all(said > 0))
    return Agreement(
        n_areas=found.size,
        correlation=pearson(found, said),
        log_correlation=pearson(np.log(found), np.log(said)) if is_positive else float("nan"),
        per_head_correlation=pearson(found / size, said / size),
        rank_correlation=spearman(found / size, said / size),
        mean_absolute_percentage_error=float(error.mean()),
        median_absolute_percentage_error=float(np.median(error)),
    )


def pearson(values: ArrayLike, others: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the (weighted) correlation of two columns; NaN where one of them is constant.

    Parameters
    ----------
    values, others
        (n_records,), finite.
    weights
        (n_records,), not negative; equal by default.

    Raises
    ------
    ValueError
        If lengths differ or a number may not enter.
    """
    one, other, mass = _columns(values, others, weights)
    one = one - np.average(one, weights=mass)
    other = other - np.average(other, weights=mass)
    spread = np.sum(mass * one**2) * np.sum(mass * other**2)
    return float(np.sum(mass * one * other) / np.sqrt(spread)) if spread > 0 else float("nan")


def spearman(values: ArrayLike, others: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the (weighted) correlation of ranks; ties take the middle of their ranks.

    A record's rank is the share of weight below it and half of that level with it, so that
    splitting a record in two changes nothing.

    Parameters
    ----------
    values, others, weights
        As for `pearson`.

    Raises
    ------
    ValueError
        If lengths differ or a number may not enter.
    """
    one, other, mass = _columns(values, others, weights)
    return pearson(_ranks(one, mass), _ranks(other, mass), mass)


def _columns(
    values: ArrayLike, others: ArrayLike, weights: ArrayLike | None
) -> tuple[Vector, Vector, Vector]:
    one, other = vector("values", values), vector("other values", others)
    mass = np.ones(one.size) if weights is None else checked_weights("weights", weights)
    if not one.size == other.size == mass.size:
        raise ValueError(f"there are {one.size} values, {other.size} others, {mass.size} weights")
    return one, other, mass


def _ranks(values: Vector, weights: Vector) -> Vector:
    places = np.unique(values, return_inverse=True)[1]
    level = np.bincount(places, weights=weights)
    middle: Vector = np.cumsum(level) - level / 2
    ranks: Vector = middle[places]
    return ranks
