"""Dates as months, and the ages that the law counts.

A month is one whole number, ``12 * year + month - 1``. A person attains an age the day before the
birthday (20 CFR 404.2(c)(4)), so somebody born on the first counts as born the month before;
`birth_month` is that month everywhere in this package.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import require, whole

Integers = NDArray[np.int64]

NEVER = np.int64(2**31)
"""A month that never comes: not claimed, not disabled, not dead."""

EARLIEST_BIRTH_YEAR = 1900
AGE_62, AGE_60, AGE_50, AGE_70 = 62 * 12, 60 * 12, 50 * 12, 70 * 12


def month(year: ArrayLike, month_of_year: ArrayLike = 1) -> Integers:
    """Return the month index of a calendar month; January unless told otherwise."""
    months = np.asarray(month_of_year, np.int64)
    require((months >= 1) & (months <= 12), months, "a month of the year lies between 1 and 12")
    return np.asarray(np.asarray(year, np.int64) * 12 + months - 1, dtype=np.int64)


def year_of(months: ArrayLike) -> Integers:
    """Return the calendar year of a month index."""
    return np.asarray(np.asarray(months, np.int64) // 12, dtype=np.int64)


def month_of_year(months: ArrayLike) -> Integers:
    """Return the month of the year, 1 to 12, of a month index."""
    return np.asarray(np.asarray(months, np.int64) % 12 + 1, dtype=np.int64)


def birth_month(year: ArrayLike, month_of_birth: ArrayLike, day: ArrayLike = 15) -> Integers:
    """Return the month in which ages are attained (20 CFR 404.2(c)(4); POMS GN 00302.400).

    Born on the first of a month counts as the month before, on 1 January as the year before.

    Raises
    ------
    BadInput
        If a year lies before 1900, or a month or day does not exist.
    """
    years, days = whole(year, "birth year"), whole(day, "birth day")
    require(years >= EARLIEST_BIRTH_YEAR, years, "births before 1900 are outside the tables")
    require((days >= 1) & (days <= 31), days, "a day of birth lies between 1 and 31")
    return np.asarray(month(years, whole(month_of_birth, "birth month")) - (days == 1), np.int64)


def first_month_of_62(year: ArrayLike, month_of_birth: ArrayLike, day: ArrayLike = 15) -> Integers:
    """Return the first month of possible retirement, 62 throughout (42 U.S.C. 402(a)).

    Those born on the first or second of a month are 62 throughout the month of the birthday,
    everybody else from the month after.
    """
    born = month(whole(year, "birth year"), whole(month_of_birth, "birth month"))
    return np.asarray(born + AGE_62 + (whole(day, "birth day") > 2), np.int64)
