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
from dataclasses import replace

import torch
from torch import Tensor

from steelyard.calibrate.config import Progress
from steelyard.calibrate.newton import Dual, Point
from steelyard.calibrate.problem import Problem, Solution
from steelyard.calibrate.sampling import Few, few_of
from steelyard.calibrate.softness import contradiction

#: Mismatch at which an exact target counts as met.
_EXACT = 1e-10
#: Mismatch up to which a sample's dual is climbed: it is off by more than that itself.
_ROUGH = 0.2


def solve_dual(problem: Problem, progress: Callable[[Progress], None] | None) -> Solution:
    """Climb the dual until no target is further than ``tolerance`` from its optimum.

    From given multipliers, if there are any and they are worth more than none, else from those of
    a sample of the households, where there are many and no target is exact. With ``settle`` the
    climb goes on until the multipliers can be rounded whatever they began as; if that cannot be
    shown of an answer from given multipliers, it is looked for again from the initial weights.

    Notes
    -----
    Deville and Särndal (1992), section 2; soft targets as in Beaumont and Bocci (2008), "Another
    look at ridge calibration", Metron 66; inexact Newton steps after Dembo, Eisenstat and
    Steihaug (1982). Each conjugate gradient step reads the non-zeros once; the preconditioner
    keeps n_targets² numbers, of up to 8000 targets, and saves most of the steps. Of many households
    it is made from a sample (`steelyard.calibrate.sampling`), whose dual is climbed first.
    """
    few = None if problem.fitted.exact.any() else few_of(problem)
    dual = Dual(problem, few)
    began = "initial weights"
    if problem.start is not None:
        point = dual.started(problem.start)
        if point is None:
            began = "initial weights: the given multipliers are worse"
        else:
            solution = climbed(dual, point, progress)
            if solution.is_settled or not problem.config.settle:
                return replace(solution, began="given multipliers")
            began = "initial weights: from the given multipliers the last digit is in doubt"
            dual = Dual(problem, few)
    point = dual.origin()
    if few is not None:
        point = dual.started(_of_few(few, progress)) or point
    return replace(climbed(dual, point, progress), began=began)


def _of_few(few: Few, progress: Callable[[Progress], None] | None) -> Tensor:
    """Climb the dual of a sample of the households, as far as a sample tells."""
    config = replace(few.problem.config, tolerance=_ROUGH, settle=False)
    dual = Dual(replace(few.problem, config=config))
    solution = climbed(dual, dual.origin(), progress)
    assert solution.multipliers is not None
    return solution.multipliers


def climbed(dual: Dual, point: Point, progress: Callable[[Progress], None] | None) -> Solution:
    """Climb a dual from one of its points until it is met, settled, or stuck."""
    problem, config = dual.problem, dual.problem.config
    history = [problem.progress(0, dual.origin().u)]
    best, best_u, best_step, rest = history[0].loss, dual.origin().u, 0, math.inf
    reason, converged = f"{config.iterations} Newton steps were not enough", False
    fighting: tuple[int, ...] = ()
    for step in range(config.iterations + 1):
        if step:
            history.append(problem.progress(step, point.u))
        if progress is not None:
            progress(history[-1])
        if history[-1].loss < best:
            best, best_u, best_step = history[-1].loss, point.u, step
        point = dual.hardened(point)
        ratios = problem.link.ratio(point.u)
        gradient = dual.gradient(point, ratios)
        mismatch = dual.mismatch(point, gradient)
        exact_mismatch = float(torch.where(dual.exact, gradient, 0.0).abs().max())
        is_met = mismatch <= config.tolerance and exact_mismatch <= _EXACT
        if is_met and dual.softening == 1:
            if config.settle:
                before, rest = rest, dual.grid.rest(dual.free(point, gradient))
            if not config.settle or dual.grid.is_fine(rest) or rest > before / 2:
                reason = f"every target is within {mismatch:.0e} of its optimum"
                converged, best_u, best_step = not fighting, point.u, step
                break
        if exact_mismatch > _EXACT and (named := contradiction(problem, dual.exact, point.y)):
            fighting += named
            point = dual.restarted(named)
            continue
        if step < config.iterations:
            direction = dual.newton_direction(point, gradient, ratios)
            better = dual.climb(point, gradient, direction)
            if better is None:
                reason = f"no step rose any further; targets within {mismatch:.0e} of the optimum"
                break
            point = better
    if fighting:
        reason += f"; {len(fighting)} exact targets cannot be met together, and were fitted softly"
    solution = Solution(best_u, tuple(history), best_step, reason, converged, point.y, fighting)
    solution = replace(solution, conjugate_gradient_steps=dual.conjugate_gradient_steps)
    return _settled(solution, dual, point, rest) if converged and config.settle else solution


def _settled(solution: Solution, dual: Dual, point: Point, rest: float) -> Solution:
    """Round the multipliers, and say whether they are what they would be from anywhere."""
    held = dual.softness.held(point.y, dual.gradient(point, dual.problem.link.ratio(point.u)))
    is_clear = bool((dual.grid.is_clear(point.y, rest) | held).all())
    y = torch.where(held, point.y, dual.softness.within(dual.grid.rounded(point.y)))
    u = dual.problem.free_numbers(y)
    last = max(solution.best_epoch, 1)
    return replace(
        solution,
        u=u,
        multipliers=y,
        history=(*solution.history[:last], dual.problem.progress(last, u)),
        best_epoch=last,
        reason="every target is at its optimum, and every multiplier rounded",
        is_settled=dual.grid.is_fine(rest) and is_clear,
    )
