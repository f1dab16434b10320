"""Scores of conditional distributions against formulas by brute force and cases by hand."""

import numpy as np
import pytest
from scipy import stats

from steelyard.impute import forecast

RNG = np.random.default_rng(11)


def test_crps_by_hand() -> None:
    # Draws 0 and 4 of a 1: mean distance 2, half the distance between the draws 2: nothing lost.
    assert forecast.crps([1], [[0, 4]], [1]) == pytest.approx(0)
    # A certain forecast loses its distance; weights 1 and 3.
    assert forecast.crps([1, 2], [[0, 0], [0, 0]], [1, 3]) == pytest.approx((1 + 3 * 2) / 4)


def test_crps_equals_all_pairs() -> None:
    observed, draws, weights = RNG.normal(size=30), RNG.normal(size=(30, 7)), RNG.random(30)
    distance = np.abs(draws - observed[:, None]).mean(axis=1)
    pairs = np.abs(draws[:, :, None] - draws[:, None, :]).sum(axis=(1, 2)) / (7 * 6)
    expected = np.average(distance - pairs / 2, weights=weights)
    assert forecast.crps(observed, draws, weights) == pytest.approx(expected)


@pytest.mark.parametrize("count", [2, 20])
def test_crps_estimates_the_score_of_the_distribution_for_any_number_of_draws(count: int) -> None:
    # Of a standard normal forecast, in closed form (Gneiting and Raftery 2007, equation 21).
    observed = RNG.normal(size=40_000)
    normal = stats.norm
    exact = observed * (2 * normal.cdf(observed) - 1) + 2 * normal.pdf(observed) - np.pi**-0.5
    draws = RNG.normal(size=(40_000, count))
    found = forecast.crps(observed, draws, np.ones(40_000))
    assert found == pytest.approx(exact.mean(), abs=0.01)


def test_crps_of_one_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="1 draws of a record"):
        forecast.crps([1], [[1]], [1])


def test_pit_by_hand() -> None:
    # Two below, one equal of four draws: (2 + jump * 2) / 5.
    found = forecast.pit([3, 3], [[1, 2, 3, 4], [1, 2, 3, 4]], [0.0, 0.5])
    np.testing.assert_allclose(found, [2 / 5, 3 / 5])


def zero_inflated(shape: tuple[int, ...]) -> np.ndarray:
    return np.where(RNG.random(shape) < 0.6, 0.0, RNG.lognormal(size=shape))


def test_pit_of_the_right_model_is_uniform_despite_zeros() -> None:
    observed, draws = zero_inflated((20_000,)), zero_inflated((20_000, 9))
    places = forecast.pit(observed, draws, RNG.random(20_000))
    distance, p_value = forecast.uniformity(places, np.ones(20_000))
    assert distance < 0.013 and p_value > 0.01
    # The PIT holds its nominal share where the closed interval of quantiles holds more.
    assert forecast.coverage(places, 0.25, 0.75, np.ones(20_000)) == pytest.approx(0.5, abs=0.02)
    assert forecast.coverage(observed, 0, 0.5, np.ones(20_000)) > 0.6


def test_pit_of_a_model_that_is_too_sure_is_not() -> None:
    observed = RNG.normal(size=2_000)
    places = forecast.pit(observed, RNG.normal(size=(2_000, 20)) / 2, RNG.random(2_000))
    distance, p_value = forecast.uniformity(places, np.ones(2_000))
    assert distance > 0.1 and p_value < 1e-6


def test_uniformity_equals_scipy_on_repeated_records() -> None:
    places, counts = RNG.random(80), RNG.integers(1, 4, 80)
    distance, _ = forecast.uniformity(places, counts)
    expected = stats.kstest(np.repeat(places, counts), "uniform").statistic
    assert distance == pytest.approx(expected)
    _, p_value = forecast.uniformity(places, np.full(80, 2.5))
    assert p_value == pytest.approx(stats.kstest(places, "uniform").pvalue)


def test_coverage_counts_both_ends() -> None:
    assert forecast.coverage([0, 1, 2, 3], [0] * 4, [1] * 4, [1, 1, 1, 3]) == pytest.approx(2 / 6)
