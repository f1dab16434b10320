"""The law's formulas for the automatic amounts, from the average wage index.

They give the published amount of every year (tested), and the amounts of projected years.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.checks import BadInput
from steelyard.oasdi.money import nearest
from steelyard.oasdi.series import Series

Integers = NDArray[np.int64]

WAGES_1977 = 977_944
BENDS = {
    "pia_bend_1": 180,
    "pia_bend_2": 1085,
    "family_maximum_bend_1": 230,
    "family_maximum_bend_2": 332,
    "family_maximum_bend_3": 433,
}
"""Dollars of 1979, wage-indexed by 42 U.S.C. 415(a)(1)(B) and 403(a)(2)."""


def bend_point(wages: Series, dollars_of_1979: int) -> Series:
    """Return a bend point for every eligibility year from 1979 that the wage index allows.

    Nearest dollar of ``dollars_of_1979 * W(year - 2) / W(1977)``.
    """
    indexed = wages.values[1977 - wages.first :]
    amounts = nearest(dollars_of_1979 * indexed, WAGES_1977)
    return Series("bend point", 1979, amounts, wages.last_published + 2)


def extend(published: Series, computed: Series) -> Series:
    """Return published years followed by the computed years after them."""
    later = computed.values[published.last + 1 - computed.first :]
    values = np.concatenate([published.values, later])
    return Series(published.name, published.first, values, published.last_published)


@dataclass(frozen=True)
class Automatic:
    """One automatic amount: wages of two years before, over those of a reference year.

    Parameters
    ----------
    first
        First year that this formula sets.
    dollars, reference
        The amount that is indexed, and the year of the wages it is measured in.
    step
        Rounded to the nearest multiple of so many dollars.
    times
        The rounded amount is monthly and published a year at a time: 12, else 1.
    frozen
        Stays put in a year that follows no cost-of-living increase (42 U.S.C. 430(a)).
    source
        Where the law says so.
    """

    first: int
    dollars: int
    reference: int
    step: int
    times: int
    frozen: bool
    source: str


CONTRIBUTION_BASE = Automatic(1995, 60_600, 1992, 300, 1, True, "42 U.S.C. 430(b)")
OLD_LAW_BASE = Automatic(1995, 45_000, 1992, 300, 1, True, "42 U.S.C. 430(d)")
QUARTER_OF_COVERAGE = Automatic(1979, 250, 1976, 10, 1, False, "42 U.S.C. 413(d)(2)")
EXEMPT_BELOW_FRA = Automatic(1995, 670, 1992, 10, 12, True, "42 U.S.C. 403(f)(8)")
EXEMPT_AT_FRA = Automatic(2003, 2_500, 2000, 10, 12, True, "42 U.S.C. 403(f)(8)(D)")
GAINFUL_NONBLIND = Automatic(2001, 700, 1998, 10, 1, False, "20 CFR 404.1574(b)(2)")
GAINFUL_BLIND = Automatic(1995, 930, 1992, 10, 1, True, "20 CFR 404.1584(d)")


def chained_base(wages: Series, before: int, *, first: int = 1982) -> Integers:
    """Return the base of `first`-1994, each year from the one before (42 U.S.C. 430(b)).

    Dollars, shape (1995 - first,), from the base `before`. The base itself follows from 1982 on,
    after three statutory years, the old-law base from 1979 on. Wages of 1990-1992 carry the deemed
    deferred compensation of P.L. 101-239, section 10208: 2 % of the year before, then 1.49249 %.
    """
    base, bases = before, []
    for year in range(first, 1995):
        two, three, four = (int(wages.at(year - lag)) for lag in (2, 3, 4))
        factor = {
            1990: two / three + 0.02,
            1991: (two + 0.02 * three) / (three + 0.02 * four),
            1992: two * 1.0149249 / (three + 0.02 * four),
        }.get(year, two / three)
        base = max(base, 300 * int(base * factor / 300 + 0.5))
        bases.append(base)
    return np.array(bases, np.int64)


@dataclass(frozen=True)
class Rules:
    """The two series that drive every automatic amount."""

    wages: Series
    cola: Series

    def amount(self, rule: Automatic, year: int, previous: int) -> int:
        """Return the amount of `year`, in dollars, given that of the year before."""
        if rule.frozen and self.cola.at(year - 1) == 0:
            return previous
        index = int(self.wages.at(year - 2))
        unit = int(self.wages.at(rule.reference)) * rule.step
        rounded = int(nearest(rule.dollars * index, unit)) * rule.step
        return max(previous, rounded * rule.times)

    def continued(self, published: Series, rule: Automatic) -> Series:
        """Return the published years and the projected ones after them.

        Raises
        ------
        BadInput
            If the published years end before the formula of `rule` begins.
        """
        if published.last + 1 < rule.first:
            raise BadInput(f"{published.name}: published rows must reach {rule.first - 1}")
        values = published.values.tolist()
        last = min(self.wages.last + 2, self.cola.last + 1)
        for year in range(published.last + 1, last + 1):
            values.append(self.amount(rule, year, values[-1]))
        grown = np.array(values, np.int64)
        return Series(published.name, published.first, grown, published.last_published)

    def recomputed(self, published: Series, rule: Automatic) -> Integers:
        """Return what the formula gives for each published year from ``rule.first`` on."""
        years = range(rule.first, published.last + 1)
        amounts = [self.amount(rule, year, int(published.at(year - 1))) for year in years]
        return np.array(amounts, np.int64)
