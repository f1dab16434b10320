"""The imputer refuses what it cannot use, naming it, and takes every kind of table."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.impute import ForestImputer, ImputeConfig, UnseenCategoryWarning

CONFIG = ImputeConfig(trees=8)


def donors(count: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    age = rng.integers(18, 90, count)
    return pd.DataFrame(
        {
            "age": age,
            "wages": np.where(age < 65, rng.lognormal(10, 1, count).round(), 0.0),
            "kginc": np.where(rng.random(count) < 0.8, 0, rng.normal(0, 1e4, count).round()),
            "homes": rng.integers(0, 3, count),
            "w": rng.lognormal(0, 1, count),
        }
    )


def fit(donor: pd.DataFrame, config: ImputeConfig = CONFIG, **changes: object):
    arguments = {"predictors": ["age", "wages"], "targets": ["kginc", "homes"], "weight": "w"}
    return ForestImputer(config).fit(donor, **(arguments | changes))


@pytest.mark.parametrize("mode", ["sequential", "joint"])
def test_draws_are_donor_values_in_the_donors_types(mode: str) -> None:
    donor = donors()
    recipient = donor[["age", "wages"]].set_index(np.arange(120) + 1000)
    drawn = fit(donor, ImputeConfig(trees=8, mode=mode)).draw(recipient, seed=1)
    assert drawn.index.equals(recipient.index)
    assert drawn.dtypes.to_dict() == donor[["kginc", "homes"]].dtypes.to_dict()
    assert set(drawn["kginc"]) <= set(donor["kginc"])


def test_joint_draws_are_whole_donor_records() -> None:
    donor = donors()
    fitted = fit(donor, ImputeConfig(trees=8, mode="joint"))
    drawn, rows = fitted.draw_with_donors(donor, seed=1)
    assert np.array_equal(rows, fitted.donors(donor, seed=1))
    pd.testing.assert_frame_equal(drawn, fitted.draw(donor, seed=1))
    assert np.array_equal(rows[:, 0], rows[:, 1])
    pd.testing.assert_frame_equal(
        drawn, donor.loc[rows[:, 0], ["kginc", "homes"]].reset_index(drop=True)
    )


def test_arrow_tables_give_the_same_draws_as_an_arrow_table() -> None:
    donor = donors()
    fitted = fit(pa.Table.from_pandas(donor))
    drawn = fitted.draw(pa.Table.from_pandas(donor), seed=1)
    assert isinstance(drawn, pa.Table)
    pd.testing.assert_frame_equal(drawn.to_pandas(), fit(donor).draw(donor, seed=1))


def test_donor_rows_count_in_the_table_given_though_weightless_donors_are_left_out() -> None:
    donor = donors()
    donor.loc[donor.index < 60, "w"] = 0.0
    fitted = fit(donor)
    rows = fitted.donors(donor, seed=1)
    assert rows.min() >= 60
    drawn = fitted.draw(donor, seed=1)
    assert np.array_equal(drawn["homes"], donor["homes"].to_numpy()[rows[:, 1]])


def test_generator_and_key_column_are_ways_to_name_the_draw() -> None:
    donor = donors().assign(person_id=[f"P{n}" for n in range(120)])
    fitted = fit(donor)
    once = fitted.draw(donor, np.random.default_rng(9))
    pd.testing.assert_frame_equal(once, fitted.draw(donor, np.random.default_rng(9)))
    by_column = fitted.draw(donor, seed=1, key="person_id")
    pd.testing.assert_frame_equal(
        by_column, fitted.draw(donor, seed=1, key=donor["person_id"].to_numpy())
    )
    for neither_or_both in ({}, {"rng": np.random.default_rng(9), "seed": 1}):
        with pytest.raises(ValueError, match="give one of rng and seed"):
            fitted.draw(donor, **neither_or_both)


def test_constant_and_all_zero_targets_and_a_single_donor_are_fine() -> None:
    donor = donors().assign(kginc=0.0, homes=2)
    drawn = fit(donor).draw(donor, seed=1)
    assert set(drawn["kginc"]) == {0.0} and set(drawn["homes"]) == {2}
    with pytest.warns(UnseenCategoryWarning):
        alone = fit(donors(1)).draw(donor, seed=1)
    assert len(alone) == 120 and alone["homes"].nunique() == 1


def test_quantiles_and_out_of_bag_quantiles_have_a_row_a_record() -> None:
    donor = donors()
    fitted = fit(donor, ImputeConfig(trees=30))
    for found in (
        fitted.quantiles(donor[["age", "wages"]], [0.001, 0.5, 0.999]),
        fitted.out_of_bag_quantiles([0.001, 0.5, 0.999]),
    ):
        assert list(found) == ["kginc", "homes"]
        assert all(table.shape == (120, 3) for table in found.values())
        assert all(np.all(np.diff(table, axis=1) >= 0) for table in found.values())


def test_values_and_codes_that_no_donor_has_are_drawn_for_and_counted() -> None:
    donor = donors().assign(age=lambda table: table["age"].clip(20, 80))
    recipient = donor.iloc[:100].copy()
    recipient.loc[:24, "age"] = 99
    recipient.loc[25:29, "age"] = 3
    fitted = fit(donor)
    assert len(fitted.draw(recipient, seed=1)) == 100
    assert fitted.support(recipient).loc["age"].to_dict() == {
        "below": 0.05,
        "above": 0.25,
        "unseen": 0.3,
    }
    assert fitted.support(recipient).loc["wages"].to_dict() == {"below": 0, "above": 0, "unseen": 0}


def test_settings_hash_into_a_manifest() -> None:
    assert asdict(ImputeConfig(name="imp_scf"))["name"] == "imp_scf"
    assert hash(ImputeConfig()) == hash(ImputeConfig())


def test_leaves_grow_with_the_donors_unless_told() -> None:
    for outcomes, expected in ((1, [8, 8, 16]), (5, [12, 12, 16])):
        found = [ImputeConfig().leaf_of(donors, outcomes) for donors in (1, 6000, 25_600)]
        assert found == expected
    assert ImputeConfig(min_leaf=3).leaf_of(25_600, 5) == 3


def test_trees_go_no_deeper_than_told() -> None:
    spec = {"predictors": ["age"], "targets": ["kginc"], "weight": "w"}
    flat = fit(donors(), ImputeConfig(trees=4, max_depth=1), **spec)
    assert {tree.node_count for tree in flat.blocks[0].stage.forest.trees} <= {1, 3}


@pytest.mark.parametrize(
    "setting",
    [
        {"name": ""},
        {"mode": "hybrid"},
        {"trees": 0},
        {"min_leaf": 0},
        {"max_depth": 0},
        {"feature_share": 0.0},
        {"sample_share": 1.5},
        {"n_jobs": 0},
        {"memory_mib": 0},
    ],
)
def test_settings_out_of_range_are_refused_by_name(setting: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        ImputeConfig(**setting)


def with_value(column: str, rows: list[int], value: object) -> pd.DataFrame:
    donor = donors().astype({column: object if isinstance(value, str) else float})
    donor.loc[rows, column] = value
    return donor


@pytest.mark.parametrize(
    ("donor", "changes", "message"),
    [
        (donors(), {"predictors": ["agee"]}, "donor: column 'agee' .* did you mean 'age'"),
        (donors(), {"targets": ["kgincome"]}, "donor: column 'kgincome' .* mean 'kginc'"),
        (donors(), {"weight": "wgt"}, "donor: column 'wgt' occurs 0 times"),
        (with_value("wages", [4, 9, 11, 90], np.nan), {}, r"'wages' has 4 of 120 .*\[4, 9, 11\]"),
        (with_value("kginc", [7], np.inf), {}, r"donor: column 'kginc' has 1 of 120 .*\[7\]"),
        (with_value("w", [7], np.nan), {}, r"donor: column 'w' has 1 of 120"),
        (with_value("w", [7, 8], -1.0), {}, r"weight 'w' is negative in 2 of 120 rows .*\[7, 8\]"),
        (donors().assign(w=0), {}, "weight 'w' is zero in all 120 rows"),
        (donors().iloc[:0], {}, "donor: the table has no rows"),
        (with_value("age", [0], "old"), {}, "donor: column 'age' is object, not numeric"),
        (with_value("wages", [3], 1e39), {}, "column 'wages' holds 1e\\+39 in row 3"),
        (donors(), {"predictors": []}, "at least one predictor"),
        (donors(), {"predictors": ["age", "w"]}, r"\['w'\] named more than once"),
        (donors(), {"targets": ["age"]}, r"\['age'\] named more than once"),
    ],
)
def test_donors_that_cannot_be_used_are_refused(donor, changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        fit(donor, **changes)


@pytest.mark.parametrize(
    ("recipient", "key", "message"),
    [
        (donors()[["age"]], None, "recipient: column 'wages' occurs 0 times"),
        (donors().iloc[:0], None, "recipient: the table has no rows"),
        (with_value("age", [2], np.nan), None, r"recipient: column 'age' has 1 of 120 .*\[2\]"),
        (donors(), np.zeros(120, int), "119 of 120 keys repeat"),
        (donors(), np.arange(7), "120 rows but keys of shape"),
        (donors(), "person_id", "no key column 'person_id'"),
    ],
)
def test_recipients_that_cannot_be_used_are_refused(recipient, key, message) -> None:
    with pytest.raises(ValueError, match=message):
        fit(donors()).draw(recipient, seed=1, key=key)
