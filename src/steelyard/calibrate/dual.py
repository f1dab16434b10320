"""Bounded raking with soft targets: Newton's method on the concave dual.

With κ_j = λ / (2 π_j), the problem is min Σ_i ω_i G(g_i) + ½ Σ_j e_j² / κ_j. Its dual is

    max over y:  q(y) = b·y - Σ_i ω_i F*(u_i) - ½ Σ_j κ_j y_j²,   u_i = (R'y)_i / ω_i,  g_i = F(u_i)

F* being the integral of F. The gradient is b - R g - κ y, and at the optimum e = -κ y: the
multiplier y_j is the shadow price of target j. The Hessian -(R diag(F'/ω) R' + diag κ) is negative
definite, so Newton steps by conjugate gradients with a line search find the optimum from anywhere.
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

#: Targets in one block of the preconditioner.
_BLOCK = 1000
#: Most conjugate gradient steps within one Newton step.
_CG_STEPS = 500
#: Conjugate gradient steps after which the preconditioner is made anew where the solver stands.
_STALE = 200


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
    point = dual.at(torch.zeros_like(problem.fitted.goals), torch.zeros_like(problem.weight_shares))
    history: list[Progress] = []
    best, best_u, best_step = math.inf, point.u, 0
    reason, converged = f"{problem.config.iterations} Newton steps were not enough", False
    for step in range(problem.config.iterations + 1):
        history.append(problem.progress(step, point.u))
        if progress is not None:
            progress(history[-1])
        if history[-1].loss < best:
            best, best_u, best_step = history[-1].loss, point.u, step
        ratios = problem.link.ratio(point.u)
        gradient = dual.gradient(point, ratios)
        mismatch = float(gradient.abs().max())
        if mismatch <= problem.config.tolerance:
            reason, converged = f"every target is within {mismatch:.0e} of its optimum", True
            break
        if step < problem.config.iterations:
            direction = dual.newton_direction(gradient, ratios, min(0.1, math.sqrt(mismatch)))
            better = dual.climb(point, gradient, direction)
            if better is None:
                reason = f"no step rose any further; targets within {mismatch:.0e} of the optimum"
                break
            point = better
    return Solution(best_u, tuple(history), best_step, reason, converged)


class _Dual:
    """The dual of one problem: value, gradient, Newton direction, line search."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.matrix = problem.fitted.contributions
        self.goals = problem.fitted.goals
        self.softness = problem.config.distance_weight / (2 * problem.fitted.shares)
        shares = problem.weight_shares
        self.inverse_share = torch.where(shares > 0, 1 / shares, 0.0)
        self.refresh(self.inverse_share)

    def refresh(self, stretch: Tensor) -> None:
        """Make the preconditioner anew for F'(u) / ω, (n_households,)."""
        self.blocks: list[Tensor] = []  # the old ones need not stay while the new are made
        self.blocks = _inverse_blocks(self.matrix, stretch, self.softness)
        self.age = 0

    def at(self, y: Tensor, u: Tensor) -> _Point:
        """Return the point of a multiplier whose free numbers are known."""
        conjugate = (self.problem.weight_shares * self.problem.link.potential(u)).sum()
        value = (self.goals * y).sum() - conjugate - (self.softness * y.square()).sum() / 2
        return _Point(y, u, float(value))

    def gradient(self, point: _Point, ratios: Tensor) -> Tensor:
        """Return b - R g - κ y, in units of each target's scale."""
        return -self.problem.fitted.errors(ratios) - self.softness * point.y

    def free_numbers(self, y: Tensor) -> Tensor:
        """Return u = R'y / ω; 0 for a household without weight."""
        return torch.from_numpy(self.matrix @ y.numpy()) * self.inverse_share

    def newton_direction(self, gradient: Tensor, ratios: Tensor, accuracy: float) -> Tensor:
        """Solve Hessian · d = gradient by preconditioned conjugate gradients, to an accuracy."""
        stretch = self.problem.link.slope(ratios) * self.inverse_share
        if self.age > _STALE:
            self.refresh(stretch)
        direction, residual = torch.zeros_like(gradient), gradient.clone()
        scaled = self.precondition(residual)
        search, size = scaled, (residual * scaled).sum()
        enough = accuracy**2 * size
        for _ in range(_CG_STEPS):
            pulled = stretch * torch.from_numpy(self.matrix @ search.numpy())
            curved = torch.from_numpy(self.matrix.T @ pulled.numpy()) + self.softness * search
            step = size / (search * curved).sum()
            direction = direction + step * search
            residual = residual - step * curved
            scaled = self.precondition(residual)
            size, previous = (residual * scaled).sum(), size
            if size <= enough:
                break
            search = scaled + size / previous * search
        return direction

    def precondition(self, residual: Tensor) -> Tensor:
        """Apply the inverse of the Hessian's diagonal blocks, as they were when last made."""
        self.age += 1
        parts = torch.split(residual, [block.shape[0] for block in self.blocks])
        return torch.cat([block @ part for block, part in zip(self.blocks, parts, strict=True)])

    def climb(self, point: _Point, gradient: Tensor, direction: Tensor) -> _Point | None:
        """Step along a direction of ascent, halving until the dual rises enough (Armijo)."""
        slope = float((gradient * direction).sum())
        shift = self.free_numbers(direction)
        rounding = 1e-14 * max(1.0, abs(point.value))
        for halving in range(40):
            step = 0.5**halving
            tried = self.at(point.y + step * direction, point.u + step * shift)
            if tried.value >= point.value + 1e-4 * step * slope - rounding:
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
