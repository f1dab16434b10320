"""The law before wage indexing: average monthly wages and the benefit table of December 1978.

It sets the amounts of who attained 62 in 1975-1978, and guarantees those of 1979-1983 no less than
the table gave. Retirement eligibility before 1975 counted years by sex and is refused, as are
disability and death before 62 that came before 1979.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars, require, whole
from steelyard.oasdi.formula import benefit_month_index, with_colas, with_colas_and_maximum
from steelyard.oasdi.indexing import FIRST_ELIGIBILITY, FIRST_YEAR, average, computation_years
from steelyard.oasdi.money import from_dimes, ratio
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST_TABLE_ELIGIBILITY, LAST_GUARANTEE = 1975, 1983
MINIMUM_REPEALED = 1982
"""Eligibility from which wages below the table's first line give less than its amount."""


def average_monthly_wage(
    earnings: ArrayLike,
    *,
    first_year: int,
    eligibility_year: ArrayLike,
    parameters: Parameters | None = None,
) -> Floats:
    """Return average monthly wages in whole dollars, shape (n,): earnings that are not indexed.

    Earnings after 1950, cut at the base of their year; the highest computation years over their
    months, cents dropped. For the guarantee of 1979-1983 those before the year of attaining 62.

    Parameters
    ----------
    earnings
        Shape (n, years) or (years,): covered earnings, dollars a year.
    first_year
        The calendar year of the first column.
    eligibility_year
        Shape (n,) or one: the year of attaining 62, 1975-1983.

    Raises
    ------
    BadInput
        Earnings negative or not finite, years outside the tables, other years of eligibility.

    Notes
    -----
    42 U.S.C. 415(b) as in effect in December 1978, 415(a)(4)-(5); 20 CFR 404.221, 404.232.
    """
    eligible = whole(eligibility_year, "eligibility year")
    _require_table(eligible)
    return average(
        earnings,
        first_year,
        index_year=np.full(eligible.size, FIRST_YEAR),
        years=computation_years(eligible - 62, eligible),
        through=np.where(eligible >= FIRST_ELIGIBILITY, eligible - 1, np.iinfo(np.int64).max),
        parameters=parameters or default_parameters(),
    )


def table_pia(
    average_wage: ArrayLike,
    *,
    eligibility_year: ArrayLike,
    benefit_year: ArrayLike,
    benefit_month: ArrayLike = 1,
    parameters: Parameters | None = None,
) -> Floats:
    """Return the amount of the table of December 1978 in dollars, shape (n,), with increases.

    For eligibility in 1975-1978 the amount of everybody, with the increases from June 1979 on; for
    1979-1983 the guarantee, with those from the year of eligibility on.

    Parameters
    ----------
    average_wage
        Dollars a month (`average_monthly_wage`); cents are dropped.
    eligibility_year
        The year of attaining 62, 1975-1983.
    benefit_year, benefit_month
        The month that the amount is for, January 1979 or later.

    Raises
    ------
    BadInput
        Missing or negative wages, other years of eligibility, a benefit before 1979 or eligibility.

    Notes
    -----
    42 U.S.C. 415(a)(4)-(5) and 415(i)(4); 20 CFR 404.222, 404.230-404.233.
    """
    law = parameters or default_parameters()
    eligible = whole(eligibility_year, "eligibility year")
    _require_table(eligible)
    when = benefit_month_index(benefit_year, benefit_month, np.maximum(eligible, FIRST_ELIGIBILITY))
    wage = np.floor(dollars(average_wage, "average wage") + 1e-9).astype(np.int64)
    wage, eligible, when = np.broadcast_arrays(wage, eligible, when)
    guaranteed = with_colas(guaranteed_dimes(wage, eligible, law), eligible, when, law)
    before = [table_dimes(wage[at : at + 1], int(when[at]), law)[0][0] for at in range(wage.size)]
    return from_dimes(np.where(eligible < FIRST_ELIGIBILITY, before, guaranteed))


def _require_table(eligible: Integers) -> None:
    good = (eligible >= FIRST_TABLE_ELIGIBILITY) & (eligible <= LAST_GUARANTEE)
    require(good, eligible, "the table of December 1978 is for eligibility at 62 in 1975-1983")


def guaranteed_dimes(
    wage: Integers, eligibility_year: Integers, parameters: Parameters
) -> Integers:
    """Return the amount of the guarantee in dimes, before any increase, shape (n,).

    From eligibility in 1982 on, wages below the table's first line give its amount in proportion
    (P.L. 97-35, s. 2201; 42 U.S.C. 415(a)(5)).
    """
    lines = parameters.benefit_table
    amount = lines[_line(wage, lines), 2]
    first = lines[1, 0] - 1
    small = ratio(wage * lines[0, 2], first, year=FIRST_ELIGIBILITY - 1)
    repealed = (eligibility_year >= MINIMUM_REPEALED) & (wage < first)
    return np.asarray(np.where(repealed, small, amount), np.int64)


def table_dimes(wage: Integers, when: int, parameters: Parameters) -> tuple[Integers, Integers]:
    """Return amount and family maximum in a month, for eligibility before 1979, dimes, (n,).

    Wages above the table's last line stand in the lines that each increase since 1979 added: a
    dollar for every five up to a twelfth of that year's base (42 U.S.C. 415(i)(2)(D) as in effect
    in December 1978).
    """
    lines = parameters.benefit_table
    at = _line(wage, lines)
    amount, maximum = with_colas_and_maximum(
        lines[at, 2], lines[at, 3], FIRST_ELIGIBILITY, when, parameters
    )
    reached, top = int(lines[-1, 1]) - 1, int(lines[-1, 2])
    cola, months = parameters.cola, parameters.cola_month
    for year in range(FIRST_ELIGIBILITY, when // 12 + 1):
        if not (wage > reached).any() or when < year * 12 + int(months.at(year)) - 1:
            break
        last = -(-int(parameters.contribution_base.at(year)) // 60) * 5
        added = top - (reached - wage) // 5 * 10
        limit = ratio(7 * added, 4, year=year)
        later = with_colas_and_maximum(added, limit, year, when, parameters)
        amount = np.where(wage > reached, later[0], amount)
        maximum = np.where(wage > reached, later[1], maximum)
        grown = (top + 2 * (last - reached)) * (1000 + int(cola.at(year)))
        reached, top = last, int(ratio(grown, 1000, year=year))
    return np.asarray(amount, np.int64), np.asarray(maximum, np.int64)


def _line(wage: Integers, lines: Integers) -> Integers:
    return np.asarray(np.searchsorted(lines[:, 0], wage, side="right") - 1, np.int64)
