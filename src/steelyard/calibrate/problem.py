"""The one problem every solver solves, without units, and what a solver hands back.

minimise over u:  Σ_j π_j h(e_j) + λ Σ_i ω_i G(g_i),   e = R g - b,   g_i = F(u_i)

with R_ji = a_ji w0_i / s_j, b_j = t_j / s_j, ω_i = w0_i / Σ w0 and Σ π_j = 1. Both terms are
weighted means, so λ means the same whatever the population and however many targets.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from scipy import sparse
from torch import Tensor

from steelyard.calibrate.config import CalibrationConfig, Mask, Progress, Vector
from steelyard.calibrate.inputs import Inputs, SparseRows
from steelyard.calibrate.link import Link, link_named
from steelyard.calibrate.parts import parts_of
from steelyard.calibrate.products import Direct, InParts, Products
from steelyard.calibrate.shared import shared_of

#: Households scaled at a time while the matrix is laid out.
_CHUNK = 65_536
#: Share of a matrix's rows from which on they are chosen in place.
_MOST = 0.5


def _alone(sums: Tensor) -> Tensor:
    """Return sums that no other process has a part in."""
    return sums


class Totals(NamedTuple):
    """A set of targets in units of their scale.

    Products run on one thread, so that the last digit is the same on any machine.
    """

    products: Products
    goals: Tensor
    shares: Tensor
    exact: Tensor
    #: Adds what other processes hold of a sum.
    add: Callable[[Tensor], Tensor] = _alone

    @property
    def contributions(self) -> SparseRows:
        """R' (n_households, n_targets), of a problem laid out in one piece."""
        if not isinstance(self.products, Direct):
            raise TypeError(f"calibrate: totals laid out as {type(self.products).__name__}")
        return self.products.contributions

    def of(self, ratios: Tensor) -> Tensor:
        """R g, differentiable: each total in units of its scale."""
        total: Tensor = _Total.apply(ratios, self)  # type: ignore[no-untyped-call]  # so in PyTorch
        return total

    def pull(self, y: Tensor) -> Tensor:
        """R'y: what multipliers of the totals make of each household's ratio."""
        return self.products.pull(y)

    def on(self, device: str) -> "Totals":
        """Return the same on a device."""
        moved = {name: getattr(self, name).to(device) for name in ("goals", "shares", "exact")}
        return self._replace(products=self.products.on(device), **moved)

    def errors(self, ratios: Tensor) -> Tensor:
        """R g - b."""
        return self.of(ratios) - self.goals


class _Total(torch.autograd.Function):
    """Sparse product with its transposed product as gradient."""

    @staticmethod
    def forward(context: Any, ratios: Tensor, totals: Totals) -> Tensor:
        context.totals = totals
        return totals.add(totals.products.of(ratios.detach()))

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        totals: Totals = context.totals
        return totals.pull(gradients[0]), None


@dataclass(frozen=True)
class Problem:
    """One calibration without units, in one floating-point type."""

    fitted: Totals
    held_out: Totals
    weight_shares: Tensor
    link: Link
    config: CalibrationConfig
    start: Tensor | None = None
    #: Place of the first household among those of all processes, and how many those are.
    first: int = 0
    n_everywhere: int = 0

    def on(self, device: str) -> "Problem":
        """Return the same problem on a device.

        Raises
        ------
        ValueError
            If PyTorch has no such device.
        """
        try:
            shares = self.weight_shares.to(device)
        except (AssertionError, RuntimeError) as error:
            raise ValueError(
                f"calibrate: device {device!r} cannot be used ({error}); use 'cpu'"
            ) from error
        fitted, held_out = self.fitted.on(device), self.held_out.on(device)
        return replace(self, fitted=fitted, held_out=held_out, weight_shares=shares)

    def free_numbers(self, y: Tensor) -> Tensor:
        """Return u = R'y / ω of multipliers (n_targets,); 0 for a household without weight."""
        shares = self.weight_shares
        pull = self.fitted.pull(y)
        return torch.where(shares > 0, pull / shares, 0.0)

    @property
    def n_households(self) -> int:
        """Number of households, those without weight included."""
        return self.weight_shares.numel()

    def penalty(self, errors: Tensor) -> Tensor:
        """h(e), element by element."""
        if self.config.loss == "squared":
            return errors.square()
        delta = self.config.huber_delta
        linear = 2 * delta * errors.abs() - delta**2
        return torch.where(errors.abs() <= delta, errors.square(), linear)

    def objective(self, u: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return the loss at u, a differentiable scalar.

        ``keep`` (n_households,) multiplies the ratios in the estimates alone: dropout.
        """
        ratios = self.link.ratio(u)
        errors = self.fitted.errors(ratios if keep is None else ratios * keep)
        return self._combine(errors, u, ratios)

    def _combine(self, errors: Tensor, u: Tensor, ratios: Tensor) -> Tensor:
        fit = (self.fitted.shares * self.penalty(errors)).sum()
        if self.config.distance_weight == 0:
            return fit
        distance = (self.weight_shares * self.link.distance(u, ratios)).sum()
        return fit + self.config.distance_weight * distance

    @torch.no_grad()
    def gradient(self, u: Tensor, keep: Tensor | None = None) -> Tensor:
        """Return the slope of `objective` at u, (n_households,), by G'(g) = u without its G."""
        ratios = self.link.ratio(u)
        errors = self.fitted.errors(ratios if keep is None else ratios * keep)
        if self.config.loss == "huber":
            errors = errors.clamp(-self.config.huber_delta, self.config.huber_delta)
        slope = self.fitted.pull(2 * self.fitted.shares * errors)
        if keep is not None:
            slope.mul_(keep)
        slope.addcmul_(self.weight_shares, u, value=self.config.distance_weight)
        return slope.mul_(self.link.slope(ratios))

    @torch.no_grad()
    def progress(self, epoch: int, u: Tensor) -> Progress:
        """Where the solver stands, without dropout."""
        ratios = self.link.ratio(u)
        errors = self.fitted.errors(ratios)
        size = errors.abs()
        held_out = self.held_out.shares * self.penalty(self.held_out.errors(ratios))
        initial = self.weight_shares.double()
        weights = initial * ratios
        parts = [(initial * self.link.distance(u, ratios)).sum()]
        parts += [part for each in (weights, initial) for part in (each.sum(), (each**2).sum())]
        distance, now, now_squares, before, before_squares = self.fitted.add(
            torch.stack(parts)
        ).tolist()
        fit = float((self.fitted.shares.double() * self.penalty(errors)).sum())
        return Progress(
            epoch=epoch,
            loss=fit + self.config.distance_weight * distance,
            held_out_loss=float(held_out.sum()) if held_out.numel() else float("nan"),
            within_1=float((size <= 0.01).double().mean()),
            within_5=float((size <= 0.05).double().mean()),
            within_10=float((size <= 0.10).double().mean()),
            effective_sample_share=(now / before) ** 2 * before_squares / now_squares,
        )


@dataclass(frozen=True)
class Solution:
    """What a solver found: free numbers u (n_households,), and how it got there.

    ``multipliers`` (fitted targets,) are the dual's y; ``contradictory`` the fitted targets,
    by position, of which it is proven that no weights meet them all exactly. ``began`` says where
    the solver did, and ``is_settled`` that it would have come to the same bits from elsewhere.
    """

    u: Tensor
    history: tuple[Progress, ...]
    best_epoch: int
    reason: str
    converged: bool
    multipliers: Tensor | None = None
    contradictory: tuple[int, ...] = ()
    conjugate_gradient_steps: int = 0
    began: str = "initial weights"
    is_settled: bool = False


def problem_from(
    inputs: Inputs, config: CalibrationConfig, dtype: DTypeLike, *, in_parts: bool = False
) -> Problem:
    """Lay out the problem in a floating-point type, the rows divided by their scale.

    ``in_parts`` lays the fitted totals out as sums of what `steelyard.calibrate.parts` and
    `steelyard.calibrate.shared` find, which pays where they are multiplied hundreds of times.
    """
    shares = inputs.initial_weights / inputs.initial_weights.sum()
    start = None if inputs.start is None else inputs.start[inputs.fitted].astype(dtype)
    return Problem(
        fitted=_totals(inputs, inputs.fitted, dtype, in_parts),
        held_out=_totals(inputs, inputs.watched, dtype, False),
        weight_shares=torch.from_numpy(shares.astype(dtype)),
        link=link_named(config.link, *config.bounds),
        config=config,
        start=None if start is None else torch.from_numpy(start),
    )


def _totals(inputs: Inputs, rows: Mask, dtype: DTypeLike, in_parts: bool) -> Totals:
    goals = inputs.targets[rows] / inputs.scale[rows]
    weight = inputs.loss_weight[rows]
    # Held-out targets have no weight of their own: each counts the same.
    shares = (
        weight / weight.sum() if weight.any() else np.full(weight.size, 1 / max(weight.size, 1))
    )
    products: Products
    if in_parts:
        products = parted(inputs, rows, dtype)
    else:
        of_households = _by_household(inputs.matrix, rows)
        products = Direct(_contributions(of_households, inputs, inputs.scale[rows], dtype))
    return Totals(
        products=products,
        goals=torch.from_numpy(goals.astype(dtype)),
        shares=torch.from_numpy(shares.astype(dtype)),
        exact=torch.from_numpy(inputs.exact[rows]),
    )


def parted(inputs: Inputs, rows: Mask, dtype: DTypeLike) -> InParts:
    """Lay some of the totals out as M P, both in units of scales: a part's is its first total's."""
    matrix = inputs.matrix if rows.all() else inputs.matrix[np.flatnonzero(rows)]
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    wholes = parts_of(matrix)
    values, joins = shared_of(wholes.values)
    sums = sparse.csr_array(wholes.sums @ joins)
    scale = inputs.scale[rows]
    by_part = sums.tocsc()
    of_part = scale[by_part.indices[by_part.indptr[:-1]]]
    ratio = of_part[sums.indices] / np.repeat(scale, np.diff(sums.indptr))
    scaled = ((sums.data * ratio).astype(dtype), sums.indices, sums.indptr)
    parts = _contributions(values.tocsc(), inputs, of_part, dtype)
    return InParts.laid_out(parts, sparse.csr_array(scaled, shape=sums.shape))


def _contributions(
    by_household: Any, inputs: Inputs, scale: Vector, dtype: DTypeLike
) -> SparseRows:
    """Each household's part of each total in units of its scale, (n_households, n_totals)."""
    data = by_household.data
    values = data if data.dtype == dtype else np.empty(data.size, dtype=dtype)
    pointers = by_household.indptr
    for first in range(0, pointers.size - 1, _CHUNK):
        ends = pointers[first : first + _CHUNK + 1]
        span = slice(ends[0], ends[-1])
        weight: Vector = inputs.initial_weights[first : first + _CHUNK]
        repeated: NDArray[np.float64] = np.repeat(weight, np.diff(ends))
        values[span] = data[span] * (repeated / scale[by_household.indices[span]])
    return sparse.csr_array(
        (values, by_household.indices, pointers), shape=(pointers.size - 1, scale.size)
    )


def _by_household(matrix: SparseRows, rows: Mask) -> Any:
    """Return some rows of a matrix by their columns, never more than one copy of it besides."""
    if rows.mean() < _MOST:
        return matrix[np.flatnonzero(rows)].tocsc()
    found = matrix.tocsc()
    if rows.all():
        return found
    # What is kept moves up in place.
    place = np.cumsum(rows, dtype=found.indices.dtype) - 1
    pointers, kept = found.indptr.copy(), 0
    for first in range(0, matrix.shape[1], _CHUNK):
        ends = pointers[first : first + _CHUNK + 1].copy()
        span = slice(ends[0], ends[-1])
        is_kept = rows[found.indices[span]]
        before = np.concatenate([[0], np.cumsum(is_kept)])
        moved = slice(kept, kept + before[-1])
        found.data[moved] = found.data[span][is_kept]
        found.indices[moved] = place[found.indices[span][is_kept]]
        found.indptr[first : first + _CHUNK + 1] = kept + before[ends - ends[0]]
        kept = moved.stop
    parts = (found.data[:kept], found.indices[:kept], found.indptr)
    return sparse.csc_array(parts, shape=(int(rows.sum()), matrix.shape[1]))
