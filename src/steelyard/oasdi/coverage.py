"""Years of coverage, for the special minimum and the windfall provision."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import dollars
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Purpose = Literal["windfall", "special_minimum"]

MOST_YEARS = 30
PER_YEAR_BEFORE_1951, MOST_BEFORE_1951 = 900, 14


def coverage_amount(
    year: ArrayLike, purpose: Purpose, parameters: Parameters | None = None
) -> NDArray[np.float64]:
    """Return the earnings, dollars a year, that make a year of coverage, of the shape of `year`.

    A quarter of the old-law base; for the special minimum 15 % of it after 1990 (42 U.S.C.
    415(a)(1)(C)(ii), 415(a)(7)(D); POMS RS 00605.070, RS 00605.362). 1951 on.
    """
    law = parameters or default_parameters()
    years = np.asarray(year, np.int64)
    percent = np.where((years > 1990) & (purpose == "special_minimum"), 15, 25)
    return np.asarray(law.old_law_base.at(years) * percent / 100, np.float64)


def years_of_coverage(
    earnings: ArrayLike,
    *,
    first_year: int,
    purpose: Purpose = "windfall",
    parameters: Parameters | None = None,
) -> Integers:
    """Return years of coverage, 0 to 30, shape (n,).

    Years from 1951 with earnings of at least `coverage_amount`; before, one for each $900 of all
    earnings, at most 14 (42 U.S.C. 415(a)(1)(C)(ii)).

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
    earned = np.atleast_2d(dollars(earnings, "earnings"))
    calendar = np.arange(first_year, first_year + earned.shape[1])
    modern = calendar > 1950
    needed = coverage_amount(calendar[modern], purpose, parameters)
    years = (earned[:, modern] >= needed - 0.005).sum(axis=1)
    early = np.floor(earned[:, ~modern].sum(axis=1) / PER_YEAR_BEFORE_1951)
    total = np.minimum(years + np.minimum(early, MOST_BEFORE_1951), MOST_YEARS)
    return np.asarray(total, np.int64)
