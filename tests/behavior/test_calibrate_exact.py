"""Links and exact targets against closed forms: GREG, IPF, Deville and Särndal's properties."""

from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from steelyard.calibrate import Calibration, CalibrationConfig, calibrate
from steelyard.calibrate.link import link_named

Name = Literal["logit", "raking", "linear", "truncated_linear"]
LINKS: tuple[Name, ...] = ("logit", "raking", "linear", "truncated_linear")


def population(seed: int, n: int = 400, m: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Dense matrix, targets that planted weights meet, initial weights."""
    rng = np.random.default_rng(seed)
    member = rng.random((m, n)) < 0.3
    member[:, :m] |= np.eye(m, dtype=bool)
    matrix = member * rng.lognormal(3, 0.5, (m, n))
    weights = rng.uniform(50, 150, n)
    return matrix, matrix @ (weights * np.exp(0.3 * rng.standard_normal(n))), weights


def exactly(
    matrix: np.ndarray, targets: np.ndarray, weights: np.ndarray, link: Name, **settings: Any
) -> Calibration:
    every = np.ones(len(targets), dtype=bool)
    config = CalibrationConfig(link=link, **settings)
    return calibrate(sparse.csr_array(matrix), targets, weights, config, exact=every)


@pytest.mark.parametrize("link", LINKS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_link_reproduces_feasible_totals(link: Name, seed: int) -> None:
    result = exactly(*population(seed), link)
    assert np.abs(result.relative_errors).max() < 1e-10
    assert result.diagnostics["converged"]
    assert result.diagnostics["contradictory_targets"] == []


def test_linear_is_the_generalised_regression_estimator() -> None:
    matrix, targets, weights = population(1)
    slope = np.linalg.solve((matrix * weights) @ matrix.T, targets - matrix @ weights)
    expected = weights * (1 + matrix.T @ slope)
    np.testing.assert_allclose(exactly(matrix, targets, weights, "linear").weights, expected)
    pulled = targets * np.linspace(0.4, 1.6, 12)
    assert exactly(matrix, pulled, weights, "linear").weights.min() < 0


def test_raking_is_iterative_proportional_fitting_on_margins() -> None:
    rng = np.random.default_rng(2)
    table = rng.uniform(1, 20, (6, 9))
    rows, columns = table.sum(1) * rng.uniform(0.8, 1.2, 6), table.sum(0)
    columns = columns / columns.sum() * rows.sum()
    fitted = table.copy()
    for _ in range(500):
        fitted *= (rows / fitted.sum(1))[:, None]
        fitted *= columns / fitted.sum(0)
    cells = np.arange(54).reshape(6, 9)
    margins = [np.isin(np.arange(54), line) for line in (*cells, *cells.T)]
    result = exactly(np.array(margins), np.append(rows, columns), table.ravel(), "raking")
    np.testing.assert_allclose(result.weights, fitted.ravel(), rtol=1e-9)
    # Raking keeps every odds ratio of the table.
    odds = result.weights.reshape(6, 9)
    np.testing.assert_allclose(
        odds[0, 0] * odds[1, 1] / (odds[0, 1] * odds[1, 0]),
        table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]),
    )


def test_all_links_agree_to_second_order() -> None:
    # Deville and Särndal (1992), result 5: every distance gives the GREG weights as changes vanish.
    matrix, targets, weights = population(3)
    gaps = []
    for part in (0.1, 0.01):
        near = matrix @ weights + part * (targets - matrix @ weights)
        greg = exactly(matrix, near, weights, "linear").weights
        others = [exactly(matrix, near, weights, link).weights for link in LINKS[:2]]
        gaps.append(max(np.abs(other / greg - 1).max() for other in others))
    assert gaps[1] < gaps[0] / 50


def test_truncated_linear_is_greg_until_a_bound_is_met() -> None:
    matrix, targets, weights = population(4)
    greg = exactly(matrix, targets, weights, "linear").weights
    free = exactly(matrix, targets, weights, "truncated_linear", bounds=(0.01, 100.0)).weights
    np.testing.assert_allclose(free, greg)
    lower, upper = np.quantile(greg / weights, (0.03, 0.97))
    cut = exactly(matrix, targets, weights, "truncated_linear", bounds=(lower, upper))
    assert np.abs(cut.relative_errors).max() < 1e-10
    ratios = cut.weights / weights
    assert (np.isclose(ratios, lower) | np.isclose(ratios, upper)).sum() > 10
    np.testing.assert_array_less(ratios, upper + 1e-12)
    np.testing.assert_array_less(lower - 1e-12, ratios)


@pytest.mark.parametrize("link", LINKS)
@settings(max_examples=20, deadline=None)
@given(u=st.floats(-5, 5))
def test_links_are_the_slopes_of_their_potentials(link: Name, u: float) -> None:
    of = link_named(link, 0.2, 6.0)
    at = torch.tensor([0.0, u], dtype=torch.float64, requires_grad=True)
    (ratio,) = torch.autograd.grad(of.potential(at).sum(), at)
    torch.testing.assert_close(ratio, of.ratio(at).detach())
    assert ratio[0].item() == pytest.approx(1)
    assert of.slope(ratio)[0].item() == pytest.approx(1)
    inverse = of.distance(at, of.ratio(at))[1].item()
    assert inverse >= -1e-12
    assert of.distance(at, of.ratio(at))[0].item() == pytest.approx(0, abs=1e-12)


def test_raking_is_logit_with_the_bounds_open() -> None:
    matrix, targets, weights = population(5)
    raking = exactly(matrix, targets, weights, "raking").weights
    wide = exactly(matrix, targets, weights, "logit", bounds=(1e-6, 1e6)).weights
    np.testing.assert_allclose(wide, raking, rtol=1e-4)
    same = exactly(matrix, targets, weights, "logit", bounds=(0.0, np.inf)).weights
    np.testing.assert_allclose(same, raking)


def test_exact_and_soft_targets_live_together() -> None:
    matrix, targets, weights = population(6)
    noisy = targets * np.random.default_rng(0).uniform(0.7, 1.3, 12)
    exact = np.arange(12) < 3
    result = calibrate(sparse.csr_array(matrix), noisy, weights, exact=exact)
    assert np.abs(result.relative_errors[exact]).max() < 1e-10
    assert np.abs(result.relative_errors[~exact]).max() > 1e-3
    # The exact price is the limit of the prices of ever heavier soft targets.
    heavy = calibrate(
        sparse.csr_array(matrix),
        noisy,
        weights,
        CalibrationConfig(distance_weight=0.01 * 12 / (9 + 3e7), tolerance=1e-8),
        loss_weight=np.where(exact, 1e7, 1.0),
    )
    np.testing.assert_allclose(heavy.weights, result.weights, rtol=1e-5)


@pytest.mark.parametrize("link", LINKS)
def test_contradictory_exact_targets_are_named(link: Name) -> None:
    matrix, targets, weights = population(7)
    doubled = np.append(targets, targets[3] * 1.1)
    result = exactly(np.vstack([matrix, matrix[3]]), doubled, weights, link)
    assert sorted(result.diagnostics["contradictory_targets"]) == [3, 12]
    assert not result.diagnostics["converged"]
    assert "cannot be met together" in result.reason
    rest = np.delete(np.arange(13), [3, 12])
    assert np.abs(result.relative_errors[rest]).max() < 1e-10
    assert -0.1 < result.relative_errors[12] < 0 < result.relative_errors[3] < 0.11


@pytest.mark.parametrize("link", ["logit", "truncated_linear"])
def test_an_exact_target_out_of_reach_is_named(link: Name) -> None:
    matrix, targets, weights = population(8)
    targets[5] *= 50
    result = exactly(matrix, targets, weights, link, bounds=(0.2, 5.0))
    assert result.diagnostics["contradictory_targets"] == [5]
    assert np.abs(np.delete(result.relative_errors, 5)).max() < 1e-10
    assert np.isfinite(result.weights).all()
    assert result.weights.max() <= (5 * weights).max()


def test_parts_that_exceed_their_whole_are_named_together() -> None:
    # Three states and the nation, which is published as less than their sum.
    state = np.arange(300) % 3 == np.arange(3)[:, None]
    matrix = np.vstack([state, np.ones(300), np.arange(300)]).astype(float)
    targets = np.array([110.0, 110.0, 110.0, 300.0, 45_000.0])
    result = exactly(matrix, targets, np.ones(300), "logit")
    assert sorted(result.diagnostics["contradictory_targets"]) == [0, 1, 2, 3]
    assert result.relative_errors[4] == pytest.approx(0, abs=1e-10)


def test_exact_duplicates_change_nothing() -> None:
    matrix, targets, weights = population(9)
    once = exactly(matrix, targets, weights, "logit")
    twice = exactly(np.vstack([matrix, matrix]), np.tile(targets, 2), weights, "logit")
    np.testing.assert_allclose(twice.weights, once.weights, rtol=1e-8)


@pytest.mark.parametrize("huber_delta", [0.02, 0.1, 0.5])
def test_the_dual_bounds_what_a_broken_target_pulls(huber_delta: float) -> None:
    matrix, targets, weights = population(10)
    targets = targets * np.random.default_rng(0).uniform(0.5, 1.5, 12)
    targets[2] *= 10
    solved = {}
    for solver in ("dual", "adam"):
        config = CalibrationConfig(
            solver=solver,  # type: ignore[arg-type]
            loss="huber",
            huber_delta=huber_delta,
            distance_weight=0.1,
            tolerance=1e-8,
            epochs=2000,
        )
        solved[solver] = calibrate(sparse.csr_array(matrix), targets, weights, config)
    dual, adam = solved["dual"], solved["adam"]
    assert dual.diagnostics["converged"]
    assert dual.history[-1].loss <= adam.history[-1].loss * (1 + 1e-6)
    np.testing.assert_allclose(adam.weights, dual.weights, rtol=0.05)
    # λ |y| <= 2 π δ, and the broken target is at its bound.
    price = np.abs(dual.shadow_prices * np.abs(targets)) / (2 * huber_delta / 12)
    assert price.max() == pytest.approx(1)
    assert price[2] == pytest.approx(1)
