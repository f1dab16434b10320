"""Laws of drawn lives, on a world whose lives have a part that never changes.

A rank is a fixed part, a part that fades and luck: its correlation falls fast at first and then
hardly, which no chain of the first order can follow.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr

from steelyard.impute import ImputeConfig
from steelyard.oasdi import default_parameters
from steelyard.oasdi.tables import packaged_table
from steelyard.panel.histories import holdout, scores
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


def test_held_out_lives_are_followed_where_a_naive_chain_forgets(world: Lives) -> None:
    found = holdout.judge("world", world, CONFIG).to_pandas().set_index(["statistic", "lag_years"])
    far = found.loc[("rank_correlation", 10)].query("age_lower == 18 and age_upper == 76")
    gap = (far["drawn_value"] - far["held_out_value"]).abs()
    gap.index = far["method"]
    assert gap["trajectories"] < 0.06 and gap["chain"] < 0.15, gap
    assert gap["first_order"] > 2 * gap["trajectories"], gap
    moved = found.loc[("transition_distance", 5)].set_index("method")["drawn_value"]
    assert moved["trajectories"] < 0.1 and moved["trajectories"] < moved["first_order"]


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
