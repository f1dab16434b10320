"""The parameters of the law: published rows, and later years by the law's own formulas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi import projection
from steelyard.oasdi.checks import BadInput
from steelyard.oasdi.series import Series

Integers = NDArray[np.int64]
Scenario = Literal["low_cost", "intermediate", "high_cost"]
Table = Mapping[str, Sequence[Any]]
"""A table by columns, as `csv`, pandas and Arrow all hand it over."""

TABLES = (
    "average_wage_index",
    "bend_points",
    "benefit_table",
    "cola",
    "contribution_base",
    "earnings_test",
    "quarter_of_coverage",
    "retirement_age",
    "substantial_gainful_activity",
)
"""The parameter tables, ``params_ssa_<name>``."""

PIA_PERCENT = (90, 32, 15)
"""Of AIME below, between and above the bend points (42 U.S.C. 415(a)(1)(A))."""


@dataclass(frozen=True, eq=False)
class Parameters:
    """Everything that changes from year to year or from cohort to cohort.

    Parameters
    ----------
    scenario
        The Trustees' scenario behind the years that are not yet published.
    average_wage_index
        Cents, from 1951.
    cola
        Tenths of a percent of the increase of each year's December (June before 1983). For 1999 it
        is the corrected 2.5, not the 2.4 first paid: a payment made up for the months until July
        2001 (P.L. 106-554; POMS RS 00601.122-123).
    cola_month
        The month of the year from which the increase counts: 6, from 1983 on 12.
    contribution_base, old_law_base
        Dollars a year; the old-law base is that of 1976 law, for years of coverage.
    quarter_of_coverage
        Dollars a quarter of coverage, from 1978.
    pia_bends, family_bends
        Dollars a month by year of eligibility, two and three of them.
    pia_shares
        Of AIME below, between and above the two bend points, hundredths of a percent by year of
        eligibility: 9000, 3200 and 1500 (42 U.S.C. 415(a)(1)(A)).
    exempt_below_fra, exempt_at_fra
        Dollars a year under the earnings test; from 2000 the second belongs to the year of
        attaining full retirement age, before to ages 65 and over.
    gainful_nonblind, gainful_blind
        Dollars a month of substantial gainful activity.
    benefit_table
        Shape (lines, 4), the table of December 1978: average monthly wages [lower, upper) in
        dollars, primary insurance amount and family maximum in dimes.
    ages
        Shape (bands, 4): first birth year, months of full retirement age, of survivors' full
        retirement age, and twice the percentage of the yearly delayed credit.
    """

    scenario: Scenario
    average_wage_index: Series
    cola: Series
    cola_month: Series
    contribution_base: Series
    old_law_base: Series
    quarter_of_coverage: Series
    pia_bends: tuple[Series, Series]
    pia_shares: tuple[Series, Series, Series]
    family_bends: tuple[Series, Series, Series]
    exempt_below_fra: Series
    exempt_at_fra: Series
    gainful_nonblind: Series
    gainful_blind: Series
    benefit_table: Integers
    ages: Integers

    @classmethod
    def from_tables(
        cls, tables: Mapping[str, Table], scenario: Scenario = "intermediate"
    ) -> "Parameters":
        """Build the parameters from the tables ``params_ssa_<name>``, keyed by name.

        Published rows are taken as they are; the years after them follow from the wage index and
        the cost-of-living increases of `scenario` by the formulas of `projection`.

        Raises
        ------
        BadInput
            If a table, a year between its first and last, or the scenario is missing.
        """
        missing = [name for name in TABLES if name not in tables]
        if missing:
            raise BadInput(f"parameter tables missing: {', '.join(missing)}")
        wages = _series(tables["average_wage_index"], "average_wage_index", scenario, scale=100)
        cola = _series(tables["cola"], "cola_percent", scenario, scale=10)
        effective = _series(tables["cola"], "effective_month", scenario)
        base = _series(tables["contribution_base"], "contribution_base")
        old_base = _series(tables["contribution_base"], "old_law_base")
        bends = [
            projection.extend(
                _series(tables["bend_points"], column, year="eligibility_year"),
                projection.bend_point(wages, dollars),
            )
            for column, dollars in projection.BENDS.items()
        ]
        tests = tables["earnings_test"]
        gainful = tables["substantial_gainful_activity"]
        rules = projection.Rules(wages, cola)
        return cls(
            scenario=scenario,
            average_wage_index=wages,
            cola=cola,
            cola_month=effective,
            contribution_base=rules.continued(base, projection.CONTRIBUTION_BASE),
            old_law_base=rules.continued(old_base, projection.OLD_LAW_BASE),
            quarter_of_coverage=rules.continued(
                _series(tables["quarter_of_coverage"], "quarter_of_coverage_amount"),
                projection.QUARTER_OF_COVERAGE,
            ),
            pia_bends=(bends[0], bends[1]),
            pia_shares=_shares(bends[0]),
            family_bends=(bends[2], bends[3], bends[4]),
            exempt_below_fra=rules.continued(
                _series(tests, "exempt_below_fra"), projection.EXEMPT_BELOW_FRA
            ),
            exempt_at_fra=rules.continued(
                _series(tests, "exempt_at_fra"), projection.EXEMPT_AT_FRA
            ),
            gainful_nonblind=rules.continued(
                _series(gainful, "nonblind_monthly"), projection.GAINFUL_NONBLIND
            ),
            gainful_blind=rules.continued(
                _series(gainful, "blind_monthly"), projection.GAINFUL_BLIND
            ),
            benefit_table=_lines(tables["benefit_table"]),
            ages=_ages(tables["retirement_age"]),
        )

    def full_retirement_age(self, birth_year: ArrayLike, *, survivor: bool = False) -> Integers:
        """Return months of full retirement age by birth year (20 CFR 404.409(a) and (b)).

        Widow(er)s have a schedule of their own, two birth years behind.
        """
        return self._cohort(birth_year, 2 if survivor else 1)

    def delayed_credit(self, birth_year: ArrayLike) -> Integers:
        """Return the delayed credit a month in 2400ths: 16 is 2/3 of 1 % (20 CFR 404.313)."""
        return self._cohort(birth_year, 3)

    def _cohort(self, birth_year: ArrayLike, column: int) -> Integers:
        years = np.asarray(birth_year, np.int64)
        if (years < self.ages[0, 0]).any():
            raise BadInput(
                f"{int((years < self.ages[0, 0]).sum())} birth year(s) before {self.ages[0, 0]}, "
                f"first {years[years < self.ages[0, 0]].ravel()[0]}; the law's tables start there"
            )
        band = np.searchsorted(self.ages[:, 0], years, side="right") - 1
        return np.asarray(self.ages[band, column], np.int64)


def _series(
    table: Table,
    column: str,
    scenario: str | None = None,
    *,
    scale: int = 1,
    year: str = "year",
) -> Series:
    kept = np.ones(len(table[year]), dtype=bool)
    labels = np.asarray(table["scenario"]) if scenario else None
    if labels is not None:
        if scenario not in labels:
            raise BadInput(
                f"{column}: no rows for scenario {scenario!r}; has {sorted(set(labels))}"
            )
        kept = (labels == "published") | (labels == scenario)
    years = np.asarray(table[year], dtype=np.int64)[kept]
    values = np.asarray(table[column], dtype=np.float64)[kept]
    order = np.argsort(years)
    years, values = years[order], values[order]
    gaps = np.flatnonzero(np.diff(years) != 1)
    if gaps.size:
        raise BadInput(f"{column}: years must follow one another; see {years[gaps[:3]].tolist()}")
    published = (
        years if labels is None else np.asarray(table[year], np.int64)[labels == "published"]
    )
    units = np.rint(values * scale).astype(np.int64)
    return Series(column.replace("_", " "), int(years[0]), units, int(published.max()))


def _shares(bend: Series) -> tuple[Series, Series, Series]:
    """Return the law's shares for each year of a bend point."""
    first, second, third = (
        Series(
            f"share {place} of the PIA formula",
            bend.first,
            np.full(bend.values.size, 100 * percent),
            bend.last,
        )
        for place, percent in enumerate(PIA_PERCENT, start=1)
    )
    return first, second, third


def _ages(table: Table) -> Integers:
    columns = (
        "birth_year_lower",
        "full_retirement_age_months",
        "survivor_full_retirement_age_months",
        "delayed_credit_annual_percent",
    )
    bands = np.stack([np.asarray(table[name], dtype=np.float64) for name in columns], axis=1)
    bands[:, 3] *= 2
    return np.rint(bands[np.argsort(bands[:, 0])]).astype(np.int64)


def _lines(table: Table) -> Integers:
    columns = {
        "average_monthly_wage_lower": 1,
        "average_monthly_wage_upper": 1,
        "primary_insurance_amount": 10,
        "maximum_family_benefit": 10,
    }
    lines = [np.asarray(table[name], np.float64) * scale for name, scale in columns.items()]
    return np.rint(np.stack(lines, axis=1)).astype(np.int64)
