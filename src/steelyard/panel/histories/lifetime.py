"""Average indexed monthly earnings of lives, as far as they are known, by the benefit engine."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.oasdi import Parameters, aime
from steelyard.oasdi.indexing import FIRST_ELIGIBILITY, FIRST_YEAR
from steelyard.oasdi.tables import packaged_table
from steelyard.panel.histories.dollars import EarningsScale, fit_scale
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Floats, Lives

Averages = Callable[[Lives], Floats]
#: Years of 22 to 61 that a life must be known in to have an average.
LEAST_KNOWN = 10
_COUNTED = (22, 62)


def averages_by(scale: EarningsScale, law: Parameters) -> Averages:
    """Return what averages the earnings of lives.

    Returns
    -------
    Lives to (n,) dollars a month of the year of 60: the engine's `aime`, at 62, of the years at
    work that are known, ranks being worth what `scale` says; years that are unknown count as
    without earnings. nan for lives with fewer than `LEAST_KNOWN` years from 22 to 61, and for
    births before 1917, whose law is another.
    """

    def averages(lives: Lives) -> Floats:
        known = lives.known[:, _COUNTED[0] - FIRST_AGE : _COUNTED[1] - FIRST_AGE].sum(axis=1)
        born = lives.people.birth_year
        rows = np.flatnonzero((known >= LEAST_KNOWN) & (born + 62 >= FIRST_ELIGIBILITY))
        found = np.full(len(born), np.nan)
        if rows.size:
            some = lives.take(rows)
            eligible = some.people.birth_year + 62
            found[rows] = aime(
                _earnings(some, scale),
                first_year=FIRST_YEAR,
                birth_year=some.people.birth_year,
                eligibility_year=eligible,
                parameters=law,
            )
        return found

    return averages


def _earnings(lives: Lives, scale: EarningsScale) -> Floats:
    """Return dollars (n, years) from `FIRST_YEAR` to the year of the youngest one's 61."""
    born = lives.people.birth_year
    width = int(born.max()) + _COUNTED[1] - FIRST_YEAR
    found = np.zeros((len(born), width))
    for age in range(FIRST_AGE, min(LAST_AGE + 1, _COUNTED[1])):
        column = age - FIRST_AGE
        year = born + age
        rows = np.flatnonzero((lives.worked[:, column] == 1) & (year >= FIRST_YEAR))
        found[rows, year[rows] - FIRST_YEAR] = scale.dollars(
            lives.rank[rows, column].astype(np.float64),
            lives.people.female[rows],
            np.full(rows.size, age),
            year[rows],
        )
    return found


def scale_of_years(years: pa.Table, law: Parameters) -> EarningsScale:
    """Fit a scale to the person-years of a panel, as if they were of one year.

    Each year's earnings count relative to the wage index of the year; medians by age and the share
    below the contribution base are SSA's.

    Parameters
    ----------
    years
        As for `steelyard.panel.histories.tables.lives_of_table`.

    Raises
    ------
    ValueError
        If an age group has fewer than two workers of a sex.
    """
    column: dict[str, Any] = {
        name: years[name].to_numpy(zero_copy_only=False)
        for name in ("income_year", "earnings", "least_earnings", "birth_year", "design_weight")
    }
    female = years["is_female"].to_numpy(zero_copy_only=False).astype(np.bool_)
    age = (column["income_year"] - column["birth_year"]).astype(np.int64)
    works = (column["earnings"] >= column["least_earnings"]) & (column["earnings"] > 0)
    works &= (age >= FIRST_AGE) & (age <= LAST_AGE)
    index = law.average_wage_index.at(column["income_year"][works]) / 100.0
    last = int(column["birth_year"].max()) + _COUNTED[1]
    return fit_scale(
        column["earnings"][works] / index,
        column["design_weight"][works].astype(np.float64),
        female[works],
        age[works],
        parameters=law,
        medians=packaged_table("median_earnings"),
        below_base=packaged_table("share_below_base"),
        last_year=min(max(last, int(column["income_year"].max())), law.average_wage_index.last),
    )
