"""Weights of local areas: each household is shared out over the areas of its state.

A household of weight w_i has in area a the weight w_i q_ia, Σ_a q_ia = 1: what areas add up to is
the state's weight by construction, whatever the solver does. Households and shares are found
together, so that facts of the nation, of states and of areas all have their say:

    min  Σ_j π_j e_j² + λ Σ_i ω_i (G(g_i) + τ g_i Σ_a q_ia ln(q_ia / p_a)),    w_i = g_i w0_i,

p_a being the part of the state's households expected in a, and τ what it costs to know more. In
the dual, with v_ia the pull of the area's own facts on household i,

    g_i = F(u_i + τ ln Σ_a p_a exp(v_ia / τ)),    q_ia ∝ p_a exp(v_ia / τ).

No cloned matrix is made. An area's row is the household's own, so that memory is the non-zeros of
the households' features, once, and one number a household and area.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import optimize

from steelyard.calibrate.config import Vector
from steelyard.calibrate.inputs import SparseRows
from steelyard.calibrate.problem import Problem

Indices = NDArray[np.int64]


class AreaFacts(NamedTuple):
    """Facts of local areas, all of shape (n_facts,).

    Parameters
    ----------
    feature, area
        Row of the features and number of the area that the fact is about.
    value, scale
        Published figure, and the error that counts as one.
    loss_weight
        Part of the loss, in the measure of the joint problem's shares, which sum to 1.
    """

    feature: Indices
    area: Indices
    value: Vector
    scale: Vector
    loss_weight: Vector


class Homes(NamedTuple):
    """Which areas a household may live in: those of its state.

    Parameters
    ----------
    household_state, area_state
        (n_households,) and (n_areas,), names. A household of a state without areas stays in it.
    prior
        p (n_areas,), positive; scaled to sum to 1 in each state.
    """

    household_state: NDArray[np.str_]
    area_state: NDArray[np.str_]
    prior: Vector


class AreaWeights(NamedTuple):
    """Joint weights of households and their shares in areas.

    Parameters
    ----------
    weights
        (n_households,), households represented.
    households, shares
        For each state its household numbers, and (number of them, number of its areas) shares
        that sum to 1 in each row; weights of areas are their product with ``weights``.
    areas
        For each state the numbers of its areas, in the order of the shares' columns.
    estimates
        (n_facts,) of the areas' facts.
    iterations, converged
        Of the solver.
    """

    weights: Vector
    households: tuple[Indices, ...]
    shares: tuple[NDArray[np.float64], ...]
    areas: tuple[Indices, ...]
    estimates: Vector
    iterations: int
    converged: bool


def share_out(  # noqa: PLR0913  the joint problem, the features, who lives where, the facts, three settings
    problem: Problem,
    initial_weights: Vector,
    features: SparseRows,
    homes: Homes,
    facts: AreaFacts,
    *,
    start: Vector | None = None,
    looseness: float = 1.0,
    iterations: int = 100,
    tolerance: float = 1e-3,
) -> AreaWeights:
    """Calibrate households and their shares in local areas together.

    Parameters
    ----------
    problem
        Facts of the nation and of states, from `steelyard.calibrate.problem.problem_from` in
        float64, the loss squared.
    initial_weights
        w0 (n_households,).
    features
        (n_features, n_households): what areas' facts count or sum.
    homes
        Which areas a household may live in.
    facts
        Facts of the areas.
    start
        (number of fitted targets,): multipliers of the problem without areas.
    looseness
        1/τ: how readily a household is thought to live in one area rather than another.
    iterations
        Most Newton steps.
    tolerance
        Length of the gradient, in multipliers scaled by the Hessian's diagonal, at which to stop.

    Raises
    ------
    ValueError
        If a fact names an area or a feature that is not there, or a prior is not positive.

    Notes
    -----
    Newton's method with a trust region (Steihaug 1983) on multipliers scaled by the Hessian's
    diagonal at the prior.
    """
    _check(facts, features.shape[0], homes.prior)
    dual = _AreaDual(problem, initial_weights, features, homes, facts, 1 / looseness)
    first = np.zeros(dual.size.size)
    if start is not None:
        first[: start.size] = start * dual.size[: start.size]
    found = optimize.minimize(
        dual.value,
        first,
        jac=dual.gradient,
        hessp=dual.curvature,
        method="trust-ncg",
        options={"gtol": tolerance, "maxiter": iterations, "max_trust_radius": 1e3},
    )
    return _answer(dual, found, initial_weights)


def _answer(dual: "_AreaDual", found: optimize.OptimizeResult, w0: Vector) -> AreaWeights:
    point = dual.at(found.x)
    return AreaWeights(
        weights=w0 * point.ratios,
        households=tuple(each.households for each in dual.states),
        shares=tuple(point.shares),
        areas=tuple(each.areas for each in dual.states),
        estimates=dual.area_totals(point.ratios, point.shares) * dual.facts.scale,
        iterations=int(found.nit),
        converged=bool(found.success),
    )


def _check(facts: AreaFacts, n_features: int, prior: Vector) -> None:
    wrong = np.flatnonzero(
        (facts.area < 0)
        | (facts.area >= prior.size)
        | (facts.feature < 0)
        | (facts.feature >= n_features)
    )
    if wrong.size:
        raise ValueError(
            f"local areas: {wrong.size} facts name an area or feature that is not there "
            f"(first: {wrong[:3].tolist()})"
        )
    if not (prior > 0).all():
        bad = np.flatnonzero(~(prior > 0))
        raise ValueError(
            f"local areas: {bad.size} areas have no positive prior (first: {bad[:3].tolist()})"
        )


class _State(NamedTuple):
    """One state: its households' features, its areas, and which facts are theirs."""

    households: Indices
    areas: Indices
    features: SparseRows
    prior: Vector
    facts: Indices
    cells: tuple[Indices, Indices]


class _Point(NamedTuple):
    """Where the dual stands: multipliers, ratios, slopes, and each state's shares."""

    y: Vector
    free: Vector
    ratios: Vector
    slopes: Vector
    shares: list[NDArray[np.float64]]


class _AreaDual:
    """The negative dual in multipliers scaled by ``size``: joint ones first, then the areas'."""

    def __init__(
        self,
        problem: Problem,
        initial_weights: Vector,
        features: SparseRows,
        homes: Homes,
        facts: AreaFacts,
        cost: float,
    ) -> None:
        self.link, self.cost, self.facts = problem.link, cost, facts
        self.matrix = problem.fitted.contributions
        self.n_joint = self.matrix.shape[1]
        self.shares = problem.weight_shares.numpy()
        self.inverse = np.divide(
            1.0, self.shares, out=np.zeros(self.shares.size), where=self.shares > 0
        )
        self.initial, self.total = initial_weights, float(initial_weights.sum())
        self.states = _states(features, homes, facts)
        weight = problem.config.distance_weight
        importance = np.append(problem.fitted.shares.numpy(), facts.loss_weight)
        self.softness = weight / (2 * importance)
        self.goals = np.append(problem.fitted.goals.numpy(), facts.value / facts.scale)
        self._last: tuple[bytes, _Point] | None = None
        self.size = np.sqrt(self._diagonal() + self.softness)

    def at(self, x: Vector) -> _Point:
        """Return the point of scaled multipliers; the last one is remembered."""
        if self._last is None or self._last[0] != x.tobytes():
            y = x / self.size
            free = self.inverse * (self.matrix @ y[: self.n_joint])
            shares = []
            for state in self.states:
                pulls = self._pulls(state, y) / self.cost + np.log(state.prior)
                top = pulls.max(axis=1, keepdims=True)
                weighed = np.exp(pulls - top)
                mass = weighed.sum(axis=1, keepdims=True)
                free[state.households] += self.cost * (np.log(mass) + top)[:, 0]
                shares.append(weighed / mass)
            ratios = self.link.ratio(torch.from_numpy(free))
            slopes = self.link.slope(ratios).numpy()
            self._last = (x.tobytes(), _Point(y, free, ratios.numpy(), slopes, shares))
        return self._last[1]

    def value(self, x: Vector) -> float:
        """Σ ω F*(u) + κ y² / 2 - b y."""
        point = self.at(x)
        conjugate = self.shares @ self.link.potential(torch.from_numpy(point.free)).numpy()
        return float(conjugate + self.softness @ np.square(point.y) / 2 - self.goals @ point.y)

    def gradient(self, x: Vector) -> Vector:
        """Estimates less goals plus κ y, by scaled multiplier."""
        point = self.at(x)
        estimates = np.append(
            self.matrix.T @ point.ratios, self.area_totals(point.ratios, point.shares)
        )
        slope: Vector = (estimates - self.goals + self.softness * point.y) / self.size
        return slope

    def curvature(self, x: Vector, direction: Vector) -> Vector:
        """Hessian times a direction."""
        point, y = self.at(x), direction / self.size
        shift = self.inverse * (self.matrix @ y[: self.n_joint])
        moved = []
        for state, shares in zip(self.states, point.shares, strict=True):
            pulls = self._pulls(state, y)
            expected = (shares * pulls).sum(axis=1, keepdims=True)
            shift[state.households] += expected[:, 0]
            moved.append(shares * (pulls - expected) / self.cost)
        ratios = point.slopes * shift
        areas = self.area_totals(ratios, point.shares) + self.area_totals(point.ratios, moved)
        product = np.append(self.matrix.T @ ratios, areas) + self.softness * y
        curved: Vector = product / self.size
        return curved

    def area_totals(self, ratios: Vector, shares: Sequence[NDArray[np.float64]]) -> Vector:
        """Return each area fact's total, over its scale."""
        totals = np.zeros(self.facts.value.size)
        for state, share in zip(self.states, shares, strict=True):
            weights = (self.initial * ratios)[state.households, None] * share
            totals[state.facts] = (state.features.T @ weights)[state.cells]
        scaled: Vector = totals / self.facts.scale
        return scaled

    def _pulls(self, state: _State, y: Vector) -> NDArray[np.float64]:
        """Return the areas' pulls v, (households of the state, its areas)."""
        multipliers = np.zeros((state.features.shape[1], state.areas.size))
        chosen = y[self.n_joint :][state.facts]
        multipliers[state.cells] = self.total * chosen / self.facts.scale[state.facts]
        pulls: NDArray[np.float64] = state.features @ multipliers
        return pulls

    def _diagonal(self) -> Vector:
        """Return the Hessian's diagonal where every ratio is 1 and every share the prior."""
        squares = self.matrix.copy()
        squares.data = np.square(squares.data)
        joint = squares.T @ self.inverse
        areas = np.zeros(self.facts.value.size)
        for state in self.states:
            square = state.features.copy()
            square.data = np.square(square.data)
            size = (square.T @ self.initial[state.households])[state.cells[0]] * self.total
            areas[state.facts] = size * state.prior[state.cells[1]]
        return np.append(joint, areas / np.square(self.facts.scale) * max(1, 1 / self.cost))


def _states(features: SparseRows, homes: Homes, facts: AreaFacts) -> list[_State]:
    by_household = features.T.tocsr()
    states = []
    for name in np.unique(homes.area_state):
        households = np.flatnonzero(homes.household_state == name)
        areas = np.flatnonzero(homes.area_state == name)
        place = np.full(homes.prior.size, -1)
        place[areas] = np.arange(areas.size)
        own = np.flatnonzero(place[facts.area] >= 0)
        states.append(
            _State(
                households=households,
                areas=areas,
                features=by_household[households],
                prior=homes.prior[areas] / homes.prior[areas].sum(),
                facts=own,
                cells=(facts.feature[own], place[facts.area[own]]),
            )
        )
    return states
