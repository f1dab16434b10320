"""Cost, income and trust funds: by hand, by identities, and on the Trustees' own series."""

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from panel_families import LAW, at, marriage, panel, someone, wages

from steelyard.oasdi import birth_month, default_parameters
from steelyard.panel.payments.benefits import benefits_of_year
from steelyard.panel.payments.finance import TOTALS, finances, joined_totals, totals_of_year
from steelyard.panel.payments.reform import Reform
from steelyard.panel.payments.trust_fund import FundStart, TrusteesPath, actuarial_balance

TABLES = Path(__file__).resolve().parents[2].parent / "shared" / "domain" / "tables"
YEARS = range(2022, 2031)
#: SSA, Annual Statistical Supplement 2025, Table 4.A3, dollars: assets at the end of 2022, and
#: benefits, administration and transfers to railroad retirement of 2024.
START = FundStart(2022, 2_829_887e6, 7_447 / 1_471_373, 5_933 / 1_471_373)


def path(**other):
    """Return a scenario of 2.5 % interest in which the Trustees expect what `totals` gives."""
    series = {
        "interest_factor": {year: 1.025 ** (year - 2022) for year in range(2021, 2032)},
        "taxed_share": dict.fromkeys(YEARS, 0.04),
        "cost": dict.fromkeys(YEARS, 1500e9),
        "taxable_payroll": dict.fromkeys(YEARS, 10_000e9),
        "covered_workers": dict.fromkeys(YEARS, 180e6),
        "beneficiaries": dict.fromkeys(YEARS, 68e6),
    }
    return TrusteesPath("steady", **(series | other))


def totals(**other):
    """Return a panel's totals, the same every year but for what is given."""
    columns = {
        "population": 340e6,
        "covered_workers": 181e6,
        "taxable_payroll": 9_500e9,
        "beneficiaries": 66e6,
        "monthly_benefits": 110e9,
        "withheld": 1e9,
    } | other
    made = {name: np.broadcast_to(value, (len(YEARS),)) for name, value in columns.items()}
    return pa.table({"year": list(YEARS)} | made).cast(TOTALS)


def columns(table):
    return {name: table[name].to_numpy() for name in table.column_names}


def test_cost_counts_the_twelve_months_paid_without_decembers_own_increase():
    monthly = 100e9 * 1.05 ** np.arange(len(YEARS))
    found = columns(finances(totals(monthly_benefits=monthly), LAW, start=START, trustees=path()))
    cola = float(LAW.cola.at(2023)) / 1000
    benefits = 12 * (monthly[0] + monthly[1] / (1 + cola)) / 2 - 1e9
    assert found["benefit_payments"][0] == pytest.approx(benefits)
    share = (1_471_373 + 7_447 + 5_933) / 1_471_373
    assert found["cost"] == pytest.approx(found["benefit_payments"] * share)
    assert found["cost_rate"] == pytest.approx(100 * found["cost"] / 9_500e9)
    # Benefits that grow by the increases alone cost last December's twelve times.
    steps = [1 + float(LAW.cola.at(year)) / 1000 for year in YEARS[1:]]
    grown = 100e9 * np.cumprod([1.0, *steps])
    found = finances(totals(monthly_benefits=grown, withheld=0), LAW, start=START, trustees=path())
    assert found["benefit_payments"].to_numpy() == pytest.approx(12 * grown[:-1])


def test_income_is_tax_and_taxation_and_interest_and_the_fund_keeps_its_books():
    found = columns(finances(totals(), LAW, start=START, trustees=path()))
    assert found["payroll_tax"] == pytest.approx(0.124 * found["taxable_payroll"])
    assert found["taxation_of_benefits"] == pytest.approx(0.04 * found["cost"])
    before = np.concatenate([[START.assets], found["assets"][:-1]])
    assert found["assets"] - before == pytest.approx(found["income"] - found["cost"])
    flow = found["income"] - found["interest"] - found["cost"]
    assert found["interest"] == pytest.approx(0.025 * (before + flow / 2))
    assert found["trust_fund_ratio"] == pytest.approx(100 * before / found["cost"])
    whole = found["income_rate"] - found["cost_rate"]
    assert found["balance_rate"] == pytest.approx(whole)

    reform = Reform("more", 2026, payroll_tax_rate=((2026, 14.4),))
    more = columns(finances(totals(), LAW, start=START, trustees=path(), reform=reform))
    change = more["income_rate"] - found["income_rate"]
    assert change == pytest.approx(np.where(found["year"] >= 2026, 2.0, 0.0))


def test_the_difference_in_cost_rate_is_split_without_a_rest():
    found = columns(finances(totals(), LAW, start=START, trustees=path()))
    assert found["trustees_cost_rate"] == pytest.approx(15.0)
    assert found["trustees_income_rate"] == pytest.approx(12.4 + 0.04 * 15)
    parts = found["due_to_beneficiaries_per_worker"] + found["due_to_benefit_over_earnings"]
    assert parts == pytest.approx(found["cost_rate"] - 15)
    assert (found["due_to_beneficiaries_per_worker"] < 0).all()

    # The Trustees' own beneficiaries and workers: all is due to benefits over earnings.
    alike = totals(covered_workers=180e6, beneficiaries=68e6)
    found = columns(finances(alike, LAW, start=START, trustees=path()))
    assert found["due_to_beneficiaries_per_worker"] == pytest.approx(0, abs=1e-9)
    # The same cost rate: no difference, and no division by its logarithm.
    same = path(cost=dict(zip(YEARS, [1.0, *found["cost"]], strict=True)))
    same = path(cost=same.cost, taxable_payroll=dict.fromkeys(YEARS, 9_500e9))
    found = columns(finances(alike, LAW, start=START, trustees=same))
    assert found["cost_rate_difference"] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(found["due_to_benefit_over_earnings"]).all()
    # Years that the scenario does not hold are compared with nothing.
    short = path(cost={})
    assert np.isnan(
        columns(finances(alike, LAW, start=START, trustees=short))["cost_rate_difference"]
    ).all()


def test_the_balance_is_nothing_where_the_fund_ends_with_a_years_cost():
    trustees = path(interest_factor=dict.fromkeys(range(2021, 2032), 1.0))
    found = finances(totals(withheld=0), LAW, start=START, trustees=trustees)
    one = columns(found)
    balance = actuarial_balance(found, START, trustees)
    whole = one["taxable_payroll"].sum() / 100
    left = START.assets + one["payroll_tax"].sum() + one["taxation_of_benefits"].sum()
    target = one["cost"][-1] ** 2 / one["cost"][-2]
    expected = (left - one["cost"].sum() - target) / whole
    assert balance.actuarial_balance == pytest.approx(expected)
    assert (balance.first_year, balance.last_year) == (2023, 2030)
    assert balance.depletion_year is None
    # With that much more at the start it would close to zero.
    rich = START._replace(assets=START.assets - expected * whole)
    assert actuarial_balance(found, rich, trustees).actuarial_balance == pytest.approx(0, abs=1e-9)
    poor = START._replace(assets=100e9)
    found = finances(totals(), LAW, start=poor, trustees=trustees)
    ends = columns(found)["assets"]
    first = int(columns(found)["year"][ends < 0][0])
    assert actuarial_balance(found, poor, trustees).depletion_year == first


def test_a_gap_is_named():
    gap = path(taxed_share={2023: 0.04, 2024: 0.04})
    with pytest.raises(ValueError, match=r"'steady': taxed_share lacks 6 year.s., first .2025"):
        finances(totals(), LAW, start=START, trustees=gap)
    hole = totals().filter(pa.array([year != 2025 for year in YEARS]))
    with pytest.raises(ValueError, match="years must follow one another from 2022"):
        finances(hole, LAW, start=START, trustees=path())
    with pytest.raises(ValueError, match="from 2023"):
        finances(totals(), LAW, start=START._replace(year=2023), trustees=path())


def couple(year=2024):
    """Return a panel: a retired couple, a young worker, a widow with and one without own work."""
    born = [int(birth_month(y, 3)[0]) for y in (1956, 1957, 1990, 1950, 1948)]
    people = [
        someone(1, born[0], claim=at(2022, 9), work=wages(1.2, 1978, 2021), weight=2000.0),
        someone(2, born[1], claim=at(2024, 5), work=wages(0.4, 1980, 2021), is_female=True),
        someone(3, born[2], work=wages(2.0, 2015, year) | {year: 400_000.0}, weight=3000.0),
        someone(
            4,
            born[3],
            claim=at(2014, 6),
            widow_claim=at(2020, 8),
            work=wages(0.3, 1972, 2010),
            is_female=True,
            weight=500.0,
        ),
        someone(5, born[4], widow_claim=at(2018, 2), is_female=True, weight=700.0),
        someone(6, born[3], claim=at(2013), death=at(2020, 8), work=wages(1.0, 1972, 2012)),
        someone(7, born[4], claim=at(2013), death=at(2018, 2), work=wages(1.0, 1970, 2012)),
    ]
    people[1]["weight"] = 2000.0
    wed = [marriage(1, 2, at(1980)), marriage(6, 4, at(1975)), marriage(7, 5, at(1975))]
    parts = panel(people, wed, year)
    return parts, benefits_of_year(parts, year, LAW)


def test_totals_are_weighted_and_earnings_are_cut_at_the_maximum():
    parts, benefits = couple()
    row = totals_of_year(parts["person"], benefits, 2024, LAW.contribution_base).to_pylist()[0]
    weight = dict(
        zip(*(parts["person"][c].to_pylist() for c in ("person_id", "weight")), strict=True)
    )
    paid = {each["person_id"]: each["total_benefit"] for each in benefits.to_pylist()}
    assert row["monthly_benefits"] == sum(weight[key] * amount for key, amount in paid.items())
    assert row["beneficiaries"] == 2000 + 2000 + 500 + 700
    assert row["population"] == 8200
    assert row["covered_workers"] == 3000
    assert row["taxable_payroll"] == 3000 * float(LAW.contribution_base.at(2024))
    unlimited = Reform("none", 2024, maximum_dollars=((2024, 1e9),)).taxed(LAW)
    row = totals_of_year(parts["person"], benefits, 2024, unlimited).to_pylist()[0]
    assert row["taxable_payroll"] == 3000 * 400_000.0
    stranger = parts["person"].filter(pa.array([key != 4 for key in weight]))
    with pytest.raises(ValueError, match=r"1 row.s. of nobody in person, first .4."):
        totals_of_year(stranger, benefits, 2024, LAW.contribution_base)


def test_who_loses_all_to_the_earnings_test_is_no_beneficiary():
    worker = someone(1, int(birth_month(1961, 3)[0]), claim=at(2023, 6))
    worker |= {"work": wages(1.0, 1983, 2023) | {2024: 500_000.0}, "weight": 10.0}
    parts = panel([worker])
    benefits = benefits_of_year(parts, 2024, LAW)
    row = totals_of_year(parts["person"], benefits, 2024, LAW.contribution_base).to_pylist()[0]
    assert row["beneficiaries"] == 0
    assert row["withheld"] == 12 * row["monthly_benefits"]


def test_each_is_counted_once_on_the_own_record_first():
    _, benefits = couple()
    found = {row["person_id"]: row for row in benefits.to_pylist()}
    assert {key: row["benefit_type"] for key, row in found.items()} == {
        1: "retired_worker",
        2: "retired_worker",
        4: "retired_worker",
        5: "widow",
    }
    dual, alone = found[4], found[5]
    assert dual["record_type"] == alone["record_type"] == "deceased"
    assert dual["own_benefit"] > 0 == alone["own_benefit"]
    assert dual["total_benefit"] == pytest.approx(
        dual["own_benefit"] + dual["auxiliary_benefit"], abs=1
    )


def test_replacement_falls_with_lifetime_earnings():
    born = int(birth_month(1957, 3)[0])
    people = [
        someone(k, born, claim=at(2022, 6), work=wages(0.1 + 0.05 * k, 1979, 2018))
        for k in range(1, 41)
    ]
    rates = benefits_of_year(panel(people), 2024, LAW)["replacement_rate"].to_numpy()
    # Below the first bend point it is 90 % for all, to the dime.
    assert rates[0] == pytest.approx(rates[1], abs=0.001)
    assert (np.diff(rates[1:]) < 0).all()
    assert rates[:4].mean() == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize("scenario", ["low_cost", "intermediate", "high_cost"])
def test_a_panel_runs_through_its_years_under_each_scenario(scenario):
    law = default_parameters(scenario)
    rows = []
    before = None
    for year in range(2022, 2027):
        parts, _ = couple(year)
        before = benefits_of_year(parts, year, law, before=before)
        rows.append(totals_of_year(parts["person"], before, year, law.contribution_base))
    found = finances(joined_totals(rows[::-1]), law, start=START, trustees=path())
    assert found["year"].to_pylist() == [2023, 2024, 2025, 2026]
    assert np.isfinite(found["cost_rate"].to_numpy()).all()
    assert (np.diff(found["cost"].to_numpy()) > 0).all()


def tables(name):
    file = TABLES / f"{name}.csv"
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.real
@pytest.mark.skipif(not TABLES.exists(), reason="the Trustees' tables are not present")
def test_the_trustees_own_series_give_their_balance_and_their_year_of_depletion():
    """2025 Trustees Report: actuarial balance -3.82 % over 2025-99, reserves depleted in 2034."""
    long = {int(row["year"]): row for row in tables("ssa_tr2025_oasdi_cost_payroll")}
    cost = {y: 1e9 * float(row["oasdi_cost_in_billion_nominal_usd"]) for y, row in long.items()}
    payroll = {
        y: 1e9 * float(row["taxable_payroll_in_billion_nominal_usd"]) for y, row in long.items()
    }
    share = {
        y: 1e9 * float(row["oasdi_tob_billions_nominal_usd"]) / cost[y] for y, row in long.items()
    }
    factor = {
        int(row["year"]): float(row["compound_interest_factor"])
        for row in tables("ssa_tr2026_economic_variables")
        if row["scenario"] in ("historical", "intermediate")
    }
    trustees = TrusteesPath("intermediate", factor, share, cost, payroll, {}, {})
    start = FundStart(2024, 2_721_466e6, 0.0, 0.0)  # Table 4.A3
    years, monthly = range(2024, 2100), [120e9]
    for year in years[1:]:
        grown = 1 + float(LAW.cola.at(year)) / 1000
        monthly.append((cost[year] / 6 - monthly[-1]) * grown)
    made = {
        "population": 1.0,
        "covered_workers": 1.0,
        "beneficiaries": 1.0,
        "withheld": 0.0,
        "taxable_payroll": [payroll.get(year, 1.0) for year in years],
        "monthly_benefits": monthly,
    }
    fed = (
        pa.table(
            {"year": list(years)}
            | {name: np.broadcast_to(value, (len(years),)) for name, value in made.items()}
        )
        .select(TOTALS.names)
        .cast(TOTALS)
    )
    balance = actuarial_balance(finances(fed, LAW, start=start, trustees=trustees), start, trustees)
    assert balance.actuarial_balance == pytest.approx(-3.82, abs=0.02)
    assert balance.depletion_year == 2034
