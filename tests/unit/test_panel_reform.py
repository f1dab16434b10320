"""Reforms as YAML: what they change in the law, for whom, and what is said of wrong ones."""

import numpy as np
import pyarrow as pa
import pytest
from panel_families import LAW, at, panel, someone, wages

from steelyard.oasdi import (
    People,
    Relation,
    Ties,
    aime,
    benefits,
    birth_month,
    pia,
)
from steelyard.panel.payments.benefits import benefits_of_year
from steelyard.panel.payments.reform import UNLIMITED, Reform
from steelyard.panel.payments.reform_effects import (
    COMPARED,
    balance_difference,
    finance_difference,
    weighted_group,
    winners_and_losers,
)
from steelyard.panel.payments.trust_fund import Balance

WHOLE = """
name: everything
from_year: 2030
pia_percents:
  2030: [90, 32, 10]
  2035: [93.5, 32, 5]
bend_point_scale: {2030: 0.95, 2040: 0.9}
full_retirement_age:
  1970: 806
  1972: 828
taxable_maximum: {dollars: {2030: 400000, 2032: 500000}}
cola: {minus: 0.3}
payroll_tax_rate: {2030: 13, 2040: 14.5}
"""


def changed(**keys):
    return Reform.from_mapping({"name": "test", "from_year": 2030} | keys)


def test_a_page_of_yaml_is_read_whole():
    reform = Reform.from_yaml(WHOLE)
    assert reform.pia_percents == ((2030, (90.0, 32.0, 10.0)), (2035, (93.5, 32.0, 5.0)))
    assert reform.bend_point_scale == ((2030, 0.95), (2040, 0.9))
    assert reform.full_retirement_age == ((1970, 806), (1972, 828))
    assert reform.maximum_dollars == ((2030, 400_000.0), (2032, 500_000.0))
    assert (reform.cola_minus, reform.counts_for_benefits) == (0.3, True)
    years = np.array([2029, 2030, 2039, 2040])
    assert reform.payroll_tax_percent(years).tolist() == [12.4, 13, 13, 14.5]
    assert reform == Reform.from_yaml(WHOLE)
    assert hash(reform) == hash(Reform.from_yaml(WHOLE))


def test_the_formula_changes_by_eligibility_year_to_the_dime():
    law = Reform.from_yaml(WHOLE).law(LAW)

    def amount(year, parameters):
        return pia(9000, eligibility_year=year, benefit_year=year, parameters=parameters)[0]

    assert amount(2029, law) == amount(2029, LAW)
    for year, (first, second, third), scale in (
        (2030, (90, 32, 10), 0.95),
        (2036, (93.5, 32, 5), 0.95),
    ):
        one, two = (np.floor(int(b.at(year)) * scale + 0.5) for b in LAW.pia_bends)
        expected = first * min(one, 9000) + second * (min(two, 9000) - one)
        expected = (expected + third * max(9000 - two, 0)) / 100
        assert amount(year, law) == pytest.approx(np.floor(expected * 10 + 1e-6) / 10)
    # The law itself is as it was.
    assert [int(share.at(2036)) for share in LAW.pia_shares] == [9000, 3200, 1500]


def test_full_retirement_age_follows_the_path_and_survivors_two_cohorts_later():
    law = Reform.from_yaml(WHOLE).law(LAW)
    years = np.array([1937, 1957, 1969, 1970, 1971, 1972, 2000])
    now, then = (x.full_retirement_age(years).tolist() for x in (LAW, law))
    assert then == [*now[:3], 806, 806, 828, 828]
    lagged = np.array([1969, 1971, 1972, 1974])
    assert law.full_retirement_age(lagged, survivor=True).tolist() == [804, 804, 806, 828]
    assert law.delayed_credit(years).tolist() == LAW.delayed_credit(years).tolist()

    # 69 for those born 1972: 62 is 84 months early, 60 % of the PIA; the spouse's 55 %.
    born = birth_month(1972, 3)
    claim = born + 62 * 12
    when = int(claim[0]) + 12
    earnings = np.full((2, 50), 60_000.0) * [[1.0], [0.0]]
    both = People(earnings, 1990, np.repeat(born, 2), claim=np.repeat(claim, 2))
    spouse = Ties(*np.array([[0], [1], [Relation.SPOUSE], claim]), start=at(2000))
    paid = benefits(both, spouse, month=when, parameters=law)
    amount = paid.records.pia[0]
    assert paid.own[0] == amount * 60 // 100 / 10
    left = 1 - 36 * 25 / 3600 - 48 * 5 / 1200
    assert paid.auxiliary[0] == pytest.approx(amount / 20 * left, abs=0.1)
    present = benefits(both, spouse, month=when)
    assert present.own[0] == present.records.pia[0] * 70 // 100 / 10


def test_the_taxable_maximum_is_dollars_times_or_none():
    base = LAW.contribution_base
    dollars = Reform.from_yaml(WHOLE).taxed(LAW)
    assert [int(dollars.at(year)) for year in (2030, 2032)] == [400_000, 500_000]
    assert int(dollars.at(2029)) == int(base.at(2029))
    grown = float(base.at(2031)) / float(base.at(2030))
    assert int(dollars.at(2031)) == pytest.approx(400_000 * grown, abs=1)
    times = changed(taxable_maximum={"times": 2.5}).taxed(LAW)
    assert int(times.at(2031)) == pytest.approx(2.5 * int(base.at(2031)), abs=1)
    assert int(times.at(2029)) == int(base.at(2029))
    none = changed(taxable_maximum="none")
    assert [int(none.taxed(LAW).at(year)) for year in (2030, 2090)] == [UNLIMITED, UNLIMITED]

    def average(law):
        return aime(
            np.full(40, 600_000.0),
            first_year=2015,
            birth_year=1993,
            eligibility_year=2055,
            parameters=law,
        )[0]

    assert average(none.law(LAW)) > 1.5 * average(LAW)
    only_taxed = changed(taxable_maximum="none", counts_for_benefits=False)
    assert average(only_taxed.law(LAW)) == average(LAW)
    assert int(only_taxed.taxed(LAW).at(2040)) == UNLIMITED


def test_increases_are_lower_from_that_december_and_never_negative():
    lower = changed(cola={"minus": 0.5}).law(LAW).cola
    assert int(lower.at(2029)) == int(LAW.cola.at(2029))
    assert int(lower.at(2030)) == int(LAW.cola.at(2030)) - 5
    assert int(changed(cola={"minus": 9.9}).law(LAW).cola.at(2040)) == 0
    chained = changed(cola="chained")
    assert chained == changed(cola={"minus": 0.3})
    before, after = (
        pia(2000, eligibility_year=2025, benefit_year=2041, parameters=law)[0]
        for law in (LAW, chained.law(LAW))
    )
    assert after == pytest.approx(before * (1 - 0.003 / 1.024) ** 11, rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            {"fra": {1970: 804}},
            r"1 key\(s\) not known, first fra; allowed: name, from_year, pia_per",
        ),
        ({}, r"nothing changes; give one of pia_percents, bend_point_scale"),
        (
            {"from_year": 2010, "cola": "chained"},
            r"from_year is 2010; allowed: a year from 2023 to",
        ),
        ({"pia_percents": [90, 32]}, r"pia_percents is \[90, 32\]; allowed: three percentages"),
        ({"pia_percents": {2025: [90, 32, 15]}}, r"pia_percents is \{2025.*years from 2030 on"),
        ({"pia_percents": [90, 32, 120]}, r"pia_percents is 120; allowed: three percentages"),
        (
            {"pia_percents": {"soon": [90, 32, 15]}},
            r"pia_percents is \{'soon'.*by eligibility year",
        ),
        ({"bend_point_scale": True}, r"bend_point_scale is True; allowed: a factor between"),
        ({"full_retirement_age": 828}, r"full_retirement_age is 828; allowed: months from 744 to"),
        ({"full_retirement_age": {1970: 68}}, r"full_retirement_age is 68; allowed: months from"),
        ({"full_retirement_age": {1960: 828}}, r"is \{1960: 828\}.*from 1968 on"),
        ({"full_retirement_age": {1970: 806.5}}, r"is 806.5; allowed: months"),
        ({"taxable_maximum": "all"}, r"is 'all'; allowed: 'none' | \{times: a factor.*\{dollars:"),
        ({"taxable_maximum": {"times": 2, "dollars": 5}}, r"taxable_maximum is .*allowed: 'none'"),
        ({"taxable_maximum": {"times": "2"}}, r"taxable_maximum is '2'; allowed: a factor"),
        ({"taxable_maximum": {"dollars": {2029: 1000}}}, r"is \{2029: 1000\}.*years from 2030 on"),
        (
            {"cola": {"minus": 0.25}},
            r"cola is 0.25; allowed: points between 0 and 10, to the tenth",
        ),
        ({"cola": "none"}, r"cola is 'none'; allowed: 'chained' | \{minus: points"),
        ({"payroll_tax_rate": None}, r"payroll_tax_rate is None; allowed: percent"),
        ({"cola": "chained", "counts_for_benefits": "no"}, r"is 'no'; allowed: true or false"),
        ({"cola": "chained", "name": ""}, r"reform '': name is ''; allowed: a name"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_may_stand_there(keys, said):
    with pytest.raises(ValueError, match=said):
        changed(**keys)


def test_a_page_that_is_no_mapping_is_refused():
    with pytest.raises(ValueError, match="expected keys and values, got list"):
        Reform.from_yaml("- name: x")


def test_the_difference_is_the_reform_less_the_baseline():
    names = [name for name in COMPARED]
    years = pa.array([2030, 2031], pa.int16())
    old = pa.table({"year": years} | {name: [1.0, 2.0] for name in names})
    new = pa.table({"year": years} | {name: [1.5, 1.0] for name in names})
    found = finance_difference(old, new)
    for name in names:
        assert found[f"{name}_change"].to_pylist() == [0.5, -1.0]
        assert found[f"baseline_{name}"].to_pylist() == [1.0, 2.0]
    with pytest.raises(ValueError, match=r"2 year\(s\) \[2030\] to \[2031\], the reform 1"):
        finance_difference(old, new.slice(1))


def test_winners_and_losers_of_the_same_panel_by_lifetime_earnings():
    born = int(birth_month(1969, 3)[0])
    people = [
        someone(k, born, claim=born + 64 * 12, work=wages(0.1 * k, 1991, 2030), weight=float(k))
        | {"is_female": bool(k % 2)}
        for k in range(1, 21)
    ]
    parts = panel(people, year=2035)
    reform = changed(pia_percents=[95, 32, 5])
    baseline = benefits_of_year(parts, 2035, LAW)
    changed_law = benefits_of_year(parts, 2035, reform.law(LAW))
    rows = winners_and_losers(parts["person"], baseline, changed_law).to_pylist()
    keys = [(row["sex"], row["fifth"]) for row in rows]
    assert keys == [(sex, fifth) for sex in ("male", "female") for fifth in range(6)]
    at_key = dict(zip(keys, rows, strict=True))
    assert at_key["male", 0]["persons"] == 0
    assert at_key["male", 0]["change_percent"] is None
    assert sum(row["persons"] for row in rows) == sum(range(1, 21))
    assert sum(row["record_count"] for row in rows) == 20
    women = sum(row["persons"] for row in rows if row["sex"] == "female")
    assert women == sum(weight for weight in range(1, 21) if weight % 2)
    # 95 % below the first bend point raises low earners; 5 % above the second lowers high ones.
    low, high = at_key["female", 1], at_key["male", 5]
    assert (low["gain"], low["lose"]) == (low["persons"], 0)
    assert low["change_percent"] > 0 > high["change_percent"]
    assert high["lose"] == high["persons"]
    paid = [
        table["total_benefit"].to_numpy() * parts["person"]["weight"].to_numpy()
        for table in (baseline, changed_law)
    ]
    whole = sum(
        row["persons"] * (row["reform_benefit"] - row["baseline_benefit"])
        for row in rows
        if row["persons"]
    )
    assert whole == pytest.approx(paid[1].sum() - paid[0].sum())
    # Who is paid under one of them only is there as well.
    fewer = winners_and_losers(parts["person"], baseline, changed_law.slice(1)).to_pylist()
    assert sum(row["lose"] for row in fewer if row["fifth"] == 1) >= 1
    assert sum(row["persons"] for row in fewer) == sum(range(1, 21))


def test_fifths_hold_a_fifth_of_the_persons_represented():
    rng = np.random.default_rng(5)
    values, weights = rng.lognormal(size=5000), rng.uniform(1, 9, 5000)
    fifth = weighted_group(values, weights, 5)
    assert np.bincount(fifth, weights)[1:] / weights.sum() == pytest.approx(0.2, abs=0.002)
    edges = [values[fifth == k].max() for k in range(1, 5)]
    assert all((values[fifth == k + 1] >= edges[k - 1]).all() for k in range(1, 5))


def test_balances_are_compared_over_the_same_years():
    before = Balance(2023, 2060, 14.0, 16.0, -2.0, 2034)
    after = Balance(2023, 2060, 15.5, 15.0, 0.5, None)
    (row,) = balance_difference(before, after).to_pylist()
    assert row["actuarial_balance_change"] == pytest.approx(2.5)
    assert row["cost_rate_change"] == pytest.approx(-1.0)
    assert (row["baseline_depletion_year"], row["reform_depletion_year"]) == (2034, None)
    with pytest.raises(ValueError, match=r"over .2023, 2060., the reform over .2023, 2050."):
        balance_difference(before, after._replace(last_year=2050))
