"""Laws of imputation: what must hold whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from steelyard.impute import ForestImputer, ImputeConfig

PREDICTORS, TARGETS = ["age", "wages"], ["stocks", "bonds", "debt"]


def world(count: int, seed: int) -> pd.DataFrame:
    """Make records with heavy tails, zeros, signs and a factor the targets share."""
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 85, count)
    wages = np.where(age < 65, rng.lognormal(10.5, 0.9, count), 0).round()
    taste = rng.normal(size=count)
    level = np.log1p(wages) / 11 + (age - 50) / 40
    stocks = np.where(taste + level > 1.2, np.exp(8 + level + 1.5 * taste), 0).round()
    bonds = np.where(taste + rng.normal(size=count) > 0.8, np.exp(7 + 1.2 * taste), 0).round()
    debt = (np.exp(9 - taste) * np.sign(rng.normal(0.8, 1, count))).round()
    return pd.DataFrame(
        {"age": age, "wages": wages, "stocks": stocks, "bonds": bonds, "debt": debt}
    )


DONOR, RECIPIENT = world(3000, 1), world(5000, 2)
DONOR["w"] = np.where(DONOR["stocks"] > 0, 0.5, 2.0)


def fitted(targets: list[str] = TARGETS, weight: str | None = None, **changes: object):
    return ForestImputer(ImputeConfig(**changes)).fit(DONOR, PREDICTORS, targets, weight)


@pytest.mark.parametrize("mode", ["sequential", "joint"])
def test_draws_do_not_depend_on_order_threads_memory_or_other_recipients(mode: str) -> None:
    keys = np.arange(5000) * 7 + 3
    base = fitted(mode=mode).draw(RECIPIENT, seed=11, key=keys)
    order = np.random.default_rng(3).permutation(5000)[:1700]
    moved = fitted(mode=mode, n_jobs=2, memory_mib=1).draw(
        RECIPIENT.iloc[order], seed=11, key=keys[order]
    )
    pd.testing.assert_frame_equal(moved, base.iloc[order])


def test_adding_a_target_after_the_others_changes_none_of_their_draws() -> None:
    few = fitted(TARGETS[:2]).draw(RECIPIENT, seed=11)
    pd.testing.assert_frame_equal(few, fitted().draw(RECIPIENT, seed=11)[TARGETS[:2]])


@settings(max_examples=10, deadline=None)
@given(threads=st.integers(1, 4), memory=st.integers(1, 64))
def test_quantiles_do_not_depend_on_threads_or_memory(threads: int, memory: int) -> None:
    base = fitted(["stocks"], trees=6).quantiles(RECIPIENT.iloc[:700], [0.001, 0.5, 0.999])
    again = fitted(["stocks"], trees=6, n_jobs=threads, memory_mib=memory).quantiles(
        RECIPIENT.iloc[:700], [0.001, 0.5, 0.999]
    )
    assert np.array_equal(base["stocks"], again["stocks"])


def test_each_target_and_each_seed_has_its_own_draws() -> None:
    """The peers' mistake: one uniform for all targets makes unrelated targets rank alike."""
    rng = np.random.default_rng(4)
    noise = pd.DataFrame(rng.normal(size=(3000, 2)), columns=["first", "second"]).assign(x=0)
    model = ForestImputer(ImputeConfig()).fit(noise, ["x"], ["first", "second"])
    fresh = pd.DataFrame({"x": np.zeros(5000)})
    drawn, other = model.draw(fresh, seed=1), model.draw(fresh, seed=2)
    assert abs(stats.spearmanr(drawn["first"], drawn["second"]).statistic) < 0.06
    assert abs(stats.spearmanr(drawn["first"], other["first"]).statistic) < 0.06


@pytest.mark.parametrize("mode", ["sequential", "joint"])
def test_marginals_zeros_signs_tails_and_dependence_survive(mode: str) -> None:
    model = fitted(mode=mode)
    draws = [model.draw(RECIPIENT, seed=seed) for seed in range(10)]
    for target in TARGETS:
        # What 3,000 donors, drawn at random, can know of the population.
        floor = stats.ks_2samp(DONOR[target], RECIPIENT[target]).statistic
        for drawn in draws:
            assert stats.ks_2samp(drawn[target], RECIPIENT[target]).statistic < floor + 0.03
        for sign in (-1, 0):
            share = np.mean([(np.sign(drawn[target]) == sign).mean() for drawn in draws])
            assert abs(share - (np.sign(DONOR[target]) == sign).mean()) < 0.02
    assert draws[0]["stocks"].max() >= DONOR["stocks"].quantile(0.999)
    errors = [drawn.corr("spearman") - DONOR[TARGETS].corr("spearman") for drawn in draws]
    assert np.abs(np.mean(errors, axis=0)).max() < 0.06


@pytest.mark.parametrize("mode", ["sequential", "joint"])
def test_donor_weights_undo_informative_sampling(mode: str) -> None:
    """Holders of stocks are sampled at random here but weigh a quarter: their share must fall."""
    share = np.average(DONOR["stocks"] > 0, weights=DONOR["w"])
    drawn = fitted(weight="w", mode=mode).draw(DONOR, seed=5, key=np.arange(3000))
    got = np.average(drawn["stocks"] > 0, weights=DONOR["w"])
    assert abs(got - share) < 0.02
    assert abs(share - (DONOR["stocks"] > 0).mean()) > 0.1


def test_weights_count_like_copies_of_a_donor() -> None:
    """Donors of weight 3 draw as three equal donors would, in a forest of one leaf."""
    donor = pd.DataFrame({"x": 0.0, "y": [1.0, 2.0], "w": [3.0, 1.0]})
    drawn = (
        ForestImputer(ImputeConfig(sample_share=1.0))
        .fit(donor, ["x"], ["y"], "w")
        .draw(pd.DataFrame({"x": np.zeros(40_000)}), seed=1)
    )
    assert abs((drawn["y"] == 1).mean() - 0.75) < 0.01


def test_out_of_bag_ranks_are_uniform() -> None:
    for target, ranks in fitted().out_of_bag_ranks(seed=1).items():
        assert stats.kstest(ranks, "uniform").statistic < 0.035, target
