"""Categories, agreement of areas and standard errors, by hand and against SciPy."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from steelyard import validate
from steelyard.validate.areas import compare_areas

RNG = np.random.default_rng(3)


def test_chi_square_by_hand() -> None:
    # p = (.6, .4), π = (.5, .5): X² = 100 (.01/.5 + .01/.5) = 4; δ = 2 (.4·1.2 + .6·.8) = 1.92
    found = validate.chi_square([6.0, 4.0], [0.5, 0.5], n_records=100, design_effect=2.0)
    assert found.statistic == pytest.approx(4 / 1.92)
    assert found.degrees_of_freedom == 1
    assert found.probability == pytest.approx(stats.chi2.sf(4 / 1.92, 1))


def test_categories_against_scipy() -> None:
    """Without a design effect the test is Pearson's; stability is two entropies of Kullback's."""
    counts, expected = np.array([31.0, 42.0, 27.0]), np.array([0.25, 0.5, 0.25])
    pearson = stats.chisquare(counts, 100 * expected)
    # δ is 1 under the expected shares themselves, and near it beside them
    found = validate.chi_square(counts, expected, n_records=100, design_effect=1.0)
    shares = counts / 100
    correction = np.sum((1 - shares) * shares / expected) / 2
    assert found.statistic * correction == pytest.approx(pearson.statistic)
    assert found.probability == pytest.approx(stats.chi2.sf(pearson.statistic / correction, 2))
    both = stats.entropy(shares, expected) + stats.entropy(expected, shares)
    assert validate.population_stability(counts, expected) == pytest.approx(both)


def test_chi_square_rejects_a_true_hypothesis_as_often_as_it_says() -> None:
    """Clusters of four alike: the design effect is 4, and an uncorrected test rejects too often."""
    expected = np.array([0.2, 0.3, 0.5])
    drawn = 4 * RNG.multinomial(250, expected, size=4000)
    corrected, naive = (
        np.array(
            [
                validate.chi_square(row, expected, n_records=1000, design_effect=effect).probability
                for row in drawn
            ]
        )
        for effect in (4.0, 1.0)
    )
    assert np.mean(corrected < 0.05) == pytest.approx(0.05, abs=0.012)
    assert np.mean(naive < 0.05) > 0.4


def test_population_stability_by_hand() -> None:
    expected = 0.25 * np.log(0.75 / 0.5) - 0.25 * np.log(0.25 / 0.5)
    assert validate.population_stability([3.0, 1.0], [2.0, 2.0]) == pytest.approx(expected)
    assert validate.population_stability([2.0, 2.0], [3.0, 1.0]) == pytest.approx(expected)
    assert validate.population_stability([2.0, 4.0], [1.0, 2.0]) == 0
    assert np.isfinite(validate.population_stability([1.0, 0.0], [1.0, 1.0]))


def test_correlations_against_scipy_with_repeated_records() -> None:
    one, other = RNG.integers(0, 9, 60).astype(float), RNG.integers(0, 9, 60).astype(float)
    counts = RNG.integers(1, 5, 60)
    repeated, others = np.repeat(one, counts), np.repeat(other, counts)
    assert validate.pearson(one, other, counts) == pytest.approx(
        stats.pearsonr(repeated, others)[0]
    )
    assert validate.spearman(one, other, counts) == pytest.approx(
        stats.spearmanr(repeated, others)[0]
    )
    assert np.isnan(validate.pearson([1.0, 1.0], [1.0, 2.0]))


def test_population_alone_correlates_levels_and_nothing_else() -> None:
    heads = np.exp(RNG.normal(14, 1.2, 51))
    published = heads * RNG.uniform(800, 1600, 51)
    found = validate.agreement(1200 * heads, published, heads)
    assert found.correlation > 0.9
    assert np.isnan(found.per_head_correlation) or abs(found.per_head_correlation) < 0.5
    assert abs(found.rank_correlation) < 0.5 or np.isnan(found.rank_correlation)
    assert 0.05 < found.mean_absolute_percentage_error < 0.3
    perfect = validate.agreement(published, published, heads)
    assert perfect.per_head_correlation == pytest.approx(1)
    assert perfect.rank_correlation == pytest.approx(1)
    assert perfect.mean_absolute_percentage_error == 0


def test_replicate_error_by_hand_and_by_simulation() -> None:
    found = validate.replicate_error(10.0, [9.0, 12.0], 0.25)
    assert found.standard_error == pytest.approx(np.sqrt(0.25 * 5))
    assert found.interval()[1] == pytest.approx(10 + stats.t.ppf(0.975, 1) * np.sqrt(1.25))
    # half samples of 240 pairs with Fay's factor one half give the variance of their mean
    pairs = RNG.normal(size=(240, 2))
    signs = RNG.choice([-1, 1], size=(240, 240))
    replicates = pairs.mean() + (signs * 0.5 * (pairs[:, 0] - pairs[:, 1]) / 480).sum(axis=1)
    factor = validate.REPLICATE_FACTORS["sipp"]
    expected = np.sqrt(np.sum((pairs[:, 0] - pairs[:, 1]) ** 2)) / 480
    assert validate.replicate_error(pairs.mean(), replicates, factor).standard_error == (
        pytest.approx(expected, rel=0.15)
    )


def test_imputations_by_hand() -> None:
    # B = 1, W = 2, m = 3: T = 2 + 4/3; ν = 2 (1 + 2/(4/3))² = 12.5
    found = validate.combine_imputations([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert found == pytest.approx((2.0, np.sqrt(10 / 3), 12.5))
    agreed = validate.combine_imputations([5.0, 5.0], [4.0, 4.0])
    assert agreed.interval()[1] == pytest.approx(5 + 2 * stats.norm.ppf(0.975))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: _chi([1.0], [1.0]), "two categories"),
        (lambda: _chi([1.0, 1.0], [0.5, 0.6]), "sum to 1.1"),
        (lambda: _chi([1.0, 1.0], [1.0, 0.0]), "not positive"),
        (lambda: validate.population_stability([1.0], [1.0, 2.0]), "1 categories but 2"),
        (lambda: validate.agreement([1.0] * 3, [1.0, 0.0, 1.0], [1.0] * 3), "1 of 3 published"),
        (lambda: validate.agreement([1.0] * 2, [1.0] * 2, [1.0] * 2), "three areas"),
        (lambda: validate.spearman([1.0], [1.0, 2.0]), "1 values, 2 others"),
        (lambda: validate.replicate_error(1.0, [1.0], 0.1), "two replicates"),
        (lambda: validate.combine_imputations([1.0], [1.0]), "two files"),
        (lambda: validate.replicate_error(1.0, [1.0, 2.0], 0.1).interval(95), "between 0 and 1"),
    ],
)
def test_bad_input_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def _chi(weights: list[float], shares: list[float]) -> validate.ChiSquare:
    return validate.chi_square(weights, shares, n_records=10, design_effect=1.0)


def test_areas_are_compared_measure_by_measure() -> None:
    figures = pa.table(
        {
            "measure_id": ["snap"] * 3 + ["returns"] * 3,
            "published_value": [1.0, 2.0, 4.0, 10.0, 20.0, 30.0],
            "initial_estimate": [2.0, 4.0, 8.0, 10.0, 20.0, 30.0],
            "calibrated_estimate": [1.0, 2.0, 4.0, 11.0, 20.0, 30.0],
            "residents": [1.0, 1.0, 1.0, 10.0, 10.0, 10.0],
        }
    )
    found = compare_areas(figures).to_pylist()
    assert [(row["measure_id"], row["weight_stage"]) for row in found] == [
        ("returns", "initial_weight"),
        ("returns", "calibrated_weight"),
        ("snap", "initial_weight"),
        ("snap", "calibrated_weight"),
    ]
    errors = [row["mean_absolute_percentage_error"] for row in found]
    assert errors == pytest.approx([0, 0.1 / 3, 1, 0])
    assert compare_areas(figures.slice(0, 0)).schema == compare_areas(figures).schema
