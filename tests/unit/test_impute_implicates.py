"""Implicates are cycled, families stay whole, and Rubin's rules give the textbook figures."""

import numpy as np
import pytest
from scipy import stats

from steelyard.impute import combine, cycle_implicates, group_folds

FAMILIES = np.repeat(np.arange(1, 2001), 5)
IMPLICATES = np.tile([1, 2, 3, 4, 5], 2000)


def test_models_take_the_implicates_in_turn_and_every_family_once() -> None:
    masks = cycle_implicates(IMPLICATES, 7)
    assert [int(IMPLICATES[mask][0]) for mask in masks] == [1, 2, 3, 4, 5, 1, 2]
    for mask in masks:
        assert np.array_equal(FAMILIES[mask], np.arange(1, 2001))


@pytest.mark.parametrize(
    ("implicates", "models", "message"),
    [([1, 2, 1], 2, r"implicates \[1, 2\] have \[2, 1\]"), ([], 2, "0 donors"), ([1], 0, "0 mo")],
)
def test_implicates_that_cannot_be_cycled_are_refused(implicates, models, message) -> None:
    with pytest.raises(ValueError, match=message):
        cycle_implicates(implicates, models)


def test_families_are_never_split_and_folds_are_even() -> None:
    folds = group_folds(FAMILIES, 5)
    assert all(len(set(folds[family == FAMILIES])) == 1 for family in range(1, 200))
    assert stats.chisquare(np.bincount(folds[::5], minlength=5)).pvalue > 0.001
    order = np.random.default_rng(1).permutation(10_000)[:3000]
    assert np.array_equal(group_folds(FAMILIES[order], 5), folds[order])
    with pytest.raises(ValueError, match="1 folds leave nothing"):
        group_folds(FAMILIES, 1)


def test_rubins_rules() -> None:
    """Estimates 1, 2, 3 with variance 1: B = 1, T = 1 + 4/3, df = 2 (7/4)^2."""
    combined = combine([1, 2, 3], [1, 1, 1])
    assert combined.estimate == 2
    assert combined.variance == pytest.approx(7 / 3)
    assert combined.missing_share == pytest.approx(4 / 7)
    assert combined.degrees == pytest.approx(2 * (7 / 4) ** 2)
    observed = 11 / 13 * 10 * 3 / 7
    limited = combine([1, 2, 3], [1, 1, 1], complete_degrees=10)
    assert limited.degrees == pytest.approx(1 / (1 / 6.125 + 1 / observed))


def test_imputations_that_agree_add_no_variance() -> None:
    combined = combine([2, 2], [1, 3])
    assert (combined.variance, combined.missing_share, combined.degrees) == (2, 0, np.inf)
    assert combine([2, 2], [1, 3], complete_degrees=80).degrees == pytest.approx(81 / 83 * 80)


@pytest.mark.parametrize(("estimates", "variances"), [([1], [1]), ([1, 2], [1]), ([1, 2], [1, -1])])
def test_what_cannot_be_combined_is_refused(estimates: list, variances: list) -> None:
    with pytest.raises(ValueError, match="two or more estimates"):
        combine(estimates, variances)
