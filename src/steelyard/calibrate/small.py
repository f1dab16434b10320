"""A small file that does the work of the large one: households chosen by gates, then weighed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from torch import Tensor

from steelyard.calibrate.config import Calibration, CalibrationConfig, Vector
from steelyard.calibrate.inputs import Inputs, checked
from steelyard.calibrate.problem import Problem, problem_from
from steelyard.calibrate.solve import calibrate
from steelyard.calibrate.threads import one_thread
from steelyard.frame import stream

#: Stretch (gamma, zeta) and spread (beta) of the hard-concrete gate; it can be shut or open.
_GAMMA, _ZETA, _BETA = -0.1, 1.1, 0.5
#: Gate and ratio move by this much in the first epoch.
_GATE_STEP, _RATIO_STEP = 0.1, 0.02


@dataclass(frozen=True)
class SmallFile:
    """The households kept, and their calibration.

    Parameters
    ----------
    kept
        Positions of the households kept, rising, (size,).
    calibration
        Of those households alone; its weights (size,) are all positive. Ratios are to the weights
        after the choice, each household standing for those like it that were left out.
    """

    kept: NDArray[np.int64]
    calibration: Calibration


@dataclass(frozen=True)
class Quality:
    """What a file of a size achieves.

    Parameters
    ----------
    size
        Households kept.
    within_10
        Share of fitted targets with a relative error of at most 10 %.
    fitted_median, held_out_median
        Median size of the relative errors; NaN where none is held out.
    effective_sample
        Kish's, in households.
    """

    size: int
    within_10: float
    fitted_median: float
    held_out_median: float
    effective_sample: float


def small_file(
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    size: int,
    config: CalibrationConfig = CalibrationConfig(),  # noqa: B008  frozen
    *,
    epochs: int = 300,
    **optional: Any,
) -> SmallFile:
    """Keep ``size`` households and weigh them so that the targets come out.

    All households are calibrated first. Each gate starts at the probability with which a sample
    of that size, proportional to the calibrated weights, would take its household. Adam then moves
    gates and ratios against the loss of what the gates happen to let through, with a price on
    open gates that keeps their expected number at ``size``. Those with the most open gates stay,
    and are calibrated alone.

    Parameters
    ----------
    matrix, targets, initial_weights, config
        The problem, as of `calibrate`; ``optional`` takes the rest of its arguments.
    size
        Households to keep, at most as many as have weight.
    epochs
        Of the choice of gates; 0 keeps the largest probabilities.

    Returns
    -------
    SmallFile

    Raises
    ------
    ValueError
        If the size is not between 1 and the households with weight; for what `calibrate` refuses.

    Notes
    -----
    Louizos, Welling and Kingma (2018), "Learning sparse neural networks through L0
    regularization", ICLR: gates z = clip(s (zeta - gamma) + gamma, 0, 1) with s the logistic of a
    noisy gate over its spread. Each epoch reads the non-zeros twice.
    """
    inputs = checked(matrix, targets, initial_weights, config, optional)
    with_weight = int(np.count_nonzero(inputs.initial_weights))
    if not 1 <= size <= with_weight:
        raise ValueError(
            f"small_file: size is {size}; keep from 1 to {with_weight}, the households with weight"
        )
    whole = calibrate(matrix, targets, initial_weights, config, **optional)
    chance = _chances(whole.weights, size)
    base = np.divide(whole.weights, chance, out=np.zeros_like(chance), where=chance > 0)
    inputs = inputs._replace(initial_weights=base)
    with one_thread():
        opened, ratios = _opened(inputs, chance, size, config, epochs)
    kept = np.sort(np.argsort(-opened, kind="stable")[:size])
    chosen = (base * ratios)[kept]
    chosen *= whole.weights.sum() / chosen.sum()
    rows = inputs.matrix[:, kept]
    return SmallFile(kept, calibrate(rows, targets, chosen, config, **optional))


def quality_curve(
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    sizes: Sequence[int],
    config: CalibrationConfig = CalibrationConfig(),  # noqa: B008  frozen
    **optional: Any,
) -> tuple[Quality, ...]:
    """Return what files of several sizes achieve; arguments and errors as of `small_file`."""
    held_out = optional.get("held_out")
    curve = []
    for size in sizes:
        solved = small_file(matrix, targets, initial_weights, size, config, **optional).calibration
        errors = np.abs(solved.relative_errors)
        unseen = errors[held_out] if held_out is not None else errors[:0]
        curve.append(
            Quality(
                size=size,
                within_10=float(np.mean(errors[solved.fitted] <= 0.1)),
                fitted_median=float(np.median(errors[solved.fitted])),
                held_out_median=float(np.median(unseen)) if unseen.size else math.nan,
                effective_sample=float(solved.diagnostics["effective_sample_size_after"]),
            )
        )
    return tuple(curve)


def _chances(weights: Vector, size: int) -> Vector:
    """Chances proportional to weights, none above 1, that sum to the size."""
    certain = np.zeros(weights.size, dtype=np.bool_)
    while True:
        rest = weights * ~certain
        chance = np.where(certain, 1.0, rest * (size - certain.sum()) / max(rest.sum(), 1e-300))
        more = chance >= 1
        if np.array_equal(more, certain):
            return chance
        certain = more


def _opened(
    inputs: Inputs, chance: Vector, size: int, config: CalibrationConfig, epochs: int
) -> tuple[Vector, Vector]:
    """Return each gate's log odds after descent, -inf without weight, and each ratio."""
    settings = replace(config, solver="adam", distance_weight=max(config.distance_weight, 1e-9))
    problem = problem_from(inputs, settings, np.float32)
    shut = -_BETA * math.log(-_GAMMA / _ZETA)  # log odds at which a gate is as often open as not
    odds = np.log(np.clip(chance, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(chance, 1e-6, 1 - 1e-6))
    gate = torch.from_numpy((odds - shut).astype(np.float32)).requires_grad_()
    u = torch.zeros_like(problem.weight_shares).requires_grad_()
    optimizer = torch.optim.Adam(
        [{"params": [gate], "lr": _GATE_STEP}, {"params": [u], "lr": _RATIO_STEP}], eps=1e-15
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(epochs, 1))
    random = torch.Generator()
    random.manual_seed(int(stream(config.seed, "calibrate", "gates").integers(2**63)))
    price = 0.0
    for _ in range(epochs):
        optimizer.zero_grad()
        excess = torch.sigmoid(gate + shut).sum() / size - 1
        loss = _let_through(problem, u, gate, random)
        torch.autograd.backward(loss + price * excess + 10 * loss.detach() * excess.square())
        price += float(loss.detach() * excess.detach())
        optimizer.step()
        schedule.step()
    opened = np.where(chance > 0, gate.detach().double().numpy(), -np.inf)
    return opened, problem.link.ratio(u.detach().double()).numpy()


def _let_through(problem: Problem, u: Tensor, gate: Tensor, random: torch.Generator) -> Tensor:
    """Return the loss of one draw of the gates."""
    drawn = torch.rand(gate.shape, generator=random).clamp(1e-6, 1 - 1e-6)
    spread = torch.sigmoid((torch.logit(drawn) + gate) / _BETA)
    return problem.objective(u, (spread * (_ZETA - _GAMMA) + _GAMMA).clamp(0, 1))
