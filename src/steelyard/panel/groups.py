"""Groups that events are aligned in: sex by five years of age."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from steelyard.panel.lives import Floats, Ints
from steelyard.panel.series import SEXES

YEARS, OLDEST = 5, 100
PER_SEX = OLDEST // YEARS + 1
COUNT = 2 * PER_SEX


def group_of(is_female: ArrayLike, age: ArrayLike) -> Ints:
    """Return numbers of groups, 0 to `COUNT` - 1, of persons (n,)."""
    band = np.minimum(np.asarray(age, np.int64), OLDEST) // YEARS
    return np.asarray(np.asarray(is_female, np.int64) * PER_SEX + band)


def in_groups(by_age: Floats) -> Floats:
    """Return sums (COUNT,) over five years of age of counts by sex and single age (2, 101)."""
    padded = np.zeros((2, PER_SEX * YEARS))
    padded[:, : by_age.shape[1]] = by_age
    return np.asarray(padded.reshape(2, PER_SEX, YEARS).sum(axis=2).ravel())


def by_single_age(is_female: ArrayLike, age: ArrayLike, weights: ArrayLike) -> Floats:
    """Return weighted persons by sex and single age, the last 100 and over: (2, 101)."""
    cell = np.asarray(is_female, np.int64) * (OLDEST + 1) + np.minimum(age, OLDEST)
    counts = np.bincount(cell, np.asarray(weights, np.float64), minlength=2 * (OLDEST + 1))
    return np.asarray(counts.reshape(2, OLDEST + 1))


def name_of(group: int | np.integer[Any]) -> str:
    """Return a group in words."""
    sex, band = divmod(int(group), PER_SEX)
    ages = f"{band * YEARS}-{band * YEARS + 4}" if band < PER_SEX - 1 else f"{OLDEST} and over"
    return f"{SEXES[sex]} {ages}"


def in_turn(group: ArrayLike, uniforms: Floats) -> Floats:
    """Return numbers in [0, 1) that order persons by group, and within groups as they were.

    Events that are drawn in this order, as one, are as many as wanted within each group and in
    all, to one person each.
    """
    number = np.asarray(group, np.float64)
    return np.asarray((number + uniforms) / (number.max(initial=0.0) + 1.0))


def whole(values: Floats) -> Ints:
    """Round counts so that every running sum is rounded: totals stay to within one half."""
    upto = np.rint(np.cumsum(values) + 1e-9).astype(np.int64)
    return np.diff(upto, prepend=0)
