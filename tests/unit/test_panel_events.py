"""The pieces of a year: who is matched, who claims when, and how groups add up."""

from dataclasses import replace

import ageing_fixture
import numpy as np
import pytest

from steelyard.oasdi import NEVER
from steelyard.panel.begin import begin
from steelyard.panel.events.arrivals import moves_towards
from steelyard.panel.events.deaths import chances, state_risk
from steelyard.panel.events.disability import enough_for_disability
from steelyard.panel.events.matching import Taste, match
from steelyard.panel.events.unions import divorce_chances
from steelyard.panel.groups import COUNT, by_single_age, group_of, in_groups, in_turn, name_of
from steelyard.panel.likeness import models_of
from steelyard.panel.plan import Plan, spread
from steelyard.panel.planning import birth_odds
from steelyard.panel.population import (
    DIVORCED,
    MARRIED,
    SINGLE,
    WIDOWED,
    DrawnLives,
    Marriages,
    Persons,
)
from steelyard.panel.series import Bands

YEAR = 2022


@pytest.fixture(scope="module")
def plan() -> Plan:
    return ageing_fixture.plan(size=6_000)


@pytest.fixture(scope="module")
def everybody(plan: Plan) -> Persons:
    return Persons.from_table(begin(ageing_fixture.base(), plan, 1)["person"])


def adults(everybody: Persons, female: bool, count: int) -> Persons:
    age = everybody.age(YEAR)
    rows = np.flatnonzero((everybody.is_female == female) & (age >= 20) & (age < 60))
    return everybody.take(rows[:count])


def test_matching_uses_the_smaller_pool_up_and_nobody_twice(everybody: Persons) -> None:
    men, women = adults(everybody, False, 120), adults(everybody, True, 90)
    one, two = match(men, women, YEAR, np.random.default_rng(0))
    assert len(one) == len(two) == 90
    assert len(set(one)) == len(set(two)) == 90
    assert (
        match(men.take(np.zeros(0, np.int64)), women, YEAR, np.random.default_rng(0))[0].size == 0
    )


def test_the_more_rank_counts_the_more_alike_are_spouses(everybody: Persons) -> None:
    men, women = adults(everybody, False, 400), adults(everybody, True, 400)
    found = []
    for weight in (0.0, 30.0):
        one, two = match(men, women, YEAR, np.random.default_rng(1), Taste(rank=weight))
        standing = [np.nan_to_num(side.rank) for side in (men.take(one), women.take(two))]
        found.append(np.corrcoef(*standing)[0, 1])
    assert found[1] > found[0] + 0.3


def test_large_pools_are_matched_in_blocks(everybody: Persons) -> None:
    men = everybody.take(np.resize(np.flatnonzero(~everybody.is_female), 3_200))
    women = everybody.take(np.resize(np.flatnonzero(everybody.is_female), 3_000))
    one, two = match(men, women, YEAR, np.random.default_rng(2))
    assert len(set(one)) == len(one)
    assert len(set(two)) == len(two) >= 2_950


def test_divorce_peaks_between_the_third_and_the_eighth_year(everybody: Persons) -> None:
    couple = everybody.take(np.array([0, 1]))
    years = np.array([0, 2, 5, 12, 30])
    marriages = Marriages.begun(
        np.repeat(couple.person_id[0], 5), np.repeat(couple.person_id[1], 5), (YEAR - years) * 12
    )
    chance = divorce_chances(couple, marriages, np.arange(5), YEAR)
    assert chance.argmax() == 2
    assert (np.diff(chance[2:]) < 0).all()
    couple.education[:] = 0
    low = divorce_chances(couple, marriages, np.arange(5), YEAR)
    couple.education[:] = 4
    assert (divorce_chances(couple, marriages, np.arange(5), YEAR) < low).all()


def test_the_poor_die_sooner_and_the_disabled_soonest(everybody: Persons, plan: Plan) -> None:
    age = everybody.age(YEAR)
    some = everybody.take(np.flatnonzero((age >= 60) & (age < 65) & ~everybody.is_female))
    some.onset_month = np.full(len(some), NEVER)
    some.birth_month = np.full(len(some), (YEAR - 62) * 12 + 5)
    some.marital = np.full(len(some), MARRIED)
    chance = chances(some, YEAR + 1, plan)
    order = np.argsort(some.lifetime_earnings)
    tenth = len(some) // 10
    assert chance[order[:tenth]].mean() > 3 * chance[order[-tenth:]].mean()
    some.onset_month = np.full(len(some), (YEAR - 3) * 12)
    assert chances(some, YEAR + 1, plan).min() > chance[order[-tenth:]].max()


@pytest.mark.parametrize(
    ("age", "recent", "total", "enough"),
    [
        (50, 5, 7, True),
        (50, 4, 28, False),
        (50, 5, 6, False),
        (24, 2, 2, True),
        (24, 1, 1, False),
    ],
)
def test_years_insure_for_disability(age: int, recent: int, total: int, enough: bool) -> None:
    said = enough_for_disability(np.array([age]), np.array([recent]), np.array([total]))
    assert bool(said[0]) is enough


def test_the_married_die_less_until_nobody_does() -> None:
    states = np.array([SINGLE, MARRIED, WIDOWED, DIVORCED])
    young, old, oldest = (state_risk(states, np.full(4, age)) for age in (40, 80, 97))
    np.testing.assert_allclose(young, [1.905, 1.0, 2.178, 1.772], atol=0.001)
    np.testing.assert_allclose(old, np.sqrt(young))
    np.testing.assert_allclose(oldest, 1.0)


def test_moves_leave_alone_what_rounding_explains(everybody: Persons) -> None:
    weight = float(everybody.base_weight[0])
    there = by_single_age(everybody.is_female, everybody.age(YEAR), everybody.base_weight)
    rng = np.random.default_rng(3)
    moves = moves_towards(everybody, YEAR, there + 0.9 * weight, rng)
    assert moves.leave.size == moves.models.size == 0
    wanted = there.copy()
    wanted[1, 30] += 3 * weight
    wanted[0, 40] -= 2 * weight
    moves = moves_towards(everybody, YEAR, wanted, rng)
    age = everybody.age(YEAR)
    assert (age[moves.models] == 30).all()
    assert everybody.is_female[moves.models].sum() == 3
    assert (age[moves.leave] == 40).all()
    assert moves.leave.size == 2


def test_groups_add_single_ages_up() -> None:
    counts = np.arange(202.0).reshape(2, 101)
    groups = in_groups(counts)
    assert groups.sum() == counts.sum()
    assert groups[0] == counts[0, :5].sum()
    assert groups[COUNT - 1] == counts[1, 100]
    assert name_of(group_of([True], [101])[0]) == "female 100 and over"
    assert name_of(group_of([False], [7])[0]) == "male 5-9"


def test_in_turn_orders_by_group_first() -> None:
    group, uniforms = np.array([1, 0, 1, 0]), np.array([0.1, 0.9, 0.0, 0.2])
    assert np.argsort(in_turn(group, uniforms)).tolist() == [3, 1, 2, 0]


def test_bands_are_spread_like_residents() -> None:
    residents = np.tile(np.array([10.0, 30.0, 0.0, 5.0]), (2, 1))
    bands = Bands(
        np.array([0, 2]), np.array([2, 4]), np.array([[8.0, 5.0], [4.0, 0.0]]), np.zeros(0)
    )
    np.testing.assert_allclose(spread(bands, residents), [[2, 6, 0, 5], [1, 3, 0, 0]])


def test_odds_of_births_are_learnt_from_infants() -> None:
    odds = birth_odds(ageing_fixture.persons(3_000))
    assert odds.parity[0] == 0.0
    assert max(map(abs, odds.parity)) > 0.1
    assert birth_odds(ageing_fixture.persons(5)) == type(odds)()


def test_a_life_needs_a_donor_of_its_sex(everybody: Persons) -> None:
    some = everybody.take(np.flatnonzero(everybody.is_female)[:3])
    lives = DrawnLives(some.person_id, np.zeros((3, 58), np.int8), np.zeros((3, 58), np.float32))
    nobody = np.zeros(3, np.bool_)
    with pytest.raises(ValueError, match="no donor of a working life"):
        models_of(some, lives, np.array([0]), nobody, np.array([0.5]))


def test_plans_are_named_by_all_that_is_in_them(plan: Plan) -> None:
    assert plan.key == ageing_fixture.plan(size=6_000).key
    assert plan.key != replace(plan, seed=8).key
    assert plan.key != replace(plan, taste=Taste(noise=2.0)).key


def test_a_panel_ends_after_it_begins_and_where_paths_end(plan: Plan) -> None:
    with pytest.raises(ValueError, match="from 2022 to 2101 cannot be aged"):
        replace(plan, last_year=2101)
