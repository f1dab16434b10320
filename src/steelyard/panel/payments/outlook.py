"""The Trustees' path and the funds' beginning, as `payments.finance` asks for them."""

import numpy as np

from steelyard.oasdi.parameters import Scenario
from steelyard.panel.payments.trust_fund import FundStart, TrusteesPath
from steelyard.panel.published import Published
from steelyard.panel.series import Yearly

INTERMEDIATE = "intermediate"


def fund_start(published: Published, year: int) -> FundStart:
    """Return both trust funds at the end of `year`, and costs beside benefits.

    Raises
    ------
    ValueError
        If nothing is published for the year.
    """
    fund = published.trust_fund
    last = fund.last_year
    benefits = float(fund.of("benefits", last))
    return FundStart(
        year,
        float(fund.of("assets_at_end", year)),
        float(fund.of("administration", last)) / benefits,
        float(fund.of("railroad", last)) / benefits,
    )


def trustees_path(published: Published, scenario: Scenario) -> TrusteesPath:
    """Return what a panel's finances need of a scenario, and stand beside.

    Cost is published as long as it is, then that of the intermediate path: under another scenario
    those years are compared with nothing. The part of cost that comes back as income from the
    taxation of benefits is the intermediate path's in each scenario, since no other is at hand.
    """
    outlook, known, ahead = published.trustees(scenario), published.trust_fund, published.cost
    cost, payroll = _by_year(known, "outgo"), _by_year(outlook, "taxable_payroll")
    payroll = {year: value for year, value in payroll.items() if year <= known.last_year}
    tax = _by_year(known, "taxation_of_benefits") | _by_year(ahead, "taxation_of_benefits")
    whole = cost | _by_year(ahead, "cost")
    if scenario == INTERMEDIATE:
        # Of one report, so that the rate is the report's.
        cost, payroll = whole, payroll | _by_year(ahead, "taxable_payroll")
    paid = {
        year: number + float(outlook.of("di_beneficiaries", year))
        for year, number in _by_year(outlook, "oasi_beneficiaries").items()
    }
    return TrusteesPath(
        scenario=scenario,
        interest_factor=_by_year(outlook, "compound_interest_factor"),
        taxed_share={year: tax[year] / whole[year] for year in whole},
        cost=cost,
        taxable_payroll=payroll,
        covered_workers=_by_year(outlook, "covered_workers"),
        beneficiaries=paid,
    )


def _by_year(series: Yearly, name: str) -> dict[int, float]:
    values = series.series[name]
    return {
        series.first_year + int(at): float(values[at]) for at in np.flatnonzero(~np.isnan(values))
    }
