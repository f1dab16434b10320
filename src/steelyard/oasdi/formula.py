"""Primary insurance amounts: the formula, cost-of-living increases, and the alternatives to it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, require, whole
from steelyard.oasdi.dates import month
from steelyard.oasdi.money import cents, from_dimes, ratio
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.series import Series
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

WINDFALL_REPEALED = int(month(2024, 1))
"""First month without WEP and GPO: Social Security Fairness Act of 2023, P.L. 118-273."""

SPECIAL_MINIMUM_PER_YEAR = 115
"""Dimes for each year of coverage beyond ten, January 1979 (42 U.S.C. 415(a)(1)(C)(i))."""


def pia(
    aime: ArrayLike,
    *,
    eligibility_year: ArrayLike,
    benefit_year: ArrayLike,
    benefit_month: ArrayLike = 1,
    parameters: Parameters | None = None,
) -> Floats:
    """Return the primary insurance amount in dollars, a multiple of a dime, shape (n,).

    90, 32 and 15 % of AIME (`Parameters.pia_shares`) between the bend points of the eligibility
    year, then every cost-of-living increase from that year on, claimed or not, truncated to the
    dime each time.

    Parameters
    ----------
    aime
        Dollars a month; cents are dropped.
    eligibility_year
        The year of attaining 62, of disability onset, or of death before 62.
    benefit_year, benefit_month
        The month that the amount is for. January, the default, has every increase up to that of
        the December before; from December on that of its own year counts too.

    Raises
    ------
    BadInput
        Missing or negative AIME, eligibility before 1979 or a benefit before eligibility, years
        outside the tables.

    Notes
    -----
    20 CFR 404.212, 404.270-404.277; POMS RS 00605.021. Rounded up to the dime where eligibility
    lies before 1983 and for increases before June 1982. The increase of December 1999 is the
    corrected 2.5 % (POMS RS 00601.122).
    """
    law = parameters or default_parameters()
    eligible = whole(eligibility_year, "eligibility year")
    when = benefit_month_index(benefit_year, benefit_month, eligible)
    amount = formula_dimes(dollars(aime, "AIME"), eligible, law)
    return from_dimes(with_colas(amount, eligible, when, law))


def benefit_month_index(
    year: ArrayLike, of_year: ArrayLike, eligibility_year: Integers
) -> Integers:
    """Return month indices of benefits, refusing those before the eligibility year."""
    when = month(whole(year, "benefit year"), whole(of_year, "benefit month"))
    early = when < month(eligibility_year)
    require(~early, when // 12, "no benefit is paid before the eligibility year; benefit year")
    return when


def formula_dimes(
    aime: Floats,
    eligibility_year: ArrayLike,
    parameters: Parameters,
    first_percent: ArrayLike | None = None,
) -> Integers:
    """Return the amount of the formula in dimes, before any increase.

    `first_percent` replaces the share below the first bend point: less than 90 under WEP.
    """
    one, two = (bend.at(eligibility_year) for bend in parameters.pia_bends)
    first, second, third = (share.at(eligibility_year) for share in parameters.pia_shares)
    if first_percent is not None:
        first = 100 * np.asarray(first_percent, np.int64)
    whole_dollars = np.floor(aime + 1e-9).astype(np.int64)
    hundredths_of_cents = (
        first * np.minimum(whole_dollars, one)
        + second * np.clip(whole_dollars - one, 0, two - one)
        + third * np.maximum(whole_dollars - two, 0)
    )
    return ratio(hundredths_of_cents, 1000, year=np.asarray(eligibility_year, np.int64) - 1)


def with_colas(
    amount: Integers, eligibility_year: ArrayLike, when: ArrayLike, parameters: Parameters
) -> Integers:
    """Return dimes with every increase from the eligibility year to the month `when`.

    Each increase is truncated to the dime (rounded up before June 1982).
    """
    grown, first, until = np.broadcast_arrays(amount, eligibility_year, when)
    grown = grown.astype(np.int64)
    for year, due in _increases(first, until, parameters):
        raised = _raised(grown, year, parameters)
        grown = raised if due.all() else np.where(due, raised, grown)
    return grown


def with_colas_and_maximum(
    amount: Integers,
    maximum: Integers,
    eligibility_year: ArrayLike,
    when: ArrayLike,
    parameters: Parameters,
) -> tuple[Integers, Integers]:
    """Return amount and family maximum with every increase, each maximum at least 150 %, dimes.

    So it goes for the table of December 1978 and the special minimum (42 U.S.C. 415(i)(2)(A)(ii)
    and 403(a)(8); 20 CFR 404 subpart C, appendices III and V).
    """
    grown, limit, first, until = np.broadcast_arrays(amount, maximum, eligibility_year, when)
    grown, limit = grown.astype(np.int64), limit.astype(np.int64)
    for year, due in _increases(first, until, parameters):
        grown = np.where(due, _raised(grown, year, parameters), grown)
        least = ratio(3 * grown, 2, year=year)
        limit = np.where(due, np.maximum(_raised(limit, year, parameters), least), limit)
    return grown, limit


def _increases(
    first: Integers, until: Integers, parameters: Parameters
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Give each year of an increase, and whose amounts it raises."""
    if first.size == 0:
        return
    for year in range(int(first.min()), int(until.max()) // 12 + 1):
        due = (first <= year) & (until >= _effective(parameters.cola_month, year))
        if due.any():
            yield year, due


def _raised(amount: Integers, year: int, parameters: Parameters) -> Integers:
    return ratio(amount * (1000 + parameters.cola.at(year)), 1000, year=year)


def _effective(months: Series, year: int) -> int:
    return int(month(year, months.at(year))) if year <= months.last else int(month(year, 12))


def special_minimum_pia(
    years_of_coverage: ArrayLike,
    *,
    benefit_year: ArrayLike,
    benefit_month: ArrayLike = 1,
    parameters: Parameters | None = None,
) -> Floats:
    """Return the special minimum in dollars, shape (n,): it replaces a lower regular amount.

    $11.50 of January 1979 for each year of coverage from the eleventh to the thirtieth, with the
    increases since. No delayed credits apply to it (42 U.S.C. 415(a)(1)(C); 20 CFR 404.260-261;
    POMS RS 00605.070).
    """
    law = parameters or default_parameters()
    when = month(whole(benefit_year, "benefit year"), whole(benefit_month, "benefit month"))
    years = whole(years_of_coverage, "years of coverage")
    return from_dimes(special_minimum_dimes(years, when, law)[0])


def special_minimum_dimes(
    years_of_coverage: Integers, when: ArrayLike, parameters: Parameters
) -> tuple[Integers, Integers]:
    """Return the special minimum and its family maximum in dimes; see `special_minimum_pia`.

    The maximum began as 150 % of the amount in January 1979 and has had its own increases since
    (42 U.S.C. 403(a)(8); 20 CFR 404 subpart C, appendix V).
    """
    start = np.clip(years_of_coverage - 10, 0, 20) * SPECIAL_MINIMUM_PER_YEAR
    limit = ratio(3 * start, 2, year=1979)
    return with_colas_and_maximum(start, limit, 1979, when, parameters)


def windfall_share(eligibility_year: ArrayLike, years_of_coverage: ArrayLike) -> Integers:
    """Return the percentage below the first bend point under WEP: 40 to 90, shape (n,).

    90 % less five points for each year of coverage short of thirty, never below 40 % (80, 70, 60
    and 50 % for the eligibility years 1986 to 1989, 90 before). 42 U.S.C. 415(a)(7)(B)-(D), as in
    force through 2023; 20 CFR 404.213.
    """
    eligible = np.asarray(eligibility_year, np.int64)
    floor = np.clip(90 - 10 * (eligible - 1985), 40, 90)
    short = np.clip(30 - np.asarray(years_of_coverage, np.int64), 0, 30)
    return np.asarray(np.maximum(floor, 90 - 5 * short), np.int64)


def windfall_pia(
    aime: ArrayLike,
    *,
    eligibility_year: ArrayLike,
    benefit_year: ArrayLike,
    pension: ArrayLike,
    years_of_coverage: ArrayLike,
    parameters: Parameters | None = None,
) -> Floats:
    """Return the amount of somebody with a pension from work not covered, dollars, shape (n,).

    The greater of the formula with `windfall_share` and the regular amount less half the monthly
    pension of the first month of both, for benefits through December 2023; the regular amount
    from January 2024 on, without a pension, before eligibility in 1986, or with thirty years of
    coverage. `benefit_year` is its January. Source: as `windfall_share`; POMS RS 00605.360.
    """
    law = parameters or default_parameters()
    eligible = whole(eligibility_year, "eligibility year")
    when = benefit_month_index(benefit_year, 1, eligible)
    start = windfall_dimes(
        dollars(aime, "AIME"),
        eligible,
        pension=dollars(pension, "pension"),
        years_of_coverage=whole(years_of_coverage, "years of coverage"),
        parameters=law,
    )
    regular = formula_dimes(dollars(aime, "AIME"), eligible, law)
    chosen = np.where(when < WINDFALL_REPEALED, start, regular)
    return from_dimes(with_colas(chosen, eligible, when, law))


def windfall_dimes(
    aime: Floats,
    eligibility_year: Integers,
    *,
    pension: Floats,
    years_of_coverage: Integers,
    parameters: Parameters,
) -> Integers:
    """Return dimes under WEP before any increase; see `windfall_pia`."""
    regular = formula_dimes(aime, eligibility_year, parameters)
    share = windfall_share(eligibility_year, years_of_coverage)
    modified = formula_dimes(aime, eligibility_year, parameters, share)
    guaranteed = (20 * regular - cents(pension)) // 20  # less half, down to the dime
    applies = (pension > 0) & (eligibility_year > 1985) & (years_of_coverage < 30)
    return np.asarray(np.where(applies, np.maximum(modified, guaranteed), regular), np.int64)
