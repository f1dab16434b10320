"""What a miss costs, which settings are chosen, and which households a small file keeps."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from steelyard.calibrate import (
    CalibrationConfig,
    calibrate,
    quality_curve,
    select,
    small_file,
    target_folds,
    target_scale,
    target_weight,
)

LEVELS = ["nation/income", "nation/income", "nation/people", "state/income"]


def test_scale_has_a_floor_by_block() -> None:
    scale = target_scale([1e9, 3e9, 0.0, -5.0], ["dollars", "dollars", "dollars", "people"])
    np.testing.assert_allclose(scale, [1e9, 3e9, 2e6, 5.0])
    np.testing.assert_array_equal(target_scale([0.0, 0.0], ["zeros", "zeros"]), [1.0, 1.0])


def test_a_noisy_target_is_judged_by_its_standard_error() -> None:
    scale = target_scale([100.0, 100.0, 100.0], ["a"] * 3, standard_errors=[80.0, 1.0, np.nan])
    np.testing.assert_array_equal(scale, [160.0, 100.0, 100.0])


def test_weights_add_to_their_blocks() -> None:
    weights = target_weight(
        LEVELS, {"nation/income": 0.3, "nation/people": 0.2, "state/income": 0.4}, [1, 2, 5, 9]
    )
    np.testing.assert_allclose(weights, [0.24, 0.06, 0.2, 0.4])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"block_weights": {"nation/income": 1.0}}, "2 blocks without a weight .first: nation/peo"),
        ({"block_weights": dict.fromkeys(LEVELS, 0.0)}, "not all zero"),
        ({"block_weights": dict.fromkeys(LEVELS, -1.0)}, "not negative"),
        ({"tolerances": [1, 1, 0, 1]}, "all positive"),
        ({"tolerances": [1, 1]}, r"tolerances of shape \(2,\); give 4"),
    ],
)
def test_weights_that_mean_nothing_are_refused(change: dict[str, Any], message: str) -> None:
    given = {"blocks": LEVELS, "block_weights": dict.fromkeys(LEVELS, 1.0), **change}
    with pytest.raises(ValueError, match=message):
        target_weight(**given)


def test_scales_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="give one of each"):
        target_scale([1.0, 2.0], ["a"])
    with pytest.raises(ValueError, match="standard error is negative"):
        target_scale([1.0], ["a"], standard_errors=[-1.0])


def test_folds_keep_groups_whole_and_are_balanced() -> None:
    rng = np.random.default_rng(0)
    groups = [f"table {number}" for number in rng.integers(0, 60, 3000)]
    fold = target_folds(groups)
    assert {len(set(fold[np.array(groups) == name])) for name in set(groups)} == {1}
    counts = np.bincount(fold)
    assert counts.size == 5
    assert counts.max() - counts.min() < 60
    np.testing.assert_array_equal(target_folds(groups[::-1]), fold[::-1])
    assert np.any(target_folds(groups, salt="again") != fold)
    with pytest.raises(ValueError, match="5 folds of 2 groups"):
        target_folds(["a", "b"])


def noisy_case(noise: float = 0.4) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray]:
    """Cells whose weights are off together, measured several times with noise."""
    rng = np.random.default_rng(3)
    cell = rng.integers(0, 12, 1200) == np.arange(12)[:, None]
    matrix = sparse.csr_array(np.vstack([cell * rng.lognormal(0, 0.5, 1200) for _ in range(6)]))
    weights = rng.uniform(50, 150, 1200)
    off = np.exp(0.4 * rng.standard_normal(12)) @ cell
    targets = matrix @ (weights * off) * np.exp(noise * rng.standard_normal(72))
    return matrix, targets, weights, np.repeat(np.arange(6), 12)


def test_the_choice_lies_between_rigid_and_overfitted() -> None:
    matrix, targets, weights, table = noisy_case()
    configs = [CalibrationConfig(distance_weight=weight) for weight in (100.0, 1.0, 0.01, 0.001)]
    heard: list[tuple[int, int]] = []
    chosen = select(
        matrix,
        targets,
        weights,
        configs,
        fold=target_folds([str(of) for of in table], 3),
        progress=lambda position, fold, measures: heard.append((position, fold)),
    )
    assert heard == [(position, fold) for position in range(4) for fold in range(3)]
    rigid, first, second, loose = chosen.trials
    assert loose.within_10 > first.within_10 > rigid.within_10
    assert loose.effective_sample_share < second.effective_sample_share
    assert chosen.best is second
    assert chosen.chosen is first
    assert chosen.chosen.excess <= chosen.chosen.standard_error
    assert rigid.excess > rigid.standard_error
    assert loose.held_out_median > chosen.best.held_out_median
    assert chosen.best.held_out_median < chosen.initial_median


def test_epochs_and_dropout_are_chosen_alike() -> None:
    matrix, targets, weights, table = noisy_case()
    configs = [
        CalibrationConfig(solver="adam", epochs=epochs, dropout=dropout)
        for epochs, dropout in ((5, 0.0), (40, 0.0), (40, 0.2))
    ]
    chosen = select(matrix, targets, weights, configs, fold=table % 2)
    few, plain, dropped = chosen.trials
    assert few.within_10 < plain.within_10
    assert dropped.effective_sample_share > plain.effective_sample_share


def test_a_fold_of_minus_one_is_never_held_out() -> None:
    matrix, targets, weights, table = noisy_case()
    fold = np.where(table < 2, table, -1)
    one = select(matrix, targets, weights, [CalibrationConfig()], fold=fold)
    wild = np.where(np.arange(72) == 71, targets * 1e6, targets)
    other = select(
        matrix,
        wild,
        weights,
        [CalibrationConfig()],
        fold=fold,
        scale=np.abs(targets),
        loss_weight=np.arange(72) < 71,
    )
    assert other.initial_median == pytest.approx(one.initial_median)
    with pytest.raises(ValueError, match="no configs"):
        select(matrix, targets, weights, [], fold=fold)


@pytest.mark.parametrize("size", [150, 400, 1200])
def test_a_small_file_has_the_size_asked_for(size: int) -> None:
    matrix, targets, weights, _ = noisy_case()
    small = small_file(matrix, targets, weights, size, epochs=100)
    assert abs(small.kept.size - size) <= 0.02 * size
    assert np.all(np.diff(small.kept) > 0)
    assert small.calibration.weights.min() > 0
    np.testing.assert_allclose(
        small.calibration.estimates, matrix[:, small.kept] @ small.calibration.weights
    )
    assert small.calibration.weights.sum() == pytest.approx(
        calibrate(matrix, targets, weights).weights.sum(), rel=0.1
    )


def test_quality_falls_smoothly_with_size_and_gates_beat_the_largest() -> None:
    matrix, targets, weights, table = noisy_case(noise=0.05)
    held_out = table == 5
    sizes = (50, 100, 300, 1000)
    curve = quality_curve(matrix, targets, weights, sizes, held_out=held_out)
    assert [point.size for point in curve] == list(sizes)
    errors = [point.held_out_median for point in curve]
    assert errors == sorted(errors, reverse=True)
    shares = [point.within_10 for point in curve]
    assert all(later >= earlier - 0.03 for earlier, later in pairwise(shares))
    (largest,) = quality_curve(matrix, targets, weights, [100], held_out=held_out, epochs=0)
    assert curve[1].within_10 >= largest.within_10


def test_households_without_weight_are_never_kept() -> None:
    matrix, targets, weights, _ = noisy_case()
    weights[:100] = 0
    small = small_file(matrix, targets, weights, 300, epochs=20)
    assert small.kept.min() >= 100
    for size in (0, 1101):
        with pytest.raises(ValueError, match=f"size is {size}; keep from 1 to 1100"):
            small_file(matrix, targets, weights, size)


def test_the_same_seed_keeps_the_same_households() -> None:
    matrix, targets, weights, _ = noisy_case()
    first = small_file(matrix, targets, weights, 200, epochs=30)
    again = small_file(matrix, targets, weights, 200, epochs=30)
    np.testing.assert_array_equal(again.kept, first.kept)
    other = small_file(matrix, targets, weights, 200, CalibrationConfig(seed=1), epochs=30)
    assert np.any(other.kept != first.kept)
