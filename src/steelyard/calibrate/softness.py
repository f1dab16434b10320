"""What a target costs in the dual: how far each may give way, and which cannot be met at all.

The loss of target j enters the primal problem, divided by λ, as P(e) = π h(e) / λ; the dual
holds its conjugate P*(y), a function of the multiplier y alone:

- squared: κ y² / 2 with κ = λ / (2π), since P(e) = e² / (2κ);
- Huber: the same within abs(y) <= δ / κ and infinite beyond, so that a robust loss is a bound on
  what a target may pull;
- exact: 0, since P is infinite wherever e is not 0.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from steelyard.calibrate.problem import Problem

#: Targets with this share of the largest part in a contradiction are named first.
_SHARE_NAMED = 0.01
#: Without an upper bound, "no weights" means: none up to this many times the initial ones.
_FREE = 1e6


@dataclass(frozen=True)
class Softness:
    """P* of every fitted target.

    Parameters
    ----------
    kappa
        κ (n_targets,), in units of squared relative error; 0 for exact targets.
    ceiling
        Largest abs(y) (n_targets,); infinite unless the loss is Huber's.
    """

    kappa: Tensor
    ceiling: Tensor

    @staticmethod
    def of(
        problem: Problem, exact: Tensor, softening: float, left_out: Tensor | None = None
    ) -> "Softness":
        """Return P* with κ times ``softening``; while that is above 1, exact targets give too.

        Targets that are left out may pull nothing.
        """
        config = problem.config
        kappa = softening * config.distance_weight / (2 * problem.fitted.shares)
        hard = exact if softening == 1 else torch.zeros_like(exact)
        robust = ~exact if config.loss == "huber" else torch.zeros_like(exact)
        ceiling = torch.where(robust, config.huber_delta / kappa, torch.inf)
        if left_out is not None:
            ceiling = torch.where(left_out, 0.0, ceiling)
        return Softness(kappa=torch.where(hard, 0.0, kappa), ceiling=ceiling)

    def conjugate(self, y: Tensor) -> Tensor:
        """Σ P*(y), a scalar, for y within the ceiling."""
        return (self.kappa * y.square()).sum() / 2

    def within(self, y: Tensor) -> Tensor:
        """Return y, cut off at the ceiling."""
        return torch.minimum(torch.maximum(y, -self.ceiling), self.ceiling)

    def held(self, y: Tensor, gradient: Tensor, near: float = 0.0) -> Tensor:
        """Mark multipliers that the gradient presses against their ceiling.

        ``near`` counts those within that share of it as well.
        """
        edge = (1 - near) * self.ceiling
        return ((y >= edge) & (gradient > 0)) | ((y <= -edge) & (gradient < 0))


def contradiction(problem: Problem, exact: Tensor, y: Tensor) -> tuple[int, ...]:
    """Return the exact targets that no weights within the bounds meet together, if y proves it.

    A combination y of exact targets is a proof if its goal exceeds the most that weights can make
    of it, Σ_j y_j b_j > Σ_i max over L <= g <= U of g (R'y)_i (Farkas' lemma). Where exact targets
    contradict each other, the dual has no maximum, and its multipliers run off towards one.

    Parameters
    ----------
    exact
        bool (n_targets,): the targets to be met exactly.
    y
        (n_targets,), any multipliers; those of targets that are not exact are left out.

    Returns
    -------
    Positions among the fitted targets, the one with the largest part first; empty if y proves
    nothing.
    """
    hard = torch.where(exact, y, 0.0)
    for share in (_SHARE_NAMED, 0.0):
        large = torch.where(hard.abs() >= share * hard.abs().max(), hard, 0.0)
        if _exceeds_every_reach(problem, large):
            order = torch.argsort(large.abs(), descending=True, stable=True)
            return tuple(int(place) for place in order[: int(large.count_nonzero())])
    return ()


def _exceeds_every_reach(problem: Problem, y: Tensor) -> bool:
    """Whether the combination's goal lies above all that weights within the bounds can make."""
    pull = torch.from_numpy(problem.fitted.contributions @ y.numpy())
    lower, upper = max(problem.link.lower, -_FREE), min(problem.link.upper, _FREE)
    reach = float((pull.clamp(min=0) * upper + pull.clamp(max=0) * lower).sum())
    goal = float((y * problem.fitted.goals).sum())
    rounding = 1e-9 * float((y * problem.fitted.goals).abs().sum())
    return goal > reach + rounding
