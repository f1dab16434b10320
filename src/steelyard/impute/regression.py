"""Regressions as imputers: what a careful economist would try before a forest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.evaluation import weighted_quantile
from steelyard.impute.interface import DonorTable, as_numbers, like_recipient
from steelyard.impute.quantile_regression import fit_quantile
from steelyard.impute.tables import Table, unique_keys
from steelyard.impute.uniforms import keyed_uniforms

#: Where quantile regressions are fitted; between them the quantile is a straight line.
GRID = (0.005, 0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99, 0.995)


@dataclass(frozen=True)
class Design:
    """Predictors as regressors: standardised, with a constant; a constant predictor is zero."""

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, donors: DonorTable) -> "Design":
        """Take centre and spread from the weighted donors."""
        centre = np.average(donors.known, axis=0, weights=donors.weights)
        spread = np.sqrt(np.average((donors.known - centre) ** 2, axis=0, weights=donors.weights))
        return cls(centre, np.where(spread > 0, spread, np.inf))

    def matrix(self, known: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return regressors of shape (n_records, 1 + n_predictors)."""
        return np.column_stack([np.ones(len(known)), (known - self.centre) / self.spread])


@dataclass(frozen=True)
class FittedLine:
    """A least-squares line with the donors' residuals around it; made by `LeastSquares`."""

    settings: "LeastSquares"
    donors: DonorTable
    design: Design
    slopes: NDArray[np.float64]
    residuals: NDArray[np.float64]

    def draw(self, recipient: Table, *, seed: int, key: str | ArrayLike | None = None) -> Any:
        """Draw the residuals of all targets from one donor, by weight, and add the line."""
        ids = unique_keys(recipient, key)
        uniforms = keyed_uniforms(seed, (self.settings.name, "draw"), ids)
        cumulated = np.cumsum(self.donors.weights)
        chosen = np.searchsorted(cumulated, uniforms * cumulated[-1], side="right")
        values = self._back(self._line(recipient) + self.residuals[chosen])
        return like_recipient(pd.DataFrame(values, columns=list(self.donors.targets)), recipient)

    def quantiles(
        self, recipient: Table, probabilities: ArrayLike
    ) -> dict[str, NDArray[np.float64]]:
        """Return the line plus the residuals' weighted quantiles."""
        line = self._line(recipient)
        return {
            target: self._back(
                line[:, [place]]
                + weighted_quantile(self.residuals[:, place], self.donors.weights, probabilities),
                [place],
            )
            for place, target in enumerate(self.donors.targets)
        }

    def _back(
        self, values: NDArray[np.float64], places: list[int] | None = None
    ) -> NDArray[np.float64]:
        """Return values of targets (all, or those at places) in their unit."""
        if not self.settings.is_asinh:
            return values
        donors = np.arcsinh(self.donors.values.to_numpy(dtype=np.float64))[:, places or slice(None)]
        return np.sinh(np.clip(values, donors.min(axis=0), donors.max(axis=0)))

    def _line(self, recipient: Table) -> NDArray[np.float64]:
        known = as_numbers(recipient, self.donors.predictors, "recipient")
        return self.design.matrix(known) @ self.slopes


@dataclass(frozen=True)
class LeastSquares:
    """Weighted least squares, and residuals drawn from the donors by weight.

    The residuals of all targets come from one donor, so what dependence the predictors leave
    unexplained is kept; heteroscedasticity and zeros are not.

    Parameters
    ----------
    is_asinh
        Fit asinh of the targets, in their unit, instead of the targets, and keep within the
        donors' least and greatest: a line and a residual that add up to a little more are a
        multiple of it in the unit.
    name
        Part of the random stream.
    """

    is_asinh: bool = False
    name: str = "ols"

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedLine:
        """Fit one line a target."""
        donors = DonorTable.of(donor, predictors, targets, weight)
        design = Design.of(donors)
        values = donors.values.to_numpy(dtype=np.float64)
        values = np.arcsinh(values) if self.is_asinh else values
        regressors, root = design.matrix(donors.known), np.sqrt(donors.weights)[:, None]
        slopes = np.linalg.lstsq(regressors * root, values * root, rcond=None)[0]
        return FittedLine(self, donors, design, slopes, values - regressors @ slopes)


@dataclass(frozen=True)
class FittedQuantiles:
    """Quantile regressions on a grid; made by `QuantileRegression` and `Mean`."""

    name: str
    donors: DonorTable
    design: Design
    grid: NDArray[np.float64]
    slopes: NDArray[np.float64]

    def draw(self, recipient: Table, *, seed: int, key: str | ArrayLike | None = None) -> Any:
        """Draw each target from its own stream: the quantile at a uniform rank."""
        ids = unique_keys(recipient, key)
        drawn = {}
        for target, lines in self._lines(recipient).items():
            ranks = keyed_uniforms(seed, (self.name, "draw", target), ids)
            drawn[target] = _between(self.grid, lines, ranks[:, None])[:, 0]
        return like_recipient(pd.DataFrame(drawn), recipient)

    def quantiles(
        self, recipient: Table, probabilities: ArrayLike
    ) -> dict[str, NDArray[np.float64]]:
        """Return quantiles, on straight lines between those of the grid and level beyond it."""
        wanted = np.asarray(probabilities, dtype=np.float64)[None, :]
        return {
            target: _between(self.grid, lines, np.broadcast_to(wanted, (len(lines), wanted.size)))
            for target, lines in self._lines(recipient).items()
        }

    def _lines(self, recipient: Table) -> dict[str, NDArray[np.float64]]:
        """Return each target's quantiles at the grid, crossings undone by sorting."""
        known = as_numbers(recipient, self.donors.predictors, "recipient")
        regressors = self.design.matrix(known)
        return {
            target: np.sort(regressors @ self.slopes[place], axis=1)
            for place, target in enumerate(self.donors.targets)
        }


@dataclass(frozen=True)
class QuantileRegression:
    """Linear quantile regressions at a grid of probabilities, each target by itself.

    Lines that cross are put in order (Chernozhukov, Fernández-Val and Galichon 2010). Beyond
    the grid the quantile is the outermost line, so the tails end there.

    Parameters
    ----------
    grid
        Probabilities, ascending.
    name
        Part of the random streams.
    """

    grid: tuple[float, ...] = GRID
    name: str = "quantile_regression"

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedQuantiles:
        """Fit a line for each target and probability."""
        donors = DonorTable.of(donor, predictors, targets, weight)
        design = Design.of(donors)
        regressors, grid = design.matrix(donors.known), np.asarray(self.grid)
        slopes = np.stack(
            [
                np.stack(
                    [
                        fit_quantile(regressors, donors.column(target), donors.weights, level)
                        for level in grid
                    ],
                    axis=1,
                )
                for target in donors.targets
            ]
        )
        return FittedQuantiles(self.name, donors, design, grid, slopes)


@dataclass(frozen=True)
class Mean:
    """Give every recipient the donors' weighted mean: right in total and wrong for everybody."""

    name: str = "mean"

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedQuantiles:
        """Take the means; predictors are not looked at."""
        del predictors
        donors = DonorTable.of(donor, (), targets, weight)
        means = [np.average(donors.column(name), weights=donors.weights) for name in targets]
        slopes = np.asarray(means).reshape(-1, 1, 1)
        return FittedQuantiles(self.name, donors, Design.of(donors), np.array([0.5]), slopes)


def _between(
    grid: NDArray[np.float64], lines: NDArray[np.float64], ranks: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return lines (n, n_grid) read at ranks (n, n_ranks), straight between grid points."""
    if len(grid) == 1:
        return np.repeat(lines, ranks.shape[1], axis=1)
    inside = np.clip(ranks, grid[0], grid[-1])
    above = np.clip(np.searchsorted(grid, inside, side="left"), 1, len(grid) - 1)
    share = (inside - grid[above - 1]) / (grid[above] - grid[above - 1])
    low = np.take_along_axis(lines, above - 1, axis=1)
    high = np.take_along_axis(lines, above, axis=1)
    return low + share * (high - low)
