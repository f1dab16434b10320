"""Weighted statistics against cases worked by hand and against SciPy and NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from steelyard import validate

RNG = np.random.default_rng(0)
VALUES = RNG.integers(1, 40, 200).astype(float)
COUNTS = RNG.integers(1, 6, 200)
REPEATED = np.repeat(VALUES, COUNTS)
OTHER, OTHER_COUNTS = RNG.integers(5, 60, 90).astype(float), RNG.integers(1, 4, 90)


def test_quantiles_by_hand() -> None:
    values, weights = [30.0, 10.0, 20.0, 40.0], [1.0, 2.0, 4.0, 1.0]
    # p = 2/8, 6/8, 7/8, 8/8 at 10, 20, 30, 40; ties average with the next value
    found = validate.weighted_quantile(values, weights, [0, 0.1, 0.25, 0.3, 0.75, 0.8, 0.9, 1])
    np.testing.assert_array_equal(found, [10, 10, 15, 20, 25, 30, 40, 40])
    # midpoints 1/8, 4/8, 6.5/8, 7.5/8
    found = validate.weighted_quantile(
        values, weights, [0, 0.125, 0.5, 0.3125, 1], interpolated=True
    )
    np.testing.assert_allclose(found, [10, 10, 20, 15, 40])
    assert isinstance(validate.weighted_quantile(values, weights, 0.5), float)


def test_quantiles_against_numpy() -> None:
    shares = np.linspace(0, 1, 41)
    expected = np.quantile(REPEATED, shares, method="averaged_inverted_cdf")
    np.testing.assert_array_equal(validate.weighted_quantile(VALUES, COUNTS, shares), expected)
    distinct = RNG.random(57)
    expected = np.quantile(distinct, shares, method="hazen")
    found = validate.weighted_quantile(distinct, np.ones(57), shares, interpolated=True)
    np.testing.assert_allclose(found, expected)


def test_lorenz_and_gini_by_hand() -> None:
    # half own 1, half own 3: L = (0, 1/4, 1), Gini = 1 - (1/2)(1/4) - (1/2)(5/4) = 1/4
    population, held = validate.lorenz([3.0, 1.0, 3.0], [1.0, 2.0, 1.0])
    np.testing.assert_allclose(population, [0, 0.5, 1])
    np.testing.assert_allclose(held, [0, 0.25, 1])
    assert validate.gini([3.0, 1.0, 3.0], [1.0, 2.0, 1.0]) == pytest.approx(0.25)
    assert validate.gini([0.0, 0.0, 0.0, 8.0], np.ones(4)) == pytest.approx(0.75)


def test_gini_of_negative_values_is_raw_unless_bottom_coded() -> None:
    # L = (0, -1, 1): 1 - (1/2)(-1) - (1/2)(0) = 3/2; coded at 0: (0, 0, 1), 1/2
    assert validate.gini([-1.0, 2.0], [1.0, 1.0]) == pytest.approx(1.5)
    assert validate.gini([-1.0, 2.0], [1.0, 1.0], bottom_code=0.0) == pytest.approx(0.5)


def test_gini_against_mean_difference() -> None:
    gaps = np.abs(REPEATED[:, None] - REPEATED).mean()
    assert validate.gini(VALUES, COUNTS) == pytest.approx(gaps / (2 * REPEATED.mean()))


def test_shares_by_hand() -> None:
    values, weights = np.arange(1.0, 11.0), np.ones(10)
    assert validate.top_share(values, weights, 0.1) == pytest.approx(10 / 55)
    assert validate.top_share(values, weights, 0.15) == pytest.approx((10 + 4.5) / 55)
    assert validate.palma(values, weights) == pytest.approx(10 / (1 + 2 + 3 + 4))
    assert validate.palma(values, weights, top=0.2, bottom=0.2) == pytest.approx(19 / 3)
    assert validate.percentile_ratio(values, weights) == pytest.approx(9.5 / 1.5)


def test_shares_and_ratios_against_numpy_with_repeated_records() -> None:
    ranked = np.sort(np.repeat(VALUES, COUNTS * 10))  # ten of each, so that tenths are whole
    parts = np.array_split(ranked, 10)
    held = np.array([part.sum() for part in parts]) / ranked.sum()
    assert validate.top_share(VALUES, COUNTS, 0.1) == pytest.approx(held[-1])
    assert validate.palma(VALUES, COUNTS) == pytest.approx(held[-1] / held[:4].sum())
    s80_s20 = validate.palma(VALUES, COUNTS, top=0.2, bottom=0.2)
    assert s80_s20 == pytest.approx(held[-2:].sum() / held[:2].sum())
    p90, p10 = np.quantile(REPEATED, [0.9, 0.1], method="averaged_inverted_cdf")
    assert validate.percentile_ratio(VALUES, COUNTS) == pytest.approx(p90 / p10)


def test_theil_and_atkinson_by_hand() -> None:
    values, weights = [1.0, 3.0], [1.0, 1.0]
    expected = (0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2
    assert validate.theil(values, weights) == pytest.approx(expected)
    assert validate.theil([0.0, 2.0], weights) == pytest.approx(np.log(2))
    assert validate.atkinson(values, weights, 1.0) == pytest.approx(1 - np.sqrt(3) / 2)
    assert validate.atkinson(values, weights, 2.0) == pytest.approx(1 - 1.5 / 2)
    assert validate.atkinson(values, weights) == pytest.approx(1 - ((1 + np.sqrt(3)) / 2) ** 2 / 2)
    assert validate.atkinson([0.0, 2.0], weights, 1.0) == 1
    assert validate.atkinson([0.0, 2.0], weights, 2.0) == 1


def test_theil_and_atkinson_against_scipy() -> None:
    entropy = stats.entropy(VALUES * COUNTS, COUNTS)
    assert validate.theil(VALUES, COUNTS) == pytest.approx(entropy)
    for epsilon in (0.5, 1.0, 2.0):
        equal = stats.pmean(VALUES, 1 - epsilon, weights=COUNTS)
        found = validate.atkinson(VALUES, COUNTS, epsilon)
        assert found == pytest.approx(1 - equal / REPEATED.mean())


def test_poverty_by_hand() -> None:
    values, weights = [-10.0, 5.0, 10.0, 20.0], [1.0, 2.0, 3.0, 4.0]
    assert validate.poverty_rate(values, weights, 10.0) == pytest.approx(0.3)
    assert validate.poverty_rate(values, weights, 10.0, alpha=1) == pytest.approx((2 + 1) / 10)
    assert validate.poverty_rate(values, weights, 10.0, alpha=2) == pytest.approx((4 + 0.5) / 10)
    lines = [10.0, 4.0, 11.0, 40.0]
    assert validate.poverty_rate(values, weights, lines) == pytest.approx(0.8)
    assert validate.poverty_rate(values, weights, 1e-9) == pytest.approx(0.1)
    assert validate.poverty_rate([5.0], [1.0], 1.0) == 0


def test_poverty_against_numpy_with_repeated_records() -> None:
    gaps = np.clip((20 - REPEATED) / 20, 0, None)
    for alpha, expected in ((0, np.mean(REPEATED < 20)), (1, gaps.mean()), (2, (gaps**2).mean())):
        found = validate.poverty_rate(VALUES, COUNTS, 20.0, alpha=alpha)
        assert found == pytest.approx(expected)


def test_distances_by_hand() -> None:
    one, other = ([1.0, 2.0], [1.0, 3.0]), ([1.0, 4.0], [1.0, 1.0])
    # F1 = 1/4, 1, 1 and F2 = 1/2, 1/2, 1 at 1, 2, 4
    assert validate.ks_distance(*one, *other) == pytest.approx(0.5)
    assert validate.wasserstein(*one, *other) == pytest.approx(0.25 * 1 + 0.5 * 2)


def test_distances_against_scipy() -> None:
    samples = (VALUES, COUNTS, OTHER, OTHER_COUNTS)
    result = stats.ks_2samp(REPEATED, np.repeat(OTHER, OTHER_COUNTS))
    assert validate.ks_distance(*samples) == pytest.approx(result.statistic)
    expected = stats.wasserstein_distance(VALUES, OTHER, COUNTS, OTHER_COUNTS)
    assert validate.wasserstein(*samples) == pytest.approx(expected)


def test_ks_probability_against_scipy_for_equal_weights() -> None:
    one, other = RNG.normal(0, 1, 300), RNG.normal(0.15, 1, 400)
    result = stats.ks_2samp(one, other)
    found = validate.ks_probability(result.statistic, 300, 400)
    assert found == pytest.approx(result.pvalue, rel=0.05)


def test_effective_sample_size_by_hand() -> None:
    assert validate.effective_sample_size([2.0, 2.0, 2.0]) == pytest.approx(3)
    assert validate.effective_sample_size([1.0, 3.0, 0.0]) == pytest.approx(16 / 10)


def test_weight_distribution_by_hand() -> None:
    initial = np.array([1.0] * 150 + [0.0, 1.0])
    weights = np.array([1.0] * 149 + [51.0, 0.0, 0.0])
    found = validate.weight_distribution(weights, initial)
    assert found.total == 200
    assert found.effective_sample_size == pytest.approx(200**2 / (149 + 51**2))
    assert found.effective_sample_share == pytest.approx(found.effective_sample_size / 151)
    assert found.top_100_share == pytest.approx((51 + 99) / 200)
    assert found.zero_share == pytest.approx(2 / 152)
    assert found.ratio_percentiles[0] == 0
    assert found.ratio_percentiles[50] == 1
    assert found.ratio_percentiles[100] == 51


Case = tuple[Callable[..., Any], tuple[Any, ...], str]
REFUSED: list[Case] = [
    (
        validate.gini,
        ([1.0, np.nan, np.inf, 2.0], np.ones(4)),
        r"2 of 4 values are not finite \(\[1",
    ),
    (validate.gini, ([1.0, 2.0], [1.0, np.nan]), r"1 of 2 weights are not finite \(\[1\]=nan"),
    (validate.theil, ([1.0, 2.0], [1.0, -2.0]), r"1 of 2 weights are negative \(\[1\]=-2.0"),
    (validate.gini, ([1.0, 2.0], [0.0, 0.0]), "all 2 weights are zero"),
    (validate.gini, ([1.0, 2.0], [1.0]), "there are 2 values but 1 weights"),
    (validate.gini, ([], []), r"expected a vector with records, got shape \(0,\)"),
    (validate.gini, ([[1.0]], [[1.0]]), r"got shape \(1, 1\)"),
    (validate.gini, ([-1.0, 1.0], [1.0, 1.0]), "weighted total is 0.0"),
    (validate.lorenz, ([-1.0, 0.5], [1.0, 1.0]), "weighted total is -0.5"),
    (validate.top_share, ([1.0], [1.0], 1.0), "lies between 0 and 1, got 1.0"),
    (validate.palma, ([-1.0, 9.0], [1.0, 1.0]), "bottom 40% hold -0.1 of the total"),
    (validate.theil, ([-1.0, 2.0], [1.0, 1.0]), "1 of 2 distinct values are negative"),
    (validate.theil, ([0.0], [1.0]), "all values are 0"),
    (validate.atkinson, ([1.0], [1.0], 0.0), "epsilon must be positive"),
    (validate.percentile_ratio, ([0.0, 1.0], [1.0, 1.0]), "quantile at 0.1 is 0.0"),
    (validate.weighted_quantile, ([1.0], [1.0], 1.5), "q must lie between 0 and 1"),
    (validate.weighted_quantile, ([1.0], [1.0], np.nan), "q must lie between 0 and 1"),
    (validate.poverty_rate, ([1.0], [1.0], 0.0), r"1 of 1 lines are not positive \(\[0\]=0.0"),
    (validate.poverty_rate, ([1.0] * 3, [1.0] * 3, [1.0] * 2), "3 values, 3 weights and 2 lines"),
    (validate.effective_sample_size, ([-1.0, 1.0],), "1 of 2 weights are negative"),
    (validate.weight_distribution, ([1.0], [1.0, 2.0]), "there are 1 weights but 2 initial"),
    (validate.weight_distribution, ([1.0], [-1.0]), "1 of 1 initial_weights are negative"),
]


@pytest.mark.parametrize(("statistic", "given", "message"), REFUSED)
def test_bad_input_is_named(
    statistic: Callable[..., Any], given: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        statistic(*given)


def test_a_negative_alpha_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha must not be negative"):
        validate.poverty_rate([1.0], [1.0], 1.0, alpha=-1)
