"""What `calibrate` returns, case by case."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, Progress, calibrate

SOLVERS = ("dual", "adam")
MATRIX = sparse.csr_array(np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]))
WEIGHTS = np.array([10.0, 10.0, 10.0, 10.0])


def config(solver: str, **settings: Any) -> CalibrationConfig:
    return CalibrationConfig(solver=solver, **{"distance_weight": 1e-6, **settings})  # type: ignore[arg-type]


@pytest.mark.parametrize("solver", SOLVERS)
def test_two_cells_by_hand(solver: str) -> None:
    # 50 in all and 30 in the second cell: (10, 15, 10, 15), the only answer by symmetry.
    result = calibrate(MATRIX, [50.0, 30.0], WEIGHTS, config(solver))
    np.testing.assert_allclose(result.weights, [10, 15, 10, 15], rtol=1e-3)
    np.testing.assert_allclose(result.estimates, MATRIX @ result.weights)
    np.testing.assert_allclose(result.relative_errors, result.estimates / [50, 30] - 1)
    assert result.fitted.all()


@pytest.mark.parametrize("solver", SOLVERS)
def test_zero_and_negative_targets_are_met(solver: str) -> None:
    matrix = sparse.csr_array(np.array([[1.0, -2.0, 0.0], [-3.0, 1.0, -1.0], [1.0, 1.0, 1.0]]))
    planted = np.array([12.0, 6.0, 9.0])
    targets = matrix @ planted
    assert targets[0] == 0
    assert targets[1] < 0
    result = calibrate(matrix, targets, [10.0, 8.0, 8.0], config(solver), scale=[1, 10, 10])
    assert np.abs(result.relative_errors).max() < (1e-3 if solver == "dual" else 0.02)
    assert result.estimates[1] < -10


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_household_without_weight_keeps_none(solver: str) -> None:
    weights = np.array([10.0, 0.0, 10.0, 10.0])
    result = calibrate(MATRIX, [40.0, 20.0], weights, config(solver))
    assert result.weights[1] == 0
    np.testing.assert_allclose(result.estimates, [40, 20], rtol=1e-3)
    assert result.diagnostics["zero_weight_households"] == 1


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_target_nobody_supports_is_shown_and_left_out(solver: str) -> None:
    matrix = sparse.csr_array(np.vstack([MATRIX.toarray(), np.zeros(4), [0, 0, 1.0, 0]]))
    weights = np.array([10.0, 10.0, 0.0, 10.0])
    result = calibrate(matrix, [36.0, 24.0, 1e6, 1e6], weights, config(solver))
    assert result.diagnostics["unsupported_targets"] == [2, 3]
    np.testing.assert_array_equal(result.fitted, [True, True, False, False])
    np.testing.assert_allclose(result.estimates, [36, 24, 0, 0], rtol=1e-3)
    np.testing.assert_array_equal(result.shadow_prices[2:], 0)


def test_contradictory_targets_meet_in_the_middle() -> None:
    matrix = sparse.csr_array(np.ones((2, 4)))
    result = calibrate(
        matrix, [40.0, 60.0], WEIGHTS, config("dual", distance_weight=1e-9, tolerance=1e-9)
    )
    # min (y/40 - 1)^2 + (y/60 - 1)^2 is at y = 48 * 50 / 52 by hand
    assert result.estimates[0] == pytest.approx((1 / 40 + 1 / 60) / (1 / 40**2 + 1 / 60**2))
    assert result.diagnostics["converged"]


def test_infeasible_targets_stop_at_the_bounds() -> None:
    result = calibrate(MATRIX, [1e6, 5e5], WEIGHTS, config("dual", bounds=(0.5, 2.0)))
    assert np.all(result.weights <= 20 * (1 + 1e-12))
    assert result.estimates[0] == pytest.approx(80, rel=1e-3)
    assert result.diagnostics["share_at_bounds"] == 1


def test_a_heavier_target_is_met_more_closely() -> None:
    matrix = sparse.csr_array(np.ones((2, 4)))
    result = calibrate(matrix, [40.0, 60.0], WEIGHTS, config("dual"), loss_weight=[1.0, 99.0])
    assert 59 < result.estimates[0] < 60


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_robust_loss_shrugs_off_one_broken_target(solver: str) -> None:
    matrix = sparse.csr_array(np.ones((5, 4)))
    targets = [50.0, 50.0, 50.0, 50.0, 5000.0]
    scale = np.full(5, 50.0)
    estimate = {
        loss: calibrate(matrix, targets, WEIGHTS, config(solver, loss=loss), scale=scale).estimates
        for loss in ("squared", "huber")
    }
    assert estimate["huber"][0] < 60
    assert estimate["squared"][0] > 300


@pytest.mark.parametrize(
    ("settings", "solver", "why"),
    [
        ({}, "dual", "convex"),
        ({"dropout": 0.1}, "adam", "only adam offers a dropout"),
        ({"distance_weight": 0.0}, "adam", "without a distance"),
        ({"solver": "adam"}, "adam", "asked for"),
    ],
)
def test_auto_chooses_and_says_why(settings: dict[str, Any], solver: str, why: str) -> None:
    result = calibrate(MATRIX, [50.0, 30.0], WEIGHTS, CalibrationConfig(**settings))
    assert result.diagnostics["solver"] == solver
    assert why in result.diagnostics["solver_choice"]


@pytest.mark.parametrize("solver", SOLVERS)
def test_progress_is_the_history_as_it_is_made(solver: str) -> None:
    heard: list[Progress] = []
    result = calibrate(
        MATRIX,
        [50.0, 30.0],
        WEIGHTS,
        config(solver, epochs=25, record_every=10),
        held_out=np.array([False, True]),
        progress=heard.append,
    )
    assert tuple(heard) == result.history
    first, last = heard[0], heard[-1]
    assert first.epoch == 0
    assert first.within_10 == 0
    assert last.within_5 == 1
    assert first.effective_sample_share == 1
    assert first.held_out_loss == pytest.approx((20 / 30 - 1) ** 2)
    assert last.loss < first.loss
    if solver == "adam":
        assert [state.epoch for state in heard] == [0, 10, 20, 25]


def test_interrupting_leaves_no_trace() -> None:
    def interrupt(state: Progress) -> None:
        if state.epoch > 0:
            raise KeyboardInterrupt

    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        calibrate(MATRIX, [50.0, 30.0], WEIGHTS, config("adam"), progress=interrupt)
    assert torch.get_num_threads() == threads
    np.testing.assert_array_equal(WEIGHTS, 10.0)


def test_a_diverging_rate_is_flagged_and_the_best_epoch_kept() -> None:
    wild = config("adam", learning_rate=1e30, bounds=(0, np.inf))
    result = calibrate(MATRIX, [50.0, 30.0], WEIGHTS, wild)
    assert "diverged" in result.reason
    assert not result.diagnostics["converged"]
    np.testing.assert_array_equal(result.weights, WEIGHTS)


def test_too_few_steps_are_flagged() -> None:
    result = calibrate(MATRIX, [50.0, 30.0], WEIGHTS, config("dual", iterations=1, tolerance=1e-9))
    assert result.reason == "1 Newton steps were not enough"
    assert not result.diagnostics["converged"]
    assert result.history[-1].loss < result.history[0].loss


def test_early_stopping_keeps_the_best_held_out_epoch() -> None:
    # The fitted target pulls the held-out one away from where it began: epoch 0 is best.
    result = calibrate(
        MATRIX,
        [80.0, 20.0],
        WEIGHTS,
        config("adam", patience=50),
        held_out=np.array([False, True]),
    )
    assert "held-out loss had not improved for 50 epochs" in result.reason
    assert result.diagnostics["best_epoch"] == 0
    np.testing.assert_allclose(result.weights, WEIGHTS, rtol=1e-15)


def test_diagnostics_by_hand() -> None:
    result = calibrate(MATRIX, [50.0, 30.0], WEIGHTS, config("dual", distance_weight=1e-9))
    diagnostics = result.diagnostics
    assert diagnostics["effective_sample_size_before"] == pytest.approx(4)
    assert diagnostics["effective_sample_size_after"] == pytest.approx(2500 / 650, rel=1e-5)
    assert diagnostics["ratio_percentiles"][0] == pytest.approx(1, rel=1e-5)
    assert diagnostics["ratio_percentiles"][100] == pytest.approx(1.5, rel=1e-5)
    assert diagnostics["top_100_weight_share"] == 1
    assert diagnostics["fitted_targets"] == 2
    assert diagnostics["held_out_targets"] == 0


def test_shadow_price_is_the_derivative_of_the_least_loss() -> None:
    def least_loss(target: float) -> float:
        settings = config("dual", distance_weight=0.1, tolerance=1e-12)
        return calibrate(MATRIX, [target, 30.0], WEIGHTS, settings, scale=[50, 30]).history[-1].loss

    settings = config("dual", distance_weight=0.1, tolerance=1e-12)
    price = calibrate(MATRIX, [50.0, 30.0], WEIGHTS, settings, scale=[50, 30]).shadow_prices[0]
    step = 1e-3
    assert price == pytest.approx((least_loss(50 + step) - least_loss(50 - step)) / (2 * step))
