"""Laws of drawn lives, on a world whose lives have a part that never changes.

A rank is a fixed part, a part that fades and luck: its correlation falls fast at first and then
hardly, which no chain of the first order can follow.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri

from steelyard.impute import ImputeConfig
from steelyard.oasdi import default_parameters
from steelyard.oasdi.tables import packaged_table
from steelyard.panel.histories import holdout, scores
from steelyard.panel.histories.bridges import bridged
from steelyard.panel.histories.chain import Chain
from steelyard.panel.histories.dollars import fit_scale
from steelyard.panel.histories.holdout import Way
from steelyard.panel.histories.trajectories import Trajectories
from steelyard.panel.histories.working_lives import Histories, draw_histories
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Lives, People

COUNT, AGES = 800, LAST_AGE - FIRST_AGE + 1
CONFIG = ImputeConfig(name="lives", seed=5, trees=6, sample_share=0.5)
WAYS: dict[str, Callable[[Lives], Way]] = {
    "chain": lambda lives: Chain.fit(lives, CONFIG),
    "trajectories": lambda lives: Trajectories.fit(lives, "paths", 5),
}


@pytest.fixture(scope="module")
def world() -> Lives:
    rng = np.random.default_rng(4)
    fixed, fading = rng.standard_normal((COUNT, 1)), rng.standard_normal(COUNT)
    score = np.empty((COUNT, AGES))
    for column in range(AGES):
        fading = 0.7 * fading + np.sqrt(1 - 0.49) * rng.standard_normal(COUNT)
        score[:, column] = fading
    score = (score + fixed * np.sqrt(1.0) + 0.3 * rng.standard_normal(score.shape)) / np.sqrt(2.09)
    attached = rng.standard_normal((COUNT, 1))
    worked = attached + rng.standard_normal(score.shape) * 0.6 > -0.8
    ids = np.arange(COUNT, dtype=np.int64)
    people = People(ids, ids % 2 == 0, 1940 + ids % 20, ids % 4, np.ones(COUNT))
    rank = np.where(worked, ndtr(score), np.nan).astype(np.float32)
    return Lives(people, ids // 3, worked.astype(np.int8), rank)


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest, world: Lives) -> Way:
    return WAYS[request.param](world)


def one_known(lives: Lives, age: int) -> Lives:
    kept = np.zeros(lives.worked.shape, np.bool_)
    kept[:, age - FIRST_AGE] = True
    return Lives(
        lives.people,
        lives.family,
        np.where(kept, lives.worked, -1).astype(np.int8),
        np.where(kept, lives.rank, np.nan).astype(np.float32),
    )


def test_known_years_stay_and_all_others_are_drawn(way: Way, world: Lives) -> None:
    start = one_known(world, 40)
    drawn = way.complete(start, 1, (20, 60))
    wanted = slice(20 - FIRST_AGE, 61 - FIRST_AGE)
    assert (drawn.worked[:, wanted] != -1).all()
    assert (drawn.worked[:, : wanted.start] == -1).all(), "years outside the ages stay unknown"
    np.testing.assert_array_equal(drawn.worked[:, 22], world.worked[:, 22])
    np.testing.assert_array_equal(drawn.rank[:, 22], world.rank[:, 22])
    works = drawn.worked == 1
    assert np.array_equal(works, ~np.isnan(drawn.rank))
    assert ((drawn.rank[works] > 0) & (drawn.rank[works] < 1)).all()


def test_a_life_depends_neither_on_its_place_nor_on_others(way: Way, world: Lives) -> None:
    start = one_known(world, 40)
    rows = np.array([700, 3, 41, 799])
    whole = way.complete(start, 1, (20, 60)).take(rows)
    part = way.complete(start.take(rows), 1, (20, 60))
    np.testing.assert_array_equal(whole.worked, part.worked)
    np.testing.assert_array_equal(whole.rank, part.rank)


def test_another_seed_is_another_life(way: Way, world: Lives) -> None:
    start = one_known(world, 40)
    one, other = (way.complete(start, seed, (20, 60)).worked for seed in (1, 2))
    assert (one != other).any()


@pytest.mark.parametrize("ages", [(17, 60), (20, 76), (50, 40)])
def test_ages_outside_are_refused(way: Way, world: Lives, ages: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="do not lie between 18 and 75"):
        way.complete(one_known(world, 40), 1, ages)


def test_a_life_without_a_known_year_is_refused(way: Way, world: Lives) -> None:
    with pytest.raises(ValueError, match=r"800 lives have no known year between ages 41 and 60"):
        way.complete(one_known(world, 40), 1, (41, 60))


@pytest.fixture(scope="module")
def judged(world: Lives) -> pd.DataFrame:
    found = holdout.judge("world", world, CONFIG).to_pandas()
    return found[(found["age_lower"] == FIRST_AGE) & (found["age_upper"] == LAST_AGE + 1)]


def of(judged: pd.DataFrame, statistic: str, lag: int) -> pd.DataFrame:
    rows = judged[(judged["statistic"] == statistic) & (judged["lag_years"] == lag)]
    return rows.set_index(["part", "method"]).sort_index()


def test_held_out_lives_are_followed_where_a_naive_chain_forgets(judged: pd.DataFrame) -> None:
    far = of(judged, "rank_correlation", 10).loc[holdout.TOGETHER]
    gap = (far["drawn_value"] - far["held_out_value"]).abs()
    assert gap["trajectories"] < 0.05 and gap["chain"] < 0.15, gap
    assert gap["first_order"] > 2 * gap["trajectories"], gap
    for lag, bar in ((1, 0.05), (5, 0.10)):
        moved = of(judged, "transition_distance", lag).loc[holdout.TOGETHER, "drawn_value"]
        assert moved["trajectories"] < bar
    assert moved["trajectories"] < moved["first_order"]


def test_every_life_is_held_out_once(judged: pd.DataFrame) -> None:
    rows = of(judged, "rank_correlation", 1)
    parts = rows.drop(index=holdout.TOGETHER)
    assert parts.index.unique("part").tolist() == [1, 2, 3, 4, 5]
    for method, of_method in parts.groupby("method"):
        assert of_method["person_count"].sum() == COUNT
        together = rows.loc[(holdout.TOGETHER, method)]
        assert together["person_count"] == COUNT
        assert np.isnan(together["donor_value"]) and of_method["donor_value"].notna().all()


def test_a_life_known_in_one_year_has_the_ten_years_of_its_donors_across_it(world: Lives) -> None:
    """Both sides of the known year are one donor's, so that they belong together."""
    drawn = WAYS["trajectories"](world).complete(one_known(world, 40), 1, (20, 60))
    pairs = [
        np.corrcoef(ndtri(of.rank[:, [35 - FIRST_AGE, 45 - FIRST_AGE]][both].T))[0, 1]
        for of in (world, drawn)
        for both in [(of.worked[:, [35 - FIRST_AGE, 45 - FIRST_AGE]] == 1).all(axis=1)]
    ]
    assert pairs[1] == pytest.approx(pairs[0], abs=0.06)


def test_donors_are_drawn_as_often_as_they_stand_for_persons(world: Lives) -> None:
    """Half the women work always, half never, and the first stand for nine times the persons."""
    always = world.people.person_id % 4 == 0
    women = world.people.female
    worked = np.where(women[:, None], always[:, None], world.worked).astype(np.int8)
    worked[:, 40 - FIRST_AGE] = 1
    rank = np.where(worked == 1, 0.5, np.nan).astype(np.float32)
    rank[:, 40 - FIRST_AGE] = np.random.default_rng(2).random(COUNT)
    weight = np.where(always, 9.0, 1.0)
    same = np.zeros(COUNT, np.int64)
    people = replace(world.people, weight=weight, education=same, birth_year=same + 1950)
    lives = Lives(people, world.family, worked, rank)
    drawn = WAYS["trajectories"](lives).complete(one_known(lives, 40), 1, (30, 50))
    years = drawn.worked[women][:, [30 - FIRST_AGE, 50 - FIRST_AGE]]
    assert years.mean() == pytest.approx(0.9, abs=0.05)


def test_a_state_that_no_donor_has_is_refused(world: Lives) -> None:
    men = world.take(~world.people.female)
    with pytest.raises(ValueError, match=r"no donor has the sex and state of 400 lives"):
        WAYS["trajectories"](men).complete(one_known(world, 40), 1, (20, 60))


def test_a_year_that_was_not_asked_for_is_that_of_a_life_alike(world: Lives) -> None:
    asked = np.ones(world.worked.shape, np.bool_)
    asked[: COUNT // 2, 31::2] = False
    asked[0, 5:8] = False
    gaps = Lives(
        world.people,
        world.family,
        np.where(asked, world.worked, -1).astype(np.int8),
        np.where(asked, world.rank, np.nan).astype(np.float32),
    )
    filled = bridged(gaps, np.random.default_rng(1))
    np.testing.assert_array_equal(filled.worked[asked], world.worked[asked])
    np.testing.assert_array_equal(filled.rank[asked], world.rank[asked])
    assert (filled.worked[0, 5:8] == -1).all(), "three years in a row stay unknown"
    odd = np.arange(31, AGES - 1, 2)
    some = filled.take(np.arange(1, COUNT // 2))
    assert (some.worked[:, odd] != -1).all()
    for step in (-1, 1):
        then, now = some.rank[:, odd + step], some.rank[:, odd]
        true_then, true_now = (
            world.rank[1 : COUNT // 2, odd + step],
            world.rank[1 : COUNT // 2, odd],
        )
        both, true_both = ~np.isnan(then + now), ~np.isnan(true_then + true_now)
        assert np.corrcoef(then[both], now[both])[0, 1] == pytest.approx(
            np.corrcoef(true_then[true_both], true_now[true_both])[0, 1], abs=0.04
        )


def test_transitions_are_counted_by_hand() -> None:
    people = People(np.arange(2), np.zeros(2, bool), np.full(2, 1950), np.zeros(2), np.ones(2))
    worked = np.full((2, AGES), -1, np.int8)
    rank = np.full((2, AGES), np.nan, np.float32)
    worked[0, :3], rank[0, :3] = [1, 1, 0], [0.1, 0.9, np.nan]
    worked[1, :2], rank[1, :2] = [1, 1], [0.15, 0.1]
    lives = Lives(people, np.arange(2), worked, rank)
    table = scores.transitions(lives, 1)
    np.testing.assert_allclose(table.mass, [0, 2, 0, 0, 0, 1])
    np.testing.assert_allclose(table.shares[1], [0, 0.5, 0, 0, 0, 0.5])
    np.testing.assert_allclose(table.shares[5], [1, 0, 0, 0, 0, 0])
    same = scores.Transitions(np.eye(6), table.mass)
    assert table.distance(same) == pytest.approx((2 * 0.5 + 1 * 1) / 3)
    assert scores.share_at_work(lives) == pytest.approx(4 / 5)


def test_long_spells_are_counted_by_hand() -> None:
    people = People(np.arange(1), np.zeros(1, bool), np.full(1, 1950), np.zeros(1), np.ones(1))
    worked = np.full((1, AGES), -1, np.int8)
    worked[0, :8] = [0, 0, 1, 0, 0, 0, 1, 0]
    rank = np.where(worked == 1, 0.5, np.nan).astype(np.float32)
    lives = Lives(people, np.zeros(1, np.int64), worked, rank)
    assert scores.long_spell_share(lives) == pytest.approx(3 / 6)


@pytest.fixture(scope="module")
def drawn(world: Lives) -> Histories:
    rng = np.random.default_rng(8)
    count = 4000
    ids = np.arange(count, dtype=np.int64)
    age = rng.integers(FIRST_AGE, LAST_AGE + 1, count)
    people = People(ids, rng.random(count) < 0.5, 2022 - age, ids % 4, rng.exponential(size=count))
    earnings = np.where(rng.random(count) < 0.7, np.exp(10.5 + rng.standard_normal(count)), 0.0)
    works = earnings > 0
    scale = fit_scale(
        earnings[works],
        people.weight[works],
        people.female[works],
        age[works],
        parameters=default_parameters(),
        medians=packaged_table("median_earnings"),
        below_base=packaged_table("share_below_base"),
        last_year=2080,
    )
    way = Trajectories.fit(world, "paths", 5)
    return draw_histories(people, 2022, earnings, 1510.0, way=way, scale=scale, seed=1)


def test_histories_keep_the_known_year_and_have_the_distribution_of_the_scale(
    drawn: Histories,
) -> None:
    people = drawn.lives.people
    assert (drawn.lives.worked >= 0).all() and np.isfinite(drawn.earnings).all()
    assert ((drawn.earnings > 0) >= (drawn.lives.worked == 1)).all()
    year, age = 2005, np.arange(FIRST_AGE, LAST_AGE + 1)
    then = (drawn.years == year) & (age >= 40) & (age < 45) & (drawn.lives.worked == 1)
    for female, wanted in ((False, 39_016), (True, 24_583)):
        mine = drawn.earnings[then & (people.female == female)[:, None]]
        assert np.median(mine) == pytest.approx(wanted, rel=0.15)
    known = drawn.earnings[np.arange(len(people)), 2022 - people.birth_year - FIRST_AGE]
    assert 0.6 < (known > 0).mean() < 0.8


def test_persons_out_of_working_age_are_named(world: Lives) -> None:
    people = People(
        np.array([7, 8]), np.ones(2, bool), np.array([1990, 2010]), np.zeros(2), np.ones(2)
    )
    with pytest.raises(ValueError, match=r"1 persons are younger than 18 .* \[8\]"):
        draw_histories(people, 2022, [1.0, 1.0], 1.0, way=None, scale=None, seed=1)  # type: ignore[arg-type]
