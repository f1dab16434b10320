"""Gradient descent on the free numbers: Adam, cosine decay, dropout, early stopping."""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from steelyard.calibrate.config import Progress
from steelyard.calibrate.problem import Problem, Solution
from steelyard.frame import stream

#: Adam's floor under a gradient's size, far below 1e-8: a gradient is one over the number of
#: households, and the floor may not depend on how many there are.
_FLOOR = 1e-15
#: Single precision tells losses no further apart than this share from each other.
_ALIKE = 1e-5


def solve_adam(problem: Problem, progress: Callable[[Progress], None] | None) -> Solution:
    """Descend, and return the undropped numbers of the best recorded epoch.

    Best is the lowest held-out loss, or the lowest loss where nothing is held out; of epochs that
    single precision cannot tell apart the last, whose steps are the shortest. A descent that leaves
    the numbers, or ends worse than it began, is flagged, and its best epoch kept.

    Notes
    -----
    Kingma and Ba (2015), "Adam: a method for stochastic optimization"; the first step is
    ``learning_rate`` in log ratio and step k is (1 + cos(π k / epochs)) / 2 of it.
    """
    config = problem.config
    u = torch.zeros_like(problem.weight_shares)
    if problem.start is not None:
        u = problem.free_numbers(problem.start)
    optimizer = torch.optim.Adam([u], lr=config.learning_rate, eps=_FLOOR, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.epochs)
    masks = _dropout_masks(problem)
    history: list[Progress] = []
    best, best_u = math.inf, u.clone()
    best_epoch = improved = 0
    reason, converged = "every epoch was done", True
    for epoch in range(config.epochs + 1):
        if epoch % config.record_every == 0 or epoch == config.epochs:
            history.append(problem.progress(epoch, u))
            if progress is not None:
                progress(history[-1])
            judged = _judged(history[-1])
            if not math.isfinite(history[-1].loss):
                reason, converged = f"diverged: the loss was not finite at epoch {epoch}", False
                break
            if judged < best:
                best, improved = judged, epoch
            if judged <= best * (1 + _ALIKE):
                best_epoch, best_u = epoch, u.clone()
            if epoch - improved >= config.patience:
                what = "loss" if math.isnan(history[-1].held_out_loss) else "held-out loss"
                reason = f"the {what} had not improved for {config.patience} epochs"
                break
        if epoch < config.epochs:
            u.grad = problem.gradient(u, next(masks))
            optimizer.step()
            schedule.step()
    if best_epoch == 0 and converged and history[-1].loss > history[0].loss:
        reason, converged = f"diverged: no epoch beat the initial weights, then {reason}", False
    return Solution(best_u, tuple(history), best_epoch, reason, converged)


def _judged(state: Progress) -> float:
    """Return the number by which epochs are compared."""
    return state.loss if math.isnan(state.held_out_loss) else state.held_out_loss


def _dropout_masks(problem: Problem) -> Iterator[Tensor | None]:
    """One mask an epoch: 0 with the dropout's probability, else scaled to keep the mean."""
    dropped = problem.config.dropout
    if dropped == 0:
        while True:
            yield None
    random = torch.Generator(problem.weight_shares.device)
    random.manual_seed(int(stream(problem.config.seed, "calibrate", "dropout").integers(2**63)))
    while True:
        count = problem.n_everywhere or problem.n_households
        drawn = torch.rand(count, generator=random, device=random.device)
        drawn = drawn[problem.first : problem.first + problem.n_households]
        yield (drawn >= dropped).to(problem.weight_shares.dtype) / (1 - dropped)
