"""Means, rates, quantiles and inequality as targets: rows that a linear calibration can hold.

A ratio or a quantile with a published value is linear in the weights as it stands: poor persons
less the rate times persons are to be zero. Where the statistic itself bends (the Gini, a poverty
line that follows the median), the row is its influence function at the latest weights, and the
problem is solved again until the statistic does what its row said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from steelyard.calibrate.config import Calibration, CalibrationConfig, Vector
from steelyard.calibrate.inputs import default_scale
from steelyard.calibrate.solve import calibrate

#: Half the width of the window, relative to a quantile, in which its density is measured.
_WINDOW = 0.1


class Row(NamedTuple):
    """A statistic near some weights: ``values @ weights`` is to be ``target``, give or take.

    ``values`` (n_households,); ``scale`` makes (values @ weights - target) / scale the relative
    error of the statistic, to first order.
    """

    values: Vector
    target: float
    scale: float


class Statistic(Protocol):
    """A number that weights make, its published value, and its row near given weights."""

    published: float

    def value(self, weights: Vector) -> float:
        """Return the statistic under weights (n_households,)."""

    def row(self, weights: Vector) -> Row:
        """Return its row near weights (n_households,)."""


@dataclass(frozen=True)
class Ratio:
    """A mean, rate or share: Σ w numerator / Σ w denominator, linear once it is published.

    Parameters
    ----------
    numerator, denominator
        (n_households,) household totals: income and earners, poor persons and persons.
    published
        The ratio, not zero.
    """

    numerator: Vector
    denominator: Vector
    published: float

    def value(self, weights: Vector) -> float:
        """Return the ratio."""
        return float(weights @ self.numerator / (weights @ self.denominator))

    def row(self, weights: Vector) -> Row:
        """Numerator less the published ratio times the denominator, to be zero."""
        scale = abs(self.published) * float(weights @ self.denominator)
        return Row(self.numerator - self.published * self.denominator, 0.0, scale)


@dataclass(frozen=True)
class Quantile:
    """A weighted quantile of one value a household, linear once it is published.

    Parameters
    ----------
    values
        (n_households,) the ranked value.
    members
        (n_households,) what a household counts for: 1, its persons, or 0 outside the universe.
    level
        Share of members below, between 0 and 1; 0.5 for a median.
    published
        The quantile, not zero.
    """

    values: Vector
    members: Vector
    level: float
    published: float

    def value(self, weights: Vector) -> float:
        """Return the quantile, interpolated between the middles of the members' weights."""
        return _quantile(self.values, weights * self.members, self.level)

    def row(self, weights: Vector) -> Row:
        """Share ``level`` of all members less those below the published value, to be zero.

        Too few below make the quantile too high by their number over the density, which is the
        mean one between the quantile and the published value.
        """
        missing = (self.level - self._below()) * self.members
        gap = self.value(weights) - self.published
        is_apart = abs(gap) > 1e-6 * abs(self.published)
        density = float(weights @ missing) / gap if is_apart else 0.0
        if not density > 0:
            density = _density(self.values, weights * self.members, self.published)
        return Row(missing, 0.0, abs(self.published) * density)

    def _below(self) -> Vector:
        """Share of each household that lies below the published value, by `_quantile`'s line."""
        places = self.values[self.members > 0]
        at_most, above = self.values <= self.published, places > self.published
        lower = self.values[at_most].max(initial=-np.inf, where=self.members[at_most] > 0)
        upper = places.min(initial=np.inf, where=above)
        part = (self.published - lower) / (upper - lower) if np.isfinite(upper - lower) else 0.0
        below = at_most.astype(np.float64)
        below[self.values == lower] = (1 + part) / 2
        below[self.values == upper] = part / 2
        return below


@dataclass(frozen=True)
class RelativePovertyRate:
    """Share of members below a share of the median of the same weights.

    Parameters
    ----------
    values, members
        (n_households,) equivalised income; persons.
    published
        The rate, not zero.
    share_of_median
        Where the poverty line lies: 0.6 in the European Union, 0.5 at the OECD.

    Notes
    -----
    Deville (1999), "Variance estimation for complex statistics and estimators: linearization and
    residual techniques", Survey Methodology 25, for the influence function; densities are shares
    within 10 % of the line and of the median.
    """

    values: Vector
    members: Vector
    published: float
    share_of_median: float = 0.6

    def value(self, weights: Vector) -> float:
        """Return the rate, the distribution being interpolated as for the median."""
        counts = weights * self.members
        line = self.share_of_median * _quantile(self.values, counts, 0.5)
        return float(np.interp(line, *_distribution(self.values, counts)))

    def row(self, weights: Vector) -> Row:
        """Linearise the rate and the line: a lower median lowers the line under the poor."""
        counts = weights * self.members
        everybody = counts.sum()
        median = _quantile(self.values, counts, 0.5)
        line = self.share_of_median * median
        rate = self.value(weights)
        slope = _density(self.values, counts, line) / _density(self.values, counts, median)
        moved = (self.values < median) + 0.5 * (self.values == median) - 0.5
        influence = (self.values < line) - rate - self.share_of_median * slope * moved
        return _linear(influence * self.members / everybody, rate, self.published, weights)


@dataclass(frozen=True)
class Gini:
    """Gini coefficient of a value that is not negative in sum.

    Parameters
    ----------
    values, members
        (n_households,) the value, and what a household counts for.
    published
        The coefficient, not zero.

    Notes
    -----
    Deville (1999), as in `RelativePovertyRate`.
    """

    values: Vector
    members: Vector
    published: float

    def value(self, weights: Vector) -> float:
        """Return the coefficient."""
        rank, _, counts = self._ordinates(weights)
        amounts = counts * self.values
        return float(amounts @ (2 * rank - 1) / amounts.sum())

    def row(self, weights: Vector) -> Row:
        """Linearise: y (2F - 1 - G) + mean (1 - G - 2L), per member and total income."""
        rank, lorenz, counts = self._ordinates(weights)
        total = counts @ self.values
        gini = self.value(weights)
        influence = self.values * (2 * rank - 1 - gini)
        influence += total / counts.sum() * (1 - gini - 2 * lorenz)
        return _linear(influence * self.members / total, gini, self.published, weights)

    def _ordinates(self, weights: Vector) -> tuple[Vector, Vector, Vector]:
        """Rank and Lorenz ordinate at the middle of each household, and its members' weight."""
        counts = weights * self.members
        order = np.argsort(self.values, kind="stable")
        rank, lorenz = np.empty_like(counts), np.empty_like(counts)
        for ordinate, amounts in ((rank, counts), (lorenz, counts * self.values)):
            sums = np.cumsum(amounts[order])
            ordinate[order] = (sums - amounts[order] / 2) / sums[-1]
        return rank, lorenz, counts


@dataclass(frozen=True)
class Achieved:
    """What a statistic came to: published, under initial and under calibrated weights."""

    published: float
    initial: float
    calibrated: float

    @property
    def relative_error(self) -> float:
        """(calibrated - published) / abs(published)."""
        return (self.calibrated - self.published) / abs(self.published)


def calibrate_statistics(  # noqa: PLR0913  a problem and what joins it
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    statistics: Sequence[Statistic],
    config: CalibrationConfig = CalibrationConfig(),  # noqa: B008  frozen
    *,
    importance: float = 1.0,
    exact: bool = False,
    rounds: int = 10,
    close: float = 1e-4,
    **optional: Any,
) -> tuple[Calibration, tuple[Achieved, ...]]:
    """Calibrate to totals and statistics together, linearising anew until they agree.

    Parameters
    ----------
    matrix, targets, initial_weights, config
        The problem of totals, as of `calibrate`; ``optional`` takes the rest of its arguments,
        each about the totals alone.
    statistics
        What else is published.
    importance
        Loss weight of each statistic, against a mean of 1 for the totals'.
    exact
        Whether the statistics are met whatever it costs (``dual`` only); totals as they were.
    rounds
        Most solves.
    close
        Largest relative difference, between a statistic and what its row promised, to stop at.

    Returns
    -------
    The calibration, its rows of statistics last, and what each statistic came to.
    ``diagnostics`` gains ``rounds`` and ``linearisation_gap``, the largest difference left;
    ``converged`` is false where that is above ``close``.

    Raises
    ------
    ValueError
        If no statistic or round is given, a statistic is published as zero or not finite or has
        not one finite number a household; and for what `calibrate` refuses.
    """
    initial = np.asarray(initial_weights, dtype=np.float64)
    _check(statistics, initial, rounds)
    goals = np.asarray(targets, dtype=np.float64)
    near, gap, done = initial, np.inf, 0
    while gap > close and done < rounds:
        rows = [statistic.row(near) for statistic in statistics]
        problem = _joined(matrix, goals, rows, config, optional, (importance, exact))
        solved = calibrate(*problem[:2], initial, config, **problem[2])
        weights, done, before = solved.weights, done + 1, gap
        truth = np.array([of.value(weights) / of.published - 1 for of in statistics])
        gap = float(np.abs(truth - solved.relative_errors[goals.size :]).max())
        near = weights if gap < before / 2 else (near + weights) / 2  # or it swings to and fro
    solved.diagnostics.update(rounds=done, linearisation_gap=gap)
    solved.diagnostics["converged"] &= gap <= close
    return solved, tuple(
        Achieved(of.published, of.value(initial), of.value(weights)) for of in statistics
    )


def _quantile(values: Vector, counts: Vector, level: float) -> float:
    """Weighted quantile, linear between the middles of each value's share of the counts."""
    distinct, middles = _distribution(values, counts)
    return float(np.interp(level, middles, distinct))


def _distribution(values: Vector, counts: Vector) -> tuple[Vector, Vector]:
    """Distinct values, rising, and the share of counts below the middle of each."""
    distinct, place = np.unique(values[counts > 0], return_inverse=True)
    mass = np.bincount(place, counts[counts > 0])
    return distinct, (np.cumsum(mass) - mass / 2) / mass.sum()


def _density(values: Vector, counts: Vector, at: float) -> float:
    """Members per unit of the value, within 10 % of it or as much wider as finds any."""
    width = _WINDOW * abs(at)
    while not (near := float(counts[np.abs(values - at) <= width].sum())) > 0:
        width *= 2
    return near / (2 * width)


def _linear(influence: Vector, value: float, published: float, weights: Vector) -> Row:
    """Return the row of a statistic of this value at the weights, which moves by influence."""
    return Row(influence, published - value + float(influence @ weights), abs(published))


def _check(statistics: Sequence[Statistic], initial: Vector, rounds: int) -> None:
    """Refuse what no row can be made of, naming the statistic by its place."""
    if rounds < 1:
        raise ValueError(f"calibrate_statistics: {rounds} rounds; needs 1 or more")
    if not statistics:
        raise ValueError("calibrate_statistics: no statistics; use calibrate for totals alone")
    for place, statistic in enumerate(statistics):
        name = f"calibrate_statistics: statistic {place} ({type(statistic).__name__})"
        if not np.isfinite(statistic.published) or statistic.published == 0:
            raise ValueError(f"{name} is published as {statistic.published}; give a total instead")
        for field, values in vars(statistic).items():
            if not isinstance(values, np.ndarray):
                continue
            if values.shape != initial.shape or not np.isfinite(values).all():
                raise ValueError(
                    f"{name}: {field} has shape {values.shape} and "
                    f"{np.sum(~np.isfinite(values))} numbers that are not finite; give one finite "
                    f"number for each of {initial.size} households"
                )


def _joined(
    matrix: Any,
    goals: Vector,
    rows: Sequence[Row],
    config: CalibrationConfig,
    optional: dict[str, Any],
    role: tuple[float, bool],
) -> tuple[Any, Vector, dict[str, Any]]:
    """Append the statistics' rows to the totals'."""
    importance, exact = role
    count = len(rows)
    weight = np.asarray(optional.get("loss_weight", np.ones(goals.size)), dtype=np.float64)
    scale = optional.get("scale", default_scale(goals, config.scale_floor))
    both = {
        "scale": np.append(scale, [row.scale for row in rows]),
        "loss_weight": np.append(weight, np.full(count, importance * weight.mean())),
        "exact": np.append(optional.get("exact", np.zeros(goals.size, bool)), [exact] * count),
        "held_out": np.append(
            optional.get("held_out", np.zeros(goals.size, bool)), [False] * count
        ),
    }
    added = sparse.csr_array(np.stack([row.values for row in rows]))
    stacked = sparse.vstack([sparse.csr_array(matrix), added], format="csr")
    return stacked, np.append(goals, [row.target for row in rows]), {**optional, **both}
