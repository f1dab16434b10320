"""Copies are independent draws, each from its own implicate, and belong to the recipient."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.frame import stream
from steelyard.impute import ImputeConfig
from steelyard.impute.copies import CopyPlan, draw_copies

FAMILIES, RECIPIENTS = 120, 80
PLAN = CopyPlan(
    key="household_id",
    predictors=("age", "income"),
    targets=("wealth", "gains"),
    config=ImputeConfig(name="copies", seed=5, trees=10),
)


def donors(implicates: int = 2) -> pa.Table:
    rng = stream(1, "donors")
    age, income = rng.integers(20, 80, FAMILIES), rng.lognormal(10, 1, FAMILIES)
    parts = [
        pd.DataFrame(
            {
                "dataset_id": "wealth_survey_2022",
                "family_id": np.arange(FAMILIES),
                "implicate": number,
                "design_weight": 100.0 / implicates,
                "age": age,
                "income": income,
                # The implicate can be told from every drawn value.
                "wealth": np.round(income * age / 10) * 10 + number,
                "gains": np.where(age > 50, np.round(income / 100) * 10, 0) + number,
            }
        )
        for number in range(1, implicates + 1)
    ]
    return pa.Table.from_pandas(pd.concat(parts), preserve_index=False)


def recipients() -> pa.Table:
    rng = stream(1, "recipients")
    return pa.table(
        {
            "household_id": np.arange(1000, 1000 + RECIPIENTS),
            "age": rng.integers(20, 80, RECIPIENTS),
            "income": rng.lognormal(10, 1, RECIPIENTS),
        }
    )


def drawn(plan: CopyPlan = PLAN, **changes: Any) -> pd.DataFrame:
    inputs = {"donors": donors(), "recipients": recipients()} | changes
    return draw_copies(**inputs, plan=plan).to_pandas()


def test_each_recipient_has_one_row_a_copy_and_says_where_it_came_from() -> None:
    result = drawn()
    assert not result.duplicated(["household_id", "copy_id"]).any()
    assert result.groupby("copy_id")["household_id"].nunique().to_dict() == {0: 80, 1: 80}
    assert set(result["donor_dataset_id"]) == {"wealth_survey_2022"}
    assert result["imputation_run_id"].nunique() == 1
    assert result[["wealth", "gains"]].notna().all(axis=None)


def test_copies_take_turns_with_the_implicates() -> None:
    plan = CopyPlan(PLAN.key, PLAN.predictors, PLAN.targets, (0, 1, 2), PLAN.config)
    implicates = (drawn(plan).set_index("copy_id")["wealth"] % 10).groupby("copy_id").unique()
    assert {copy: list(found) for copy, found in implicates.items()} == {0: [1], 1: [2], 2: [1]}


def test_two_copies_of_one_implicate_differ() -> None:
    result = drawn(donors=donors(1)).pivot(index="household_id", columns="copy_id")
    assert (result["wealth"][0] != result["wealth"][1]).mean() > 0.5


def test_a_draw_belongs_to_the_household_whatever_stands_around_it() -> None:
    whole = drawn().set_index(["household_id", "copy_id"])
    half = recipients().take(list(range(RECIPIENTS - 1, -1, -2)))
    part = drawn(recipients=half).set_index(["household_id", "copy_id"])
    pd.testing.assert_frame_equal(part, whole.loc[part.index])


def test_a_predictor_that_recipients_lack_is_left_out() -> None:
    plan = CopyPlan(PLAN.key, ("age", "income", "tenure"), PLAN.targets, config=PLAN.config)
    values = ["wealth", "gains"]
    lacking = recipients().append_column("tenure", pa.nulls(RECIPIENTS, pa.float64()))
    reference = drawn()
    for known in (recipients(), lacking):
        result = drawn(plan, recipients=known)
        pd.testing.assert_frame_equal(result[values], reference[values])
        assert set(result["imputation_run_id"]) != set(reference["imputation_run_id"])


def test_recipients_without_any_predictor_are_refused() -> None:
    with pytest.raises(ValueError, match="recipients carry none of the predictors age, income"):
        drawn(recipients=recipients().select(["household_id"]))


def test_the_run_id_tells_plans_and_seeds_apart() -> None:
    plans = [
        PLAN,
        CopyPlan(PLAN.key, PLAN.predictors, PLAN.targets, (0,), PLAN.config),
        CopyPlan(
            PLAN.key,
            PLAN.predictors,
            PLAN.targets,
            config=ImputeConfig(name="copies", seed=6, trees=10),
        ),
    ]
    assert len({drawn(plan)["imputation_run_id"].iloc[0] for plan in plans}) == 3
    assert set(drawn()["imputation_run_id"]) == set(drawn()["imputation_run_id"])
