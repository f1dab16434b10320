"""Where a solver begins decides how long it takes, not where it ends."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from steelyard.calibrate import Calibration, CalibrationConfig, calibrate
from steelyard.calibrate.hessian import Curvature, Preconditioner, gram
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import problem_from
from steelyard.calibrate.sampling import few_of
from steelyard.frame import stream

HOUSEHOLDS, TARGETS = 900, 40
RNG = stream(11, "start")
MATRIX = sparse.csr_array(
    RNG.lognormal(1, 1, (TARGETS, HOUSEHOLDS)) * (RNG.uniform(size=(TARGETS, HOUSEHOLDS)) < 0.2)
)
WEIGHTS = RNG.uniform(50, 150, HOUSEHOLDS)
WANTED = MATRIX @ (WEIGHTS * RNG.lognormal(0, 0.4, HOUSEHOLDS)) * RNG.uniform(0.9, 1.1, TARGETS)


def solve(targets: np.ndarray, start: np.ndarray | None = None, **settings: Any) -> Calibration:
    config = CalibrationConfig(**{"solver": "dual", "distance_weight": 0.001, **settings})
    return calibrate(MATRIX, targets, WEIGHTS, config, start=start)


def revised(place: int, factor: float) -> np.ndarray:
    targets = WANTED.copy()
    targets[place] *= factor
    return targets


@pytest.mark.parametrize("factor", [1.02, 0.5])
def test_a_settled_answer_is_the_same_bit_for_bit_from_anywhere(factor: float) -> None:
    yesterday = solve(WANTED, settle=True)
    cold = solve(revised(3, factor), settle=True)
    for start in (yesterday.multipliers, cold.multipliers, 2 * yesterday.multipliers):
        warm = solve(revised(3, factor), start, settle=True)
        assert warm.weights.tobytes() == cold.weights.tobytes()
        assert warm.estimates.tobytes() == cold.estimates.tobytes()
        assert warm.reason == cold.reason
        assert str(warm.history[0]) == str(cold.history[0])
        assert warm.diagnostics["is_settled"]


def test_directions_in_single_precision_lead_to_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    double = solve(WANTED, settle=True)
    monkeypatch.setattr("steelyard.calibrate.newton.SINGLE", TARGETS - 1)
    single = solve(WANTED, settle=True)
    assert single.weights.tobytes() == double.weights.tobytes()
    assert [str(step) for step in single.history] == [str(step) for step in double.history]


@pytest.mark.parametrize("is_single", [False, True])
def test_curvature_is_the_product_with_the_hessian(is_single: bool) -> None:
    stretch = RNG.uniform(0, 2, HOUSEHOLDS)
    columns = RNG.normal(size=(TARGETS, 3))
    by_household = sparse.csr_array(MATRIX.T)
    curvature = Curvature(by_household, is_single=is_single)
    whole = MATRIX.toarray() @ np.diag(stretch) @ MATRIX.toarray().T @ columns
    close = 1e-4 if is_single else 1e-12
    np.testing.assert_allclose(
        curvature(stretch[:, None], columns), whole, rtol=0, atol=close * np.abs(whole).max()
    )
    one = curvature(stretch, columns[:, 0])
    np.testing.assert_allclose(one, whole[:, 0], rtol=0, atol=close * np.abs(whole).max())
    assert one.dtype == np.float64


def test_a_settled_answer_is_the_optimum() -> None:
    settled = solve(WANTED, settle=True)
    optimum = solve(WANTED, tolerance=1e-12)
    np.testing.assert_allclose(settled.weights, optimum.weights, rtol=1e-4)
    assert settled.history[-1].loss == pytest.approx(optimum.history[-1].loss, rel=1e-5)


def test_an_unsettled_warm_answer_is_the_cold_one_to_the_tolerance() -> None:
    start = solve(WANTED).multipliers
    warm = solve(revised(3, 1.02), start, tolerance=1e-9)
    cold = solve(revised(3, 1.02), tolerance=1e-9)
    np.testing.assert_allclose(warm.weights, cold.weights, rtol=1e-6)


def test_one_revised_target_costs_a_few_steps() -> None:
    yesterday = solve(WANTED)
    cold, warm = solve(revised(3, 1.02)), solve(revised(3, 1.02), yesterday.multipliers)
    assert warm.diagnostics["began"] == "given multipliers"
    assert warm.diagnostics["iterations"] <= 2 < cold.diagnostics["iterations"]


def test_worthless_multipliers_are_set_aside() -> None:
    result = solve(WANTED, np.full(TARGETS, 1e3))
    assert result.diagnostics["began"] == "initial weights: the given multipliers are worse"
    assert result.weights.tobytes() == solve(WANTED).weights.tobytes()


def test_doubt_about_the_last_digit_sends_the_solver_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cold = solve(revised(3, 1.02), settle=True)
    monkeypatch.setattr(
        "steelyard.calibrate.settled.Grid.is_clear", lambda _, y, rest: (y * rest).isnan()
    )
    warm = solve(revised(3, 1.02), solve(WANTED).multipliers, settle=True)
    assert "in doubt" in warm.diagnostics["began"]
    assert warm.weights.tobytes() == cold.weights.tobytes()


def test_exact_targets_cannot_be_shown_to_have_settled() -> None:
    exact = np.arange(TARGETS) == 0
    config = CalibrationConfig(distance_weight=0.001, settle=True)
    first = calibrate(MATRIX, WANTED, WEIGHTS, config, exact=exact)
    assert not first.diagnostics["is_settled"]
    again = calibrate(MATRIX, WANTED, WEIGHTS, config, exact=exact, start=first.multipliers)
    assert again.weights.tobytes() == first.weights.tobytes()


def test_adam_starts_where_the_dual_ended() -> None:
    optimum = solve(WANTED)
    settings: dict[str, Any] = {"solver": "adam", "epochs": 20, "learning_rate": 1e-4}
    near = solve(WANTED, optimum.multipliers, **settings)
    far = solve(WANTED, **settings)
    assert near.history[-1].loss == pytest.approx(optimum.history[-1].loss, rel=1e-3)
    assert far.history[-1].loss > 2 * optimum.history[-1].loss


def test_a_start_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"start has shape \(3,\), but there are 40 rows"):
        solve(WANTED, np.zeros(3))


@pytest.mark.parametrize("targets", [range(TARGETS), range(5, 17)])
def test_the_gram_matrix_is_that_of_dense_algebra(targets: range) -> None:
    root = RNG.uniform(0.5, 2, HOUSEHOLDS)
    lower, order = gram(sparse.csr_array(MATRIX.T), root, targets)
    assert sorted(order) == list(targets)
    dense = MATRIX.toarray()[order] * root
    np.testing.assert_allclose(lower, np.tril(dense @ dense.T), rtol=1e-12)


def test_a_sample_of_households_leads_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = solve(WANTED, settle=True)
    monkeypatch.setattr("steelyard.calibrate.sampling._LEAST", 100)
    steps: list[Any] = []
    sampled = calibrate(
        MATRIX,
        WANTED,
        WEIGHTS,
        CalibrationConfig(solver="dual", distance_weight=0.001, settle=True),
        progress=steps.append,
    )
    assert sampled.weights.tobytes() == whole.weights.tobytes()
    assert [step.epoch for step in steps].count(0) == 2, "progress of both climbs"


def test_a_sample_keeps_the_few_and_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steelyard.calibrate.sampling._LEAST", 100)
    config = CalibrationConfig(solver="dual")
    rare = np.zeros((1, HOUSEHOLDS))
    rare[0, [4, 400]] = 1
    matrix = sparse.csr_array(sparse.vstack([MATRIX[:8], sparse.csr_array(rare)]))
    targets = matrix @ WEIGHTS
    problem = problem_from(checked(matrix, targets, WEIGHTS, config, {}), config, np.float64)
    samples = [
        few_of(replace(problem, config=replace(config, seed=seed)))  # another seed, another sample
        for seed in range(200)
    ]
    sizes = [len(few.places) for few in samples if few is not None]
    assert np.mean(sizes) == pytest.approx(100, rel=0.03)
    assert all({4, 400} <= set(few.places.tolist()) for few in samples if few is not None)
    totals = np.mean(
        [few.problem.fitted.contributions.sum(axis=0) for few in samples if few is not None], axis=0
    )
    np.testing.assert_allclose(totals, problem.fitted.contributions.sum(axis=0), rtol=0.05)


def test_no_sample_is_drawn_of_few_households() -> None:
    config = CalibrationConfig(solver="dual")
    problem = problem_from(checked(MATRIX, WANTED, WEIGHTS, config, {}), config, np.float64)
    assert few_of(problem) is None


def test_one_block_is_the_inverse_and_many_come_near(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, stretch = sparse.csr_array(MATRIX.T), torch.from_numpy(RNG.uniform(0.5, 2, HOUSEHOLDS))
    softness = torch.full((TARGETS,), 50.0, dtype=torch.float64)
    hessian = (MATRIX.toarray() * stretch.numpy()) @ MATRIX.toarray().T + np.diag(softness)
    residual = torch.from_numpy(RNG.uniform(-1, 1, TARGETS))
    solved = Preconditioner(matrix, stretch, softness)(residual).numpy()
    np.testing.assert_allclose(hessian @ solved, residual, atol=1e-5)
    monkeypatch.setattr("steelyard.calibrate.hessian._BLOCK", 10)
    rough = Preconditioner(matrix, stretch, softness)(residual).numpy()
    assert 0 < np.linalg.norm(rough - solved) < np.linalg.norm(solved)
