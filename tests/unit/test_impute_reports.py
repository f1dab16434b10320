"""Draws are described beside their donors, models judged beside baselines, and by the truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.frame import stream
from steelyard.impute import ImputeConfig, ModelSpec, Target
from steelyard.impute.baselines import BASELINES
from steelyard.impute.copies import CopyPlan, draw_copies
from steelyard.impute.reports import (
    DRAWS,
    OURS,
    SCORES,
    TRUTH,
    called,
    compare_with_truth,
    describe_draws,
    score_models,
)
from steelyard.sources.demo.truth import household_truth

SPEC = ModelSpec(
    name="wealth",
    predictors=("age", "income"),
    targets=(Target("worth"),),
    config=ImputeConfig(seed=5, trees=20, min_leaf=4),
)
PLAN = CopyPlan(SPEC, key="household_id", companions=(("debt", "worth"),))
SCORED = {"most_donors": 300, "folds": 2, "draws": 3}


def people(count: int, name: str) -> pd.DataFrame:
    """Records whose worth hangs on age and income, a third of them with none."""
    rng = stream(1, name)
    age, income = rng.integers(20, 80, count), np.round(rng.lognormal(10, 1, count))
    owns = rng.uniform(size=count) < 2 / 3
    worth = np.where(owns, np.round(age * income * rng.lognormal(0, 0.3, count) / 100) + 1, 0)
    return pd.DataFrame(
        {
            "dataset_id": "survey_2022",
            "household_id": np.arange(count),
            "design_weight": rng.uniform(1, 3, count),
            "age": age,
            "income": income,
            "worth": worth,
            "debt": worth / 2,
        }
    )


def donors(count: int = 300) -> pa.Table:
    return pa.Table.from_pandas(people(count, "donors"), preserve_index=False)


def recipients(**changes: object) -> pa.Table:
    asked = people(200, "recipients").drop(columns=["worth", "debt"])
    return pa.Table.from_pandas(asked.assign(**changes), preserve_index=False)


def described(asked: pa.Table | None = None) -> pd.DataFrame:
    asked = recipients() if asked is None else asked
    drawn = draw_copies(donors(), asked, PLAN)
    return describe_draws(PLAN, donors(), asked, drawn).to_pandas()


def test_each_variable_is_described_once_a_copy() -> None:
    rows = described()
    assert list(zip(rows["copy_id"], rows["variable"], strict=True)) == [
        (0, "worth"),
        (0, "debt"),
        (1, "worth"),
        (1, "debt"),
    ]
    given = people(300, "donors")
    first = rows.iloc[0]
    mean = np.average(given["worth"], weights=given["design_weight"])
    assert first["donor_mean"] == pytest.approx(mean)
    assert first["donor_zero_share"] == pytest.approx(
        given["design_weight"][given["worth"] == 0].sum() / given["design_weight"].sum()
    )
    assert (first["donor_count"], first["recipient_count"]) == (300, 200)
    assert 200 < first["effective_donor_count"] < 300
    assert first["ks_distance"] < 0.15
    assert rows["imputation_run_id"].nunique() == 1


def test_recipients_beyond_all_donors_are_counted_by_weight() -> None:
    older = np.where(np.arange(200) < 50, 99, 40)
    weights = np.where(np.arange(200) < 50, 3.0, 1.0)
    income = float(np.median(people(300, "donors")["income"]))
    rows = described(recipients(age=older, income=income, design_weight=weights))
    assert rows["outside_support_share"].unique() == pytest.approx([0.5])


def test_where_nothing_was_drawn_there_is_nothing_to_describe() -> None:
    nothing = draw_copies(donors().slice(0, 0), recipients(), PLAN)
    assert describe_draws(PLAN, donors().slice(0, 0), recipients(), nothing).equals(
        DRAWS.empty_table()
    )


def test_draws_are_called_as_they_are_released() -> None:
    drawn = draw_copies(donors(), recipients(), PLAN)
    found = describe_draws(PLAN, donors(), recipients(), drawn)
    named = called(found, "imp_wealth/first", {"worth": "net_worth"}).to_pandas()
    assert list(named["variable"]) == ["net_worth", "net_worth"]
    assert set(named["imputation"]) == {"imp_wealth/first"}
    own = found.to_pandas().query("variable == 'worth'")
    assert list(named["imputed_mean"]) == list(own["imputed_mean"])


def test_a_model_is_judged_beside_every_baseline() -> None:
    found = score_models(PLAN, donors(), **SCORED).to_pandas()
    assert set(found["method"]) == {OURS, *BASELINES}
    assert set(found["variable"]) == {"worth", "all"}
    skill = found[(found["statistic"] == "pinball_skill") & found["detail"].isna()]
    by_method = skill.set_index("method")["score"]
    assert by_method["unconditional"] == 0
    # Worth hangs on the predictors: knowing them helps.
    assert by_method[OURS] > 0.1
    assert by_method[OURS] > by_method["hot_deck"]


def test_fewer_donors_are_judged_where_a_build_says_so() -> None:
    few = score_models(PLAN, donors(), **SCORED | {"most_donors": 80})
    assert not few.equals(score_models(PLAN, donors(), **SCORED))
    assert score_models(PLAN, donors(), **SCORED | {"most_donors": 0}).equals(SCORES.empty_table())
    assert score_models(PLAN, donors().slice(0, 0), **SCORED).equals(SCORES.empty_table())


def test_codes_are_not_judged_as_amounts() -> None:
    coded = replace(PLAN, spec=replace(SPEC, targets=(Target("worth", kind="category"),)))
    assert score_models(coded, donors(), **SCORED).equals(SCORES.empty_table())


def test_a_family_of_several_implicates_is_judged_as_one() -> None:
    first = people(120, "donors").assign(implicate=1)
    both = pd.concat([first, first.assign(implicate=2)], ignore_index=True)
    told = both.rename(columns={"household_id": "family_id"})
    found = score_models(PLAN, pa.Table.from_pandas(told, preserve_index=False), **SCORED)
    ours = found.to_pandas().query("method == @OURS and statistic == 'ks'")
    # With its twin among the donors each family's own value would be there to draw.
    assert np.isfinite(ours["score"]).all()


def compared(imputed: pd.Series) -> pd.DataFrame:
    truth = people(200, "truth")
    drawn = truth.assign(worth=imputed, copy_id=0)[
        ["household_id", "copy_id", "design_weight", "age", "income", "worth"]
    ]
    tables = (
        pa.Table.from_pandas(table, preserve_index=False)
        for table in (truth[["household_id", "worth"]], drawn)
    )
    return compare_with_truth(*tables, "household_id", ("age", "income")).to_pandas()


def test_the_truth_itself_has_no_error() -> None:
    (row,) = compared(people(200, "truth")["worth"]).to_dict("records")
    assert row["ks_distance"] == 0
    assert row["rank_correlation"] == pytest.approx(1)
    assert row["known_rank_correlation_error"] == pytest.approx(0)
    assert row["imputed_top_share"] == row["true_top_share"]


def test_values_that_ignore_the_record_lose_what_hangs_together() -> None:
    shuffled = people(200, "truth")["worth"].sample(frac=1, random_state=1).to_numpy()
    (row,) = compared(pd.Series(shuffled)).to_dict("records")
    assert abs(row["rank_correlation"]) < 0.3
    assert row["known_rank_correlation_error"] < -0.2


def test_without_a_truth_there_is_nothing_to_compare() -> None:
    empty = pa.table({"household_id": pa.array([], pa.int64())})
    assert compare_with_truth(empty, empty, "household_id", ()).equals(TRUTH.empty_table())


def test_the_demo_world_knows_what_its_households_have() -> None:
    truth = household_truth(200, 2022).to_pandas()
    assert len(truth) == 200
    assert truth["household_id"].is_unique
    assert (truth["mortgage_balance"] <= 0).any()
    assert (truth["mortgage_balance"] > 0).any()
    assert (truth.loc[truth["mortgage_balance"] > 0, "home_value"] > 0).all()
    assert truth["net_worth"].max() > 1e6
    pd.testing.assert_frame_equal(truth, household_truth(200, 2022).to_pandas())
