"""A calibration of tables is that of arrays, laid out as rows that say what they are."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.solution import solve_tables
from steelyard.frame import stream

HOUSEHOLDS, TARGETS = 60, 4
CONFIG = CalibrationConfig(solver="dual", distance_weight=0.01)
RNG = stream(3, "solution")
DENSE = RNG.uniform(0, 2, (TARGETS, HOUSEHOLDS)) * (RNG.uniform(size=(TARGETS, HOUSEHOLDS)) < 0.5)
INITIAL = RNG.uniform(50, 150, HOUSEHOLDS)
WANTED = DENSE @ (INITIAL * RNG.uniform(0.8, 1.4, HOUSEHOLDS))
# A sum that is zero under initial weights and has to stay so.
CONTROL = np.where(np.arange(HOUSEHOLDS) % 2 == 0, 1, -1) / INITIAL
ROLES = ["fitted", "fitted", "held_out", "fitted"]


def tables() -> dict[str, pa.Table]:
    rows, columns = np.nonzero(DENSE)
    return {
        "matrix": pa.table(
            {
                "target_index": rows.astype(np.int32),
                "household_index": columns.astype(np.int32),
                "value": DENSE[rows, columns],
            }
        ),
        "targets": pa.table(
            {
                "target_index": np.arange(TARGETS),
                "target_value": WANTED,
                "loss_scale": WANTED,
                "loss_weight": np.ones(TARGETS),
                "target_role": ROLES,
                "target_id": [f"target {row}" for row in range(TARGETS)],
            }
        ),
        "households": pa.table(
            {"household_index": np.arange(HOUSEHOLDS), "initial_weight": INITIAL}
        ),
        "controls": pa.table(
            {
                "control_index": [0],
                "control_name": ["balance"],
                "loss_scale": [0.01],
                "loss_weight": [1.0],
            }
        ),
        "control_matrix": pa.table(
            {
                "control_name": ["balance"] * HOUSEHOLDS,
                "household_index": np.arange(HOUSEHOLDS),
                "value": CONTROL,
            }
        ),
    }


@pytest.fixture(scope="module")
def solved() -> pd.DataFrame:
    return solve_tables(**tables(), config=CONFIG).to_pandas()


def part(solved: pd.DataFrame, name: str) -> pd.DataFrame:
    return solved[solved["part"] == name]


def test_rows_are_the_numbers_that_the_arrays_give(solved: pd.DataFrame) -> None:
    direct = calibrate(
        sparse.csr_array(np.vstack([DENSE, CONTROL])),
        np.append(WANTED, 0),
        INITIAL,
        CONFIG,
        scale=np.append(WANTED, 0.01),
        loss_weight=np.ones(TARGETS + 1),
        held_out=np.array([*ROLES, ""]) == "held_out",
    )
    expected = {
        "weight": direct.weights,
        "estimate": direct.estimates,
        "shadow_price": direct.shadow_prices,
    }
    for name, numbers in expected.items():
        rows = part(solved, name)
        assert rows["position"].tolist() == list(range(numbers.size))
        np.testing.assert_array_equal(rows["number"], numbers)


def test_fitted_facts_are_met_and_the_control_stays(solved: pd.DataFrame) -> None:
    weights = part(solved, "weight")["number"].to_numpy()
    fitted = np.array(ROLES) == "fitted"
    before = np.abs(DENSE @ INITIAL / WANTED - 1)[fitted]
    after = np.abs(DENSE @ weights / WANTED - 1)[fitted]
    assert before.max() > 0.05
    assert after.max() < before.max() / 2
    assert abs(CONTROL @ weights) < 0.01
    assert part(solved, "estimate")["number"].to_numpy()[-1] == pytest.approx(CONTROL @ weights)


def test_history_and_diagnostics_can_be_read_by_name(solved: pd.DataFrame) -> None:
    history = part(solved, "history").pivot(index="position", columns="name", values="number")
    assert history.index[0] == 0
    assert {"loss", "held_out_loss", "within_10"} <= set(history.columns)
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    words = part(solved, "diagnostic").set_index("name")["words"]
    assert words["solver"] == "dual"
    assert words["config.distance_weight"] == "0.01"
    assert len(words["reason"]) > 0
    assert words.index.is_unique


def test_every_row_says_its_part_and_place(solved: pd.DataFrame) -> None:
    assert set(solved["part"]) == {
        *("weight", "estimate", "shadow_price", "multiplier", "history", "diagnostic")
    }
    assert solved["position"].notna().all()
    assert not solved.duplicated(["part", "position", "name"]).any()


def test_a_fact_without_loss_weight_pulls_nothing() -> None:
    def weights(**changed: float) -> list[float]:
        wanted = [changed.get(f"target_{index}", value) for index, value in enumerate(WANTED)]
        loose = tables()
        loss_weight = pa.array([1.0, 0.0, 1.0, 1.0])
        targets = loose["targets"].set_column(3, "loss_weight", loss_weight)
        loose["targets"] = targets.set_column(1, "target_value", pa.array(wanted))
        solved = solve_tables(**loose, config=CONFIG).to_pandas()
        assert part(solved, "shadow_price")["number"].iloc[1] == 0
        return part(solved, "weight")["number"].tolist()

    assert weights(target_1=1.0) == weights()
    assert weights(target_0=1.0) != weights()


def test_an_earlier_answer_is_begun_with_by_name_and_leaves_no_trace() -> None:
    config = CalibrationConfig(solver="dual", settle=True)
    turned = tables()
    turned["controls"] = turned["controls"].set_column(2, "loss_scale", pa.array([1.0]))
    first = solve_tables(**turned, config=config)
    order = [2, 0, 3, 1]
    turned["targets"] = turned["targets"].take(order)
    places = pa.array(np.argsort(order)[turned["matrix"]["target_index"].to_numpy()])
    turned["matrix"] = turned["matrix"].set_column(0, "target_index", places)
    other = first.filter(np.asarray(first["position"]) != HOUSEHOLDS - 1)
    for earlier, begins in (
        ([], "initial weights"),
        ([other], "initial weights"),
        ([other, first], "given"),
    ):
        again = solve_tables(**turned, config=config, earlier=iter(earlier)).to_pandas()
        words = part(again, "diagnostic").set_index("name")["words"]
        assert words["began"].startswith(begins)
        weights = part(again, "weight")["number"].to_numpy()
        np.testing.assert_allclose(weights, first["number"].to_numpy()[:HOUSEHOLDS], rtol=1e-6)
        history = part(again, "history")
        assert sorted(set(history["position"])) == [0, 1]
        if not earlier:
            cold = again
        elif begins == "given":
            released = ["weight", "estimate", "shadow_price", "multiplier", "history"]
            is_released = again["part"].isin(released)
            pd.testing.assert_frame_equal(again[is_released], cold[is_released])
