"""Disability insurance: when it begins, what it pays, when it becomes retirement."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, require, whole
from steelyard.oasdi.dates import NEVER, month_of_year, year_of
from steelyard.oasdi.money import Rounding, share
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.reductions import MOST_EARLY, PARTS, early_parts
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

WAITING_MONTHS = 5
WORK_CREDIT_SHARE = 80
"""Percent of average current earnings that disability and workers' compensation may reach."""


def first_disability_month(onset_month: ArrayLike, onset_day: ArrayLike = 15) -> Integers:
    """Return the first month of entitlement: after five full calendar months of disability.

    The month of onset is full only where onset falls on its first day (42 U.S.C. 423(c)(2);
    20 CFR 404.315(a)(4)). `NEVER` stays never.
    """
    onset = np.atleast_1d(np.asarray(onset_month, np.int64))
    waiting = WAITING_MONTHS + (np.asarray(onset_day, np.int64) > 1)
    return np.asarray(np.where(onset >= NEVER, NEVER, onset + waiting), np.int64)


def disability_benefit(
    pia: ArrayLike,
    *,
    onset_month: ArrayLike | None = None,
    benefit_month: ArrayLike | None = None,
    months_reduced: ArrayLike = 0,
    rounding: Rounding = "dollar",
) -> Floats:
    """Return the monthly benefit of a disabled worker in dollars, shape (n,): the whole PIA.

    Nothing in the waiting months. At full retirement age it becomes a retirement benefit of the
    same amount (42 U.S.C. 402(a), 423(a)(1)-(2)).

    Parameters
    ----------
    pia
        Dollars a month, from AIME of kind ``disability``.
    onset_month, benefit_month
        Month indices; None for a month after the waiting period.
    months_reduced
        Months for which a reduced retirement benefit was drawn before (42 U.S.C. 402(q)(2);
        20 CFR 404.410(e)).

    Raises
    ------
    BadInput
        Missing or negative amounts or months.
    """
    earlier = whole(months_reduced, "months reduced")
    require((earlier >= 0) & (earlier <= MOST_EARLY), earlier, "months reduced lie from 0 to 60")
    amount = share(dollars(pia, "PIA"), early_parts(earlier), PARTS, rounding)
    if onset_month is None or benefit_month is None:
        return amount
    begun = np.asarray(benefit_month, np.int64) >= first_disability_month(onset_month)
    return np.asarray(np.where(begun, amount, 0.0))


def is_converted(
    birth_month: ArrayLike, benefit_month: ArrayLike, parameters: Parameters
) -> Booleans:
    """Tell whose disability benefit has become a retirement benefit: from the month of FRA."""
    born = np.asarray(birth_month, np.int64)
    full = born + parameters.full_retirement_age(year_of(born))
    return np.asarray(np.asarray(benefit_month) >= full)


def workers_compensation_offset(
    family_benefit: ArrayLike, compensation: ArrayLike, average_current_earnings: ArrayLike
) -> Floats:
    """Return the disability benefits of a family beside workers' compensation, dollars, (n,).

    Both together may reach 80 % of average current earnings or the benefits alone, if those are
    more; to the lower dime (42 U.S.C. 424a; 20 CFR 404.408).
    """
    benefit = dollars(family_benefit, "benefit")
    earned = dollars(average_current_earnings, "average current earnings")
    limit = np.maximum(earned * WORK_CREDIT_SHARE / 100, benefit)
    left = np.clip(limit - dollars(compensation, "compensation"), 0.0, benefit)
    return np.asarray(np.floor(left * 10 + 1e-6) / 10)


def is_substantial(
    monthly_earnings: ArrayLike,
    year: ArrayLike,
    *,
    blind: ArrayLike = False,
    parameters: Parameters | None = None,
) -> Booleans:
    """Tell whose work is substantial gainful activity (20 CFR 404.1574(b)(2), 404.1584(d)).

    The amounts are those of December; the one for people who are not blind rose within 1999.
    """
    law = parameters or default_parameters()
    years = whole(year, "year")
    blinds = np.asarray(blind, bool)
    limit = np.where(blinds, law.gainful_blind.at(years), law.gainful_nonblind.at(years))
    return np.asarray(dollars(monthly_earnings, "earnings") > limit)


def onset_quarter(onset_month: ArrayLike) -> Integers:
    """Return the calendar quarter of a month, as ``4 * year + 0..3``."""
    months = np.asarray(onset_month, np.int64)
    return np.asarray(year_of(months) * 4 + (month_of_year(months) - 1) // 3, np.int64)
