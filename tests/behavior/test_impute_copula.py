"""Dependence by ranks: what a copula carries over, and ranks that stay."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from steelyard.impute import (
    Copula,
    ForestImputer,
    ImputeConfig,
    fit_copula,
    keyed_uniforms,
    preserve_ranks,
)

IDS = np.arange(4000)


def world(seed: int) -> pd.DataFrame:
    """Make records whose two targets hang together beyond what age explains."""
    rng = np.random.default_rng(seed)
    age, taste = rng.integers(20, 85, 4000), rng.normal(size=4000)
    return pd.DataFrame(
        {
            "age": age,
            "saved": np.exp(age / 30 + taste + 0.3 * rng.normal(size=4000)),
            "owed": np.exp(3 - age / 60 - taste + 0.3 * rng.normal(size=4000)),
        }
    )


@pytest.fixture(scope="module")
def fitted():
    return ForestImputer(ImputeConfig(min_leaf=60)).fit(world(1), ["age"], ["saved", "owed"])


def test_copula_restores_the_dependence_that_predictors_do_not_explain(fitted) -> None:
    truth = world(2)
    copula = fit_copula(fitted.out_of_bag_ranks(seed=1), fitted.weights)
    assert copula.correlation[0, 1] == pytest.approx(-0.92, abs=0.08)
    drawn = fitted.at_ranks(truth, copula.ranks(5, ("copula",), IDS))
    alone = fitted.at_ranks(
        truth, {name: keyed_uniforms(5, ("alone", name), IDS) for name in ("saved", "owed")}
    )
    expected = stats.spearmanr(truth["saved"], truth["owed"]).statistic
    assert stats.spearmanr(drawn["saved"], drawn["owed"]).statistic == pytest.approx(
        expected, abs=0.06
    )
    assert stats.spearmanr(alone["saved"], alone["owed"]).statistic > expected + 0.4
    for name in ("saved", "owed"):
        floor = stats.ks_2samp(world(1)[name], truth[name]).statistic
        assert stats.ks_2samp(drawn[name], truth[name]).statistic < floor + 0.03


def test_inversion_and_donor_draws_are_the_same_distribution(fitted) -> None:
    truth = world(2)
    inverted = fitted.at_ranks(truth, {"saved": keyed_uniforms(5, ("u",), IDS)})["saved"]
    assert stats.ks_2samp(inverted, fitted.draw(truth, seed=5)["saved"]).statistic < 0.03


def test_values_come_back_from_their_own_ranks(fitted) -> None:
    """Donors hold every value of the model, so value -> rank -> value is the identity."""
    donor = world(1)
    ranks = fitted.ranks(donor, seed=3)
    again = fitted.at_ranks(donor, ranks)
    same = np.isclose(again["owed"], donor["owed"])
    assert same.mean() > 0.99


def test_ranks_of_records_not_seen_are_uniform(fitted) -> None:
    for name, ranks in fitted.ranks(world(2), seed=3).items():
        assert stats.kstest(ranks, "uniform").statistic < 0.05, name


@pytest.mark.parametrize(("kappa", "expected"), [(0.0, 1.0), (0.3, 0.95), (1.0, 0.0)])
def test_ranks_are_preserved_as_far_as_asked_and_stay_uniform(kappa, expected) -> None:
    ranks, chance = keyed_uniforms(1, ("rank",), IDS), keyed_uniforms(1, ("chance",), IDS)
    kept = preserve_ranks(ranks, chance, kappa)
    assert stats.kstest(kept, "uniform").pvalue > 0.001
    assert np.corrcoef(kept, ranks)[0, 1] == pytest.approx(expected, abs=0.04)


def test_ranks_of_a_target_do_not_change_when_another_is_added() -> None:
    pair = Copula(("a", "b"), np.array([[1, 0.5], [0.5, 1]]))
    three = Copula(("a", "b", "c"), np.array([[1, 0.5, 0.2], [0.5, 1, 0.1], [0.2, 0.1, 1]]))
    few, more = pair.ranks(1, ("m",), IDS), three.ranks(1, ("m",), IDS)
    np.testing.assert_allclose(more["b"], few["b"], rtol=1e-12)
    assert np.corrcoef(more["a"], more["b"])[0, 1] == pytest.approx(0.48, abs=0.05)


def test_what_is_no_copula_is_refused(fitted) -> None:
    ranks = keyed_uniforms(1, ("rank",), IDS)
    with pytest.raises(ValueError, match="always rank alike"):
        fit_copula({"a": ranks, "b": ranks}, np.ones(4000))
    shrunk = fit_copula({"a": ranks, "b": ranks}, np.ones(4000), shrinkage=0.1)
    assert shrunk.correlation[0, 1] == pytest.approx(0.9)
    with pytest.raises(ValueError, match="shrinkage is 1"):
        fit_copula({"a": ranks}, np.ones(4000), shrinkage=1)
    with pytest.raises(ValueError, match="kappa is 2"):
        preserve_ranks(ranks, ranks, 2)
    for wrong, message in (
        (ranks * 2, r"quantiles: \d+ probabilities not in"),
        (ranks[:5], "5 of 'owed' for 4000 recipients"),
    ):
        with pytest.raises(ValueError, match=message):
            fitted.at_ranks(world(1), {"owed": wrong})
    with pytest.raises(ValueError, match=r"\['debt'\] are not among the targets"):
        fitted.at_ranks(world(1), {"debt": ranks})
