"""Copies are independent draws, each from its own implicate, and belong to the recipient."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from steelyard.frame import stream
from steelyard.impute import ImputeConfig, ModelSpec, Target
from steelyard.impute.copies import CopyPlan, draw_copies

FAMILIES, RECIPIENTS = 120, 80
SPEC = ModelSpec(
    name="copies",
    predictors=("age", "income"),
    targets=(Target("wealth"), Target("gains")),
    config=ImputeConfig(seed=5, trees=10),
)
PLAN = CopyPlan(SPEC, key="household_id")


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
    plan = replace(PLAN, copies=(0, 1, 2))
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
    plan = replace(PLAN, spec=replace(SPEC, predictors=("age", "income", "tenure")))
    lacking = recipients().append_column("tenure", pa.nulls(RECIPIENTS, pa.float64()))
    for known in (recipients(), lacking):
        pd.testing.assert_frame_equal(drawn(plan, recipients=known), drawn())


def test_what_a_copy_knows_otherwise_decides_its_own_draw_alone() -> None:
    known = {"household_id": [1000, 1003, 7], "copy_id": [1, 1, 1], "income": [2e6, 3e6, 1.0]}
    told = drawn(anew=pa.table(known)).set_index(["copy_id", "household_id"])
    rich = recipients().to_pandas().set_index("household_id")
    rich.loc[[1000, 1003], "income"] = [2e6, 3e6]
    changed = pa.Table.from_pandas(rich.reset_index(), preserve_index=False)
    pd.testing.assert_frame_equal(
        told.loc[1], drawn(recipients=changed).set_index(["copy_id", "household_id"]).loc[1]
    )
    pd.testing.assert_frame_equal(
        told.loc[0], drawn().set_index(["copy_id", "household_id"]).loc[0]
    )


def test_recipients_without_any_predictor_are_refused() -> None:
    with pytest.raises(ValueError, match="recipients carry none of the predictors age, income"):
        drawn(recipients=recipients().select(["household_id"]))


def test_the_run_id_tells_plans_and_seeds_apart() -> None:
    other_seed = replace(SPEC, config=replace(SPEC.config, seed=6))
    plans = [PLAN, replace(PLAN, copies=(0,)), replace(PLAN, spec=other_seed)]
    assert len({drawn(plan)["imputation_run_id"].iloc[0] for plan in plans}) == 3
    assert set(drawn()["imputation_run_id"]) == set(drawn()["imputation_run_id"])


def test_a_companion_comes_from_the_donor_of_its_target_and_moves_no_draw() -> None:
    families = donors().to_pandas()
    families["debt"] = families["wealth"] * 3
    told = pa.Table.from_pandas(families, preserve_index=False)
    result = drawn(replace(PLAN, companions=(("debt", "wealth"),)), donors=told)
    assert (result["debt"] == result["wealth"] * 3).all()
    values = ["household_id", "copy_id", "wealth", "gains"]
    pd.testing.assert_frame_equal(result[values], drawn()[values])


@pytest.mark.parametrize(
    ("companion", "said"),
    [(("debt", "welth"), "'debt' is taken with 'welth', which is not drawn"),
     (("gains", "wealth"), "'gains' is drawn, and taken with 'wealth'")],
)  # fmt: skip
def test_a_companion_of_nothing_drawn_is_refused(companion: tuple[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(PLAN, companions=(companion,))


def test_a_variable_that_donors_lack_is_null_and_moves_no_other() -> None:
    charity = replace(SPEC, targets=(*SPEC.targets, Target("charity")))
    plan = replace(PLAN, spec=charity, companions=(("debt", "wealth"),))
    result = drawn(plan)
    assert result["charity"].isna().all()
    assert result["debt"].isna().all()
    values = ["household_id", "copy_id", "wealth", "gains"]
    pd.testing.assert_frame_equal(result[values], drawn()[values])


def test_without_any_target_the_donors_are_refused() -> None:
    with pytest.raises(ValueError, match="donors carry none of the targets charity"):
        drawn(replace(PLAN, spec=replace(SPEC, targets=(Target("charity"),))))


@pytest.mark.parametrize("empty", ["donors", "recipients"])
def test_nobody_to_give_or_to_ask_leaves_a_table_without_rows(empty: str) -> None:
    whole = {"donors": donors(), "recipients": recipients()}
    result = drawn(**{empty: whole[empty].slice(0, 0)})
    assert len(result) == 0
    assert list(result.columns) == list(drawn().columns)


def test_recipients_that_differ_between_copies_are_drawn_copy_by_copy() -> None:
    first = recipients().to_pandas().assign(copy_id=0)
    rich = first.assign(copy_id=1, income=first["income"] * 100)
    both = pa.Table.from_pandas(pd.concat([first, rich]), preserve_index=False)
    result = drawn(recipients=both).set_index("copy_id")
    assert (result["wealth"][0].to_numpy() == drawn().set_index("copy_id")["wealth"][0]).all()
    assert result["wealth"][1].mean() > 1.5 * result["wealth"][0].mean()
    alone = drawn(recipients=both.filter(pc.equal(both["copy_id"], 1)))
    assert set(alone["copy_id"]) == {1}
    assert (alone["wealth"].to_numpy() == result["wealth"][1].to_numpy()).all()
