"""The scorecard: each figure by hand on small cases, and the right model told from wrong ones."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_pinball_loss

from steelyard import validate
from steelyard.impute import ForestImputer, ImputeConfig, ModelSpec, Target, evaluation
from steelyard.impute.baselines import BASELINES
from steelyard.impute.cross_validation import Folds, SpecImputer, cross_validate, split
from steelyard.impute.scorecard import Judgement, scorecard, with_skill
from steelyard.impute.two_sample import two_sample_auc

TRUTH = pd.DataFrame(
    {
        "age": [30, 40, 50, 60],
        "net": [0.0, 1.0, 2.0, 5.0],
        "debt": [0.0, 3.0, 1.0, 2.0],
        "w": [1.0, 1, 1, 1],
    }
)
DRAWS = [TRUTH[["net", "debt"]], TRUTH[["net", "debt"]].assign(net=[0.0, 0.0, 2.0, 6.0])]
SMALL = Judgement(
    ("age",), ("net", "debt"), "w", deciles_of=("age",), probabilities=(0.05, 0.25, 0.75, 0.95),
    two_sample_draws=0,
)  # fmt: skip


def value(scores: pd.DataFrame, target: str, statistic: str, detail: str | None = None) -> float:
    chosen = scores[(scores["target"] == target) & (scores["statistic"] == statistic)]
    chosen = chosen[chosen["detail"].isna() if detail is None else chosen["detail"] == detail]
    assert len(chosen) == 1, (target, statistic, detail)
    return float(chosen["value"].iloc[0])


def test_every_figure_by_hand() -> None:
    quantiles = {
        "net": np.tile([0.0, 1, 2, 3], (4, 1)),
        "debt": np.tile([0.0, 0, 2, 3], (4, 1)),
    }
    scores = scorecard(TRUTH, DRAWS, quantiles, SMALL, model="ours")
    assert set(scores["model"]) == {"ours"}
    losses = [
        mean_pinball_loss(TRUTH["net"], quantiles["net"][:, place], alpha=probability)
        for place, probability in enumerate(SMALL.probabilities)
    ]
    assert value(scores, "net", "pinball", "0.25") == pytest.approx(losses[1])
    assert value(scores, "net", "pinball") == pytest.approx(np.mean(losses))
    assert value(scores, "net", "coverage_50") == 0.5
    assert value(scores, "net", "coverage_90") == 0.75
    assert value(scores, "debt", "coverage_50") == 0.75
    # Only the second draw errs: by 1 on two of four records, a zero more, the sum 8 still.
    assert value(scores, "net", "ks") == pytest.approx(0.25 / 2)
    assert value(scores, "net", "wasserstein") == pytest.approx(0.5 / 2)
    assert value(scores, "net", "wasserstein_asinh") == pytest.approx(
        (np.arcsinh(1) + np.arcsinh(6) - np.arcsinh(5)) / 8
    )
    assert value(scores, "net", "zero_share_true") == 0.25
    assert value(scores, "net", "zero_share_error") == pytest.approx(0.25 / 2)
    assert value(scores, "net", "mean_error") == pytest.approx(0)
    assert value(scores, "net", "top_1_share_true") == pytest.approx(0.04 * 5 / 8)
    assert value(scores, "net", "top_1_share_error") == pytest.approx(0.2 / 2)
    assert value(scores, "net", "gini_true") == pytest.approx(validate.gini([0, 1, 2, 5], [1] * 4))
    assert value(scores, "net", "gini_error") == pytest.approx(
        (validate.gini([0, 0, 2, 6], [1] * 4) - validate.gini([0, 1, 2, 5], [1] * 4)) / 2
    )
    # Mid-ranks 1/8, 3/8, ...: groups 2, 4, 7 and 9 of age.
    assert value(scores, "net", "decile_mean_true", "age 4") == 1
    assert value(scores, "net", "decile_mean_imputed", "age 4") == 0.5
    assert value(scores, "net", "decile_mean_error", "age") == pytest.approx((0.5 + 0.5) / 4 / 2)
    # Crossed absolute errors: draws (1, 0) of a 1 lose 1/2 - 1/2, draws (5, 6) of a 5 the same.
    assert value(scores, "net", "crps") == pytest.approx(0)
    shares = scores[(scores["target"] == "net") & (scores["statistic"] == "pit_share")]
    assert len(shares) == 10 and shares["value"].sum() == pytest.approx(1)
    assert value(scores, "debt", "ks") == 0


def test_dependence_by_hand() -> None:
    scores = scorecard(TRUTH, DRAWS, None, SMALL)
    true = evaluation.rank_correlation(TRUTH[["net", "debt", "age"]], TRUTH["w"])
    second = evaluation.rank_correlation(DRAWS[1].assign(age=TRUTH["age"]), TRUTH["w"])
    error = second - true
    assert value(scores, "all", "rank_correlation_error", "net debt") == pytest.approx(
        error[0, 1] / 2
    )
    assert value(scores, "all", "rank_correlation_error_max") == pytest.approx(abs(error[0, 1]) / 2)
    between = error[:2, 2]
    assert value(scores, "all", "predictor_rank_correlation_error_rmse") == pytest.approx(
        np.sqrt((between**2).mean()) / 2
    )
    assert "pinball" not in set(scores["statistic"])


def test_skill_refers_to_the_reference() -> None:
    rows = [("ours", "net", "crps", None, 3.0), ("unconditional", "net", "crps", None, 4.0)]
    scores = pd.DataFrame(rows, columns=["model", "target", "statistic", "detail", "value"])
    found = with_skill(scores)
    assert found["statistic"].tolist() == ["crps", "crps", "crps_skill", "crps_skill"]
    assert found["value"].tolist()[2:] == [0.25, 0.0]
    pd.testing.assert_frame_equal(with_skill(found), found)
    with pytest.raises(ValueError, match="no losses of 'unconditional' among models \\['ours'\\]"):
        with_skill(scores.iloc[:1])


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        (DRAWS[:1], "1 draws; give two or more"),
        ([DRAWS[0], DRAWS[0].iloc[:3]], "draw 1 has 3 rows for 4"),
        ([DRAWS[0], DRAWS[0][["net"]]], r"lacks targets \['debt'\]"),
    ],
)
def test_draws_that_do_not_fit_are_refused(draws: list[pd.DataFrame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scorecard(TRUTH, draws, None, SMALL)


def test_what_has_no_share_is_no_number() -> None:
    scores = scorecard(TRUTH.assign(net=0.0), DRAWS, None, SMALL)
    assert np.isnan(value(scores, "net", "top_1_share_true"))
    assert np.isnan(value(scores, "net", "mean_error"))


def population(count: int, seed: int = 21) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 80, count).astype(float)
    saver = rng.normal(size=count)
    net = np.where(rng.random(count) < 0.2, 0, np.exp(8 + age / 20 + saver / 2))
    return pd.DataFrame(
        {
            "age": age,
            "wage": rng.lognormal(10, 1, count),
            "net": net,
            "debt": np.exp(7 - 0.5 * saver + age / 60),
            "w": rng.lognormal(0, 0.5, count),
            "family": np.arange(count) // 2,
        }
    )


def test_a_classifier_tells_a_wrong_model_and_not_the_right_one() -> None:
    true, again = population(1_500), population(1_500, seed=22)
    columns = ["age", "net", "debt"]
    arguments = (true["w"], true["family"])
    right = two_sample_auc(true[columns], again[columns], *arguments)
    mixed = true[columns].assign(debt=true["debt"].to_numpy()[::-1])
    assert abs(right - 0.5) < 0.05
    assert two_sample_auc(true[columns], mixed, *arguments) > 0.56
    # The very same records cannot be told apart, nor do they seem to be the other kind.
    assert two_sample_auc(true[columns], true[columns], *arguments) == pytest.approx(0.5)


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    judgement = Judgement(
        ("age", "wage"), ("net", "debt"), "w", group="family", deciles_of=("age",)
    )
    config = ImputeConfig(mode="joint", trees=10)
    spec = ModelSpec(
        "impute", ("age", "wage"), (Target("net"), Target("debt")), "joint", config=config
    )
    names = ("unconditional", "mean", "hot_deck")
    imputers = {"forest": ForestImputer(config), "spec": SpecImputer(spec)}
    imputers |= {name: BASELINES[name] for name in names}
    return cross_validate(imputers, population(1_200), judgement, Folds(count=2, draws=4))


def test_models_are_ranked_as_they_should_be(judged: pd.DataFrame) -> None:
    of = {name: judged[judged["model"] == name] for name in judged["model"].unique()}
    assert value(of["unconditional"], "net", "pinball_skill") == 0
    assert value(of["forest"], "net", "crps_skill") > 0.05
    assert value(of["mean"], "net", "crps_skill") < 0
    assert value(of["mean"], "all", "two_sample_auc") > 0.9
    auc = {name: value(card, "all", "two_sample_auc") for name, card in of.items()}
    assert auc["forest"] < 0.68 < auc["unconditional"] - 0.02
    assert value(of["unconditional"], "net", "decile_mean_error", "age") > 2 * value(
        of["hot_deck"], "net", "decile_mean_error", "age"
    )
    assert abs(value(of["forest"], "net", "central_90") - 0.9) < 0.05
    assert (
        abs(value(of["spec"], "net", "crps_skill") - value(of["forest"], "net", "crps_skill"))
        < 0.02
    )


def test_a_spec_about_something_else_is_refused() -> None:
    spec = ModelSpec("other", ("age",), (Target("net"),))
    with pytest.raises(ValueError, match="model 'other' is about"):
        SpecImputer(spec).fit(population(50), ("age",), ("debt",), "w")


def test_families_are_never_split_and_implicates_take_turns() -> None:
    families = population(400)
    both = pd.concat([families.assign(implicate=number) for number in (1, 2)])
    judgement = Judgement(("age",), ("net",), "w", group="family")
    judged_by = []
    for place, (one, other) in enumerate(split(both, judgement, Folds(4, "implicate"))):
        assert not set(one["family"]) & set(other["family"])
        assert set(one["implicate"]) == set(other["implicate"]) == {place % 2 + 1}
        judged_by.append(other)
    assert sorted(pd.concat(judged_by)["family"]) == sorted(families["family"])
    with pytest.raises(ValueError, match="give more families or fewer folds"):
        list(split(families.iloc[:1], judgement, Folds(2)))
