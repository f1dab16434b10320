"""Evaluation figures against cases worked by hand and against SciPy."""

import numpy as np
import pytest
from scipy import stats

from steelyard.impute import evaluation

RNG = np.random.default_rng(6)
VALUES = np.where(RNG.random(500) < 0.3, 0, RNG.lognormal(3, 2, 500)).round(1)
OTHER = np.where(RNG.random(400) < 0.2, 0, RNG.lognormal(3.2, 2, 400)).round(1)
COUNTS, OTHER_COUNTS = RNG.integers(1, 5, 500), RNG.integers(1, 5, 400)


def test_weighted_distances_equal_unweighted_ones_of_repeated_records() -> None:
    repeated, others = np.repeat(VALUES, COUNTS), np.repeat(OTHER, OTHER_COUNTS)
    arguments = (VALUES, COUNTS, OTHER, OTHER_COUNTS)
    assert evaluation.ks_distance(*arguments) == pytest.approx(
        stats.ks_2samp(repeated, others).statistic
    )
    assert evaluation.wasserstein(*arguments) == pytest.approx(
        stats.wasserstein_distance(repeated, others)
    )
    assert evaluation.zero_share(VALUES, COUNTS) == pytest.approx((repeated == 0).mean())
    quantiles = evaluation.weighted_quantile(VALUES, COUNTS, [0.001, 0.35, 0.5, 1.0])
    expected = np.quantile(repeated, [0.001, 0.35, 0.5, 1.0], method="inverted_cdf")
    assert np.array_equal(quantiles, expected)


def test_a_sample_is_at_no_distance_from_itself_in_another_unit_of_weight() -> None:
    assert evaluation.ks_distance(VALUES, COUNTS, VALUES, COUNTS * 7.0) < 1e-12
    assert evaluation.wasserstein(VALUES, COUNTS, VALUES, COUNTS * 7.0) < 1e-9


def test_rank_correlation_equals_spearman_of_repeated_records() -> None:
    table = np.stack([VALUES, VALUES + RNG.normal(0, 50, 500), np.ones(500)], axis=1)
    found = evaluation.rank_correlation(table, COUNTS)
    expected = stats.spearmanr(np.repeat(table[:, :2], COUNTS, axis=0)).statistic
    assert found[0, 1] == pytest.approx(expected)
    assert np.array_equal(found[2], [0, 0, 1])
    error = evaluation.rank_correlation_error(table, COUNTS, table, 3.0 * COUNTS)
    np.testing.assert_allclose(error, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("values", "weights", "share", "expected"),
    [
        ([1, 1, 1, 1], [1, 1, 1, 1], 0.25, 0.25),
        ([0, 0, 0, 8], [1, 1, 1, 1], 0.25, 1.0),
        # The record on the boundary counts with the half of its weight that is inside.
        ([0, 0, 4, 8], [1, 1, 1, 1], 0.375, 10 / 12),
        ([0, 0, 4, 8], [2, 2, 2, 2], 0.375, 10 / 12),
        # Debts count in the total, so that the top can hold more than all of it.
        ([-5, 0, 5, 10], [1, 1, 1, 1], 0.5, 1.5),
    ],
)
def test_top_share(values: list, weights: list, share: float, expected: float) -> None:
    assert evaluation.top_share(values, weights, share) == pytest.approx(expected)


def test_top_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="total is -1, not positive"):
        evaluation.top_share([-1, 0], [1, 1])


def test_pinball_is_smallest_at_the_quantile() -> None:
    probabilities = np.array([0.1, 0.5, 0.99])
    best = evaluation.weighted_quantile(VALUES, COUNTS, probabilities)
    loss = evaluation.weighted_pinball(
        VALUES, np.broadcast_to(best, (500, 3)), probabilities, COUNTS
    )
    for factor in (0.9, 1.1):
        moved = np.broadcast_to(best * factor + factor - 1, (500, 3))
        assert np.all(
            evaluation.weighted_pinball(VALUES, moved, probabilities, COUNTS) >= loss - 1e-12
        )
    # One record, worked by hand: 0.1 * 4 above, 0.5 * 2 below.
    hand = evaluation.weighted_pinball([10], [[6, 12]], [0.1, 0.5], [3])
    np.testing.assert_allclose(hand, [0.4, 1.0])


def test_pinball_skill_is_nought_for_the_reference_and_one_for_the_truth() -> None:
    probabilities = [0.25, 0.75]
    reference = evaluation.weighted_quantile(VALUES, COUNTS, probabilities)
    truth = np.repeat(VALUES[:, None], 2, axis=1)
    arguments = (probabilities, COUNTS, reference)
    assert evaluation.pinball_skill(VALUES, truth, *arguments) == 1
    flat = np.broadcast_to(reference, (500, 2))
    assert evaluation.pinball_skill(VALUES, flat, *arguments) == 0
