"""Newton's method on the dual of one problem; symbols as in `steelyard.calibrate.dual`."""

import math
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from steelyard.calibrate.hessian import SINGLE, Curvature, Preconditioner
from steelyard.calibrate.problem import Problem
from steelyard.calibrate.sampling import Few
from steelyard.calibrate.settled import Grid
from steelyard.calibrate.softness import Softness

#: Most conjugate gradient steps within one Newton step.
_CG_STEPS = 500
#: A preconditioner is made anew after conjugate gradient steps that took as long, counted in
#: multiplications: one of a sparse product takes this many times as long as one of a factorisation.
_SPARSE = 30
#: A smaller λ is reached from this one by tenths: from a neighbour's answer the next is near.
_EASY_WEIGHT = 0.003
#: Mismatch of any target at which the next tenth is taken.
_LOOSE = 0.2
#: A multiplier this close to its ceiling, and pressed against it, is taken there at once.
_NEAR = 1e-3
#: Mismatch below which nothing is left to gain: dependent targets would turn rounding into steps.
_ROUNDING = 1e-11
#: Longest step along a direction, in Newton's own.
_LONGEST = 10.0
#: Least slope F' that the Hessian is given: households near a bound would else be thrown about, and
#: each step cut short for them. It falls by a factor after whole steps, and rises after short ones.
_SLOPE, _FALL = 0.3, 4.0
_WHOLE, _SHORT = 0.8, 0.4
#: The same from given multipliers, where the Hessian is trusted.
_NEAR_SLOPE = 1e-3
#: κ, for a preconditioner, of a target whose multiplier may not move.
_STIFF = 1e12


class Point(NamedTuple):
    """A multiplier y (n_targets,), its free numbers u (n_households,) and its dual value."""

    y: Tensor
    u: Tensor
    value: float


class Dual:
    """The dual of one problem: value, gradient, Newton direction, line search.

    Parameters
    ----------
    problem
        The problem.
    few
        A sample of its households, of which preconditioners are made.
    left_out
        bool (n_targets,): multipliers that are held at 0.
    near
        A preconditioner of a problem like this one, to begin with.
    """

    def __init__(
        self,
        problem: Problem,
        few: Few | None = None,
        *,
        left_out: Tensor | None = None,
        near: Preconditioner | None = None,
    ) -> None:
        self.problem = problem
        self.few, self.left_out, self._near = few, left_out, near
        self.matrix = problem.fitted.contributions
        self.goals = problem.fitted.goals
        self.exact = problem.fitted.exact.clone()
        self.inverse_share = torch.where(problem.weight_shares > 0, 1 / problem.weight_shares, 0.0)
        self.conjugate_gradient_steps = 0
        suffices = self.goals.numel() > SINGLE and not self.exact.any()
        self._curvature = Curvature(self.matrix, is_single=suffices)
        self._worth = self.goals.numel() ** 3 / 3 / (_SPARSE * 2 * self.matrix.nnz)
        weight = problem.config.distance_weight
        self._soften(10.0 ** max(0, math.ceil(math.log10(_EASY_WEIGHT / weight))))

    @cached_property
    def grid(self) -> Grid:
        """The cells that settled multipliers are rounded to."""
        return Grid(self.matrix, self.inverse_share, Softness.of(self.problem, self.exact, 1).kappa)

    def origin(self) -> Point:
        """Return the initial weights: every multiplier 0."""
        return self.at(torch.zeros_like(self.goals), torch.zeros_like(self.inverse_share))

    def started(self, y: Tensor) -> Point | None:
        """Return the point of given multipliers, without easing; none if the origin is higher."""
        softening = self.softening
        self._soften(1.0)
        self._least = _NEAR_SLOPE
        y = self.softness.within(y)
        point = self.at(y, self.problem.free_numbers(y))
        if point.value > self.origin().value:
            return point
        self._soften(softening)
        return None

    def restarted(self, soft: tuple[int, ...]) -> Point:
        """Begin again, fitting these exact targets softly."""
        self.exact[list(soft)] = False
        self._soften(self.softening)
        return self.origin()

    def hardened(self, point: Point) -> Point:
        """Return the same point of the problem with a tenth of κ, while it is nearly solved."""
        ratios = self.problem.link.ratio(point.u)
        while self.softening > 1 and self.mismatch(point, self.gradient(point, ratios)) <= _LOOSE:
            self._soften(self.softening / 10)
            point = self.at(point.y, point.u)
        return point

    def at(self, y: Tensor, u: Tensor) -> Point:
        """Return the point of a multiplier whose free numbers are known."""
        conjugate = (self.problem.weight_shares * self.problem.link.potential(u)).sum()
        value = (self.goals * y).sum() - conjugate - self.softness.conjugate(y)
        return Point(y, u, float(value))

    def gradient(self, point: Point, ratios: Tensor) -> Tensor:
        """Return b - R g - κ y, in units of each target's scale."""
        return -self.problem.fitted.errors(ratios) - self.softness.kappa * point.y

    def free(self, point: Point, gradient: Tensor) -> Tensor:
        """Return the gradient, 0 where a multiplier is held at its ceiling."""
        return torch.where(self.softness.held(point.y, gradient), 0.0, gradient)

    def mismatch(self, point: Point, gradient: Tensor) -> float:
        """Largest mismatch of a target whose multiplier is not held at its ceiling."""
        return float(self.free(point, gradient).abs().max())

    def newton_direction(self, point: Point, gradient: Tensor, ratios: Tensor) -> Tensor:
        """Solve Hessian · d = gradient by preconditioned conjugate gradients, inexactly.

        Multipliers held at their ceiling stay there.
        """
        stretch = self._stretch(ratios)
        precondition = self._preconditioner(stretch)
        held = self.softness.held(point.y, gradient, near=_NEAR)
        free = (~held).to(gradient.dtype)
        direction, residual = torch.zeros_like(gradient), gradient * free
        scaled = precondition(residual) * free
        search, size = scaled, (residual * scaled).sum()
        mismatch = self.mismatch(point, gradient)
        enough = min(0.01, max(mismatch, (_ROUNDING / max(mismatch, _ROUNDING)) ** 2)) * size
        dependent = 1e-7 if self.exact.any() else 0.0
        for steps in range(1, _CG_STEPS + 1):
            curved = torch.from_numpy(self._curvature(stretch.numpy(), search.numpy()))
            curved = (curved + self.softness.kappa * search) * free
            curvature = (search * curved).sum()
            if curvature <= dependent * size:  # exact targets that depend on each other
                direction = direction if steps > 1 else search
                break
            step = size / curvature
            direction = direction + step * search
            residual = residual - step * curved
            scaled = precondition(residual) * free
            size, previous = (residual * scaled).sum(), size
            if size <= enough:
                break
            search = scaled + size / previous * search
        self.conjugate_gradient_steps += steps
        self._spent += steps
        at_once = gradient.sign() * self.softness.ceiling - point.y
        return torch.where(held, at_once, direction)

    def climb(self, point: Point, gradient: Tensor, direction: Tensor) -> Point | None:
        """Step along a direction of ascent: to its peak, or halfway until the dual rises (Armijo).

        The multipliers' ceiling cuts a step off, which may ask for a shorter one.
        """
        shift = self.problem.free_numbers(direction)
        rounding = 1e-14 * max(1.0, abs(point.value))
        peak = self._peak(point, gradient, direction, shift)
        for halving in range(40):
            step = peak * 0.5**halving
            beyond = point.y + step * direction
            y = self.softness.within(beyond)
            is_cut = not torch.equal(y, beyond)
            tried = self.at(y, self.problem.free_numbers(y) if is_cut else point.u + step * shift)
            rise = float((gradient * (y - point.y)).sum())
            if tried.value >= point.value + 1e-4 * rise - rounding:
                self._trust(step)
                return tried
        return None

    def _peak(self, point: Point, gradient: Tensor, direction: Tensor, shift: Tensor) -> float:
        """Return the step at which the dual no longer rises, to a tenth of the slope here.

        Newton's method in one unknown, within what is known to enclose the peak; no product with
        the matrix is needed.
        """
        link, kappa = self.problem.link, self.softness.kappa
        pull = self.problem.weight_shares * shift
        bend = float((kappa * direction.square()).sum())
        level = float(((self.goals - kappa * point.y) * direction).sum())
        noise = 1e-15 * float((self.goals * direction).abs().sum())
        enough = max(0.1 * float((gradient * direction).sum()), noise)
        step, lower, upper = 1.0, 0.0, _LONGEST
        for _ in range(20):
            ratios = link.ratio(point.u + step * shift)
            slope = level - step * bend - float((pull * ratios).sum())
            if abs(slope) <= enough:
                break
            if slope > 0:
                lower = step
            else:  # or not a number, where exp overflows
                upper = step
            curvature = bend + float((pull * shift * link.slope(ratios)).sum())
            newton = step + slope / curvature if curvature > 0 else upper
            step = newton if lower < newton < upper else max((lower + upper) / 2, upper / 5)
        return step

    def _trust(self, step: float) -> None:
        """Trust the Hessian more after a step as long as Newton's own, less after a short one."""
        if step >= _WHOLE:
            self._least /= _FALL
        elif step < _SHORT:
            self._least = min(_FALL * self._least, 1.0)

    def _soften(self, softening: float) -> None:
        """Take κ times a factor."""
        self.softening = softening
        self._least = _SLOPE
        self.softness = Softness.of(self.problem, self.exact, softening, self.left_out)
        self._spent = 0
        self._precondition = self._near if softening == 1 else None

    def preconditioner(self, point: Point) -> Preconditioner:
        """Return a preconditioner for the Hessian at a point."""
        return self._preconditioner(self._stretch(self.problem.link.ratio(point.u)))

    def _stretch(self, ratios: Tensor) -> Tensor:
        return self.problem.link.slope(ratios).clamp(min=self._least) * self.inverse_share

    def _preconditioner(self, stretch: Tensor) -> Preconditioner:
        """Return a preconditioner for F'(u) / ω, anew where that is worth it; F' >= 1e-6.

        Where there is a sample of the households, it is made of that.
        """
        if self._precondition is None or self._spent > self._worth:
            self._spent = 0
            self._precondition = None  # the old one need not stay while the new one is made
            matrix, stretch = self.matrix, torch.maximum(stretch, 1e-6 * self.inverse_share)
            if self.few is not None:
                matrix = self.few.problem.fitted.contributions
                stretch = self.few.stretched(stretch)
            kappa = self.softness.kappa
            if self.left_out is not None:  # what may not move is as good as not there
                kappa = torch.where(self.left_out, _STIFF, kappa)
            self._precondition = Preconditioner(matrix, stretch, kappa)
        return self._precondition
