"""Spouses of the base: lives that go together, and old age that is insured as often as paid."""

import ageing_fixture
import numpy as np
import pytest
from ageing_fixture import Tables
from scipy.special import ndtr

from steelyard.oasdi import NEVER
from steelyard.panel.base_records import insure, settle_claims
from steelyard.panel.begin import begin
from steelyard.panel.draws import Draws
from steelyard.panel.groups import COUNT, group_of, in_groups
from steelyard.panel.histories.spouses import ALIKE, Coupled, linked_normals, standing
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Ints, Lives, People
from steelyard.panel.population import LASTS, DrawnLives, Log, Marriages, Persons

AGES = LAST_AGE - FIRST_AGE + 1
COUPLES = 4_000


class ByChance:
    """A way that draws a life by one number: its seed's and the person's."""

    def complete(self, lives: Lives, seed: int, ages: tuple[int, int]) -> Lives:
        number = np.empty(len(lives.people))
        for row, key in enumerate(lives.people.person_id):
            number[row] = np.random.default_rng([seed, int(key)]).random()
        rank = np.repeat(number[:, None], AGES, axis=1).astype(np.float32)
        return Lives(lives.people, lives.family, np.ones(rank.shape, np.int8), rank)


def lives_of(ids: Ints) -> Lives:
    count = len(ids)
    people = People(ids, ids % 2 == 1, np.full(count, 1970), np.zeros(count, int), np.ones(count))
    unknown = np.full((count, AGES), -1, np.int8)
    return Lives(people, ids, unknown, np.full((count, AGES), np.nan, np.float32))


def test_numbers_of_spouses_go_together_and_of_others_do_not() -> None:
    ids = np.arange(2 * COUPLES)
    spouse = ids ^ 1
    number = linked_normals(Draws(1, 1, 2022), ids, spouse)
    assert np.corrcoef(number[::2], number[1::2])[0, 1] == pytest.approx(ALIKE, abs=0.03)
    assert abs(np.corrcoef(number[:-2:2], number[3::2])[0, 1]) < 0.05
    assert number.mean() == pytest.approx(0, abs=0.05)
    assert number.std() == pytest.approx(1, abs=0.03)
    some = linked_normals(Draws(1, 1, 2030), ids[10:14], spouse[10:14])
    np.testing.assert_array_equal(some, number[10:14])
    alone = linked_normals(Draws(1, 1, 2022), ids, ids)
    assert alone.std() == pytest.approx(1, abs=0.03)


def test_the_chosen_lives_are_alike_and_each_is_one_that_was_drawn() -> None:
    ids = np.arange(2 * COUPLES)
    lives = lives_of(ids)
    number = linked_normals(Draws(1, 1, 2022), ids, ids ^ 1)
    number[:100] = np.nan
    drawn = Coupled(ByChance(), number).complete(lives, 5, (FIRST_AGE, LAST_AGE))
    plain = ByChance().complete(lives, 5, (FIRST_AGE, LAST_AGE))
    np.testing.assert_array_equal(drawn.rank[:100], plain.rank[:100])
    place = standing(drawn.worked, drawn.rank)[100:]
    assert np.corrcoef(place[::2], place[1::2])[0, 1] == pytest.approx(0.4, abs=0.05)
    before = standing(plain.worked, plain.rank)[100:]
    assert abs(np.corrcoef(before[::2], before[1::2])[0, 1]) < 0.05
    # A life by itself is drawn as it was.
    np.testing.assert_allclose(
        np.quantile(place, [0.1, 0.5, 0.9]), np.quantile(before, [0.1, 0.5, 0.9]), rtol=0.06
    )
    assert (drawn.rank[:, :1] == drawn.rank).all()


def test_a_standing_counts_ranks_of_years_at_work_before_62() -> None:
    worked = np.zeros((1, AGES), np.int8)
    worked[0, [2, 10, 50]] = 1
    rank = np.where(worked == 1, 0.5, np.nan)
    assert standing(worked, rank).tolist() == [1.0]


@pytest.fixture(scope="module")
def base() -> Tables:
    return begin(ageing_fixture.base(), ageing_fixture.plan(size=6_000), 1)


def test_spouses_of_the_base_have_lives_that_go_together(base: Tables) -> None:
    persons, lives = Persons.from_table(base["person"]), DrawnLives.from_table(base["life"])
    marriages = Marriages.from_table(base["marriage"])
    now = marriages.take(np.flatnonzero(marriages.ended_by == LASTS))
    husband, wife = persons.rows_of(now.husband_id), persons.rows_of(now.wife_id)
    grown = (persons.age(2022)[husband] >= 40) & (persons.age(2022)[wife] >= 40)
    assert np.count_nonzero(grown) > 300
    found = lifetime(lives, now.husband_id[grown]), lifetime(lives, now.wife_id[grown])
    # The fixture's spouses earn what they earn in the base year by chance.
    assert np.corrcoef(*found)[0, 1] > 0.12


def test_late_spouses_stood_like_those_they_left(base: Tables) -> None:
    dead, lives = Persons.from_table(base["dead"]), DrawnLives.from_table(base["life"])
    women = dead.is_female
    for sex in (True, False):
        some = dead.take(np.flatnonzero(women == sex))
        if len(some) > 60:
            found = lifetime(lives, some.person_id), lifetime(lives, some.spouse_id)
            assert np.corrcoef(*found)[0, 1] > 0.3


def lifetime(lives: DrawnLives, ids: Ints) -> np.ndarray:
    place = np.searchsorted(lives.person_id, ids)
    return standing(lives.worked[place], lives.rank[place])


def test_old_men_are_insured_as_often_as_published(base: Tables) -> None:
    plan, persons = ageing_fixture.plan(size=6_000), Persons.from_table(base["person"])
    lives, log = DrawnLives.from_table(base["life"]), Log()
    age, each = persons.age(2022), persons.base_weight[0]
    men = np.flatnonzero((age >= 70) & ~persons.is_female)
    idle = men[::2]
    persons.covered_years[idle] = 0
    here = np.searchsorted(lives.person_id, persons.person_id[idle])
    lives.worked[here], lives.rank[here] = 0, np.nan
    before = lives.worked.copy()
    reported = np.ones(len(persons), np.bool_)
    rows = insure(persons, lives, reported, plan, Draws(7, 1, 2022), log)
    assert np.isin(rows, idle).all()
    group = group_of(persons.is_female, age)
    insured = (persons.covered_years >= 10) | np.isin(np.arange(len(persons)), rows)
    there = np.bincount(group, insured * persons.base_weight, minlength=COUNT)
    wanted = in_groups(plan.retired_by_age(2022))
    for band in range(14, 18):
        assert abs(there[band] - wanted[band]) <= 1.5 * each
    spouse = persons.rows_of(persons.spouse_id)
    wives = (spouse[idle] >= 0) & (persons.covered_years[np.maximum(spouse[idle], 0)] >= 10)
    chosen = np.isin(idle, rows)
    assert chosen[wives].mean() > chosen[~wives].mean() + 0.05
    # Only years before the base year are others; those who are not chosen keep theirs.
    kept = np.setdiff1d(idle, rows)
    place = np.searchsorted(lives.person_id, persons.person_id)
    np.testing.assert_array_equal(lives.worked[place[kept]], before[place[kept]])
    worked = lives.worked[place[rows]]
    earlier = np.arange(FIRST_AGE, LAST_AGE + 1) < age[rows, None]
    assert ((worked == 1) & earlier).sum(axis=1).min() >= 10
    assert (worked[~earlier] == 0).all()


def test_who_has_no_other_benefit_claims_before_survivors_who_have(base: Tables) -> None:
    persons, dead = Persons.from_table(base["person"]), Persons.from_table(base["dead"])
    age = persons.age(2022)
    some = persons.take(np.flatnonzero(persons.is_female & (age >= 75) & (age < 80))[:5])
    some.birth_month[:] = 1946 * 12 + np.arange(5)
    some.covered_years[:] = (30, 30, 9, 30, 30)
    some.onset_month[:] = NEVER
    some.spouse_id[:] = -1
    some.lifetime_earnings = np.array([1.0, 1.0, 1.0, 9.0, 2.0])
    # Three without a claim, of whom one is not insured; two survivors who have claimed.
    some.claim_month[:3] = NEVER
    some.claim_month[3:] = some.birth_month[3:] + np.array([800, 760])
    late = dead.take(np.array([0, 1, 2]))
    late.spouse_id[:] = some.person_id[[1, 3, 4]]
    late.covered_years[:] = (9, 30, 30)
    rows = settle_claims(some.take(np.array([0, 2, 3, 4])), late, 2022)
    assert rows.tolist() == [0]
    rows = settle_claims(some, late, 2022)
    assert rows.tolist() == [0, 1]
    assert (some.claim_month[:2] - some.birth_month[:2]).tolist() == [760, 800]
    assert (some.claim_month[2:] == NEVER).all()


def test_normals_stay_finite() -> None:
    number = linked_normals(Draws(0, 1, 2022), np.arange(50_000), np.arange(50_000))
    assert np.isfinite(number).all()
    assert ((ndtr(number) > 0) & (ndtr(number) < 1)).all()
