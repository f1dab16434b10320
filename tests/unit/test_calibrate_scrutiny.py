"""What is left out is told as a solve without it would; wrong targets teach nothing."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.left_out import leave_out
from steelyard.calibrate.problem import problem_from
from steelyard.calibrate.sampling import few_of
from steelyard.calibrate.scrutiny import left_out_table, placebo_table
from steelyard.calibrate.solution import solve_tables
from steelyard.frame import stream

CONFIG = CalibrationConfig(solver="dual", distance_weight=0.01, tolerance=1e-8)
HOUSEHOLDS, CELLS, MARGINS, CHECKS = 800, 12, 6, 12


@pytest.fixture(scope="module")
def problem():
    random = stream(8, "left out")
    rows = random.gamma(1.0, size=(40, 700)) * (random.random((40, 700)) < 0.3)
    weights = random.uniform(50, 150, 700)
    return sparse.csr_array(rows), rows @ weights * random.uniform(0.8, 1.3, 40), weights


@pytest.fixture(scope="module")
def solved(problem):
    return calibrate(*problem, CONFIG)


@pytest.fixture(scope="module")
def laid(problem):
    return problem_from(checked(*problem, CONFIG, {}), CONFIG, np.float64)


@pytest.mark.parametrize("group", [slice(0, 1), slice(0, 12), slice(5, 39)])
def test_a_group_is_left_out_as_a_solve_without_it_would(problem, laid, solved, group) -> None:
    dropped = np.zeros(40, dtype=np.bool_)
    dropped[group] = True
    said: list[str] = []
    found = leave_out(laid, solved.multipliers, [dropped, ~dropped], said.append)
    assert said[-1] == "2 of 2 groups of targets left out"
    # `calibrate` spreads a dropped target's share of the loss; λ is raised as much to match.
    for column, left_out in enumerate((dropped, ~dropped)):
        config = CalibrationConfig(distance_weight=0.01 * 40 / (~left_out).sum(), tolerance=1e-8)
        anew = calibrate(*problem, config, loss_weight=np.where(left_out, 0.0, 1.0))
        assert found.errors[:, column] == pytest.approx(anew.relative_errors, abs=2e-3)
    assert np.abs(found.errors[:, 0] - solved.relative_errors).max() > 0.02
    assert found.mismatch.max() < 5e-4


def test_a_sample_and_a_preconditioner_of_the_rest_lead_to_the_same(
    laid, solved, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = [np.arange(40) < 12, np.arange(40) >= 5]
    whole = leave_out(laid, solved.multipliers, groups)
    monkeypatch.setattr("steelyard.calibrate.sampling._LEAST", 100)
    monkeypatch.setattr("steelyard.calibrate.newton._SPARSE", 1e9)  # made anew at every step
    assert few_of(laid) is not None
    found = leave_out(laid, solved.multipliers, groups)
    assert found.errors == pytest.approx(whole.errors, abs=2e-3)
    assert found.mismatch.max() <= 2e-3


def test_nothing_and_everything_are_refused(laid, solved) -> None:
    for group, count in ((np.zeros(40, np.bool_), "0 of 40"), (np.ones(40, np.bool_), "40 of 40")):
        with pytest.raises(ValueError, match=count):
            leave_out(laid, solved.multipliers, [group])
    assert leave_out(laid, solved.multipliers, []).errors.shape == (40, 0)


def world() -> dict[str, pa.Table]:
    """Cells of a population whose true weights differ from the survey's by cell; margins add up."""
    random = stream(9, "scrutiny")
    cell = random.integers(CELLS, size=HOUSEHOLDS)
    cells = (cell == np.arange(CELLS)[:, None]).astype(float)
    # A margin is told by the cells it adds up: what left-out margins are, the cells say.
    margins = cells.reshape(MARGINS, 2, HOUSEHOLDS).sum(axis=1)
    incomes = random.lognormal(0, 0.4, HOUSEHOLDS)
    dense = np.vstack([cells, margins, cells * incomes])
    initial = random.uniform(50, 150, HOUSEHOLDS)
    truth = initial * np.exp(np.linspace(-0.7, 0.7, CELLS))[cell]
    count = len(dense)
    family = ["cells"] * CELLS + ["margins"] * MARGINS + ["incomes"] * CHECKS
    rows, columns = np.nonzero(dense)
    wanted = dense @ truth
    return {
        "matrix": pa.table(
            {
                "target_index": rows.astype(np.int32),
                "household_index": columns.astype(np.int32),
                "value": dense[rows, columns],
            }
        ),
        "targets": pa.table(
            {
                "target_index": np.arange(count),
                "target_id": [f"fact {row}" for row in range(count)],
                "target_value": wanted,
                "loss_scale": wanted,
                "loss_weight": np.ones(count),
                "target_role": ["fitted"] * (count - CHECKS) + ["held_out"] * CHECKS,
                "target_family": family,
                "geography_level": ["state"] * CELLS + ["national"] * (count - CELLS),
                "geoid": [f"{1 + row // 6:02}" for row in range(CELLS)] + [None] * (count - CELLS),
                "support_count": (dense != 0).sum(axis=1),
            }
        ),
        "households": pa.table(
            {"household_index": np.arange(HOUSEHOLDS), "initial_weight": initial}
        ),
        "controls": pa.table(
            {
                "control_index": pa.array([0], pa.int32()),
                "control_name": ["balance"],
                "loss_scale": [1.0],
                "loss_weight": [1e-6],
            }
        ),
        "control_matrix": pa.table(
            {
                "control_name": ["balance"] * 2,
                "household_index": pa.array([0, 1], pa.int32()),
                "value": [1 / initial[0], -1 / initial[1]],
            }
        ),
    }


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    given = world()
    answer = solve_tables(**given, config=CONFIG).to_pandas()
    weights = answer.loc[answer["part"] == "weight", "number"].to_numpy()
    multipliers = answer.loc[answer["part"] == "multiplier", ["position", "number"]]
    multipliers = multipliers.rename(columns={"number": "multiplier"})
    given["multipliers"] = pa.Table.from_pandas(multipliers, preserve_index=False)
    given["households"] = given["households"].append_column("calibrated_weight", pa.array(weights))
    return given


def placebo(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """A placebo is solved anew: it needs no multipliers."""
    return {name: table for name, table in tables.items() if name != "multipliers"}


def test_margins_left_out_are_told_by_their_cells(tables) -> None:
    told = left_out_table(**tables, config=CONFIG, is_wanted=True).to_pylist()
    rows = {(row["group_kind"], row["group_name"]): row for row in told}
    assert set(rows) == {
        ("family", "cells"), ("family", "margins"), ("state", "01"), ("state", "02"),
    }  # fmt: skip
    margins, cells = rows["family", "margins"], rows["family", "cells"]
    assert margins["target_count"] == MARGINS
    assert margins["left_out_median_error"] < 0.1 < margins["initial_median_error"]
    # Margins say what a pair of cells is, not which of the two.
    assert cells["fitted_median_error"] < 0.02 < cells["left_out_median_error"]
    assert all(row["mismatch"] < 1e-2 for row in told)


def test_wrong_targets_teach_nothing(tables) -> None:
    told = placebo_table(**placebo(tables), config=CONFIG, is_wanted=True).to_pylist()
    stages = {row["weight_stage"]: row for row in told}
    errors = {name: row["held_out_median_error"] for name, row in stages.items()}
    assert errors["calibrated"] < errors["initial"] / 3
    assert errors["placebo"] > errors["initial"]
    assert {row["held_out_count"] for row in told} == {CHECKS}
    # They are followed as the right ones are: the solver cannot know.
    assert stages["placebo"]["own_median_error"] < 0.2


def test_unasked_tables_are_empty(tables) -> None:
    assert left_out_table(**tables, config=CONFIG, is_wanted=False).num_rows == 0
    assert placebo_table(**placebo(tables), config=CONFIG, is_wanted=False).num_rows == 0
