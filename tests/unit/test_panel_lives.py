"""Lives by age: ranks within cells, memories along a way, and what is refused."""

import numpy as np
import pytest

from steelyard.panel.histories.memory import FEATURES, Walk, remembered
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Lives, People, lives_of, mid_ranks


def people(count: int) -> People:
    ids = np.arange(count, dtype=np.int64)
    return People(ids + 100, ids % 2 == 1, np.full(count, 1950), ids * 0, np.ones(count))


def test_mid_ranks_are_weighted_and_shared_by_ties() -> None:
    ranks = mid_ranks([10, 10, 30, 5], [1, 1, 2, 7], [1, 1, 1, 2])
    # By hand: two tied records carry half of cell 1, the third the other half; cell 2 is alone.
    np.testing.assert_allclose(ranks, [0.25, 0.25, 0.75, 0.5])


def test_mid_ranks_of_a_cell_average_a_half() -> None:
    rng = np.random.default_rng(1)
    cell, weight = rng.integers(0, 7, 500), rng.exponential(size=500)
    ranks = mid_ranks(rng.integers(0, 20, 500), weight, cell)
    for number in range(7):
        of = cell == number
        assert np.average(ranks[of], weights=weight[of]) == pytest.approx(0.5)


def test_a_life_lies_by_age_and_ranks_among_its_sex_cohort_and_year() -> None:
    lives = lives_of(
        people(4),
        np.arange(4),
        person=[0, 2, 0, 1, 3, 0],
        year=[1980, 1980, 1981, 1980, 1980, 1960],
        amount=[20_000, 10_000, 100, 9_000, 8_000, 5_000],
        least=[290, 290, 310, 290, 290, 50],
    )
    at_thirty = 30 - FIRST_AGE
    np.testing.assert_allclose(lives.rank[:, at_thirty], [0.75, 0.75, 0.25, 0.25])
    assert lives.worked[0, at_thirty + 1] == 0, "less than a quarter of coverage is no work"
    assert np.isnan(lives.rank[0, at_thirty + 1])
    assert lives.known.sum() == 5, "the year 1960, at age 10, is left out"


@pytest.mark.parametrize(
    ("person", "year", "amount", "says"),
    [
        ([0, 9], [1980, 1980], [1.0, 1.0], r"\[9\] name nobody among 2 persons"),
        ([0, 1], [1980, 1980], [1.0, -1.0], r"1 earnings are negative .*persons \[101\]"),
        ([0, 1], [1980, 1980], [np.nan, 1.0], "not finite"),
        ([1, 1], [1980, 1980], [1.0, 1.0], r"1 person-years are there twice: \[\(101, 1980\)\]"),
    ],
)
def test_what_cannot_be_a_life_is_refused(
    person: list[int], year: list[int], amount: list[float], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        lives_of(people(2), [0, 1], person=person, year=year, amount=amount, least=[0.5, 0.5])


def of_years(worked: list[int], ranks: list[float]) -> Lives:
    ages = LAST_AGE - FIRST_AGE + 1
    shape = (1, ages)
    told, rank = np.full(shape, -1, np.int8), np.full(shape, np.nan, np.float32)
    told[0, : len(worked)], rank[0, : len(ranks)] = worked, ranks
    return Lives(people(1), np.zeros(1, np.int64), told, rank)


def test_a_walk_remembers_two_years_and_the_whole_way() -> None:
    walk = Walk.start(1)
    for worked, rank in ((1, 0.4), (1, 0.8), (0, np.nan)):
        walk.step(np.ones(1, bool), np.array([worked], np.int8), np.array([rank]))
    seen = dict(zip(FEATURES, walk.features(people(1), 21)[0].tolist(), strict=True))
    assert seen["worked"] == 0 and seen["worked_before"] == 1
    assert seen["rank"] == -1.0 and seen["rank_before"] == pytest.approx(0.8)
    assert seen["mean_rank"] == pytest.approx(0.6) and seen["share_worked"] == pytest.approx(2 / 3)
    assert seen["years_known"] == 3 and seen["years_out"] == 1
    assert seen["last_rank"] == pytest.approx(0.8) and seen["age"] == 21


@pytest.mark.parametrize(("direction", "columns"), [(1, {1, 4}), (-1, {0, 3})])
def test_only_years_next_to_a_known_one_are_learnt_from(direction: int, columns: set[int]) -> None:
    lives = of_years([1, 0, -1, 1, 1], [0.5, np.nan, np.nan, 0.3, 0.2])
    features, person, column = remembered(lives, direction, np.random.default_rng(0))  # type: ignore[arg-type]
    assert set(column.tolist()) == columns
    assert features.shape == (len(person), len(FEATURES))
