"""What `calibrate` refuses, and how it says so."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import CalibrationConfig, calibrate
from steelyard.calibrate.inputs import checked, default_scale

MATRIX = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
TARGETS = np.array([50.0, 20.0])
WEIGHTS = np.array([10.0, 10.0, 10.0, 10.0])


def run(**changed: Any) -> Any:
    given = {"matrix": MATRIX, "targets": TARGETS, "initial_weights": WEIGHTS, **changed}
    if not sparse.issparse(given["matrix"]):
        given["matrix"] = sparse.csr_array(given["matrix"])
    return calibrate(**given)


def with_value(values: np.ndarray, where: Any, value: float) -> np.ndarray:
    changed = values.copy()
    changed[where] = value
    return changed


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"targets": TARGETS[:1]}, r"targets has shape \(1,\), but there are 2 rows"),
        ({"initial_weights": WEIGHTS[:3]}, r"initial_weights has shape \(3,\), but there are 4"),
        ({"targets": [np.nan, 20]}, r"1 of 2 targets \(\[0\]=nan\): is not finite"),
        ({"targets": [50, -np.inf]}, r"1 of 2 targets \(\[1\]=-inf\)"),
        (
            {"matrix": with_value(MATRIX, (1, 3), np.inf)},
            r"1 entries that are not finite \(target, household: \[1, 3\]=inf\)",
        ),
        (
            {"matrix": with_value(MATRIX, ([0, 0, 1], [0, 2, 1]), np.nan)},
            r"3 entries .*\[0, 0\]=nan, \[0, 2\]=nan, \[1, 1\]=nan",
        ),
        (
            {"initial_weights": with_value(WEIGHTS, [0, 3], -1)},
            r"2 of 4 initial_weights \(\[0\]=-1.0, \[3\]=-1.0\): is negative",
        ),
        ({"initial_weights": np.zeros(4)}, "all 4 initial_weights are zero"),
        ({"held_out": [True, True]}, r"none of 2 targets can be fitted \(2 held out"),
        ({"held_out": [0, 1]}, "held_out is int64"),
        ({"held_out": [True]}, r"of shape \(1,\); give bool of \(2,\)"),
        ({"loss_weight": [0.0, 0.0]}, "2 with zero loss_weight"),
        ({"loss_weight": [1.0, -1.0]}, r"1 of 2 loss_weight \(\[1\]=-1.0\)"),
        ({"scale": [1.0, 0.0]}, r"1 of 2 scale \(\[1\]=0.0\): is not positive"),
        ({"matrix": np.zeros((2, 4))}, "2 without a supporting household"),
    ],
)
def test_bad_input_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(**changed)


def test_a_dense_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"matrix is a ndarray; give scipy\.sparse"):
        calibrate(MATRIX, TARGETS, WEIGHTS)  # type: ignore[arg-type]


def test_a_matrix_without_targets_is_refused() -> None:
    with pytest.raises(ValueError, match=r"matrix has shape \(0, 4\)"):
        run(matrix=sparse.csr_array((0, 4)), targets=np.empty(0))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bounds": (1.0, 10.0)}, "bounds need 0 <= L < 1 < U"),
        ({"bounds": (0.1, 1.0)}, "bounds need 0 <= L < 1 < U"),
        ({"bounds": (-0.1, 2.0)}, "bounds need 0 <= L < 1 < U"),
        ({"bounds": (0.1, np.inf)}, r"or are \(0, inf\)"),
        ({"bounds": (np.nan, 2.0)}, "bounds need"),
        ({"solver": "newton"}, "solver is 'auto', 'adam' or 'dual', not 'newton'"),
        ({"loss": "absolute"}, "loss is 'squared' or 'huber'"),
        ({"distance_weight": -1.0}, "distance_weight >= 0"),
        ({"distance_weight": np.nan}, "distance_weight >= 0"),
        ({"dropout": 1.0}, "0 <= dropout < 1"),
        ({"epochs": 0}, "are 1 or more"),
        ({"solver": "dual", "dropout": 0.1}, "solver 'dual' has no dropout"),
        ({"solver": "dual", "distance_weight": 0.0}, "needs distance_weight > 0"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CalibrationConfig(**settings)


def test_all_broken_settings_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"loss is .*; .*epochs"):
        CalibrationConfig(loss="absolute", epochs=0)  # type: ignore[arg-type]


def test_settings_are_hashable_and_take_bounds_as_a_list() -> None:
    from_list = CalibrationConfig(bounds=[0.5, 2])  # type: ignore[arg-type]
    assert hash(from_list) == hash(CalibrationConfig(bounds=(0.5, 2.0)))


def test_scale_has_a_floor_for_zero_and_small_targets() -> None:
    scale = default_scale(np.array([0.0, -4.0, 2000.0, 1.0]), 1e-3)
    np.testing.assert_allclose(scale, [4e-3, 4.0, 2000.0, 1.0])
    np.testing.assert_allclose(default_scale(np.zeros(3), 1e-3), 1.0)


def test_integer_and_unsorted_matrices_are_taken() -> None:
    rows = sparse.csr_array(
        (np.array([1, 1, 1, 1, 1, 1]), np.array([3, 1, 0, 2, 3, 1]), np.array([0, 4, 6])),
        shape=(2, 4),
    )
    np.testing.assert_array_equal(run(matrix=rows).weights, run().weights)


def test_a_matrix_of_wide_places_is_read_with_narrow_ones() -> None:
    narrow = sparse.csr_array(MATRIX)
    parts = (narrow.data, narrow.indices.astype(np.int64), narrow.indptr.astype(np.int64))
    wide = sparse.csr_array(parts, shape=narrow.shape)
    assert wide.indices.dtype == np.int64
    inputs = checked(wide, TARGETS, WEIGHTS, CalibrationConfig(), {})
    assert inputs.matrix.indices.dtype == inputs.matrix.indptr.dtype == np.int32
    np.testing.assert_array_equal(run(matrix=wide).weights, run(matrix=narrow).weights)
