"""Near problems are solved as `calibrate` would, and replicates say how certain an answer is."""

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.nearby import Neighbourhood
from steelyard.calibrate.replicates import bootstrap_factors, replicate
from steelyard.frame import stream
from steelyard.validate import replicate_error

CONFIG = CalibrationConfig(solver="dual", distance_weight=0.01, tolerance=1e-8)


@pytest.fixture(scope="module")
def problem():
    random = stream(7, "nearby")
    rows = random.gamma(1.0, size=(25, 600)) * (random.random((25, 600)) < 0.3)
    matrix = sparse.csr_array(rows)
    weights = random.uniform(50, 150, 600)
    targets = matrix @ weights * random.uniform(0.9, 1.1, 25)
    return matrix, targets, weights


@pytest.fixture(scope="module")
def near(problem):
    solved = calibrate(*problem, CONFIG)
    return Neighbourhood(*problem, solved.weights, CONFIG)


def test_the_solved_problem_is_its_own_neighbour(problem, near):
    answer = near.solve(tolerance=1e-8)
    assert answer.weights[:, 0] == pytest.approx(calibrate(*problem, CONFIG).weights, rel=1e-6)


def test_other_initial_weights_give_what_calibrate_gives(problem, near):
    matrix, targets, weights = problem
    factors = stream(7, "factors").integers(0, 3, size=(600, 3)).astype(float)
    answer = near.solve(factors=factors, tolerance=1e-9)
    for column in range(3):
        anew = calibrate(matrix, targets, weights * factors[:, column], CONFIG)
        assert answer.weights[:, column] == pytest.approx(anew.weights, rel=1e-5, abs=1e-6)
    assert answer.mismatch.max() <= 1e-9


def test_other_goals_give_what_calibrate_gives(problem, near):
    matrix, targets, weights = problem
    scale = np.abs(targets)
    moved = targets * 1.05
    answer = near.solve(goals=(moved / scale)[:, None], tolerance=1e-9)
    anew = calibrate(matrix, moved, weights, CONFIG, scale=scale)
    assert answer.weights[:, 0] == pytest.approx(anew.weights, rel=1e-5)


def test_dropped_targets_give_what_calibrate_gives(problem, near):
    matrix, targets, weights = problem
    kept = np.arange(25) >= 5
    answer = near.solve(kept=kept, tolerance=1e-9)
    anew = calibrate(matrix, targets, weights, CONFIG, loss_weight=kept.astype(float))
    assert answer.weights[:, 0] == pytest.approx(anew.weights, rel=1e-5)


@pytest.mark.parametrize("dropped", [0, 5])
def test_many_targets_are_solved_in_single_precision_and_as_exactly(
    problem, monkeypatch, dropped
) -> None:
    """As many are few here: directions are rough, and what they lead to is not."""
    matrix, targets, weights = problem
    monkeypatch.setattr("steelyard.calibrate.nearby.SINGLE", 10)
    solved = calibrate(*problem, CONFIG)
    many = Neighbourhood(*problem, solved.weights, CONFIG)
    factors = stream(7, "single").integers(0, 3, size=(600, 1)).astype(float)
    kept = np.arange(25) >= dropped
    answer = many.solve(factors=factors, kept=kept, tolerance=1e-9)
    anew = calibrate(
        matrix, targets, weights * factors[:, 0], CONFIG, loss_weight=kept.astype(float)
    )
    assert answer.weights[:, 0] == pytest.approx(anew.weights, rel=1e-5, abs=1e-6)
    assert answer.mismatch.max() <= 1e-9


def test_first_order_errors_are_near_those_of_a_solve(problem, near):
    matrix, targets, weights = problem
    dropped = np.arange(25) < 3
    # `calibrate` spreads a dropped target's share of the loss; λ is lowered as much to match.
    config = CalibrationConfig(distance_weight=0.01 * 25 / 22, tolerance=1e-8)
    anew = calibrate(matrix, targets, weights, config, loss_weight=np.where(dropped, 0.0, 1.0))
    foreseen = near.errors_without(dropped)
    assert foreseen == pytest.approx(anew.relative_errors, abs=0.01)
    assert foreseen[~dropped] == pytest.approx(anew.relative_errors[~dropped], abs=1e-3)
    assert np.abs(foreseen - near.errors).max() > 0.02


@pytest.mark.parametrize(
    "config", [CalibrationConfig(distance_weight=0), CalibrationConfig(loss="huber")]
)
def test_multipliers_without_measure_are_refused(problem, config):
    with pytest.raises(ValueError, match="distance_weight > 0 and a squared loss"):
        Neighbourhood(*problem, problem[2], config)


def test_keeping_no_target_is_refused(near):
    with pytest.raises(ValueError, match="none of 25 fitted targets is kept"):
        near.solve(kept=np.zeros(25, dtype=bool))


def test_factors_average_to_one_and_copies_move_together():
    clusters = np.repeat(np.arange(40), 2)
    factors = bootstrap_factors(clusters // 20, clusters, 4000, stream(1, "f"))
    assert np.array_equal(factors[::2], factors[1::2])
    assert factors.mean(axis=1) == pytest.approx(np.ones(80), abs=0.1)
    # With n - 1 draws of n clusters, the variance of the mean is that of sampling: s² / n.
    value = stream(1, "v").normal(size=40)[:20]
    means = factors[:40:2].T @ value / 20
    assert means.var() == pytest.approx(value.var(ddof=1) / 20, rel=0.1)


def test_a_spread_scales_the_factors():
    full = bootstrap_factors(np.zeros(9), np.arange(9), 3, stream(2, "f"))
    half = bootstrap_factors(np.zeros(9), np.arange(9), 3, stream(2, "f"), spread=0.5)
    assert half - 1 == pytest.approx((full - 1) / 2)
    assert half.min() >= 0.5


def test_a_lone_cluster_keeps_its_weight():
    factors = bootstrap_factors(["a", "b", "b", "b"], [1, 2, 3, 4], 5, stream(3, "f"))
    assert (factors[0] == 1).all()
    assert (factors[1:] != 1).any()


@pytest.mark.parametrize(
    ("strata", "clusters", "count", "spread", "words"),
    [
        ([1, 2], [1, 1], 5, 1.0, "1 clusters lie in several strata"),
        ([1, 1], [1, 2, 3], 5, 1.0, "2 strata but 3 clusters"),
        ([1, 1], [1, 2], 1, 1.0, "count >= 2"),
        ([1, 1], [1, 2], 5, 0.0, "0 < spread <= 1"),
    ],
)
def test_impossible_bootstraps_are_refused(strata, clusters, count, spread, words):
    with pytest.raises(ValueError, match=words):
        bootstrap_factors(strata, clusters, count, stream(1, "f"), spread=spread)


@pytest.mark.parametrize(("spread", "tolerance"), [(1.0, 1e-3), (0.2, None)])
def test_intervals_cover_the_truth_as_often_as_they_say(spread, tolerance):
    """100 samples of a known population, calibrated to its totals: 95 % intervals, R = 40."""
    random = stream(11, "population")
    x = random.gamma(2.0, size=(6, 20_000))
    y = x[:3].sum(axis=0) + 2 * random.normal(size=20_000)
    config = CalibrationConfig(distance_weight=1e-3)
    covered = 0
    for sample in range(100):
        drawn = stream(11, "sample", sample).choice(20_000, 300, replace=False)
        matrix, weights = sparse.csr_array(x[:, drawn]), np.full(300, 20_000 / 300)
        solved = calibrate(matrix, x.sum(axis=1), weights, config)
        near = Neighbourhood(matrix, x.sum(axis=1), weights, solved.weights, config)
        factors = bootstrap_factors(
            np.zeros(300), drawn, 40, stream(11, "bootstrap", sample), spread=spread
        )
        replicates = replicate(
            near, factors, np.zeros(6, dtype=bool), tolerance=tolerance, batch=40
        )
        said = replicate_error(
            y[drawn] @ solved.weights, y[drawn] @ replicates.weights, 1 / (40 * spread**2)
        )
        lower, upper = said.interval()
        covered += bool(lower <= y.sum() <= upper)
    assert 0.90 <= covered / 100 <= 0.99


def test_what_the_survey_says_of_itself_is_not_taken_for_certain(problem):
    """A control's own sampling error stays in the replicates; a target's does not."""
    matrix, targets, weights = problem
    targets = targets.copy()
    targets[0] = (matrix @ weights)[0]
    solved = calibrate(matrix, targets, weights, CONFIG, loss_weight=np.r_[100, np.ones(24)])
    near = Neighbourhood(
        matrix, targets, weights, solved.weights, CONFIG, loss_weight=np.r_[100, np.ones(24)]
    )
    factors = bootstrap_factors(np.zeros(600), np.arange(600), 30, stream(5, "f"), spread=0.5)
    own = np.arange(25) == 0
    row = matrix[[0]]
    as_fact = (row @ replicate(near, factors, ~own & own, tolerance=1e-3).weights).std()
    as_survey = (row @ replicate(near, factors, own, tolerance=1e-3).weights).std()
    by_design = (row @ (weights[:, None] * factors)).std()
    assert as_fact < 0.1 * by_design
    assert as_survey == pytest.approx(by_design, rel=0.1)


def test_a_replicate_by_steps_is_near_the_solved_one(near):
    factors = bootstrap_factors(np.zeros(600), np.arange(600), 10, stream(8, "f"), spread=0.1)
    nothing = np.zeros(25, dtype=bool)
    once, solved = (
        replicate(near, factors, nothing, tolerance=tolerance).weights for tolerance in (None, 1e-8)
    )
    by_design = near.initial_weights[:, None] * factors
    assert np.abs(once - solved).max() < 0.01 * np.abs(solved - by_design).max()
