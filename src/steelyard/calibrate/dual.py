"""Generalised raking with soft and exact targets: Newton's method on the concave dual.

With κ_j = λ / (2 π_j), the problem is min Σ_i ω_i G(g_i) + ½ Σ_j e_j² / κ_j. Its dual is

    max over y:  q(y) = b·y - Σ_i ω_i F*(u_i) - ½ Σ_j κ_j y_j²,   u_i = (R'y)_i / ω_i,  g_i = F(u_i)

F* being the integral of F. The gradient is b - R g - κ y, and at the optimum e = -κ y: the
multiplier y_j is the shadow price of target j. The Hessian -(R diag(F'/ω) R' + diag κ) is negative
definite, so Newton steps by conjugate gradients with a line search find the optimum from anywhere.
An exact target has κ = 0; Huber's loss bounds each y_j, and the steps are projected on the bounds
(Bertsekas 1982, "Projected Newton methods for optimization problems with simple constraints").
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from steelyard.calibrate.config import Progress
from steelyard.calibrate.inputs import SparseRows
from steelyard.calibrate.problem import Problem, Solution
from steelyard.calibrate.softness import Softness, contradiction

#: Targets in one block of the preconditioner.
_BLOCK = 1000
#: Most conjugate gradient steps within one Newton step.
_CG_STEPS = 500
#: Conjugate gradient steps after which the preconditioner is made anew where the solver stands.
_STALE = 400
#: A smaller λ is reached from this one by tenths: from a neighbour's answer the next is near.
_EASY_WEIGHT = 0.01
#: Mismatch of any target at which the next tenth is taken.
_LOOSE = 0.03
#: Mismatch at which an exact target counts as met.
_EXACT = 1e-10
#: A multiplier this close to its ceiling, and pressed against it, is taken there at once.
_NEAR = 1e-3


class _Point(NamedTuple):
    """A multiplier y (n_targets,), its free numbers u (n_households,) and its dual value."""

    y: Tensor
    u: Tensor
    value: float


def solve_dual(problem: Problem, progress: Callable[[Progress], None] | None) -> Solution:
    """Climb the dual until no target is further than ``tolerance`` from its optimum.

    Notes
    -----
    Deville and Särndal (1992), section 2; soft targets as in Beaumont and Bocci (2008), "Another
    look at ridge calibration", Metron 66; inexact Newton steps after Dembo, Eisenstat and
    Steihaug (1982). Each conjugate gradient step reads the non-zeros twice; the preconditioner
    keeps n_targets * 1000 numbers and saves most of the steps.
    """
    dual = _Dual(problem)
    point = dual.start()
    history: list[Progress] = []
    best, best_u, best_step = math.inf, point.u, 0
    reason, converged = f"{problem.config.iterations} Newton steps were not enough", False
    fighting: tuple[int, ...] = ()
    for step in range(problem.config.iterations + 1):
        history.append(problem.progress(step, point.u))
        if progress is not None:
            progress(history[-1])
        if history[-1].loss < best:
            best, best_u, best_step = history[-1].loss, point.u, step
        ratios = problem.link.ratio(point.u)
        gradient = dual.gradient(point, ratios)
        while dual.softening > 1 and dual.mismatch(point, gradient) <= _LOOSE:
            point = dual.hardened(point, ratios)
            gradient = dual.gradient(point, ratios)
        mismatch = dual.mismatch(point, gradient)
        exact_mismatch = float(torch.where(dual.exact, gradient, 0.0).abs().max())
        is_met = mismatch <= problem.config.tolerance and exact_mismatch <= _EXACT
        if is_met and dual.softening == 1:
            reason = f"every target is within {mismatch:.0e} of its optimum"
            converged, best_u, best_step = not fighting, point.u, step
            break
        if exact_mismatch > _EXACT and (named := contradiction(problem, dual.exact, point.y)):
            fighting += named
            point = dual.restarted(named)
            continue
        if step < problem.config.iterations:
            direction = dual.newton_direction(point, gradient, ratios)
            better = dual.climb(point, gradient, direction)
            if better is None:
                reason = f"no step rose any further; targets within {mismatch:.0e} of the optimum"
                break
            point = better
    if fighting:
        reason += f"; {len(fighting)} exact targets cannot be met together, and were fitted softly"
    return Solution(best_u, tuple(history), best_step, reason, converged, point.y, fighting)


class _Dual:
    """The dual of one problem: value, gradient, Newton direction, line search."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.matrix = problem.fitted.contributions
        self.goals = problem.fitted.goals
        weight = problem.config.distance_weight
        self.softening = 10.0 ** max(0, math.ceil(math.log10(_EASY_WEIGHT / weight)))
        self.exact = problem.fitted.exact.clone()
        self.softness = Softness.of(problem, self.exact, self.softening)
        shares = problem.weight_shares
        self.inverse_share = torch.where(shares > 0, 1 / shares, 0.0)
        self.refresh(self.inverse_share)

    def refresh(self, stretch: Tensor) -> None:
        """Make the preconditioner anew for F'(u) / ω, (n_households,); it takes F' >= 1e-6."""
        stretch = torch.maximum(stretch, 1e-6 * self.inverse_share)
        self.blocks: list[Tensor] = []  # the old ones need not stay while the new are made
        self.blocks = _inverse_blocks(self.matrix, stretch, self.softness.kappa)
        self.age = 0

    def hardened(self, point: _Point, ratios: Tensor) -> _Point:
        """Return the same point of the problem with a tenth of κ."""
        self.softening /= 10
        self.softness = Softness.of(self.problem, self.exact, self.softening)
        self.refresh(self.problem.link.slope(ratios) * self.inverse_share)
        return self.at(point.y, point.u)

    def start(self) -> _Point:
        """Return the initial weights: every multiplier 0."""
        shares = self.problem.weight_shares
        return self.at(torch.zeros_like(self.goals), torch.zeros_like(shares))

    def restarted(self, soft: tuple[int, ...]) -> _Point:
        """Begin again, fitting these exact targets softly."""
        self.exact[list(soft)] = False
        self.softness = Softness.of(self.problem, self.exact, self.softening)
        self.refresh(self.inverse_share)
        return self.start()

    def at(self, y: Tensor, u: Tensor) -> _Point:
        """Return the point of a multiplier whose free numbers are known."""
        conjugate = (self.problem.weight_shares * self.problem.link.potential(u)).sum()
        value = (self.goals * y).sum() - conjugate - self.softness.conjugate(y)
        return _Point(y, u, float(value))

    def gradient(self, point: _Point, ratios: Tensor) -> Tensor:
        """Return b - R g - κ y, in units of each target's scale."""
        return -self.problem.fitted.errors(ratios) - self.softness.kappa * point.y

    def mismatch(self, point: _Point, gradient: Tensor) -> float:
        """Largest mismatch of a target whose multiplier is not held at its ceiling."""
        held = self.softness.held(point.y, gradient)
        return float(torch.where(held, 0.0, gradient).abs().max())

    def free_numbers(self, y: Tensor) -> Tensor:
        """Return u = R'y / ω; 0 for a household without weight."""
        return torch.from_numpy(self.matrix @ y.numpy()) * self.inverse_share

    def newton_direction(self, point: _Point, gradient: Tensor, ratios: Tensor) -> Tensor:
        """Solve Hessian · d = gradient by preconditioned conjugate gradients, inexactly.

        Multipliers held at their ceiling stay there.
        """
        stretch = self.problem.link.slope(ratios) * self.inverse_share
        if self.age > _STALE:
            self.refresh(stretch)
        held = self.softness.held(point.y, gradient, near=_NEAR)
        free = (~held).to(gradient.dtype)
        direction, residual = torch.zeros_like(gradient), gradient * free
        scaled = self.precondition(residual) * free
        search, size = scaled, (residual * scaled).sum()
        enough = min(0.01, self.mismatch(point, gradient)) * size
        for _ in range(_CG_STEPS):
            pulled = stretch * torch.from_numpy(self.matrix @ search.numpy())
            curved = torch.from_numpy(self.matrix.T @ pulled.numpy()) + self.softness.kappa * search
            curved = curved * free
            curvature = (search * curved).sum()
            if curvature <= 1e-14 * size:  # exact targets that depend on each other
                direction = direction + search
                break
            step = size / curvature
            direction = direction + step * search
            residual = residual - step * curved
            scaled = self.precondition(residual) * free
            size, previous = (residual * scaled).sum(), size
            if size <= enough:
                break
            search = scaled + size / previous * search
        at_once = gradient.sign() * self.softness.ceiling - point.y
        return torch.where(held, at_once, direction)

    def precondition(self, residual: Tensor) -> Tensor:
        """Apply the inverse of the Hessian's diagonal blocks, as they were when last made."""
        self.age += 1
        parts = torch.split(residual, [block.shape[0] for block in self.blocks])
        return torch.cat([block @ part for block, part in zip(self.blocks, parts, strict=True)])

    def climb(self, point: _Point, gradient: Tensor, direction: Tensor) -> _Point | None:
        """Step along a direction of ascent, halving until the dual rises enough (Armijo)."""
        shift = self.free_numbers(direction)
        rounding = 1e-14 * max(1.0, abs(point.value))
        for halving in range(40):
            step = 0.5**halving
            beyond = point.y + step * direction
            y = self.softness.within(beyond)
            is_cut = not torch.equal(y, beyond)
            tried = self.at(y, self.free_numbers(y) if is_cut else point.u + step * shift)
            rise = float((gradient * (y - point.y)).sum())
            if tried.value >= point.value + 1e-4 * rise - rounding:
                return tried
        return None


def _inverse_blocks(matrix: SparseRows, stretch: Tensor, softness: Tensor) -> list[Tensor]:
    """Inverse diagonal blocks of R diag(F'/ω) R' + diag κ, in the order of the targets.

    Each block is scaled to a unit diagonal, and that diagonal raised by 1e-8, before inversion:
    identical targets make it singular where κ is tiny, and a preconditioner may be approximate.
    """
    columns = matrix.tocsc()
    n_blocks = -(-matrix.shape[1] // _BLOCK)
    edges = [matrix.shape[1] * block // n_blocks for block in range(n_blocks + 1)]
    blocks = []
    for first, last in pairwise(edges):
        part = columns[:, first:last].tocsr()
        weighted = part.copy()
        weighted.data *= np.repeat(stretch.numpy(), np.diff(part.indptr))
        block = torch.from_numpy((part.T @ weighted).toarray())
        block.diagonal().add_(softness[first:last])
        size = block.diagonal().sqrt().clone()
        block.div_(size[:, None]).div_(size).diagonal().add_(1e-8)
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(block))
        blocks.append(inverse.div_(size[:, None]).div_(size))
    return blocks
