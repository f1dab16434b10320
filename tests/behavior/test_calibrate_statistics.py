"""Means, quantiles, poverty rates and Gini as targets: the statistic itself is hit."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import (
    CalibrationConfig,
    Gini,
    Quantile,
    Ratio,
    RelativePovertyRate,
    Statistic,
    calibrate_statistics,
)
from steelyard.validate import gini, poverty_rate, weighted_quantile


class World(NamedTuple):
    """Households with income, size and state; totals by state that are nearly right."""

    income: np.ndarray
    size: np.ndarray
    weights: np.ndarray
    matrix: sparse.csr_array
    targets: np.ndarray


def world(n: int = 3000) -> World:
    rng = np.random.default_rng(0)
    income = rng.lognormal(10, 0.8, n)
    state = rng.integers(0, 5, n) == np.arange(5)[:, None]
    weights = rng.uniform(50, 150, n)
    matrix = sparse.csr_array(np.vstack([state, state * income]))
    size = rng.integers(1, 6, n).astype(float)
    return World(income, size, weights, matrix, matrix @ weights * rng.uniform(0.97, 1.03, 10))


def statistics_of(of: World) -> dict[str, Any]:
    ones = np.ones(of.income.size)
    return {
        "mean": Ratio(of.income, ones, 32_000),
        "poverty rate": Ratio((of.income < 9000) * of.size, of.size, 0.12),
        "median": Quantile(of.income, of.size, 0.5, 24_000),
        "tenth percentile": Quantile(of.income, of.size, 0.1, 8_000),
        "relative poverty": RelativePovertyRate(of.income / np.sqrt(of.size), of.size, 0.25),
        "gini": Gini(of.income, ones, 0.40),
    }


OF = world()
POOR = (OF.income < 9000) * OF.size
ONES = np.ones(OF.income.size)
STATISTICS = statistics_of(OF)


@pytest.mark.parametrize("name", STATISTICS)
def test_a_statistic_alone_is_hit(name: str) -> None:
    of = STATISTICS[name]
    solved, (achieved,) = calibrate_statistics(OF.matrix, OF.targets, OF.weights, [of], exact=True)
    assert abs(of.value(OF.weights) / of.published - 1) > 0.01
    assert abs(achieved.relative_error) < 1e-4
    assert solved.diagnostics["converged"]
    assert np.abs(solved.relative_errors).max() < 0.01


@pytest.mark.parametrize("solver", ["dual", "adam"])
def test_statistics_and_totals_bargain(solver: Any) -> None:
    config = CalibrationConfig(solver=solver, epochs=200)
    solved, achieved = calibrate_statistics(
        OF.matrix, OF.targets, OF.weights, list(STATISTICS.values()), config, close=1e-3
    )
    assert solved.diagnostics["converged"]
    assert solved.diagnostics["rounds"] > 1
    for of, promised in zip(achieved, solved.relative_errors[10:], strict=True):
        assert of.relative_error == pytest.approx(promised, abs=1e-3)
        assert abs(of.relative_error) < 0.025


@pytest.mark.parametrize("name", STATISTICS)
def test_rows_are_derivatives(name: str) -> None:
    # Many households, because a row takes densities for smooth.
    many = world(50_000)
    of = statistics_of(many)[name]
    of = replace(of, published=of.value(many.weights))
    poorer = 0.1 * (many.income < 12_000)
    row = of.row(many.weights)
    expected = row.values @ (poorer * many.weights) / row.scale
    moved = of.value(many.weights * (1 + poorer)) - of.value(many.weights * (1 - poorer))
    assert abs(expected) > 0.01
    assert expected == pytest.approx(moved / 2 / of.published, rel=0.2)


def test_statistics_agree_with_those_that_judge() -> None:
    at = OF.weights
    assert STATISTICS["gini"].value(at) == pytest.approx(gini(OF.income, at), abs=1e-3)
    median = weighted_quantile(OF.income, at * OF.size, 0.5)
    assert STATISTICS["median"].value(at) == pytest.approx(float(median), rel=1e-3)
    rate = poverty_rate(OF.income, at * OF.size, 9000)
    assert STATISTICS["poverty rate"].value(at) == pytest.approx(rate)


def test_a_quantile_needs_no_second_round_once_it_is_met() -> None:
    of = STATISTICS["median"]
    solved, _ = calibrate_statistics(OF.matrix, OF.targets, OF.weights, [of], exact=True)
    assert solved.diagnostics["rounds"] == 1


@pytest.mark.parametrize(
    ("statistics", "message"),
    [
        ([], "no statistics"),
        ([Ratio(POOR, OF.size, 0.0)], r"statistic 0 \(Ratio\) is published as 0.0"),
        ([Ratio(POOR[:-1], OF.size, 0.1)], r"statistic 0 \(Ratio\): numerator has shape \(2999,\)"),
        (
            [STATISTICS["gini"], Gini(np.where(POOR > 0, np.nan, OF.income), ONES, 0.4)],
            r"statistic 1 \(Gini\): values has shape \(3000,\) and .* not finite",
        ),
    ],
)
def test_statistics_that_make_no_row_are_named(statistics: list[Statistic], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate_statistics(OF.matrix, OF.targets, OF.weights, statistics)
