"""Years left out of the average: periods of disability, and years with a young child at home."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, require, whole
from steelyard.oasdi.dates import month_of_year, year_of
from steelyard.oasdi.indexing import (
    FEWEST_COMPUTATION_YEARS,
    average,
    check_years,
    dropout_years,
    elapsed_years,
)
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

MOST_CHILD_CARE_YEARS = 3
DROPPED_AFTER_RECOVERY = 5


def years_frozen(
    onset_month: ArrayLike,
    recovery_month: ArrayLike,
    *,
    birth_year: ArrayLike,
    eligibility_year: ArrayLike,
) -> Integers:
    """Return elapsed years that lie in a period of disability, wholly or in part, shape (n,).

    42 U.S.C. 415(b)(2)(B)(iii), 416(i)(2); 20 CFR 404.211(e)(1), 404.250.
    """
    first = np.maximum(np.asarray(birth_year, np.int64) + 22, 1951)
    began = np.maximum(year_of(onset_month), first)
    ended = np.minimum(year_of(recovery_month), np.asarray(eligibility_year, np.int64) - 1)
    return np.asarray(np.maximum(ended - began + 1, 0), np.int64)


def wholly_disabled(
    calendar: Integers, onset_month: ArrayLike, recovery_month: ArrayLike
) -> Booleans:
    """Tell which calendar years lie wholly in a period of disability, shape (n, years)."""
    onset = np.atleast_1d(np.asarray(onset_month, np.int64))
    recovery = np.atleast_1d(np.asarray(recovery_month, np.int64))
    first = year_of(onset) + (month_of_year(onset) > 1)
    last = year_of(recovery) - (month_of_year(recovery) < 12)
    return np.asarray((calendar >= first[:, None]) & (calendar <= last[:, None]))


def aime_after_disability(
    earnings: ArrayLike,
    *,
    first_year: int,
    birth_year: ArrayLike,
    onset_month: ArrayLike,
    recovery_month: ArrayLike,
    parameters: Parameters | None = None,
) -> Floats:
    """Return retirement AIME of people who were disabled for a time, dollars, shape (n,).

    The freeze: years in the period of disability are no elapsed years, and earnings of years wholly
    in it do not count, unless AIME is higher with all of them (42 U.S.C. 415(b)(2)(B);
    20 CFR 404.211(b)(2), 404.250-404.252; POMS RS 00605.220). Recovery lies more than a year
    before 62, otherwise the disability's eligibility year stays.

    Parameters
    ----------
    earnings, first_year, birth_year
        As in `aime`.
    onset_month, recovery_month
        Shape (n,): month indices of the first and last month of the period.

    Raises
    ------
    BadInput
        As `aime`, and a recovery before the onset.
    """
    law = parameters or default_parameters()
    born = whole(birth_year, "birth year")
    eligible = born + 62
    onset, recovery = whole(onset_month, "onset"), whole(recovery_month, "recovery")
    require(recovery >= onset, recovery, "recovery must not come before onset; month")
    rows = np.atleast_2d(dollars(earnings, "earnings"))
    elapsed = elapsed_years(born, eligible)
    whole_average = average(
        rows, first_year, index_year=eligible - 2, years=elapsed - 5, parameters=law
    )
    left = elapsed - years_frozen(onset, recovery, birth_year=born, eligibility_year=eligible)
    years = np.maximum(left - DROPPED_AFTER_RECOVERY, FEWEST_COMPUTATION_YEARS)
    calendar = np.arange(first_year, first_year + rows.shape[1])
    kept = np.where(wholly_disabled(calendar, onset, recovery), 0.0, rows)
    frozen = average(kept, first_year, index_year=eligible - 2, years=years, parameters=law)
    return np.asarray(np.maximum(whole_average, frozen))


def aime_with_child_care(
    earnings: ArrayLike,
    child_care: ArrayLike,
    *,
    first_year: int,
    birth_year: ArrayLike,
    eligibility_year: ArrayLike,
    parameters: Parameters | None = None,
) -> Floats:
    """Return disability AIME with further years left out for child care, dollars, shape (n,).

    A disabled worker with fewer than three dropout years leaves out, up to three in all, further
    years without earnings in which an own or the spouse's child under three lived with the worker
    (42 U.S.C. 415(b)(2)(A)(ii); 20 CFR 404.211(e)(4); POMS RS 00605.235).

    Parameters
    ----------
    earnings, first_year, birth_year, eligibility_year
        As in `aime`, for kind ``disability``.
    child_care
        Booleans of the shape of `earnings`.

    Raises
    ------
    BadInput
        As `aime`.
    """
    law = parameters or default_parameters()
    born, eligible = np.broadcast_arrays(
        whole(birth_year, "birth year"), whole(eligibility_year, "eligibility year")
    )
    check_years(born, eligible, "disability")
    rows = np.atleast_2d(dollars(earnings, "earnings"))
    elapsed = elapsed_years(born, eligible, "disability")
    dropped = dropout_years(elapsed, "disability")
    years = np.maximum(elapsed - dropped, FEWEST_COMPUTATION_YEARS)
    empty = rows <= 0
    caring = (np.atleast_2d(np.asarray(child_care, bool)) & empty).sum(axis=1)
    without = np.maximum(years - (~empty).sum(axis=1), 0)
    room = np.minimum(MOST_CHILD_CARE_YEARS - dropped, years - FEWEST_COMPUTATION_YEARS)
    further = np.minimum(np.maximum(room, 0), np.minimum(caring, without))
    return average(rows, first_year, index_year=eligible - 2, years=years - further, parameters=law)
