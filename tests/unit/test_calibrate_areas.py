"""Local areas: shares that add up, facts that are met, and what one area's facts do to others."""

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.areas import AreaFacts, Homes, share_out
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import problem_from
from steelyard.frame import stream

STATES = np.array(["A", "B", "C"])
AREA_STATE = np.array(["A", "A", "A", "B", "B"])
CONFIG = CalibrationConfig(distance_weight=1e-4)


@pytest.fixture(scope="module")
def world():
    """600 households whose true areas are known: rich ones live in the last area of a state."""
    random = stream(5, "areas")
    state = STATES[random.integers(0, 3, 600)]
    features = np.vstack([np.ones(600), random.gamma(2, size=600), random.random(600) < 0.3])
    weights = random.uniform(50, 150, 600)
    truth = weights * random.uniform(0.8, 1.25, 600)
    shares = np.zeros((600, 5))
    for name in ("A", "B"):
        areas = np.flatnonzero(name == AREA_STATE)
        lean = np.exp(0.4 * features[1][:, None] * np.arange(areas.size) - np.arange(areas.size))
        here = state == name
        shares[np.ix_(here, areas)] = (lean / lean.sum(axis=1, keepdims=True))[here]
    rows = np.vstack([features * (state == name) for name in STATES] + [features])
    return state, features, weights, rows, rows @ truth, (features * truth) @ shares


def _solve(world, **options):
    state, features, weights, rows, targets, area_targets = world
    inputs = checked(sparse.csr_array(rows), targets, weights, CONFIG, {})
    feature, area = (each.ravel() for each in np.indices(area_targets.shape))
    value = area_targets.ravel()
    facts = AreaFacts(feature, area, value, value, np.full(value.size, 1 / targets.size))
    homes = Homes(state, AREA_STATE, np.ones(5))
    problem = problem_from(inputs, CONFIG, np.float64)
    return share_out(problem, weights, sparse.csr_array(features), homes, facts, **options)


@pytest.fixture(scope="module")
def shared(world):
    return _solve(world, tolerance=1e-6)


def test_shares_of_a_household_add_up_to_it(shared):
    assert shared.converged
    assert [share.shape[1] for share in shared.shares] == [3, 2]
    for share in shared.shares:
        assert share.sum(axis=1) == pytest.approx(np.ones(len(share)), abs=1e-12)
        assert (share > 0).all()


def test_areas_states_and_nation_are_met_together(world, shared):
    _, _, _, rows, targets, area_targets = world
    assert rows @ shared.weights == pytest.approx(targets, rel=0.01)
    assert shared.estimates == pytest.approx(area_targets.ravel(), rel=0.02)


def test_estimates_are_those_of_the_clones(world, shared):
    _, features, _, _, _, area_targets = world
    totals = np.zeros_like(area_targets)
    for households, share, areas in zip(
        shared.households, shared.shares, shared.areas, strict=True
    ):
        clones = shared.weights[households, None] * share
        totals[:, areas] = features[:, households] @ clones
    assert totals.ravel() == pytest.approx(shared.estimates, rel=1e-9)


def test_a_household_leans_to_the_area_of_its_like(world, shared):
    _, features, *_ = world
    rich = features[1][shared.households[0]]
    assert np.corrcoef(rich, shared.shares[0][:, 2])[0, 1] > 0.5


def test_ratios_keep_their_bounds(world, shared):
    ratios = shared.weights / world[2]
    assert ratios.min() >= 0.1
    assert ratios.max() <= 10


def test_without_facts_shares_are_the_prior(world):
    state, features, weights, rows, targets, _ = world
    inputs = checked(sparse.csr_array(rows), targets, weights, CONFIG, {})
    nothing = np.zeros(0)
    facts = AreaFacts(nothing.astype(int), nothing.astype(int), nothing, nothing, nothing)
    homes = Homes(state, AREA_STATE, np.array([1.0, 2, 1, 1, 3]))
    shared = share_out(
        problem_from(inputs, CONFIG, np.float64), weights, sparse.csr_array(features), homes, facts
    )
    assert shared.shares[0] == pytest.approx(np.tile([0.25, 0.5, 0.25], (len(shared.shares[0]), 1)))


def test_where_it_starts_does_not_matter(world, shared):
    again = _solve(world, tolerance=1e-6, start=stream(6, "start").normal(size=12) / 10)
    assert again.weights == pytest.approx(shared.weights, rel=1e-3)


def test_a_fact_of_no_area_is_named(world):
    state, features, weights, rows, targets, _ = world
    inputs = checked(sparse.csr_array(rows), targets, weights, CONFIG, {})
    problem = problem_from(inputs, CONFIG, np.float64)
    one = np.ones(1)
    facts = AreaFacts(np.array([0]), np.array([7]), one, one, one)
    with pytest.raises(ValueError, match=r"1 facts name an area or feature .* \(first: \[0\]\)"):
        share_out(
            problem,
            weights,
            sparse.csr_array(features),
            Homes(state, AREA_STATE, np.ones(5)),
            facts,
        )
    with pytest.raises(ValueError, match="2 areas have no positive prior"):
        homes = Homes(state, AREA_STATE, np.array([1, 0, 1, np.nan, 1]))
        share_out(
            problem,
            weights,
            sparse.csr_array(features),
            homes,
            facts._replace(area=one.astype(int)),
        )
