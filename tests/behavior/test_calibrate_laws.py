"""Laws of calibration, on small random populations."""

import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from steelyard.calibrate import Calibration, CalibrationConfig, calibrate, held_out_groups
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.link import Link, link_named
from steelyard.calibrate.problem import problem_from

SOLVERS = ("dual", "adam")
SEEDS = st.integers(0, 10_000)


class World(NamedTuple):
    """Households with cells and amounts, weights, and targets that planted weights meet."""

    matrix: sparse.csr_array
    targets: np.ndarray
    weights: np.ndarray


def world(seed: int, n_households: int = 400, n_targets: int = 12) -> World:
    rng = np.random.default_rng(seed)
    member = rng.random((n_targets, n_households)) < 0.3
    member[:, :n_targets] |= np.eye(n_targets, dtype=bool)
    amounts = np.where(rng.random((n_targets, 1)) < 0.5, 1.0, rng.lognormal(3, 0.5, member.shape))
    weights = rng.uniform(50, 150, n_households)
    planted = weights * np.exp(0.3 * rng.standard_normal(n_households))
    matrix = sparse.csr_array(member * amounts)
    return World(matrix, matrix @ planted, weights)


def solve(of: World, solver: str, **changed: object) -> Calibration:
    given_settings = {"solver": solver, "distance_weight": 1e-5, "tolerance": 1e-9, **changed}
    return calibrate(of.matrix, of.targets, of.weights, CalibrationConfig(**given_settings))


def exact_raking(of: World, link: Link) -> np.ndarray:
    """Deville and Särndal's Newton method for hard targets, dense and plain."""
    matrix = of.matrix.toarray() / np.abs(of.targets)[:, None]
    multiplier = np.zeros(matrix.shape[0])
    for _ in range(50):
        ratios = link.ratio(torch.from_numpy(matrix.T @ multiplier))
        slopes = link.slope(ratios).numpy()
        missing = np.sign(of.targets) - matrix @ (of.weights * ratios.numpy())
        multiplier += np.linalg.solve((matrix * (of.weights * slopes)) @ matrix.T, missing)
    assert np.abs(missing).max() < 1e-12
    return of.weights * ratios.numpy()


@pytest.mark.parametrize("bounds", [(0.1, 10.0), (0.3, 2.5), (0.0, np.inf)])
def test_tiny_distance_gives_exact_raking(bounds: tuple[float, float]) -> None:
    of = world(1)
    expected = exact_raking(of, link_named("logit", *bounds))
    dual = solve(of, "dual", bounds=bounds, distance_weight=1e-9)
    np.testing.assert_allclose(dual.weights, expected, rtol=1e-6)
    adam = solve(of, "adam", bounds=bounds, distance_weight=1e-3, epochs=6000)
    np.testing.assert_allclose(adam.weights, expected, rtol=1e-3)


@pytest.mark.parametrize("distance_weight", [0.01, 0.1, 10.0])
def test_both_solvers_find_the_same_weights(distance_weight: float) -> None:
    of = world(2)
    noisy = of._replace(targets=of.targets * np.random.default_rng(0).uniform(0.8, 1.2, 12))
    dual = solve(noisy, "dual", distance_weight=distance_weight)
    # Where the loss is flat, patience would end the descent while its steps are still long.
    adam = solve(noisy, "adam", distance_weight=distance_weight, epochs=3000, patience=3000)
    np.testing.assert_allclose(adam.weights, dual.weights, rtol=1e-3)
    assert adam.history[-1].loss == pytest.approx(dual.history[-1].loss, rel=1e-3)


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS)
def test_a_planted_optimum_is_reproduced(solver: str, seed: int) -> None:
    result = solve(world(seed), solver)
    assert np.abs(result.relative_errors).max() < 2e-3


@settings(max_examples=30, deadline=None)
@given(
    seed=SEEDS,
    lower=st.floats(0.0, 0.95),
    upper=st.floats(1.05, 50.0),
    pull=st.floats(0.01, 100.0),
)
def test_bounds_are_never_crossed(seed: int, lower: float, upper: float, pull: float) -> None:
    of = world(seed, 60, 5)
    wild = of._replace(targets=of.targets * pull)
    for solver in SOLVERS:
        result = solve(wild, solver, bounds=(lower, upper), epochs=30, learning_rate=1.0)
        ratios = result.weights / of.weights
        assert np.isfinite(result.weights).all()
        assert ratios.min() >= lower * (1 - 1e-12)
        assert ratios.max() <= upper * (1 + 1e-12)


@settings(max_examples=20, deadline=None)
@given(lower=st.floats(0.0, 0.99), upper=st.floats(1.01, 1e3), u=st.floats(-30, 30))
def test_link_starts_at_one_and_its_distance_is_convex(
    lower: float, upper: float, u: float
) -> None:
    link = link_named("logit", lower, upper)
    at = torch.tensor([0.0, u], dtype=torch.float64, requires_grad=True)
    ratio = link.ratio(at)
    assert ratio[0].item() == pytest.approx(1)
    assert link.slope(ratio)[0].item() == pytest.approx(1)
    assert link.distance(at, ratio)[1].item() >= -1e-9
    (slope,) = torch.autograd.grad(ratio.sum(), at, retain_graph=True)
    torch.testing.assert_close(slope, link.slope(ratio).detach(), rtol=1e-6, atol=1e-9)
    (first,) = torch.autograd.grad(link.potential(at).sum(), at)
    torch.testing.assert_close(first, ratio.detach(), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("link", ["logit", "raking", "linear", "truncated_linear"])
@pytest.mark.parametrize("loss", ["squared", "huber"])
def test_gradient_agrees_with_finite_differences(loss: Any, link: Any) -> None:
    of = world(3, 30, 4)
    config = CalibrationConfig(loss=loss, huber_delta=0.05, link=link, distance_weight=0.1)
    problem = problem_from(
        checked(of.matrix, of.targets, of.weights, config, {}), config, np.float64
    )
    at = torch.linspace(-2, 2, 30, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(problem.objective, (at,), eps=1e-6, rtol=1e-4)
    keep = torch.tensor([0.0, 1.5] * 15, dtype=torch.float64)
    for kept in (None, keep):
        (slope,) = torch.autograd.grad(problem.objective(at, kept), at)
        torch.testing.assert_close(problem.gradient(at.detach(), kept), slope)


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS)
def test_order_of_households_and_targets_does_not_matter(solver: str, seed: int) -> None:
    of = world(seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(12), rng.permutation(400)
    shuffled = World(of.matrix[rows][:, columns], of.targets[rows], of.weights[columns])
    plain, other = solve(of, solver, epochs=200), solve(shuffled, solver, epochs=200)
    close = 1e-7 if solver == "dual" else 1e-3
    np.testing.assert_allclose(other.weights, plain.weights[columns], rtol=close)
    np.testing.assert_allclose(other.estimates, plain.estimates[rows], rtol=close)


@pytest.mark.parametrize("solver", SOLVERS)
def test_population_and_units_do_not_matter(solver: str) -> None:
    of, settled = world(4), {"epochs": 200, "distance_weight": 0.1}
    plain = solve(of, solver, **settled)
    larger = solve(
        of._replace(targets=of.targets * 1e6, weights=of.weights * 1e6), solver, **settled
    )
    np.testing.assert_allclose(larger.weights, plain.weights * 1e6, rtol=1e-5)
    dearer = of._replace(matrix=of.matrix * 1e-3, targets=of.targets * 1e-3)
    np.testing.assert_allclose(solve(dearer, solver, **settled).weights, plain.weights, rtol=1e-5)
    twice = of._replace(
        matrix=sparse.vstack([of.matrix] * 2).tocsr(), targets=np.tile(of.targets, 2)
    )
    np.testing.assert_allclose(solve(twice, solver, **settled).weights, plain.weights, rtol=1e-4)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_household_without_weight_changes_nothing(solver: str) -> None:
    of = world(5)
    with_clone = World(
        sparse.hstack([of.matrix, of.matrix[:, [0]]]).tocsr(), of.targets, np.append(of.weights, 0)
    )
    plain, cloned = solve(of, solver, epochs=100), solve(with_clone, solver, epochs=100)
    np.testing.assert_allclose(cloned.weights[:-1], plain.weights, rtol=1e-5)


def test_dropout_never_reaches_the_weights() -> None:
    of = world(6)
    result = solve(of, "adam", dropout=0.5, epochs=300)
    assert result.weights.min() > 0
    assert np.abs(result.relative_errors).mean() < 0.05
    np.testing.assert_array_equal(
        solve(of, "adam", dropout=0.5, epochs=300).weights, result.weights
    )
    other = solve(of, "adam", dropout=0.5, epochs=300, seed=1)
    assert np.any(other.weights != result.weights)


@pytest.mark.parametrize("solver", SOLVERS)
def test_held_out_targets_do_not_touch_the_fit(solver: str) -> None:
    # No early stop within 100 epochs: what is held out is watched and no more.
    of = world(7)
    held_out = np.arange(12) >= 9
    config = CalibrationConfig(solver=solver, epochs=100)  # type: ignore[arg-type]
    first = calibrate(of.matrix, of.targets, of.weights, config, held_out=held_out)
    alone = calibrate(of.matrix[:9], of.targets[:9], of.weights, config)
    assert first.history[-1].loss == pytest.approx(alone.history[-1].loss, rel=1e-4)
    moved = np.where(held_out, of.targets * 1.5, of.targets)
    second = calibrate(of.matrix, moved, of.weights, config, held_out=held_out)
    assert [state.loss for state in second.history] == [state.loss for state in first.history]
    assert np.all(first.shadow_prices[9:] == 0)


def planted_by_group(seed: int) -> tuple[World, np.ndarray]:
    """Targets of groups whose weights are off together; odd rows repeat the groups in amounts."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 10, 2000)
    member = group == np.arange(10)[:, None]
    matrix = sparse.csr_array(np.vstack([member, member * rng.lognormal(3, 0.5, 2000)]))
    weights = rng.uniform(50, 150, 2000)
    off = np.exp(0.3 * rng.standard_normal(10))
    return World(matrix, matrix @ (weights * off[group]), weights), np.arange(20) >= 10


def held_out_error(of: World, held_out: np.ndarray, targets: np.ndarray) -> float:
    config = CalibrationConfig(solver="dual")
    result = calibrate(of.matrix, targets, of.weights, config, held_out=held_out)
    return result.history[-1].held_out_loss / result.history[0].held_out_loss


def test_true_targets_help_what_was_held_out_and_placebos_do_not() -> None:
    of, held_out = planted_by_group(0)
    assert held_out_error(of, held_out, of.targets) < 0.05
    shuffled = of.targets.copy()
    before = (of.matrix @ of.weights)[:10]
    shuffled[:10] = before * np.roll(shuffled[:10] / before, 3)
    assert held_out_error(of, held_out, shuffled) > 1


ONE_SOLVE = """
import sys, numpy as np, torch
from scipy import sparse
from steelyard.calibrate import CalibrationConfig, calibrate
torch.set_num_threads(int(sys.argv[1]))
rng = np.random.default_rng(0)
matrix = sparse.random_array((1200, 60_000), density=0.01, rng=rng, format="csr")
weights = rng.uniform(50, 150, 60_000)
targets = matrix @ (weights * rng.uniform(0.7, 1.3, 60_000)) * rng.uniform(0.9, 1.1, 1200)
for solver, dropout in (("dual", 0.0), ("adam", 0.1)):
    config = CalibrationConfig(solver=solver, dropout=dropout, epochs=10)
    print(calibrate(matrix, targets, weights, config).weights.tobytes().hex()[:200_000])
assert torch.get_num_threads() == int(sys.argv[1])
"""


def test_weights_are_the_same_to_the_last_bit_on_any_number_of_threads() -> None:
    def run(threads: int) -> str:
        environment = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
        return subprocess.run(
            [sys.executable, "-c", ONE_SOLVE, str(threads)],
            check=True, capture_output=True, text=True, env=environment,
        ).stdout  # fmt: skip

    alone = run(1)
    assert len(alone) > 400_000
    assert run(2) == alone


def test_hold_outs_follow_the_name_alone() -> None:
    groups = [f"publisher/table {number}" for number in range(2000)]
    held_out = held_out_groups(groups, 0.1, "fold")
    assert held_out.mean() == pytest.approx(0.1, abs=0.02)
    np.testing.assert_array_equal(held_out_groups(groups[::-1], 0.1, "fold"), held_out[::-1])
    doubled = held_out_groups(groups + groups, 0.1, "fold")
    np.testing.assert_array_equal(doubled, np.tile(held_out, 2))
    assert np.any(held_out_groups(groups, 0.1, "other") != held_out)
    wider = held_out_groups(groups, 0.3, "fold")
    assert np.all(wider[held_out])
    assert not held_out_groups(groups, 0.0).any()
    assert held_out_groups(groups, 1.0).all()
    with pytest.raises(ValueError, match="share is between 0 and 1"):
        held_out_groups(groups, 1.1)


def test_a_hard_problem_is_solved_by_way_of_easier_ones() -> None:
    # 60 noisy targets on 400 households within narrow bounds, hardly softened.
    of = world(8, n_targets=60)
    noisy = of._replace(targets=of.targets * np.random.default_rng(1).uniform(0.9, 1.1, 60))
    losses = []
    for distance_weight in (1e-2, 1e-4, 1e-6):
        result = solve(noisy, "dual", distance_weight=distance_weight, bounds=(0.2, 5.0))
        assert result.diagnostics["converged"]
        losses.append(np.square(result.relative_errors).mean())
    assert losses[2] <= losses[1] <= losses[0]
