"""A weighted sample as a distribution: distinct values, their weight, and nothing unsaid."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


class Distribution(NamedTuple):
    """Distinct values in rising order, each with its summed, positive weight.

    Records with the same value are one, so that no statistic depends on the order of records;
    records without weight are none.
    """

    values: Vector
    weights: Vector

    @property
    def population(self) -> float:
        """Total weight W."""
        return float(np.sum(self.weights))

    @property
    def total(self) -> float:
        """Weighted total, W times the mean."""
        return float(np.sum(self.weights * self.values))

    def mean(self, of: Vector) -> float:
        """Return the weighted mean of numbers that go with the distinct values."""
        return float(np.sum(self.weights * of)) / self.population


def distribution(values: ArrayLike, weights: ArrayLike) -> Distribution:
    """Return a weighted sample as a distribution.

    Parameters
    ----------
    values
        Numbers (n_records,), finite.
    weights
        Households or persons represented (n_records,), finite, not negative, not all zero.

    Raises
    ------
    ValueError
        If lengths differ or a number may not enter; the message counts the offenders and names
        the first three.
    """
    points, mass = vector("values", values), checked_weights("weights", weights)
    if points.shape != mass.shape:
        raise ValueError(f"there are {points.size} values but {mass.size} weights")
    counted = mass > 0
    distinct, place = np.unique(points[counted], return_inverse=True)
    summed: Vector = np.bincount(place, weights=mass[counted]).astype(np.float64, copy=False)
    return Distribution(distinct, summed)


def checked_weights(name: str, weights: ArrayLike) -> Vector:
    """Return weights as float64, or say which are negative, not finite or missing altogether."""
    mass = vector(name, weights)
    refuse(name, mass, mass < 0, "negative")
    if not mass.any():
        raise ValueError(f"all {mass.size} {name} are zero; there is no population to describe")
    return mass


def vector(name: str, numbers: ArrayLike) -> Vector:
    """Return numbers as a float64 vector, or say which are not finite."""
    found = np.asarray(numbers, dtype=np.float64)
    if found.ndim != 1 or found.size == 0:
        raise ValueError(f"{name}: expected a vector with records, got shape {found.shape}")
    refuse(name, found, ~np.isfinite(found), "not finite")
    return found


def refuse(name: str, numbers: Vector, wrong: NDArray[np.bool_], what: str) -> None:
    """Raise if any number is wrong, with how many and the first three."""
    places = np.flatnonzero(wrong)
    if places.size:
        shown = ", ".join(f"[{place}]={numbers[place]}" for place in places[:3])
        raise ValueError(
            f"{places.size} of {numbers.size} {name} are {what} ({shown}); "
            "mend the records or leave them out"
        )
