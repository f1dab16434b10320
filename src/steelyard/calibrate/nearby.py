"""Problems near one already solved: replicates, dropped targets, other goals, many at a time.

Symbols as in `steelyard.calibrate.dual`. A near problem starts at the solved one's multipliers and
is preconditioned by the solved one's whole Hessian, so that a few Newton steps of a few conjugate
gradient steps each suffice. Columns are problems: all of them stream the non-zeros together.
"""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.linalg import blas, lapack
from torch import Tensor

from steelyard.calibrate.config import CalibrationConfig, Mask, Vector
from steelyard.calibrate.hessian import SINGLE, Curvature, gram
from steelyard.calibrate.inputs import checked
from steelyard.calibrate.problem import Problem, parted, problem_from
from steelyard.calibrate.products import InParts

Columns = NDArray[np.float64]

#: Newton steps, and conjugate gradient steps within one, after which a near problem is not near.
_NEWTON_STEPS = 20
_CG_STEPS = 200
#: Mismatch of a target at which the solved problem's own multipliers are exact.
_POLISHED = 1e-7
#: Least slope F' that the Hessian is given: a household at a bound would else be thrown about.
#: It falls to a quarter after whole steps, and rises fourfold after short ones.
_SLOPE = 0.3


class Answers(NamedTuple):
    """Solutions of near problems, one a column.

    Parameters
    ----------
    weights
        (n_households, n_problems), households represented.
    mismatch
        (n_problems,), largest distance of a fitted target from its optimum, relative to its scale;
        above the tolerance where the steps did not suffice.
    steps
        Newton steps taken.
    """

    weights: Columns
    mismatch: Vector
    steps: int


class Neighbourhood:
    """A solved calibration and the means to solve others like it.

    Parameters
    ----------
    matrix, targets, initial_weights, config, scale, loss_weight, held_out
        The problem as `steelyard.calibrate.calibrate` was given it; ``distance_weight > 0``, loss
        squared, no target exact.
    weights
        (n_households,), its answer, from either solver.
    multipliers
        (n_targets,), the answer's own. Without them they are found from the errors, which tell them
        roughly where rows are heavy.

    Raises
    ------
    ValueError
        As `steelyard.calibrate.calibrate` does, and where λ is 0 or the loss robust: errors do not
        tell the multipliers then.

    Notes
    -----
    The Hessian R diag(F'/ω) R' is made once, from the squares of each household's number of
    non-zeros, and kept dense: 8 n_targets² bytes, twice with its factor (0.5 GB at 5,500 targets),
    three times with its inverse.
    """

    def __init__(  # noqa: PLR0913  the three inputs, the settings, the answer, and what may be left out
        self,
        matrix: "sparse.sparray | sparse.spmatrix",
        targets: ArrayLike,
        initial_weights: ArrayLike,
        weights: ArrayLike,
        config: CalibrationConfig,
        *,
        scale: ArrayLike | None = None,
        loss_weight: ArrayLike | None = None,
        held_out: ArrayLike | None = None,
        multipliers: ArrayLike | None = None,
    ) -> None:
        if config.distance_weight == 0 or config.loss != "squared":
            raise ValueError("near problems need distance_weight > 0 and a squared loss")
        optional = {"scale": scale, "loss_weight": loss_weight, "held_out": held_out}
        inputs = checked(matrix, targets, initial_weights, config, optional)
        self.fitted: Mask = inputs.fitted
        self.initial_weights = inputs.initial_weights
        self.problem: Problem = problem_from(inputs, config, np.float64)
        self._inputs = inputs
        self.goals: Vector = self.problem.fitted.goals.numpy()
        self.shares: Vector = self.problem.fitted.shares.numpy()
        solved = np.asarray(weights, dtype=np.float64)
        self.errors: Vector = ((inputs.estimates(solved) - inputs.targets) / inputs.scale)[
            self.fitted
        ]
        self.multipliers: Vector = (
            -2 * self.shares * self.errors / config.distance_weight
            if multipliers is None
            else np.asarray(multipliers, dtype=np.float64)[self.fitted]
        )
        moved = self.initial_weights > 0
        ratios = np.divide(solved, self.initial_weights, out=np.ones(moved.size), where=moved)
        slope: Vector = self.problem.link.slope(torch.from_numpy(ratios)).numpy()
        shares = self.problem.weight_shares.numpy()
        metric = np.divide(slope, shares, out=np.zeros(shares.size), where=shares > 0)
        self.hessian = _gram(self.problem.fitted.contributions, metric)
        self._factor: tuple[bytes, Tensor] | None = None
        self._inverse: Columns | None = None
        self._polish()

    def _polish(self) -> None:
        """Make the multipliers exact."""
        rows = np.ones(self.goals.size, dtype=np.bool_)
        newton = Newton(
            self.problem,
            rows,
            self.goals[:, None],
            np.ones((self.initial_weights.size, 1)),
            self._preconditioner(rows),
        )
        y, *_ = newton.climb(self.multipliers[:, None], _POLISHED, _NEWTON_STEPS)
        self.multipliers = y[:, 0]

    def solve(
        self,
        *,
        factors: Columns | None = None,
        goals: Columns | None = None,
        kept: Mask | None = None,
        tolerance: float = 1e-3,
        steps: int = _NEWTON_STEPS,
    ) -> Answers:
        """Solve one or more near problems.

        Parameters
        ----------
        factors
            (n_households, n_problems), by which each problem multiplies the initial weights; 0
            leaves a household out.
        goals
            (number of fitted targets, n_problems): other targets, each divided by its scale.
        kept
            bool (number of fitted targets,): the rest is dropped from the loss, whose shares are
            spread over the kept ones, in every problem.
        tolerance
            Largest relative mismatch of a kept target against its exact optimum.
        steps
            Most Newton steps.
        """
        rows = np.ones(self.goals.size, dtype=np.bool_) if kept is None else kept
        if not rows.any():
            raise ValueError(f"near problems: none of {rows.size} fitted targets is kept")
        aims = self.goals[:, None] if goals is None else goals
        moved = np.ones((self.initial_weights.size, 1)) if factors is None else factors
        count = max(aims.shape[1], moved.shape[1])
        newton = Newton(
            self.problem,
            rows,
            np.broadcast_to(aims, (rows.size, count))[rows],
            np.broadcast_to(moved, (moved.shape[0], count)),
            self._preconditioner(rows),
            self._in_parts if count == 1 and rows.sum() > SINGLE else None,
        )
        start = np.where(rows, self.multipliers, 0.0)[rows]
        _, ratios, mismatch, taken = newton.climb(
            np.repeat(start[:, None], count, axis=1), tolerance, steps
        )
        return Answers(self.initial_weights[:, None] * moved * ratios, mismatch, taken)

    @cached_property
    def _in_parts(self) -> InParts:
        """The fitted totals in parts, for the many products of near problems one by one."""
        return parted(self._inputs, self.fitted, np.float32)

    def _factored(self, rows: Mask) -> Tensor:
        """Cholesky factor of the kept targets' Hessian; the last one made is remembered."""
        if self._factor is None or self._factor[0] != rows.tobytes():
            self._factor = None
            kept = torch.from_numpy(self.hessian[np.ix_(rows, rows)])
            kept.diagonal().add_(torch.from_numpy(_softness(self.problem, rows)))
            kept.diagonal().mul_(1 + 1e-8)
            self._factor = (rows.tobytes(), torch.linalg.cholesky(kept))
        return self._factor[1]

    def _preconditioner(self, rows: Mask) -> Callable[[Columns], Columns]:
        """Solve with the solved problem's Hessian of the kept targets; of many, roughly."""
        factor = self._factored(rows)
        if len(factor) > SINGLE:
            factor = factor.float()
        return lambda residual: _solved(factor, residual)

    def chords(self, factors: Columns, goals: Columns, steps: int) -> Answers:
        """Take a few Newton steps with the solved problem's own Hessian, never made anew.

        Each brings what is left down by a factor in proportion to what differs: the first is right
        to first order, the second to second. They cost two products with the non-zeros each.

        Parameters
        ----------
        factors, goals
            As `solve` takes them.
        steps
            How many.
        """
        matrix, link = self.problem.fitted.contributions, self.problem.link
        factor = self._factored(np.ones(self.goals.size, dtype=np.bool_))
        kappa = _softness(self.problem)[:, None]
        shares = self.problem.weight_shares.numpy()[:, None]
        inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
        inverse = inverse * (shares.T @ factors)
        y = np.repeat(self.multipliers[:, None], goals.shape[1], axis=1)
        for step in range(steps + 1):
            ratios = link.ratio(torch.from_numpy(inverse * (matrix @ y))).numpy()
            gradient = goals - matrix.T @ (factors * ratios) - kappa * y
            if step < steps:
                y = y + _solved(factor, gradient)
        weights = self.initial_weights[:, None] * factors * ratios
        return Answers(weights, np.abs(gradient).max(axis=0), steps)

    def inverse(self) -> Columns:
        """Return the inverse of the solved problem's Hessian, (n_targets, n_targets)."""
        if self._inverse is None:
            factor = self._factored(np.ones(self.goals.size, dtype=np.bool_))
            self._inverse = torch.cholesky_inverse(factor).numpy()
        return self._inverse

    def errors_without(self, dropped: Mask) -> Vector:
        """Return every fitted target's relative error if some were dropped, to first order.

        The multipliers y_S of the dropped ones go to 0 and the others' move by
        -P_KS (P_SS)⁻¹ y_S, with P the inverse of the solved problem's Hessian; shares of the loss
        stay as they are.
        """
        columns = self.inverse()[:, dropped]
        shift = -columns @ np.linalg.solve(columns[dropped], self.multipliers[dropped])
        moved: Vector = self.errors + self.hessian @ shift
        return moved


class Newton:
    """Newton's method on several duals at once; every array has one column a problem.

    ``precondition`` says roughly what Hessian⁻¹ makes of a residual. A direction need not be exact:
    of one problem with many targets it is looked for in single precision, with ``in_parts``, all
    fitted totals in parts, where they are at hand.
    """

    def __init__(
        self,
        problem: Problem,
        rows: Mask,
        goals: Columns,
        factors: Columns,
        precondition: Callable[[Columns], Columns],
        in_parts: InParts | None = None,
    ) -> None:
        contributions = problem.fitted.contributions
        self.matrix = contributions if rows.all() else contributions[:, np.flatnonzero(rows)]
        self.link, self.goals, self.factors = problem.link, goals, factors
        self.precondition = precondition
        self.softness = _softness(problem, rows)[:, None]
        shares = problem.weight_shares.numpy()[:, None]
        self.total = shares.T @ factors
        inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
        self.spread = self.total * inverse
        self.shares = shares * factors / self.total
        self._rows, self._in_parts = rows, in_parts
        if in_parts is None:
            is_alone = goals.shape[1] == 1 and goals.shape[0] > SINGLE
            self._curvature = Curvature(self.matrix, is_single=is_alone)

    def climb(
        self, y: Columns, tolerance: float, steps: int
    ) -> tuple[Columns, Columns, Vector, int]:
        """From multipliers y, return better ones, ratios, mismatches and the steps it took."""
        u, least = self.spread * (self.matrix @ y), _SLOPE
        for step in range(steps + 1):
            ratios = self.link.ratio(torch.from_numpy(u)).numpy()
            gradient = self.goals - self.matrix.T @ (self.factors * ratios) - self.softness * y
            mismatch: Vector = np.abs(gradient).max(axis=0)
            if step == steps or mismatch.max() <= tolerance:
                break
            slope = np.maximum(self.link.slope(torch.from_numpy(ratios)).numpy(), least)
            direction = self._direction(gradient, self.spread * self.factors * slope)
            shift = self.spread * (self.matrix @ direction)
            size = self._step(y, u, direction, shift, gradient)
            if not size.any():
                break
            y, u = y + size * direction, u + size * shift
            least = least / 4 if size.min() == 1 else min(4 * least, 1.0)
        return y, ratios, mismatch, step

    def _direction(self, gradient: Columns, stretch: Columns) -> Columns:
        """Solve Hessian · d = gradient by preconditioned conjugate gradients, to a tenth."""
        direction, residual = np.zeros_like(gradient), gradient.copy()
        search = self.precondition(residual)
        size = (residual * search).sum(axis=0)
        enough = 0.01 * size
        for _ in range(_CG_STEPS):
            curved = self._curved(stretch, search) + self.softness * search
            going = size > enough
            if not going.any():
                break
            step = np.divide(
                size, (search * curved).sum(axis=0), out=np.zeros_like(size), where=going
            )
            direction += step * search
            residual -= step * curved
            scaled = self.precondition(residual)
            size, previous = np.where(going, (residual * scaled).sum(axis=0), size), size
            search = scaled + size / np.where(previous > 0, previous, 1) * search
        return direction

    def _curved(self, stretch: Columns, vector: Columns) -> Columns:
        """R diag(d) R' x, a column a problem."""
        if self._in_parts is None:
            return self._curvature(stretch, vector)
        of_all = np.zeros(self._rows.size, dtype=np.float32)
        of_all[self._rows] = vector[:, 0]
        told = self._in_parts.curved(stretch[:, 0].astype(np.float32), of_all)
        return told[self._rows, None].astype(np.float64)

    def _step(
        self, y: Columns, u: Columns, direction: Columns, shift: Columns, gradient: Columns
    ) -> Vector:
        """Halve each problem's step until its dual rises enough (Armijo); 0 where it never does."""
        slope, start = (gradient * direction).sum(axis=0), self._value(y, u)
        rounding = 1e-14 * np.maximum(1.0, np.abs(start))
        size = np.ones(slope.size)
        for _ in range(20):
            rise = self._value(y + size * direction, u + size * shift) - start
            short = rise < 1e-4 * size * slope - rounding
            if not short.any():
                return size
            size = np.where(short, size / 2, size)
        return np.where(short, 0.0, size)

    def _value(self, y: Columns, u: Columns) -> Vector:
        conjugate = (self.shares * self.link.potential(torch.from_numpy(u)).numpy()).sum(axis=0)
        value: Vector = (self.goals * y - self.softness * np.square(y) / 2).sum(axis=0) - conjugate
        return value


def _softness(problem: Problem, rows: Mask | None = None) -> Vector:
    """κ of the kept targets (by default all), whose shares of the loss sum to 1 again."""
    shares: Vector = problem.fitted.shares.numpy()
    if rows is not None:
        shares = shares[rows]
    kappa: Vector = problem.config.distance_weight * shares.sum() / (2 * shares)
    return kappa


def _solved(factor: Tensor, residual: Columns) -> Columns:
    """Solve with a Cholesky factor, which lies by columns, as LAPACK reads it."""
    lower, is_single = factor.numpy(), factor.dtype == torch.float32
    if residual.shape[1] > 1:
        solve = lapack.spotrs if is_single else lapack.dpotrs
        return np.asarray(solve(lower, residual, lower=1)[0], dtype=np.float64)
    # At 6,935 targets `potrs` takes 37 ms for one column, this 22, in single precision 8.
    column, halve = residual[:, 0].astype(lower.dtype), blas.strsv if is_single else blas.dtrsv
    for transposed in (0, 1):
        column = halve(lower, column, lower=1, trans=transposed)
    return column[:, None].astype(np.float64)


def _gram(contributions: "sparse.csr_array", metric: Vector) -> Columns:
    """R diag(metric) R', dense, in the order of the targets."""
    root = np.sqrt(metric.clip(min=0))  # a slope at a bound is zero but for rounding
    lower, order = gram(contributions, root, range(contributions.shape[1]))
    lower = np.tril(lower)
    whole: Columns = np.empty_like(lower)
    whole[np.ix_(order, order)] = lower + np.tril(lower, -1).T
    return whole
