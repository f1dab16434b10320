"""A panel is aged: events happen as often as published, in an order that makes sense."""

import ageing_fixture
import numpy as np
import pyarrow as pa
import pytest
from ageing_fixture import YEARS, Tables

from steelyard.oasdi import NEVER, default_parameters
from steelyard.panel.base import UnfitBuild, refuse_unfit
from steelyard.panel.begin import begin
from steelyard.panel.groups import COUNT, by_single_age, group_of, in_groups
from steelyard.panel.payments.reform import Reform
from steelyard.panel.plan import Plan
from steelyard.panel.population import DIVORCED, LASTS, MARRIED, WIDOWED, Marriages, Persons
from steelyard.panel.step import age_one_year
from steelyard.panel.yearly_weights import is_retired
from steelyard.warehouse.stage import table_hash


@pytest.fixture(scope="module")
def plan() -> Plan:
    return ageing_fixture.plan()


@pytest.fixture(scope="module")
def years(plan: Plan) -> dict[int, Tables]:
    return ageing_fixture.aged(plan)


def events(tables: Tables, name: str) -> list[dict[str, float]]:
    return [row for row in tables["event"].to_pylist() if row["event"] == name]


def sums(tables: Tables, name: str) -> tuple[float, float]:
    rows = events(tables, name)
    return sum(row["wanted"] for row in rows), sum(row["happened"] for row in rows)


def test_the_base_has_the_published_sexes_and_ages(years: dict[int, Tables], plan: Plan) -> None:
    persons = Persons.from_table(years[2022]["person"])
    each = persons.base_weight[0]
    assert np.ptp(persons.base_weight) == 0
    there = by_single_age(persons.is_female, persons.age(2022), persons.base_weight)
    assert np.abs(there - plan.population(2022).sum(axis=2)).max() < each


@pytest.mark.parametrize("year", YEARS)
def test_events_happen_as_often_as_wanted(years: dict[int, Tables], year: int) -> None:
    each = years[year]["person"]["base_weight"][0].as_py()
    for name in ("birth", "divorce", "marriage", "disability_end"):
        wanted, happened = sums(years[year], name)
        assert abs(wanted - happened) <= each, name
    groups = events(years[year], "death")
    assert len(groups) == COUNT
    assert all(abs(row["wanted"] - row["happened"]) <= each for row in groups)
    wanted, happened = sums(years[year], "death")
    assert abs(wanted - happened) <= 1.01 * each


@pytest.mark.parametrize("year", (2022, *YEARS))
def test_weights_carry_the_published_population(
    years: dict[int, Tables], plan: Plan, year: int
) -> None:
    persons = Persons.from_table(years[year]["person"])
    group = group_of(persons.is_female, persons.age(year))
    there = np.bincount(group, persons.weight, minlength=COUNT)
    wanted = in_groups(plan.population(year).sum(axis=2))
    some = np.bincount(group, minlength=COUNT) > 0
    np.testing.assert_allclose(there[some], wanted[some], rtol=1e-6)
    assert (persons.weight > 0).all()


@pytest.mark.parametrize("year", (2022, *YEARS))
def test_couples_are_two_who_live_and_share_a_weight(years: dict[int, Tables], year: int) -> None:
    persons = Persons.from_table(years[year]["person"])
    marriages = Marriages.from_table(years[year]["marriage"])
    lasting = marriages.take(marriages.lasting)
    husband, wife = persons.rows_of(lasting.husband_id), persons.rows_of(lasting.wife_id)
    assert (husband >= 0).all()
    assert (wife >= 0).all()
    assert (persons.spouse_id[husband] == lasting.wife_id).all()
    assert (persons.spouse_id[wife] == lasting.husband_id).all()
    assert np.count_nonzero(persons.marital == MARRIED) == 2 * len(lasting)
    assert (persons.unit_id[husband] == persons.unit_id[wife]).all()
    np.testing.assert_allclose(persons.weight[husband], persons.weight[wife])
    assert (persons.spouse_id[persons.marital != MARRIED] == -1).all()


def test_children_share_the_weight_of_their_mother(years: dict[int, Tables]) -> None:
    persons = Persons.from_table(years[2025]["person"])
    mother = persons.rows_of(persons.mother_id)
    child = (persons.age(2025) < 18) & (mother >= 0)
    assert np.count_nonzero(child) > 100
    np.testing.assert_allclose(persons.weight[child], persons.weight[mother[child]])
    born = (persons.entered_as == 1) & (mother >= 0)
    assert born.any()
    age = (persons.birth_month[born] - persons.birth_month[mother[born]]) // 12
    assert persons.is_female[mother[born]].all()
    assert age.min() >= 14
    assert age.max() <= 50


def test_the_dead_are_gone_and_leave_widows(years: dict[int, Tables]) -> None:
    before = Persons.from_table(years[2022]["person"])
    after = Persons.from_table(years[2023]["person"])
    dead = years[2023]["dead"]
    ids = dead["person_id"].to_numpy()
    assert len(ids) > 20
    assert (after.rows_of(ids) == -1).all()
    months = dead["death_month"].to_numpy()
    assert (months // 12 == 2023).all()
    widowed = before.spouse_id[before.rows_of(ids)]
    left = after.rows_of(widowed[(widowed >= 0) & ~np.isin(widowed, ids)])
    left = left[left >= 0]
    assert left.size > 10
    # Nobody weds again in the year.
    assert (after.marital[left] == WIDOWED).all()


def test_nobody_comes_twice_and_nobody_grows_younger(years: dict[int, Tables]) -> None:
    seen: dict[int, int] = {}
    for year in (2022, *YEARS):
        persons = Persons.from_table(years[year]["person"])
        assert (np.diff(persons.person_id) > 0).all()
        for key, born in zip(persons.person_id.tolist(), persons.birth_month.tolist(), strict=True):
            assert seen.setdefault(key, born) == born
        assert persons.age(year).min() >= 0


def test_marriages_end_once_and_divorces_are_of_two(years: dict[int, Tables]) -> None:
    marriages = Marriages.from_table(years[2025]["marriage"])
    ended = marriages.ended_by != LASTS
    assert (marriages.end_month[ended] < NEVER).all()
    assert (marriages.end_month[~ended] == NEVER).all()
    assert (marriages.start_month <= marriages.end_month).all()
    persons = Persons.from_table(years[2025]["person"])
    divorced = (marriages.ended_by == 1) & (marriages.end_month // 12 == 2025)
    wife = persons.rows_of(marriages.wife_id[divorced])
    assert divorced.any()
    assert np.isin(persons.marital[wife[wife >= 0]], (DIVORCED, MARRIED)).all()


def test_the_disabled_do_not_work_and_claims_lie_between_62_and_70(
    years: dict[int, Tables],
) -> None:
    persons = Persons.from_table(years[2025]["person"])
    disabled = persons.is_disabled(2025 * 12 + 11) & (persons.onset_month < 2025 * 12)
    disabled &= persons.age(2025) < 66
    assert disabled.any()
    assert not persons.worked[disabled].any()
    claimed = persons.claim_month < NEVER
    age = persons.claim_month[claimed] - persons.birth_month[claimed]
    assert age.min() >= 62 * 12
    assert age.max() <= 70 * 12


def test_awards_are_of_ages_that_can_be_insured(years: dict[int, Tables], plan: Plan) -> None:
    rate = plan.published.disability_award_rate()
    assert rate[:, 18:20].sum() > 0
    residents = plan.population(2023).sum(axis=2)
    rows = events(years[2023], "disability_onset")
    assert not {row["group"] for row in rows} & {"male 15-19", "female 15-19"}
    young = sum(row["wanted"] for row in rows if row["group"].endswith("20-24"))
    every = sum(row["wanted"] for row in rows)
    awards = residents * rate[:, : residents.shape[1]]
    assert young / every == pytest.approx(awards[:, 18:25].sum() / awards.sum())


def test_payroll_is_the_trustees(years: dict[int, Tables], plan: Plan) -> None:
    for year in YEARS:
        total = years[year]["total"]["taxable_payroll"][0].as_py()
        assert total == pytest.approx(plan.taxable_payroll(year), rel=0.02)


def test_the_same_plan_ages_alike_and_another_imputation_otherwise(
    years: dict[int, Tables], plan: Plan
) -> None:
    parts = {name: years[2022][name] for name in ("person", "marriage", "benefit", "life")}
    parts |= {name: years[2022][name] for name in ("dead", "history")}
    parts["earned"] = ageing_fixture.earned(years[2022], 2022)
    again = age_one_year(parts, 2023, plan, 1)
    assert {name: table_hash(table) for name, table in again.items()} == {
        name: table_hash(table) for name, table in years[2023].items()
    }
    other = age_one_year(parts, 2023, plan, 2)
    assert not other["dead"].equals(again["dead"])


def test_a_later_retirement_age_moves_claims_and_nothing_else(years: dict[int, Tables]) -> None:
    path = dict.fromkeys(range(1961, 1971), 816)
    reform = Reform.from_mapping({"name": "later", "from_year": 2023, "full_retirement_age": path})
    changed = ageing_fixture.aged(ageing_fixture.plan(reform.law(default_parameters())))
    for year in (2023, 2025):
        one, other = years[year]["person"], changed[year]["person"]
        for name in ("person_id", "marital", "spouse_id", "onset_month"):
            assert one[name].equals(other[name]), name
        assert not one["claim_month"].equals(other["claim_month"])


def test_retirement_counts_those_whose_disability_became_one(plan: Plan) -> None:
    persons = Persons.from_table(begin(ageing_fixture.base(), plan, 1)["person"])
    old = persons.take(np.flatnonzero(persons.age(2022) == 80)[:2])
    old.claim_month[:] = NEVER
    old.onset_month[:] = (old.birth_month[0] + 600, NEVER)
    assert is_retired(old, 2022 * 12 + 11, plan).tolist() == [True, False]


def test_a_build_without_sex_or_schooling_is_refused() -> None:
    table = ageing_fixture.persons(5).drop_columns(["education"])
    table = table.set_column(
        table.column_names.index("is_female"), "is_female", pa.nulls(len(table), pa.bool_())
    )
    with pytest.raises(UnfitBuild, match=r"education \(not there\), is_female \(null"):
        refuse_unfit(table)
