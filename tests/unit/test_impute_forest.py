"""Draws and quantiles agree with the conditional distribution written out by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray
from quantile_forest import RandomForestQuantileRegressor

from steelyard.impute.config import ImputeConfig
from steelyard.impute.distribution import conditional_ranks, weighted_quantiles
from steelyard.impute.forest import LeafForest

CONFIG = ImputeConfig(seed=1, trees=12, min_leaf=4, sample_share=0.4, memory_mib=1)


@pytest.fixture(scope="module")
def donors() -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(300, 3)).astype(np.float32)
    values = np.where(rng.random(300) < 0.4, 0.0, np.round(np.exp(features[:, 0] * 2), 1))
    return features, values, rng.lognormal(sigma=1.5, size=300)


@pytest.fixture(scope="module")
def forest(
    donors: tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]],
) -> LeafForest:
    features, values, weights = donors
    return LeafForest.grow(features, values[:, None], weights, CONFIG, "y")


def by_hand(forest: LeafForest, donors: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray:
    """Return w_i(x) d_i for each donor, straight from the definition."""
    total = np.zeros(len(donors))
    for tree in forest.trees:
        same = tree.apply(donors) == tree.apply(x[None, :])[0]
        total += same * forest.weights / (same @ forest.weights) / len(forest.trees)
    return total


def test_draws_come_from_the_conditional_distribution_itself(forest, donors) -> None:
    features, _, _ = donors
    count = 200_000
    for row in (0, 17):
        grid = (np.arange(count) + 0.5) / count
        drawn = forest.draw(np.repeat(features[[row]], count, axis=0), grid)
        shares = np.bincount(drawn, minlength=len(features)) / count
        # A grid of uniforms hits each donor's share exactly, up to one grid step a tree.
        assert np.abs(shares - by_hand(forest, features, features[row])).max() < 13 / count


def test_neighbours_are_the_definition_whatever_the_chunk(forest, donors) -> None:
    features, _, _ = donors
    expected = np.stack([by_hand(forest, features, x) for x in features])
    chunks = [near.toarray() for _, near in forest.neighbours(features)]
    assert len(chunks) > 1
    np.testing.assert_allclose(np.concatenate(chunks), expected, atol=1e-12)


def test_weighted_marginal_of_donors_is_reproduced(forest, donors) -> None:
    features, _, weights = donors
    near = np.concatenate([near.toarray() for _, near in forest.neighbours(features)])
    np.testing.assert_allclose(weights @ near, weights, rtol=1e-10)


def test_quantiles_are_the_smallest_value_that_reaches_the_probability(forest, donors) -> None:
    features, values, _ = donors
    wanted = [0.0, 0.001, 0.1, 0.5, 0.9, 0.999, 1.0]
    found = np.concatenate(
        [weighted_quantiles(near, values, [wanted]) for _, near in forest.neighbours(features)]
    )
    for row in range(0, 300, 23):
        share = by_hand(forest, features, features[row])
        for column, q in enumerate(wanted):
            reached = [
                y for y in np.unique(values) if share[values <= y].sum() >= max(q - 1e-12, 1e-300)
            ]
            assert found[row, column] == reached[0]


def test_tails_beyond_the_outer_tenths_are_reached(forest, donors) -> None:
    features, values, _ = donors
    near = next(iter(forest.neighbours(features[:5])))[1]
    low, high = weighted_quantiles(near, values, [[0.0, 1.0]]).T
    for row in range(5):
        present = values[by_hand(forest, features, features[row]) > 0]
        assert (low[row], high[row]) == (present.min(), present.max())


def test_out_of_bag_uses_only_other_donors_and_trees_not_grown_on_them(forest, donors) -> None:
    features, _, _ = donors
    near = np.concatenate(
        [near.toarray() for _, near in forest.neighbours(features, own=np.arange(300))]
    )
    assert np.all(np.diag(near) == 0)
    for row in (0, 50, 299):
        expected = np.zeros(300)
        for tree, seen in zip(forest.trees, forest.in_sample, strict=True):
            if not seen[row]:
                leaf = tree.apply(features)
                same = leaf == leaf[row]
                expected += same * forest.weights / (same @ forest.weights)
        expected[row] = 0
        expected /= expected.sum()
        np.testing.assert_allclose(near[row], expected, atol=1e-12)


def test_out_of_bag_without_such_a_tree_is_refused(donors) -> None:
    features, values, weights = donors
    whole = ImputeConfig(trees=2, sample_share=1.0)
    grown = LeafForest.grow(features, values[:, None], weights, whole, "y")
    with pytest.raises(ValueError, match="300 of 300 donors were in the sample of every tree"):
        list(grown.neighbours(features, own=np.arange(300)))


def test_ranks_invert_quantiles(forest, donors) -> None:
    features, values, _ = donors
    near = next(iter(forest.neighbours(features[:40])))[1]
    for q in (0.2, 0.7):
        observed = weighted_quantiles(near, values, [[q]])[:, 0]
        rows = len(observed)
        low = conditional_ranks(near, values, observed, np.zeros(rows))
        high = conditional_ranks(near, values, observed, np.ones(rows))
        assert np.all(low < q + 1e-9) and np.all(high > q - 1e-9)


def test_unweighted_quantiles_equal_those_of_quantile_forest() -> None:
    """Same trees (whole sample, all features, targets that are their own ranks), same F."""
    rng = np.random.default_rng(0)
    features, fresh = rng.normal(size=(2, 400, 3)).astype(np.float32)
    values = (features[:, 0] + rng.normal(size=400)).argsort().argsort().astype(np.float64)
    config = ImputeConfig(trees=20, min_leaf=10, feature_share=1.0, sample_share=1.0)
    forest = LeafForest.grow(features, values[:, None], np.ones(400), config, "y")
    wanted = [0.013, 0.1, 0.257, 0.5, 0.9, 0.987]
    found = [weighted_quantiles(near, values, [wanted]) for _, near in forest.neighbours(fresh)]
    library = RandomForestQuantileRegressor(
        n_estimators=20,
        min_samples_leaf=10,
        max_samples_leaf=None,
        bootstrap=False,
        random_state=0,
    ).fit(features, values)
    expected = library.predict(fresh, quantiles=wanted, interpolation="lower")
    assert np.array_equal(np.concatenate(found), expected)


def test_quantiles_of_a_single_leaf_are_those_of_the_donors() -> None:
    values = np.array([3.0, 1.0, 2.0, 5.0, 4.0])
    features = np.zeros((5, 1), dtype=np.float32)
    forest = LeafForest.grow(features, values[:, None], np.ones(5), CONFIG, "y")
    near = next(iter(forest.neighbours(features[:1])))[1]
    assert weighted_quantiles(near, values, [[0.2, 0.21, 0.5, 1.0]]).tolist() == [[1, 2, 3, 5]]
