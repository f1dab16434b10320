"""Quarters of coverage and insured status (42 U.S.C. 413, 414, 423(c)(1); 20 CFR 404.101-404.146).

Annual earnings do not say in which quarter they were earned. Quarters are credited to a year, and
in a year of which only some quarters count, as many of its quarters as fit are taken: since 1978
the law itself assigns them where they help (20 CFR 404.143(b)).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, whole
from steelyard.oasdi.dates import year_of
from steelyard.oasdi.disability import onset_quarter
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

WAGES_PER_QUARTER = 50
EARNINGS_BEFORE_1951 = 400
FEWEST, MOST = 6, 40
AGE_31 = 31 * 12


def quarters_of_coverage(
    earnings: ArrayLike, *, first_year: int, parameters: Parameters | None = None
) -> Integers:
    """Return quarters of coverage credited to each year, 0 to 4, shape (n, years).

    From 1978: one for each full quarter-of-coverage amount in the year. Before: one for each
    calendar quarter with $50 of wages, four for earnings at the base; annual earnings are taken as
    spread evenly, but no thinner than $50 a quarter (42 U.S.C. 413(a)(2); 20 CFR 404.140-141).

    Parameters
    ----------
    earnings
        Shape (n, years) or (years,): covered earnings, dollars a year, from 1937 on.
    first_year
        The calendar year of the first column.

    Raises
    ------
    BadInput
        Earnings negative or not finite, years outside the tables.
    """
    law = parameters or default_parameters()
    earned = np.atleast_2d(dollars(earnings, "earnings"))
    calendar = np.arange(first_year, first_year + earned.shape[1])
    automatic = calendar >= law.quarter_of_coverage.first
    amount = np.full(calendar.size, WAGES_PER_QUARTER, np.int64)
    amount[automatic] = law.quarter_of_coverage.at(calendar[automatic])
    return np.minimum(np.floor(earned / amount + 1e-9), 4).astype(np.int64)


def total_quarters(
    quarters: Integers, earnings: ArrayLike, *, first_year: int, through_year: ArrayLike
) -> Integers:
    """Return quarters credited through a year, shape (n,).

    Years before 1951 count as the greater of their quarters and one for each $400 earned in them
    (42 U.S.C. 413(a)(2)(B)(iii); 20 CFR 404.146(d)).
    """
    earned = np.atleast_2d(np.asarray(earnings, np.float64))
    calendar = np.arange(first_year, first_year + quarters.shape[1])
    early = calendar <= 1950
    counted = quarters * (calendar <= np.atleast_1d(through_year)[:, None])
    simple = np.floor(earned[:, early].sum(axis=1) / EARNINGS_BEFORE_1951).astype(np.int64)
    before = np.maximum(counted[:, early].sum(axis=1), simple)
    return np.asarray(before + counted[:, ~early].sum(axis=1), np.int64)


def required_quarters(
    birth_year: ArrayLike, eligibility_year: ArrayLike, years_frozen: ArrayLike = 0
) -> Integers:
    """Return the quarters needed to be fully insured: 6 to 40, shape (n,).

    One for each year after that of attaining 21 (or 1950) and before that of attaining 62, death
    or disability; years of a period of disability are left out (42 U.S.C. 414(a); 20 CFR 404.110).
    """
    born, eligible = whole(birth_year, "birth year"), whole(eligibility_year, "eligibility year")
    elapsed = eligible - 1 - np.maximum(born + 21, 1950) - whole(years_frozen, "years frozen")
    return np.asarray(np.clip(elapsed, FEWEST, MOST), np.int64)


def is_fully_insured(total: ArrayLike, required: ArrayLike) -> Booleans:
    """Tell who has the quarters required (20 CFR 404.110-404.115)."""
    return np.asarray(np.asarray(total) >= np.asarray(required))


def quarters_in_window(
    quarters: Integers, *, first_year: int, last_quarter: ArrayLike, length: ArrayLike
) -> Integers:
    """Return quarters of coverage among the `length` calendar quarters up to `last_quarter`, (n,).

    `last_quarter` is ``4 * year + 0..3``; in years partly inside, as many count as fit.
    """
    last = np.atleast_1d(np.asarray(last_quarter, np.int64))[:, None]
    first = last - np.atleast_1d(np.asarray(length, np.int64))[:, None] + 1
    start = 4 * np.arange(first_year, first_year + quarters.shape[1])
    inside = np.clip(np.minimum(last, start + 3) - np.maximum(first, start) + 1, 0, 4)
    return np.asarray(np.minimum(quarters, inside).sum(axis=1), np.int64)


def is_currently_insured(
    quarters: Integers, *, first_year: int, event_month: ArrayLike
) -> Booleans:
    """Tell who has 6 quarters among the 13 that end with that of `event_month`.

    The event is death, or entitlement to retirement or disability benefits (42 U.S.C. 414(b);
    20 CFR 404.120). It carries benefits for children and the parent who cares for them.
    """
    last = onset_quarter(event_month)
    return quarters_in_window(quarters, first_year=first_year, last_quarter=last, length=13) >= 6


def is_disability_insured(
    quarters: Integers,
    *,
    first_year: int,
    birth_month: ArrayLike,
    onset_month: ArrayLike,
    fully_insured: ArrayLike,
    blind: ArrayLike = False,
) -> Booleans:
    """Tell whose work is recent enough for disability insurance, shape (n,).

    Fully insured with 20 quarters among the 40 that end with that of onset; before 31, half of the
    quarters since that of attaining 21, at least 6 in the last 12; for the blind, fully insured is
    enough (42 U.S.C. 423(c)(1); 20 CFR 404.130-404.132).
    """
    born, onset = np.asarray(birth_month, np.int64), np.asarray(onset_month, np.int64)
    last = onset_quarter(onset)
    usual = quarters_in_window(quarters, first_year=first_year, last_quarter=last, length=40) >= 20
    since_21 = last - onset_quarter(born + 21 * 12)
    span = np.maximum(since_21, 12)
    had = quarters_in_window(quarters, first_year=first_year, last_quarter=last, length=span)
    young = (onset < born + AGE_31) & (had >= span // 2)
    recent = usual | young | np.asarray(blind, bool)
    return np.asarray(recent & np.asarray(fully_insured, bool))


def insured_years(
    birth_month: ArrayLike, onset_month: ArrayLike, death_month: ArrayLike
) -> Integers:
    """Return the eligibility year: the earliest of attaining 62, onset and death, shape (n,).

    42 U.S.C. 415(a)(3)(B). `steelyard.oasdi.dates.NEVER` stands for what has not happened.
    """
    sixty_two = year_of(np.asarray(birth_month, np.int64)) + 62
    events = np.minimum(year_of(onset_month), year_of(death_month))
    return np.asarray(np.minimum(sixty_two, events), np.int64)
