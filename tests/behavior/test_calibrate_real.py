"""A real calibration case: adults of the American Community Survey, by state and income group."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from steelyard.calibrate import (
    Calibration,
    CalibrationConfig,
    Quantile,
    Ratio,
    calibrate,
    calibrate_statistics,
    select,
    target_folds,
)
from steelyard.calibrate.parts import parts_of
from steelyard.calibrate.shared import shared_of

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "us" / "acs"
ADULTS = FOLDER / "acs_2013_2017_adults_10k.parquet"
TARGETS = FOLDER / "acs_2013_2017_adults_10k_targets.parquet"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not ADULTS.is_file(), reason=f"the ACS adults are not in {FOLDER.name}/ beside the checkout"
    ),
]


class Case(NamedTuple):
    """450 totals of ten income groups in five states; everybody weighs the same to begin with."""

    matrix: sparse.csr_array
    targets: np.ndarray
    weights: np.ndarray
    measures: list[str]
    adults: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def case() -> Case:
    table = pq.read_table(ADULTS)
    adults = {
        name: table.column(name).to_numpy(zero_copy_only=False) for name in table.schema.names
    }
    values = {
        "pop": np.ones(table.num_rows),
        "pincp": adults["pincp"],
        "wagp": adults["wagp"],
        "ssip": adults["ssip"],
        "ssip_nnz": adults["ssip"] != 0,
        "young": adults["agep"] < 21,
        "workage": (adults["agep"] >= 22) & (adults["agep"] < 65),
        "married": adults["mar"] == 1,
        "female": adults["sex"] == 1,
    }
    published = pq.read_table(TARGETS).to_pylist()
    rows, targets, measures = [], [], []
    for cell in published:
        member = (adults["incgroup"] == cell["incgroup"]) & (adults["stabbr"] == cell["stabbr"])
        for measure, value in values.items():
            rows.append(sparse.csr_array((member * value).astype(float)[None]))
            targets.append(cell[measure])
            measures.append(measure)
    goals = np.array(targets)
    total = goals[np.array(measures) == "pop"].sum()
    weights = np.full(table.num_rows, total / table.num_rows)
    return Case(sparse.vstack(rows, format="csr"), goals, weights, measures, adults)


def solve(of: Case, **settings: Any) -> Calibration:
    return calibrate(of.matrix, of.targets, of.weights, CalibrationConfig(**settings))


def test_the_totals_are_those_of_the_survey_weights(case: Case) -> None:
    np.testing.assert_allclose(case.matrix @ case.adults["pwgtp"], case.targets, rtol=1e-6, atol=1)
    assert (case.targets < 0).sum() >= 4
    assert (case.targets == 0).sum() >= 5


@pytest.mark.parametrize("solver", ["dual", "adam"])
def test_both_solvers_fit_the_table(case: Case, solver: str) -> None:
    # Measured: 98 % (dual) and 97 % (adam) within 1 %, 99.5 % within 10 %, 9,694 of 10,000.
    before = np.abs(case.matrix @ case.weights / np.where(case.targets, case.targets, 1) - 1)
    assert np.mean(before[case.targets != 0] <= 0.1) < 0.6
    solved = solve(case, solver=solver, epochs=400)
    errors = np.abs(solved.relative_errors[solved.fitted])
    assert np.mean(errors <= 0.01) > 0.9
    assert np.mean(errors <= 0.1) > 0.99
    assert solved.diagnostics["effective_sample_size_after"] > 9_500


def test_measures_left_out_come_closer(case: Case) -> None:
    # Measured: held-out median 11.9 % before, 4.6 % at 0.01; the one-standard-error rule takes 0.1.
    configs = [CalibrationConfig(distance_weight=weight) for weight in (1.0, 0.1, 0.01)]
    fold = target_folds(case.measures)
    chosen = select(case.matrix, case.targets, case.weights, configs, fold=fold)
    assert chosen.initial_median > 0.1
    assert max(trial.held_out_median for trial in chosen.trials) < 0.06
    assert chosen.best.config.distance_weight == 0.01
    assert chosen.chosen.config.distance_weight == 0.1


def test_a_median_and_a_rate_are_hit_beside_the_totals(case: Case) -> None:
    # What the survey's own weights say of personal income, which no total names.
    income, survey = case.adults["pincp"], case.adults["pwgtp"]
    everybody = np.ones(income.size)
    poor = (income < 15_000).astype(float)
    statistics = [
        Quantile(income, everybody, 0.5, Quantile(income, everybody, 0.5, 1.0).value(survey)),
        Ratio(poor, everybody, Ratio(poor, everybody, 1.0).value(survey)),
    ]
    solved, achieved = calibrate_statistics(
        case.matrix, case.targets, case.weights, statistics, exact=True
    )
    assert solved.diagnostics["converged"]
    assert max(abs(of.relative_error) for of in achieved) < 1e-4
    assert max(abs(of.initial / of.published - 1) for of in achieved) > 0.02


def test_a_total_of_groups_is_their_sum(case: Case) -> None:
    matrix = sparse.csr_array(case.matrix)
    matrix.sum_duplicates()
    found = parts_of(matrix)
    assert abs(found.sums @ found.values - matrix).max() == 0
    assert found.values.nnz < 0.83 * matrix.nnz
    # A state and a band of income share their cell.
    cells = shared_of(found.values)
    assert abs(found.sums @ cells.joins @ cells.values - matrix).max() == 0
    assert cells.values.nnz + cells.joins.nnz < 0.72 * matrix.nnz
