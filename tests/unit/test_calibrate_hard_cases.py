"""Bad and degenerate input: a clear error or a flagged result, never NaN, never a masked target."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate

SOLVERS = ("dual", "adam")
LINKS = ("logit", "raking", "linear", "truncated_linear")
STATES = np.arange(60) % 3 == np.arange(3)[:, None]
MATRIX = sparse.csr_array(np.vstack([np.ones(60), STATES]).astype(float))
WEIGHTS = np.full(60, 10.0)
EVERY = np.ones(4, dtype=bool)


def settings(solver: str, **more: Any) -> CalibrationConfig:
    return CalibrationConfig(solver=solver, **{"epochs": 150, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("solver", SOLVERS)
def test_records_all_alike_move_together(solver: str) -> None:
    alike = sparse.csr_array(np.full((2, 50), [[3.0], [7.0]]))
    result = calibrate(alike, [1800.0, 4200.0], np.full(50, 10.0), settings(solver))
    np.testing.assert_allclose(result.weights, 12, rtol=0.01)
    fighting = calibrate(alike, [1800.0, 8400.0], np.full(50, 10.0), settings(solver))
    assert np.ptp(fighting.weights) < 1e-4
    assert fighting.relative_errors[0] > 0 > fighting.relative_errors[1]


@pytest.mark.parametrize("link", LINKS)
def test_exact_targets_on_records_all_alike_are_met_or_named(link: Any) -> None:
    alike = sparse.csr_array(np.full((2, 50), [[3.0], [7.0]]))
    config = CalibrationConfig(link=link)
    met = calibrate(alike, [1800.0, 4200.0], np.full(50, 10.0), config, exact=[True, True])
    np.testing.assert_allclose(met.weights, 12)
    torn = calibrate(alike, [1800.0, 8400.0], np.full(50, 10.0), config, exact=[True, True])
    assert sorted(torn.diagnostics["contradictory_targets"]) == [0, 1]
    assert np.isfinite(torn.weights).all()


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_duplicate_is_a_target_of_twice_the_weight(solver: str) -> None:
    doubled = sparse.vstack([MATRIX, MATRIX[[1]]], format="csr")
    config = settings(solver, distance_weight=1.0, tolerance=1e-8)
    targets = np.array([600.0, 300.0, 200.0, 200.0])
    twice = calibrate(doubled, np.append(targets, 300), WEIGHTS, config)
    heavier = calibrate(MATRIX, targets, WEIGHTS, config, loss_weight=[1, 2, 1, 1])
    np.testing.assert_allclose(twice.weights, heavier.weights, rtol=1e-4)


@pytest.mark.parametrize("solver", SOLVERS)
def test_states_add_to_the_nation_whatever_is_fitted(solver: str) -> None:
    # The states' facts contradict the nation's; each household still has one weight.
    result = calibrate(MATRIX, [900.0, 250.0, 150.0, 100.0], WEIGHTS, settings(solver))
    assert result.estimates[0] == pytest.approx(result.estimates[1:].sum(), rel=1e-12)
    assert result.weights.shape == (60,)


def test_members_of_a_household_share_its_weight() -> None:
    # Persons enter as household totals: the persons' own sums under that weight are the estimates.
    rng = np.random.default_rng(0)
    household = np.sort(np.append(np.arange(60), rng.integers(0, 60, 90)))
    earns = rng.lognormal(10, 1, household.size)
    totals = np.vstack([np.bincount(household), np.bincount(household, earns)])
    result = calibrate(sparse.csr_array(totals), totals @ WEIGHTS * [1.1, 0.9], WEIGHTS)
    of_person = result.weights[household]
    np.testing.assert_allclose(result.estimates, [of_person.sum(), of_person @ earns])


def test_an_exact_target_without_support_is_named() -> None:
    matrix = sparse.csr_array(np.vstack([MATRIX.toarray(), np.zeros(60)]))
    with pytest.raises(ValueError, match=r"1 of 5 exact targets \(\[4\]=5.0\): no household"):
        calibrate(matrix, [600.0, 200, 200, 200, 5], WEIGHTS, exact=np.arange(5) > 2)
    nothing = calibrate(matrix, [600.0, 200, 200, 200, 0], WEIGHTS, exact=np.arange(5) > 2)
    assert nothing.diagnostics["unsupported_targets"] == [4]
    assert nothing.relative_errors[4] == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"held_out": np.arange(4) == 1}, r"1 of 4 exact targets \(\[1\]=200.0\): is held out"),
        ({"loss_weight": [1, 1, 0, 1]}, r"1 of 4 exact targets \(\[2\]=200.0\): .* zero loss"),
        ({"config": CalibrationConfig(solver="adam")}, "meets no target exactly; use 'dual'"),
        ({"config": CalibrationConfig(dropout=0.1)}, "meets no target exactly; use 'dual'"),
        ({"exact": [1, 0, 1, 1]}, r"exact is int64 of shape \(4,\); give bool of \(4,\)"),
    ],
)
def test_exact_targets_that_cannot_be_are_refused(given: dict[str, Any], message: str) -> None:
    options = {"exact": EVERY, **given}
    with pytest.raises(ValueError, match=message):
        calibrate(MATRIX, [600.0, 200, 200, 200], WEIGHTS, **options)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"link": "probit"}, "link is one of logit, raking, linear, truncated_linear"),
        ({"link": "truncated_linear", "bounds": (0, np.inf)}, "bounds need 0 <= L < 1 < U"),
        ({"link": "truncated_linear", "bounds": (1.0, 2.0)}, "bounds need 0 <= L < 1 < U"),
        ({"link": "truncated_linear", "bounds": (0.5, 1.0)}, "bounds need 0 <= L < 1 < U"),
        ({"link": "truncated_linear", "solver": "adam"}, "no gradient at the bounds"),
    ],
)
def test_links_that_cannot_be_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CalibrationConfig(**given)


def test_free_links_set_their_own_bounds() -> None:
    assert CalibrationConfig(link="raking").bounds == (0, np.inf)
    assert CalibrationConfig(link="linear").bounds == (-np.inf, np.inf)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("pull", [1e-12, 1e9, -1e3])
def test_absurd_targets_never_give_nan(link: Any, pull: float) -> None:
    config = CalibrationConfig(link=link, iterations=30)
    result = calibrate(MATRIX, np.array([600.0, 200, 200, 200]) * pull, WEIGHTS, config)
    assert np.isfinite(result.weights).all()
    assert result.fitted.all()
    assert result.weights.min() >= 0 or link == "linear"


@pytest.mark.parametrize("solver", SOLVERS)
def test_clones_without_weight_stay_without(solver: str) -> None:
    cloned = sparse.hstack([MATRIX, MATRIX], format="csr")
    weights = np.append(WEIGHTS, np.zeros(60))
    result = calibrate(cloned, [720.0, 240, 240, 240], weights, settings(solver))
    assert np.all(result.weights[60:] == 0)
    np.testing.assert_allclose(result.weights[:60], 12, rtol=0.01)
    assert result.diagnostics["zero_weight_households"] == 60
