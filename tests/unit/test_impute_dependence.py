"""Correlations are found behind intervals, shrunk where noise could have made them."""

import numpy as np
import pytest
from scipy.special import ndtr

from steelyard.impute.dependence import (
    between_matrix,
    correlation_matrix,
    explained_by,
    interval_correlation,
    lower_root,
)


def censored(scores, zeros):
    """Return rank intervals of scores of which the lowest share is one mass point."""
    rank = ndtr(scores)
    return np.where(rank < zeros, 0.0, rank), np.where(rank < zeros, zeros, rank)


def normals(count, correlation, seed=1):
    rng = np.random.default_rng(seed)
    first, noise = rng.normal(size=(2, count))
    return first, correlation * first + np.sqrt(1 - correlation**2) * noise


@pytest.mark.parametrize("zeros", [(0.0, 0.0), (0.8, 0.0), (0.9, 0.8)])
@pytest.mark.parametrize("correlation", [0.7, -0.3])
def test_a_mass_point_hides_no_dependence(correlation, zeros) -> None:
    pair = [censored(z, zero) for z, zero in zip(normals(6000, correlation), zeros, strict=True)]
    found = interval_correlation(*pair, np.ones(6000))
    assert found == pytest.approx(correlation, abs=0.06)


def test_noise_is_taken_for_none_and_little_is_known_from_few() -> None:
    found = [
        interval_correlation(*(censored(z, 0.0) for z in normals(200, 0.0, seed)), np.ones(200))
        for seed in range(20)
    ]
    assert np.mean(np.array(found) == 0) > 0.5
    few = [censored(z, 0.0) for z in normals(9, 0.9)]
    assert interval_correlation(*few, np.ones(9)) == 0


def test_equal_ranks_are_as_dependent_as_may_be_and_constants_not_at_all() -> None:
    first, _ = (censored(z, 0.5) for z in normals(1000, 0.0))
    opposite = (1 - first[1], 1 - first[0])
    for other, expected in ((first, 0.98), (opposite, -0.98)):
        assert interval_correlation(first, other, np.ones(1000)) == pytest.approx(
            expected, abs=0.01
        )
    anywhere = (np.zeros(1000), np.ones(1000))
    assert interval_correlation(first, anywhere, np.ones(1000)) == pytest.approx(0, abs=1e-3)
    assert interval_correlation(anywhere, anywhere, np.ones(1000)) == pytest.approx(0, abs=1e-3)


def test_records_without_a_rank_are_left_out_and_weights_count() -> None:
    first, second = (censored(z, 0.0) for z in normals(3000, 0.6))
    gone = np.arange(3000) < 1000
    masked = tuple(np.where(gone, np.nan, end) for end in first)
    kept = [tuple(end[~gone] for end in ends) for ends in (first, second)]
    assert interval_correlation(masked, second, np.ones(3000)) == pytest.approx(
        interval_correlation(*kept, np.ones(2000)), abs=1e-9
    )
    mirrored = tuple(np.where(gone, 1 - end, end) for end in second)
    weighted = interval_correlation(first, mirrored, np.where(gone, 1e-6, 1.0))
    assert weighted == pytest.approx(0.6, abs=0.05)


def test_a_further_target_changes_no_correlation_and_all_stay_definite() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(size=2000)
    # Four nearly equal targets would make a matrix of no rank.
    ranks = [censored(base + 0.05 * rng.normal(size=2000), 0.0) for _ in range(4)]
    weights = np.ones(2000)
    four = correlation_matrix(ranks, weights)
    assert np.array_equal(four[:3, :3], correlation_matrix(ranks[:3], weights))
    assert np.linalg.eigvalsh(four)[0] > 0
    assert explained_by(four) < 1
    between = between_matrix(four, ranks, ranks, weights)
    for sign in (1, -1):
        assert np.linalg.eigvalsh(four + sign * between)[0] > 0


def test_the_root_is_choleskys_and_refuses_what_is_not_definite() -> None:
    matrix = np.array([[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]])
    np.testing.assert_allclose(lower_root(matrix), np.linalg.cholesky(matrix), rtol=1e-12)
    assert np.array_equal(lower_root(matrix)[:2, :2], lower_root(matrix[:2, :2]))
    with pytest.raises(ValueError, match="not positive definite in row 1"):
        lower_root(np.array([[1.0, 2.0], [2.0, 1.0]]))
