"""Trust funds: what they begin with, what they bear, and a horizon in present values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from steelyard.panel.lives import Floats, Ints

ByYear = Mapping[int, float]


class FundStart(NamedTuple):
    """Trust funds at the end of a year, and costs beside benefits, as published.

    Parameters
    ----------
    year
        The year at whose end the assets are.
    assets
        Dollars (SSA, Annual Statistical Supplement, Table 4.A3).
    administration_share, railroad_share
        Administrative expenses and transfers to Railroad Retirement over benefit payments, of the
        last published year (same table).
    """

    year: int
    assets: float
    administration_share: float
    railroad_share: float


@dataclass(frozen=True, eq=False)
class TrusteesPath:
    """One scenario of the Trustees Report by calendar year; dollars and persons.

    Parameters
    ----------
    scenario
        Its name.
    interest_factor
        Compound interest factor, of the middle of each year (Table VI.G1).
    taxed_share
        Income from taxation of benefits over cost.
    cost, taxable_payroll, covered_workers, beneficiaries
        To stand beside the panel's; years that are missing are compared with nothing.
    """

    scenario: str
    interest_factor: ByYear
    taxed_share: ByYear
    cost: ByYear
    taxable_payroll: ByYear
    covered_workers: ByYear
    beneficiaries: ByYear

    def needed(self, name: str, years: Iterable[int]) -> Floats:
        """Return a series that every year needs, (n,).

        Raises
        ------
        ValueError
            If a year is missing or not a number.
        """
        series: ByYear = getattr(self, name)
        wanted = list(years)
        gaps = [year for year in wanted if not np.isfinite(series.get(year, np.nan))]
        if gaps:
            raise ValueError(
                f"scenario {self.scenario!r}: {name} lacks {len(gaps)} year(s), first {gaps[:3]}; "
                "add the rows or shorten the panel"
            )
        return np.array([series[year] for year in wanted])

    def known(self, name: str, years: Iterable[int]) -> Floats:
        """Return a series, NaN where it has no year, (n,)."""
        series: ByYear = getattr(self, name)
        return np.array([series.get(year, np.nan) for year in years])


def fund(assets: float, flow: Floats, trustees: TrusteesPath, years: Ints) -> tuple[Floats, Floats]:
    """Return interest and assets at the end of each year; half of a year's flow bears interest."""
    growth = factor_at_end(trustees, years) / factor_at_end(trustees, years - 1)
    interest, ends = np.zeros(len(years)), np.zeros(len(years))
    for at, (rate, net) in enumerate(zip(growth - 1, flow, strict=True)):
        interest[at] = rate * (assets + net / 2)
        assets = ends[at] = assets + net + interest[at]
    return interest, ends


def factor_at_end(trustees: TrusteesPath, years: Ints) -> Floats:
    """Return compound interest factors of the end of each year, between two middles, (n,)."""
    middles = [trustees.needed("interest_factor", (years + step).tolist()) for step in (0, 1)]
    return np.asarray(np.sqrt(middles[0] * middles[1]))


class Balance(NamedTuple):
    """A horizon in present values, percent of the present value of taxable payroll.

    Parameters
    ----------
    first_year, last_year
        The horizon.
    income_rate
        Income without interest, and the assets at the start.
    cost_rate
        Cost, and a fund of one year's cost at the end.
    actuarial_balance
        Income rate less cost rate.
    depletion_year
        First year that ends without assets; None if none does.
    """

    first_year: int
    last_year: int
    income_rate: float
    cost_rate: float
    actuarial_balance: float
    depletion_year: int | None

    def table(self) -> pa.Table:
        """Return it as one row, rates and years in types that do not hang on what is null."""
        kinds = [pa.int64(), pa.int64(), *[pa.float64()] * 3, pa.int64()]
        schema = pa.schema(list(zip(self._fields, kinds, strict=True)))
        return pa.Table.from_pylist([self._asdict()], schema=schema)


def actuarial_balance(found: pa.Table, start: FundStart, trustees: TrusteesPath) -> Balance:
    """Return the summarised balance over the years of `finances`.

    [Σ PV(income) + TF_0 − Σ PV(cost) − PV(target)] / Σ PV(payroll), income without interest, flows
    discounted from the middle of their year to the start of the first. The target at the end is
    the cost of the year after, taken as the last cost grown as it last grew.
    """
    years = np.asarray(found["year"].to_numpy(), np.int64)
    flows = ("payroll_tax", "taxation_of_benefits", "cost", "taxable_payroll")
    tax, of_benefits, cost, payroll = (found[name].to_numpy() for name in flows)
    at_start = factor_at_end(trustees, years[:1] - 1)[0]
    discount = at_start / trustees.needed("interest_factor", years.tolist())
    at_end = at_start / factor_at_end(trustees, years[-1:])[0]
    target = cost[-1] * (cost[-1] / cost[-2] if len(cost) > 1 else 1.0)
    whole = (payroll * discount).sum() / 100
    income = (((tax + of_benefits) * discount).sum() + start.assets) / whole
    outgo = ((cost * discount).sum() + target * at_end) / whole
    exhausted = years[found["assets"].to_numpy() < 0]
    return Balance(
        int(years[0]),
        int(years[-1]),
        float(income),
        float(outgo),
        float(income - outgo),
        int(exhausted[0]) if len(exhausted) else None,
    )
