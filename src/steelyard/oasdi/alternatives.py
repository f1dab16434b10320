"""Amounts that replace a lower one: the guarantee of 1979-1983, and the two minimums."""

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.benefit_table import LAST_GUARANTEE, guaranteed_dimes
from steelyard.oasdi.coverage import years_of_coverage
from steelyard.oasdi.dates import AGE_62, year_of
from steelyard.oasdi.disability import first_disability_month
from steelyard.oasdi.formula import special_minimum_dimes, with_colas
from steelyard.oasdi.indexing import FIRST_ELIGIBILITY, FIRST_YEAR, average
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import People

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

MOST_SPECIAL_YEARS = 30
LAST_FROZEN_MINIMUM, FROZEN_MINIMUM, FROZEN_MAXIMUM = 1981, 1220, 1830
"""The minimum of December 1978 and its family maximum in dimes (42 U.S.C. 415(a)(1)(C)(i) as in
effect before P.L. 97-35): for eligibility in 1979-1981."""


def average_wage(people: People, years: Integers, parameters: Parameters) -> Floats:
    """Return average monthly wages: earnings from 1951 on, not indexed."""
    return average(
        people.earnings,
        people.first_year,
        index_year=FIRST_YEAR,
        years=years,
        parameters=parameters,
    )


def raise_to_guarantee(
    people: People,
    eligible: Integers,
    disabled: Booleans,
    years: Integers,
    start: Integers,
    parameters: Parameters,
) -> None:
    """Raise first amounts of who attained 62 in 1979-1983 to those of the table of 1978.

    For workers with earnings before 1979 who lived to 62 and were not disabled then; of earnings
    before the year of 62 (42 U.S.C. 415(a)(4)(B), (5); 20 CFR 404.230-404.233).
    """
    birth = people.months("birth")
    at_62 = (eligible == year_of(birth) + 62) & (people.months("death") >= birth + AGE_62)
    rows = np.flatnonzero(
        at_62 & ~disabled & (eligible >= FIRST_ELIGIBILITY) & (eligible <= LAST_GUARANTEE)
    )
    before_1979 = max(FIRST_ELIGIBILITY - people.first_year, 0)
    rows = rows[(people.earnings[rows, :before_1979] > 0).any(axis=1)]
    if rows.size:
        chosen = people.take(rows).through(eligible[rows] - 1)
        wage = average_wage(chosen, years[rows], parameters).astype(np.int64)
        least = guaranteed_dimes(wage, eligible[rows], parameters)
        start[rows] = np.maximum(start[rows], least)


def raise_to_frozen_minimum(
    people: People,
    eligible: Integers,
    when: int,
    regular: Integers,
    maximum: Integers,
    parameters: Parameters,
) -> None:
    """Raise low amounts of eligibility in 1979-1981 to the minimum frozen in December 1978.

    It has the increases since entitlement, death or 65, whichever was first (42 U.S.C.
    415(i)(2)(A)(iii); 20 CFR 404.212(e)).
    """
    in_time = (eligible >= FIRST_ELIGIBILITY) & (eligible <= LAST_FROZEN_MINIMUM)
    rows = np.flatnonzero(in_time)
    if rows.size == 0:
        return
    birth, claim, onset, death = (
        people.months(name)[rows] for name in ("birth", "claim", "onset", "death")
    )
    began = np.minimum(np.minimum(claim, first_disability_month(onset)), death)
    since = np.minimum(year_of(began), year_of(birth) + 65)
    least = with_colas(np.full(rows.size, FROZEN_MINIMUM), since, when, parameters)
    limit = with_colas(np.full(rows.size, FROZEN_MAXIMUM), since, when, parameters)
    higher = least > regular[rows]
    regular[rows] = np.where(higher, least, regular[rows])
    maximum[rows] = np.where(higher, limit, maximum[rows])


def raise_to_special(
    people: People, when: int, pia: Integers, maximum: Integers, parameters: Parameters
) -> None:
    """Raise low amounts to the special minimum, and their family maximum to its own."""
    most, _ = special_minimum_dimes(np.array([MOST_SPECIAL_YEARS]), when, parameters)
    low = np.flatnonzero(pia < most)
    if low.size == 0:
        return
    covered = years_of_coverage(
        people.earnings[low],
        first_year=people.first_year,
        purpose="special_minimum",
        parameters=parameters,
    )
    special, limit = special_minimum_dimes(covered, when, parameters)
    higher = special > pia[low]
    rows = low[higher]
    pia[rows], maximum[rows] = special[higher], limit[higher]
