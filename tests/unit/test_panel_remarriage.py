"""Who marries again: the widowed as often as published, and not in the year of a death."""

import ageing_fixture
import numpy as np
import pyarrow as pa
import pytest
from ageing_fixture import YEARS, Tables

from steelyard.panel.events.unions import AGAIN_AT_65, remarriage_rate
from steelyard.panel.plan import Plan
from steelyard.panel.population import DEATH, MARRIED, WIDOWED, Marriages, Persons

SIZE = 12_000


@pytest.fixture(scope="module")
def plan() -> Plan:
    return ageing_fixture.plan(size=SIZE)


@pytest.fixture(scope="module")
def years(plan: Plan) -> dict[int, Tables]:
    return ageing_fixture.aged(plan)


@pytest.mark.parametrize("year", [2023, 2050])
def test_the_widowed_of_65_and_over_marry_as_often_as_published(plan: Plan, year: int) -> None:
    rate, widowed = remarriage_rate(year, plan), plan.population(year)[:, :, WIDOWED]
    old = (rate[:, 65:] * widowed[:, 65:]).sum(axis=1) / widowed[:, 65:].sum(axis=1)
    np.testing.assert_allclose(old, AGAIN_AT_65)
    assert (np.diff(rate, axis=1) <= 0).all()
    assert (rate[0] >= rate[1]).all()
    assert rate.max() <= 0.25


def test_widows_marry_as_the_rates_say_and_not_in_the_year_of_the_death(
    years: dict[int, Tables], plan: Plan
) -> None:
    expected = happened = 0.0
    for year in YEARS:
        before = Persons.from_table(years[year - 1]["person"])
        after = Persons.from_table(years[year]["person"])
        marriages = Marriages.from_table(years[year]["marriage"])
        ended = (marriages.ended_by == DEATH) & (marriages.end_month // 12 == year)
        left = np.concatenate([marriages.husband_id[ended], marriages.wife_id[ended]])
        row = after.rows_of(left)
        assert (after.marital[row[row >= 0]] == WIDOWED).all()
        widowed = before.take(np.flatnonzero(before.marital == WIDOWED))
        now = after.rows_of(widowed.person_id)
        there = widowed.take(np.flatnonzero(now >= 0))
        rate = remarriage_rate(year, plan)
        expected += rate[there.is_female.astype(int), np.minimum(there.age(year), 100)].sum()
        happened += np.count_nonzero(after.marital[now[now >= 0]] == MARRIED)
    assert expected > 5
    assert abs(happened - expected) < 3 * np.sqrt(expected)


def test_both_sexes_marry_as_often(years: dict[int, Tables]) -> None:
    for year in YEARS:
        events = years[year]["event"]
        row = events.filter(pa.compute.equal(events["event"], "marriage")).to_pylist()[0]
        each = years[year]["person"]["base_weight"][0].as_py()
        assert abs(row["wanted"] - row["happened"]) <= each
