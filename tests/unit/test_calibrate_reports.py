"""Conflicts and replicates of a calibration of tables."""

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pytest
from test_calibrate_solution import CONFIG, CONTROL, DENSE, HOUSEHOLDS, INITIAL, TARGETS, tables

from steelyard.calibrate.reports import conflict_table, replicate_table
from steelyard.calibrate.solution import solve_tables

#: A survey that made no replicates.
DRAWN = pa.table(
    {
        "household_id": pa.array([], pa.int64()),
        "replicate": pa.array([], pa.int32()),
        "weight_factor": pa.array([], pa.float64()),
    }
)


def _solved(values: np.ndarray) -> dict[str, pa.Table]:
    """The tables of a problem with these targets, and its weights."""
    given = tables()
    targets = given["targets"]
    for name in {"target_value", "loss_scale", "target_id"} & set(targets.column_names):
        targets = targets.drop_columns(name)
    given["targets"] = (
        targets.append_column("target_value", pa.array(values))
        .append_column("loss_scale", pa.array(np.abs(values)))
        .append_column("target_id", pa.array([f"fact/{row}" for row in range(TARGETS)]))
        .append_column("variable", pa.array(["wages", "income", "wages", "income"]))
        .append_column("statistic", pa.array(["amount"] * TARGETS))
        .append_column("geography_level", pa.array(["national"] * TARGETS))
        .append_column("target_family", pa.array(["table"] * TARGETS))
    )
    answer = solve_tables(**given, config=CONFIG).to_pandas()
    weights = answer.loc[answer["part"] == "weight", "number"].to_numpy()
    multipliers = answer.loc[answer["part"] == "multiplier", ["position", "number"]]
    multipliers = multipliers.rename(columns={"number": "multiplier"})
    given["multipliers"] = pa.Table.from_pandas(multipliers, preserve_index=False)
    given["households"] = (
        given["households"]
        .append_column("calibrated_weight", pa.array(weights))
        .append_column("state_fips", pa.array(["01"] * 30 + ["02"] * 30))
        .append_column("cluster_id", pa.array(np.arange(HOUSEHOLDS)))
    )
    return given


@pytest.fixture(scope="module")
def peaceful() -> dict[str, pa.Table]:
    return _solved(DENSE @ INITIAL * 1.0001)


def test_a_fight_is_told_with_ids_and_words() -> None:
    total = DENSE @ INITIAL
    given = _solved(np.array([3 * total[0], total[1] / 8, total[2], total[3] / 8]))
    told = conflict_table(**given, config=CONFIG, most=5).to_pylist()
    worst = told[0]
    assert worst["conflict_rank"] == 1
    sides = {worst["first_direction"]: "first", worst["second_direction"]: "second"}
    assert set(sides) == {"up", "down"}
    assert worst[f"{sides['up']}_target_ids"] == ["fact/0"]
    assert set(worst[f"{sides['down']}_target_ids"]) == {"fact/1", "fact/3"}
    assert "wages (amount), national, table (1 target" in worst["sentence"]
    assert [row["price"] for row in told] == sorted((r["price"] for r in told), reverse=True)


def test_peace_is_a_table_without_rows(peaceful: dict[str, pa.Table]) -> None:
    told = conflict_table(**peaceful, config=CONFIG, most=5)
    assert told.num_rows == 0
    assert "sentence" in told.column_names


def test_replicates_are_one_weight_a_household(peaceful: dict[str, pa.Table]) -> None:
    told = replicate_table(**peaceful, survey=DRAWN, config=CONFIG, count=3, spread=0.02)
    assert told.column("replicate").to_pylist() == [1] * 60 + [2] * 60 + [3] * 60
    assert told.column("household_index").to_pylist() == list(range(60)) * 3
    weights = told.column("weight").to_numpy().reshape(3, 60)
    assert 0 < max(told.column("mismatch").to_pylist()) < 0.2
    fitted = [0, 1, 3]
    wanted = peaceful["targets"].column("target_value").to_numpy()[fitted]
    estimates = weights @ DENSE[fitted].T
    assert estimates == pytest.approx(np.tile(wanted, (3, 1)), rel=0.1)
    # The control is the survey's own: it varies as the replicates' initial weights do.
    assert np.std(weights @ CONTROL) > 0.005
    again = replicate_table(**peaceful, survey=DRAWN, config=CONFIG, count=3, spread=0.02)
    assert again.equals(told)


def test_no_replicates_are_no_rows(peaceful: dict[str, pa.Table]) -> None:
    told = replicate_table(**peaceful, survey=DRAWN, config=CONFIG, count=0, spread=0.5)
    assert told.num_rows == 0
    assert told.column_names == ["replicate", "household_index", "weight", "mismatch"]


def test_a_survey_s_own_replicates_take_the_place_of_drawn_ones(
    peaceful: dict[str, pa.Table],
) -> None:
    rng = np.random.default_rng(2)
    told = rng.choice([0.3, 1.0, 1.7], (2, HOUSEHOLDS))
    order = rng.permutation(HOUSEHOLDS)
    survey = pa.table(
        {
            "household_id": np.tile(order, 2),
            "replicate": np.repeat([1, 2], HOUSEHOLDS),
            "weight_factor": told[:, order].ravel(),
        }
    )
    found = replicate_table(**peaceful, survey=survey, config=CONFIG, count=2, spread=0.02)
    weights = found.column("weight").to_numpy().reshape(2, HOUSEHOLDS)
    moved = weights / peaceful["households"].column("calibrated_weight").to_numpy()
    for replicate in range(2):
        up, down = (moved[replicate][told[replicate] == factor] for factor in (1.7, 0.3))
        assert np.median(up) > 1.005 and np.median(down) < 0.995
    lacking = survey.filter(pa.compute.field("household_id") != 3)
    with pytest.raises(ValueError, match=r"1 households have none .* \[3\]"):
        replicate_table(**peaceful, survey=lacking, config=CONFIG, count=2, spread=0.02)
    spoilt = survey.set_column(2, "weight_factor", pa.array(np.full(2 * HOUSEHOLDS, -1.0)))
    with pytest.raises(ValueError, match="60 households have a negative or unknown weight"):
        replicate_table(**peaceful, survey=spoilt, config=CONFIG, count=2, spread=0.02)
