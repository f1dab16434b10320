"""Tuning: seeded, bounded, resumable, and never worse than where it began."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from steelyard.impute import ImputeConfig, tuning
from steelyard.impute.cross_validation import Folds
from steelyard.impute.scorecard import Judgement
from steelyard.impute.tuning import Budget, Space, tune

RNG = np.random.default_rng(2)
COUNT = 240
AGE = RNG.uniform(20, 80, COUNT)
DONORS = pd.DataFrame(
    {
        "age": AGE,
        "noise": RNG.normal(size=COUNT),
        "net": np.exp(AGE / 10 + RNG.normal(size=COUNT)),
        "weight": RNG.lognormal(0, 1, COUNT),
        "family": np.arange(COUNT) // 2,
    }
)
JUDGEMENT = Judgement(("age", "noise"), ("net",), "weight", group="family")
FOLDS = Folds(2)
BASE = ImputeConfig(name="test", trees=4, min_leaf=60)
SPACE = Space(min_leaf=(2, 80), trees=(2, 8))


def tuned(budget: Budget, base: ImputeConfig = BASE):
    return tune(DONORS, JUDGEMENT, FOLDS, base, SPACE, budget)


@pytest.fixture(scope="module")
def found():
    return tuned(Budget(trials=12))


def test_the_best_beats_the_base_which_is_the_first(found) -> None:
    first = found.trials.iloc[0]
    assert (first["min_leaf"], first["trees"], first["feature_share"]) == (
        60,
        4,
        BASE.feature_share,
    )
    assert found.loss < first["loss"] - 0.01 < 1
    best = tuned(Budget(trials=12, slack=0))
    assert best.loss == best.trials["loss"].min()
    chosen = best.trials.iloc[best.trials["loss"].argmin()]
    assert (best.config.min_leaf, best.config.name) == (chosen["min_leaf"], "test")
    assert len(best.trials) == 12


def test_of_trials_as_good_as_the_best_the_one_with_the_largest_leaves_is_chosen() -> None:
    trials = pd.DataFrame(
        {
            "number": range(4),
            "state": ["complete", "complete", "complete", "pruned"],
            "loss": [0.50, 0.51, 0.51, 0.50],
            "loss_error": [0.0, 0.02, 0.005, 0.0],
            "min_leaf": [5, 10, 20, 40],
            "sample_share": [0.5, 0.5, 0.5, 0.5],
        }
    )
    assert tuning._chosen(trials, 0) == 0
    # The second is within one standard error, the third within two.
    assert tuning._chosen(trials, 1) == 1
    assert tuning._chosen(trials, 2) == 2


def test_the_same_search_finds_the_same(found) -> None:
    # Threads grow the same trees.
    again = tuned(Budget(trials=12), replace(BASE, n_jobs=2))
    pd.testing.assert_frame_equal(again.trials, found.trials)


def test_an_interrupted_search_goes_on_as_if_it_had_not_been(found, tmp_path) -> None:
    storage = f"sqlite:///{tmp_path}/tuning.db"
    first = tuned(Budget(trials=11, storage=storage))
    assert len(first.trials) == 11
    again = tuned(Budget(trials=12, storage=storage))
    pd.testing.assert_frame_equal(again.trials, found.trials)
    assert again.config == found.config
    # Another base is another search.
    other = tuned(Budget(trials=1, storage=storage), replace(BASE, seed=1))
    assert len(other.trials) == 1


def test_bounds_of_time_and_pruning(found) -> None:
    assert len(tuned(Budget(trials=12, seconds=0)).trials) == 1
    pruned = tuned(Budget(trials=12, is_pruned=True)).trials
    assert set(pruned["state"]) == {"complete", "pruned"}


def test_a_base_outside_the_space_is_refused() -> None:
    with pytest.raises(ValueError, match="min_leaf of the base is 100, outside 2 to 80"):
        tuned(Budget(1), replace(BASE, min_leaf=100))
    with pytest.raises(ValueError, match="max_depth 3 is not among"):
        tuned(Budget(1), replace(BASE, max_depth=3))
    with pytest.raises(ValueError, match="0 trials; make one or more"):
        tuned(Budget(0))
