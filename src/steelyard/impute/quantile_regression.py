"""Linear quantile regression by an interior-point method.

scikit-learn's `QuantileRegressor` solves the same linear programme by HiGHS, in about a second
where this takes ten milliseconds; a test holds the two together.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lstsq

Vector = NDArray[np.float64]

STEP = 0.9995
GAP = 1e-9
MOST_STEPS = 200


def fit_quantile(
    regressors: NDArray[np.float64], values: Vector, weights: Vector, probability: float
) -> Vector:
    """Return coefficients that minimise the weighted pinball loss.

    Parameters
    ----------
    regressors
        Shape (n, p); collinear columns are allowed, the shortest of equal solutions is taken.
    values, weights
        Shape (n,); weights positive.
    probability
        In (0, 1).

    Returns
    -------
    ndarray of shape (p,)

    Notes
    -----
    The Frisch-Newton method of Portnoy and Koenker (1997): Mehrotra's predictor and corrector
    on the dual, max w y'a with X'W a = (1 - q) X'W 1, a in [0, 1]. Weights enter as factors of
    rows, because the loss is homogeneous. Stops when the duality gap is 1e-9 of the loss at
    no coefficients.
    """
    size = float(np.average(np.abs(values), weights=weights))
    if size == 0:
        return np.zeros(regressors.shape[1])
    share = weights / weights.sum()
    rows, cost = regressors * share[:, None], -values * share / size
    state = _State.start(rows, cost, 1 - probability)
    for _ in range(MOST_STEPS):
        if state.gap() < GAP:
            break
        state.advance()
    return -state.duals * size


class _State:
    """Primal a and slack s = 1 - a, multipliers of each, and the duals, which are -beta."""

    def __init__(self, rows: Vector, cost: Vector, inside: Vector, duals: Vector) -> None:
        self.rows, self.cost, self.duals = rows, cost, duals
        self.inside, self.slack = inside, 1 - inside
        residual = cost - rows @ duals
        inner = 1e-3 * float(np.abs(residual).mean()) + GAP
        self.lower, self.upper = np.maximum(residual, 0) + inner, np.maximum(-residual, 0) + inner
        self.balance = rows.T @ inside

    @classmethod
    def start(cls, rows: Vector, cost: Vector, level: float) -> "_State":
        duals = np.asarray(lstsq(rows, cost)[0], dtype=np.float64)
        return cls(rows, cost, np.full(len(rows), level), duals)

    def gap(self) -> float:
        """Return the duality gap."""
        return float(self.cost @ self.inside - self.duals @ self.balance + self.upper.sum())

    def advance(self) -> None:
        """Take one predictor and corrector step."""
        scale = 1 / (self.lower / self.inside + self.upper / self.slack)
        force = self.lower - self.upper
        step = self._solve(scale, force, 0.0, np.zeros_like(force), np.zeros_like(force))
        primal, dual = self._reach(step)
        if min(primal, dual) < 1:
            d_inside, d_lower, d_upper, _ = step
            now = self.lower @ self.inside + self.upper @ self.slack
            then = (self.lower + dual * d_lower) @ (self.inside + primal * d_inside)
            then += (self.upper + dual * d_upper) @ (self.slack - primal * d_inside)
            centre = float(now * (then / now) ** 3 / (2 * len(force)))
            step = self._solve(scale, force, centre, d_inside * d_lower, -d_inside * d_upper)
            primal, dual = self._reach(step)
        d_inside, d_lower, d_upper, d_duals = step
        self.inside, self.slack = self.inside + primal * d_inside, self.slack - primal * d_inside
        self.lower, self.upper = self.lower + dual * d_lower, self.upper + dual * d_upper
        self.duals = self.duals + dual * d_duals

    def _solve(
        self, scale: Vector, force: Vector, centre: float, low: Vector, high: Vector
    ) -> tuple[Vector, Vector, Vector, Vector]:
        """Return the Newton step towards complementarity `centre`, second-order terms given."""
        pull = centre * (1 / self.inside - 1 / self.slack)
        wanted = force + low / self.inside - high / self.slack - pull
        normal = self.rows.T @ (self.rows * scale[:, None])
        d_duals = np.asarray(lstsq(normal, self.rows.T @ (scale * wanted))[0], dtype=np.float64)
        d_inside = scale * (self.rows @ d_duals - wanted)
        d_lower = (centre - low - self.lower * d_inside) / self.inside - self.lower
        d_upper = (centre - high + self.upper * d_inside) / self.slack - self.upper
        return d_inside, d_lower, d_upper, d_duals

    def _reach(self, step: tuple[Vector, Vector, Vector, Vector]) -> tuple[float, float]:
        """Return how far along a step the primal and the dual stay positive."""
        d_inside, d_lower, d_upper, _ = step
        primal = min(_bound(self.inside, d_inside), _bound(self.slack, -d_inside))
        dual = min(_bound(self.lower, d_lower), _bound(self.upper, d_upper))
        return min(STEP * primal, 1.0), min(STEP * dual, 1.0)


def _bound(values: Vector, step: Vector) -> float:
    """Return the longest step that keeps values positive."""
    falling = step < 0
    return float(np.min(-values[falling] / step[falling])) if falling.any() else np.inf
