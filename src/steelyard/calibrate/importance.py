"""What a miss costs: the scale, tolerance and weight of each target, from declared facts."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from steelyard.calibrate.config import Vector


def target_scale(
    targets: ArrayLike,
    blocks: Sequence[str],
    *,
    floor: float = 1e-3,
    standard_errors: ArrayLike | None = None,
    multiple: float = 2.0,
) -> Vector:
    """Return what each target's error is judged against, so that zero and small ones have a scale.

    Parameters
    ----------
    targets
        t (n_targets,), each in its own unit; zero and negative ones are fine.
    blocks
        Name of each target's block (n_targets,): one unit and one order of size a block.
    floor
        κ: no scale is below this share of the median ``|t|`` of the block's targets that are
        not zero; in a block of zeros, of 1.
    standard_errors
        (n_targets,), in the target's unit, NaN where unknown: no scale is below ``multiple`` of
        them, so that a target is not fitted beyond what its publisher knows.

    Returns
    -------
    s (n_targets,), positive: s = max(|t|, κ median |t|, multiple × standard error).

    Raises
    ------
    ValueError
        If lengths differ, or a target or standard error is negative or not finite where it must
        not be.
    """
    size = np.abs(np.asarray(targets, dtype=np.float64))
    names = np.asarray(blocks, dtype=np.str_)
    errors = np.zeros(size.size) if standard_errors is None else np.asarray(standard_errors, float)
    if not size.shape == names.shape == errors.shape:
        raise ValueError(
            f"target_scale: {size.shape} targets, {names.shape} blocks and {errors.shape} "
            "standard_errors; give one of each a target"
        )
    if not np.isfinite(size).all() or np.any(errors < 0):
        raise ValueError("target_scale: a target is not finite or a standard error is negative")
    scale = np.fmax(size, multiple * errors)
    for name in np.unique(names):
        of_block = names == name
        sizes = size[of_block & (size > 0)]
        typical = float(np.median(sizes)) if sizes.size else 1.0 / floor
        scale[of_block] = np.maximum(scale[of_block], floor * typical)
    return scale


def target_weight(
    blocks: Sequence[str],
    block_weights: Mapping[str, float],
    tolerances: ArrayLike | None = None,
) -> Vector:
    """Return each target's share of the loss: its block's, spread by tolerance.

    Parameters
    ----------
    blocks
        Name of each target's block (n_targets,), such as its geography level and family.
    block_weights
        Weight of every block, not negative; 0 leaves a block out.
    tolerances
        c (n_targets,): relative error that is as bad in one target of a block as in another,
        from standard errors or by family; default equal.

    Returns
    -------
    π (n_targets,), summing over a block to its weight and within it proportional to 1 / c²: then
    π e² is the block's weight times the mean of (e / c)², up to a factor.

    Raises
    ------
    ValueError
        If a block has no weight or a negative one, all are 0, or a tolerance is not positive.
    """
    names = np.asarray(blocks, dtype=np.str_)
    unknown = sorted(set(names.tolist()) - set(block_weights))
    if unknown:
        raise ValueError(
            f"target_weight: {len(unknown)} blocks without a weight (first: "
            f"{', '.join(unknown[:3])}); declare them, 0 to leave one out"
        )
    weight = np.array([block_weights[name] for name in names.tolist()], dtype=np.float64)
    if not (np.isfinite(weight) & (weight >= 0)).all() or not weight.any():
        raise ValueError("target_weight: block weights are finite, not negative and not all zero")
    tolerance = np.ones(names.size) if tolerances is None else np.asarray(tolerances, np.float64)
    if tolerance.shape != names.shape or not (np.isfinite(tolerance) & (tolerance > 0)).all():
        raise ValueError(
            f"target_weight: tolerances of shape {tolerance.shape}; give {names.size}, all positive"
        )
    precision = tolerance**-2
    _, block = np.unique(names, return_inverse=True)
    shares: Vector = weight * precision / np.bincount(block, precision)[block]
    return shares
