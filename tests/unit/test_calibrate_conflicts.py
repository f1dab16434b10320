"""A planted fight is found first and told in words; peace is an empty list."""

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.conflicts import find_conflicts
from steelyard.calibrate.nearby import Neighbourhood
from steelyard.frame import stream

CONFIG = CalibrationConfig(distance_weight=1e-3)


def _near(rows, targets, weights):
    matrix = sparse.csr_array(rows)
    solved = calibrate(matrix, targets, weights, CONFIG)
    return Neighbourhood(matrix, targets, weights, solved.weights, CONFIG)


@pytest.fixture(scope="module")
def harmless():
    random = stream(3, "conflicts")
    rows = random.gamma(1.0, size=(12, 500)) * (random.random((12, 500)) < 0.2)
    weights = random.uniform(50, 150, 500)
    return rows, rows @ weights * random.uniform(0.97, 1.03, 12), weights


def test_a_planted_fight_is_found_first(harmless):
    rows, targets, weights = harmless
    wages = np.where(np.arange(500) < 120, 1.0, 0.0)
    total = wages @ weights
    near = _near(np.vstack([rows, wages, wages]), np.r_[targets, 0.9 * total, 1.1 * total], weights)
    names = [f"harmless {row}" for row in range(12)] + ["wages by one", "wages by another"]
    worst = find_conflicts(near, names)[0]
    sides = {worst.first.name: worst.first, worst.second.name: worst.second}
    assert set(sides) == {"wages by one", "wages by another"}
    assert (sides["wages by one"].direction, sides["wages by another"].direction) == ("down", "up")
    assert worst.overlap == pytest.approx(1)
    assert worst.households == 120
    assert all(side.error == pytest.approx(0.1, abs=0.02) for side in sides.values())
    assert all(side.error_alone < 0.01 for side in sides.values())
    assert sides["wages by one"].targets == (12,)


def test_bands_that_deny_their_total_are_one_side(harmless):
    rows, targets, weights = harmless
    bands = np.kron(np.eye(4), np.ones(50))
    bands = np.hstack([bands, np.zeros((4, 300))])
    total = bands.sum(axis=0)
    near = _near(
        np.vstack([rows, bands, total]),
        np.r_[targets, 0.9 * bands @ weights, 1.1 * total @ weights],
        weights,
    )
    names = ["harmless"] * 12 + ["by band"] * 4 + ["total"]
    worst = find_conflicts(near, names)[0]
    assert {worst.first.name, worst.second.name} == {"by band", "total"}
    by_band = worst.first if worst.first.name == "by band" else worst.second
    assert set(by_band.targets) == {12, 13, 14, 15}
    assert "by band (4 targets, off by" in worst.sentence
    assert "on the same 200 records" in worst.sentence


def test_peace_is_an_empty_list(harmless):
    rows, targets, weights = harmless
    near = _near(rows, targets, weights)
    assert np.abs(near.errors).max() < 0.01
    assert find_conflicts(near, [f"harmless {row}" for row in range(12)]) == []


def test_pulls_on_other_households_are_no_fight(harmless):
    """Two targets out of reach, one above and one below, that share no household."""
    _, _, weights = harmless
    rows = np.zeros((2, 500))
    rows[0, :5], rows[1, 5:10] = 1, 1
    near = _near(rows, np.array([100.0, 0.01]) * (rows @ weights), weights)
    assert np.abs(near.errors).min() > 0.5
    assert find_conflicts(near, ["up", "down"]) == []


def test_names_of_unfitted_targets_keep_their_place(harmless):
    rows, targets, weights = harmless
    one = np.ones(500)
    matrix = sparse.csr_array(np.vstack([np.zeros(500), rows, one, one]))
    goals = np.r_[1.0, targets, 0.8 * weights.sum(), 1.2 * weights.sum()]
    solved = calibrate(matrix, goals, weights, CONFIG)
    near = Neighbourhood(matrix, goals, weights, solved.weights, CONFIG)
    names = ["unsupported"] + ["harmless"] * 12 + ["few", "many"]
    worst = find_conflicts(near, names)[0]
    assert {worst.first.targets, worst.second.targets} == {(13,), (14,)}
