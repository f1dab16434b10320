"""Age: reductions for early months, credits for delayed ones, and when they count."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, require, whole
from steelyard.oasdi.dates import AGE_60, AGE_62, AGE_70, year_of
from steelyard.oasdi.money import Rounding, share
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PARTS = 720
"""Early factors are counted in 720ths: 5/9 % is four of them, 5/12 % three, 25/36 % five."""
CREDIT_PARTS = 2400
"""Delayed credits are counted in 2400ths: 2/3 % a month is sixteen of them."""
MOST_EARLY = 60
MOST_DELAYED = 60
WIDOW_PARTS = 1000
WIDOW_REDUCTION = 285


def early_parts(months: ArrayLike, *, spouse: bool = False) -> Integers:
    """Return what is left after `months` of early payment, in 720ths.

    Worker 5/9 % a month for 36 months, spouse 25/36 %; both 5/12 % for each month beyond
    (42 U.S.C. 402(q)(1), (9); 20 CFR 404.410(a)-(b)).
    """
    early = np.asarray(months, np.int64)
    near = np.minimum(early, 36) * (5 if spouse else 4)
    return np.asarray(PARTS - near - np.maximum(early - 36, 0) * 3, np.int64)


def widow_parts(months: ArrayLike, months_possible: ArrayLike) -> Integers:
    """Return what is left of a widow(er)'s benefit, in 1000ths of `months_possible`.

    28.5 % spread evenly over the months from 60 to the full retirement age of survivors
    (42 U.S.C. 402(q)(1)(A); 20 CFR 404.410(c)).
    """
    possible = np.asarray(months_possible, np.int64)
    return np.asarray(WIDOW_PARTS * possible - WIDOW_REDUCTION * np.asarray(months, np.int64))


def retired_worker_benefit(
    pia: ArrayLike,
    *,
    months_early: ArrayLike = 0,
    months_delayed: ArrayLike = 0,
    birth_year: ArrayLike | None = None,
    rounding: Rounding = "dollar",
    parameters: Parameters | None = None,
) -> Floats:
    """Return the monthly benefit of a retired worker in dollars, shape (n,).

    Parameters
    ----------
    pia
        Dollars a month.
    months_early
        Months between entitlement and full retirement age, less those given back because the
        earnings test withheld them (`adjusted_reduction_months`).
    months_delayed
        Months of delayed credit that count already (`claim_months`).
    birth_year
        Sets the credit and the most months; None is 1943 or later, 2/3 of 1 % a month.
    rounding
        ``dollar``, as paid; ``dime``, before the last truncation; ``none``.

    Raises
    ------
    BadInput
        Months that are negative, both early and delayed, before 62 or after 70.

    Notes
    -----
    42 U.S.C. 402(q) and (w); 20 CFR 404.410(a), 404.313; POMS RS 00615.101, RS 00615.690.
    """
    law = parameters or default_parameters()
    early, late = whole(months_early, "months early"), whole(months_delayed, "months delayed")
    born = np.int64(1960) if birth_year is None else whole(birth_year, "birth year")
    full = law.full_retirement_age(born)
    most_early = MOST_EARLY if birth_year is None else full - AGE_62
    most_late = MOST_DELAYED if birth_year is None else AGE_70 - full
    require(early >= 0, early, "months early must not be negative")
    require(early <= most_early, early, "nobody is paid before 62; months early")
    require(late >= 0, late, "months delayed must not be negative")
    require(late <= most_late, late, "no credit is earned after 70; months delayed")
    require(~((early > 0) & (late > 0)), late, "a claim is early or delayed, not both; months")
    credit = CREDIT_PARTS + late * law.delayed_credit(born)
    return share(dollars(pia, "PIA"), early_parts(early) * credit, PARTS * CREDIT_PARTS, rounding)


def claim_months(
    birth_month: ArrayLike,
    entitlement_month: ArrayLike,
    benefit_month: ArrayLike,
    parameters: Parameters,
) -> tuple[Integers, Integers]:
    """Return months early, and months of delayed credit that count in `benefit_month`.

    Credits earned in a year count from the next January, all of them from 70 on
    (20 CFR 404.313(c); POMS RS 00615.690).

    Parameters
    ----------
    birth_month, entitlement_month, benefit_month
        Shape (n,): month indices, births as `steelyard.oasdi.dates.birth_month` counts them.
    """
    born, claimed = np.asarray(birth_month, np.int64), np.asarray(entitlement_month, np.int64)
    full = born + parameters.full_retirement_age(year_of(born))
    seventy = born + AGE_70
    settled = (claimed >= seventy) | (year_of(benefit_month) > year_of(claimed))
    settled |= np.asarray(benefit_month) >= seventy
    until = np.where(settled, np.minimum(claimed, seventy), year_of(claimed) * 12)
    return np.maximum(full - claimed, 0), np.maximum(until - full, 0)


def adjusted_reduction_months(months_early: ArrayLike, months_withheld: ArrayLike) -> Integers:
    """Return the months of reduction that stay once full retirement age is reached.

    Months before that age in which the earnings test withheld any of the benefit are taken off
    (42 U.S.C. 402(q)(7); 20 CFR 404.412).
    """
    left = whole(months_early, "months") - whole(months_withheld, "months withheld")
    return np.asarray(np.maximum(left, 0), np.int64)


def widow_months(
    birth_month: ArrayLike, entitlement_month: ArrayLike, parameters: Parameters
) -> tuple[Integers, Integers]:
    """Return months early and months possible of a widow(er), by month indices.

    Entitlement before 60, as disabled widow(er), is reduced as at 60 (20 CFR 404.410(c)(2)).
    """
    born = np.asarray(birth_month, np.int64)
    full = parameters.full_retirement_age(year_of(born), survivor=True)
    early = np.clip(born + full - np.asarray(entitlement_month, np.int64), 0, full - AGE_60)
    return early, full - AGE_60
