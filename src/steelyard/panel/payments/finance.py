"""Cost, income and trust funds of Social Security over an aged panel, beside the Trustees'."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.oasdi import Parameters
from steelyard.oasdi.series import Series
from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.payments.covered import RowsById
from steelyard.panel.payments.reform import PAYROLL_TAX_PERCENT, Reform
from steelyard.panel.payments.trust_fund import FundStart, TrusteesPath, fund
from steelyard.panel.population import NOBODY

TOTALS = pa.schema(
    [
        ("year", pa.int16()),
        ("population", pa.float64()),
        ("covered_workers", pa.float64()),
        ("taxable_payroll", pa.float64()),
        ("beneficiaries", pa.float64()),
        ("monthly_benefits", pa.float64()),
        ("withheld", pa.float64()),
    ]
)
FINANCES = pa.schema(
    [
        ("year", pa.int16()),
        *(
            (name, pa.float64())
            for name in (
                "benefit_payments",
                "administration",
                "railroad",
                "cost",
                "taxable_payroll",
                "payroll_tax",
                "taxation_of_benefits",
                "interest",
                "income",
                "cost_rate",
                "income_rate",
                "balance_rate",
                "assets",
                "trust_fund_ratio",
                "covered_workers",
                "beneficiaries",
                "trustees_cost_rate",
                "trustees_income_rate",
                "cost_rate_difference",
                "due_to_beneficiaries_per_worker",
                "due_to_benefit_over_earnings",
            )
        ),
    ]
)


def totals_of_year(person: pa.Table, benefits: pa.Table, year: int, taxed: Series) -> pa.Table:
    """Return what a year of a panel adds up to, one row.

    Parameters
    ----------
    person
        Who is alive at the end of the year: person_id, earnings, weight.
    benefits
        Of `steelyard.panel.payments.benefits.benefits_of_year`.
    taxed
        The taxable maximum by year: `Parameters.contribution_base`, or `Reform.taxed`.

    Returns
    -------
    pyarrow.Table
        `TOTALS`: persons represented; persons with covered earnings in the year; their earnings up
        to the maximum, dollars; persons paid, but for those of whom the earnings test takes all;
        dollars a month of December before that test, and dollars of the year that it takes.

    Raises
    ------
    ValueError
        If somebody is paid who is not in `person`.
    """
    weight, earnings = _floats(person, "weight"), _floats(person, "earnings")
    paid_weight = weight_of(person, benefits)
    total = _floats(benefits, "total_benefit")
    row = {
        "year": year,
        "population": weight.sum(),
        "covered_workers": weight[earnings > 0].sum(),
        "taxable_payroll": (weight * np.minimum(earnings, float(taxed.at(year)))).sum(),
        "beneficiaries": paid_weight[is_paid(benefits)].sum(),
        "monthly_benefits": (paid_weight * total).sum(),
        "withheld": (paid_weight * _floats(benefits, "withheld")).sum(),
    }
    return pa.Table.from_pylist([row], schema=TOTALS)


def is_paid(benefits: pa.Table) -> Bools:
    """Tell of whom the earnings test leaves anything, (n,)."""
    due = _floats(benefits, "total_benefit") * _floats(benefits, "months")
    return np.asarray(_floats(benefits, "withheld") < due - 1)


def weight_of(person: pa.Table, benefits: pa.Table) -> Floats:
    """Return persons represented by each row of `benefits`, (n,)."""
    return _floats(person, "weight")[rows_of(person, benefits)]


def rows_of(person: pa.Table, benefits: pa.Table) -> Ints:
    """Return the row of `person` that each row of `benefits` is about, (n,).

    Raises
    ------
    ValueError
        If it is about nobody there.
    """
    ids = benefits["person_id"].to_numpy()
    row = RowsById(person["person_id"].to_numpy()).find(ids)
    lost = np.flatnonzero(row == NOBODY)
    if len(lost):
        raise ValueError(
            f"benefits: {len(lost)} row(s) of nobody in person, first {ids[lost[:3]].tolist()}; "
            "take both from the same partition"
        )
    return row


def finances(
    totals: pa.Table,
    law: Parameters,
    *,
    start: FundStart,
    trustees: TrusteesPath,
    reform: Reform | None = None,
) -> pa.Table:
    """Return cost, income, rates and assets of each year after the first of `totals`.

    Benefits of a year are those of the twelve months paid in it, December of the year before to
    November: 12 times the mean of both Decembers, the later one without its own increase. So who
    dies or claims within the year counts for half of it. What the earnings test takes comes off.

    Parameters
    ----------
    totals
        Of `totals_of_year`, one row a year, in order; the first is that of ``start.year``.
    law, reform
        What the benefits were computed under; the reform for its tax rate, None for present law.

    Returns
    -------
    pyarrow.Table
        `FINANCES`. Dollars of the year; rates in percent of taxable payroll; ``income`` includes
        interest, ``income_rate`` does not; ``assets`` at the end of the year, negative once
        exhausted; ``trust_fund_ratio`` of assets at its start to cost, percent. The last five
        compare with the Trustees, in points of cost rate: the two parts add up to the difference.

    Raises
    ------
    ValueError
        If years are missing from `totals` or from a series that is needed.
    """
    years = _years(totals, start)[1:]
    costs = _costs(totals, law, start)
    payroll, cost = _floats(totals, "taxable_payroll")[1:], costs["cost"]
    percent = PAYROLL_TAX_PERCENT if reform is None else reform.payroll_tax_percent(years)
    tax = payroll * percent / 100
    of_benefits = cost * trustees.needed("taxed_share", years.tolist())
    interest, assets = fund(start.assets, tax + of_benefits - cost, trustees, years)
    before = np.concatenate([[start.assets], assets[:-1]])
    rates = {"cost_rate": 100 * cost / payroll, "income_rate": 100 * (tax + of_benefits) / payroll}
    columns = {
        "year": years,
        **costs,
        "taxable_payroll": payroll,
        "payroll_tax": tax,
        "taxation_of_benefits": of_benefits,
        "interest": interest,
        "income": tax + of_benefits + interest,
        **rates,
        "balance_rate": rates["income_rate"] - rates["cost_rate"],
        "assets": assets,
        "trust_fund_ratio": 100 * before / cost,
        "covered_workers": _floats(totals, "covered_workers")[1:],
        "beneficiaries": _floats(totals, "beneficiaries")[1:],
    }
    beside = _beside(columns, trustees, years)
    return pa.table(columns | beside).select(FINANCES.names).cast(FINANCES)


def _costs(totals: pa.Table, law: Parameters, start: FundStart) -> dict[str, Floats]:
    """Return what each year after the first costs, dollars."""
    years = np.asarray(totals["year"].to_numpy(), np.int64)[1:]
    monthly = _floats(totals, "monthly_benefits")
    increased = 1 + law.cola.at(years) / 1000
    benefits = 6 * (monthly[:-1] + monthly[1:] / increased) - _floats(totals, "withheld")[1:]
    administration = benefits * start.administration_share
    railroad = benefits * start.railroad_share
    return {
        "benefit_payments": benefits,
        "administration": administration,
        "railroad": railroad,
        "cost": benefits + administration + railroad,
    }


def _years(totals: pa.Table, start: FundStart) -> Ints:
    years = np.asarray(totals["year"].to_numpy(), np.int64)
    if len(years) < 2 or (np.diff(years) != 1).any() or years[0] != start.year:
        raise ValueError(
            f"totals: years must follow one another from {start.year}, the year of the funds' "
            f"assets, and be two at least; got {years[:3].tolist()} to {years[-1:].tolist()}"
        )
    return years


def _beside(columns: Mapping[str, Any], trustees: TrusteesPath, years: Ints) -> dict[str, Floats]:
    """Return the Trustees' rates, and the difference in cost rate by what it is due to."""
    names = ("cost", "taxable_payroll", "covered_workers", "beneficiaries")
    cost, payroll, workers, paid = (trustees.known(name, years.tolist()) for name in names)
    rate = 100 * cost / payroll
    own_rate = np.asarray(columns["cost_rate"], np.float64)
    difference = own_rate - rate
    ratio = np.log(own_rate / rate)
    same = np.abs(ratio) < 1e-12
    mean = np.where(same, own_rate, difference / np.where(same, 1.0, ratio))
    per_worker = np.log(columns["beneficiaries"] / columns["covered_workers"] * workers / paid)
    taxed = trustees.known("taxed_share", years.tolist())
    return {
        "trustees_cost_rate": rate,
        "trustees_income_rate": PAYROLL_TAX_PERCENT + taxed * rate,
        "cost_rate_difference": difference,
        "due_to_beneficiaries_per_worker": mean * per_worker,
        "due_to_benefit_over_earnings": difference - mean * per_worker,
    }


def joined_totals(rows: Sequence[pa.Table]) -> pa.Table:
    """Return the totals of several years in order."""
    return pa.concat_tables(rows).sort_by("year")


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), np.float64)
