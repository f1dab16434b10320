"""Adam over several processes or devices: households are sharded, estimates are added up.

Each process holds its own households' columns and moves its own weights. What they share is one
vector of totals an epoch, an all-reduce of as many numbers as there are targets; so time and memory
fall with the number of processes while the traffic stays the same.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import ArrayLike
from scipy import sparse
from torch import Tensor

from steelyard.calibrate.adam import solve_adam
from steelyard.calibrate.config import CalibrationConfig, Progress, Vector
from steelyard.calibrate.inputs import Inputs, checked
from steelyard.calibrate.problem import Problem, problem_from


class Shard(NamedTuple):
    """What one process gets of a calibration; all but the weights is the same in every process.

    Parameters
    ----------
    weights
        ndarray of shape (n_households here,), households represented.
    estimates
        ndarray of shape (n_targets,), over the households of all processes, in float64.
    history
        One `Progress` per recorded epoch, over all processes.
    best_epoch
        Epoch whose weights these are.
    reason, converged
        Why the solver stopped, and whether as it should.
    """

    weights: Vector
    estimates: Vector
    history: tuple[Progress, ...]
    best_epoch: int
    reason: str
    converged: bool


def calibrate_sharded(  # noqa: PLR0913  as `calibrate`, of which it is the part of one process
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    config: CalibrationConfig,
    *,
    scale: ArrayLike | None = None,
    loss_weight: ArrayLike | None = None,
    held_out: ArrayLike | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Shard:
    """Calibrate together with the other processes of the default ``torch.distributed`` group.

    Call it in each, with its own households and the same targets; households are counted in the
    order of the ranks. In double precision, losses are those of one process to 1e-6; with dropout
    the draws are too, but what is dropped in the first epochs makes paths part by some 1e-3.

    Parameters
    ----------
    matrix
        Sparse (n_targets, n_households here).
    targets, scale, loss_weight, held_out, config, progress
        As `steelyard.calibrate.calibrate`; the same in every process. The solver is ``adam``.
    initial_weights
        (n_households here,), households represented.

    Raises
    ------
    ValueError
        As `steelyard.calibrate.calibrate`, and if there is no group of processes or ``dual`` is
        asked for. A shard of its own may not be empty of weights.
    """
    if not dist.is_initialized():
        raise ValueError("calibrate: no group of processes; call dist.init_process_group first")
    if config.solver == "dual":
        raise ValueError("calibrate: only adam works over several processes; use solver 'adam'")
    optional = {"scale": scale, "loss_weight": loss_weight, "held_out": held_out}
    inputs = checked(matrix, targets, initial_weights, config, optional)
    problem = _shard_of(inputs, config)
    if config.device != "cpu":
        problem = problem.on(config.device)
    solution = solve_adam(problem, progress)
    ratios = problem.link.ratio(solution.u.cpu().double()).numpy()
    weights = inputs.initial_weights * ratios
    estimates = _added(torch.from_numpy(inputs.estimates(weights))).numpy()
    return Shard(
        weights,
        estimates,
        solution.history,
        solution.best_epoch,
        solution.reason,
        solution.converged,
    )


def _shard_of(inputs: Inputs, config: CalibrationConfig) -> Problem:
    """Lay this process's part of the problem out, with sums over all processes."""
    support = _added(torch.from_numpy(inputs.support)).numpy()
    problem = problem_from(inputs._replace(support=support), config, np.float64)
    represented = _added(torch.tensor([inputs.initial_weights.sum()], dtype=torch.float64))
    counts = torch.zeros(dist.get_world_size(), dtype=torch.int64)
    counts[dist.get_rank()] = problem.n_households
    counts = _added(counts)
    shares = torch.from_numpy(inputs.initial_weights) / represented
    return replace(
        problem,
        fitted=problem.fitted._replace(add=_added),
        held_out=problem.held_out._replace(add=_added),
        weight_shares=shares,
        first=int(counts[: dist.get_rank()].sum()),
        n_everywhere=int(counts.sum()),
    )


def _added(part: Tensor) -> Tensor:
    """Sum a tensor over all processes, in place."""
    dist.all_reduce(part)
    return part
