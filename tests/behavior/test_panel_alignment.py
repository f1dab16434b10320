"""Aligned chances add up, keep what they should, and draws follow them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from steelyard.panel.alignment import Sampling, align, draw_events

SAMPLINGS: tuple[Sampling, ...] = (
    "systematic", "sorted_difference", "sorted_logit_difference", "independent",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.001, 0.999))
def test_aligned_chances_add_up_and_keep_odds_ratios(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    chances, weights = rng.uniform(0.001, 0.9, 80), rng.exponential(size=80)
    wanted = share * weights.sum()
    found = align(chances, weights, wanted)
    assert weights @ found.chances == pytest.approx(wanted, rel=1e-6)
    np.testing.assert_allclose(logit(found.chances) - logit(chances), found.factors[0], atol=1e-6)


def test_groups_are_aligned_apart_and_those_not_told_stay() -> None:
    chances, groups = np.full(6, 0.2), np.array([0, 1, 2, 0, 1, 2])
    found = align(chances, np.ones(6), [1.0, np.nan, 0.1], groups=groups)
    np.testing.assert_allclose(found.chances, [0.5, 0.2, 0.05, 0.5, 0.2, 0.05])
    assert found.factors[1] == 0 and not found.missed.any()


def test_more_than_all_are_missed_and_told() -> None:
    found = align([0.0, 0.3, 0.4], np.ones(3), 2.5)
    np.testing.assert_allclose(found.chances, [0, 1, 1])
    assert found.missed[0] == pytest.approx(0.5), "a chance of 0 stays 0"


def test_multiplied_chances_can_run_into_one() -> None:
    found = align([0.9, 0.1], np.ones(2), 1.5, method="multiplicative")
    np.testing.assert_allclose(found.chances, [1.0, 0.15])
    assert found.factors[0] == pytest.approx(1.5) and found.missed[0] == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("chances", "weights", "wanted", "groups", "says"),
    [
        ([0.5, 1.2], [1, 1], 1.0, None, r"1 chances outside \[0, 1\], the first \[1.2\]"),
        ([0.5, np.nan], [1, 1], 1.0, None, "1 chances outside"),
        ([0.5, 0.5], [1, -1], 1.0, None, "1 weights that are negative"),
        ([0.5, 0.5], [1, 1], -1.0, None, "1 numbers wanted that are negative"),
        ([0.5, 0.5], [1, 1], 1.0, [0, 3], r"1 groups that are none of 1, the first \[3\]"),
    ],
)
def test_what_cannot_be_aligned_is_refused(
    chances: list[float], weights: list[float], wanted: float, groups: list[int] | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        align(chances, weights, wanted, groups=groups)


@pytest.mark.parametrize("sampling", SAMPLINGS[:3])
def test_events_of_equal_weights_are_as_many_as_expected(sampling: Sampling) -> None:
    rng = np.random.default_rng(3)
    groups, chances = rng.integers(0, 5, 4000), rng.uniform(0, 0.3, 4000)
    events = draw_events(
        chances, np.full(4000, 120.0), rng.random(4000), groups=groups, sampling=sampling
    )
    expected = np.bincount(groups, chances)
    assert np.abs(np.bincount(groups, events) - expected).max() <= 1


def test_events_of_unequal_weights_follow_to_within_one_person() -> None:
    rng = np.random.default_rng(3)
    chances, weights = rng.uniform(0, 0.3, 3000), rng.exponential(size=3000)
    events = draw_events(chances, weights, rng.random(3000))
    assert abs(weights @ events - weights @ chances) <= weights.max()


@pytest.mark.parametrize("sampling", ["systematic", "independent"])
def test_each_person_has_the_event_as_often_as_the_chance_says(sampling: Sampling) -> None:
    chances = np.array([0.02, 0.1, 0.3, 0.6, 0.9, 0.0, 1.0] * 40)
    rng = np.random.default_rng(5)
    often = np.mean(
        [
            draw_events(chances, np.ones(len(chances)), rng.random(len(chances)), sampling=sampling)
            for _ in range(400)
        ],
        axis=0,
    )
    by_chance = often.reshape(40, 7).mean(axis=0)
    np.testing.assert_allclose(by_chance, chances[:7], atol=0.02)
    assert by_chance[5] == 0 and by_chance[6] == 1


def test_a_draw_depends_on_the_person_and_not_on_the_place() -> None:
    rng = np.random.default_rng(6)
    chances, uniforms, order = rng.uniform(0, 0.4, 500), rng.random(500), rng.permutation(500)
    events = draw_events(chances, np.ones(500), uniforms)
    moved = draw_events(chances[order], np.ones(500), uniforms[order])
    np.testing.assert_array_equal(moved, events[order])
