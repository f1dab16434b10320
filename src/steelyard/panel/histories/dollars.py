"""From the rank of a year to its dollars, and back.

A rank u at age a of sex s in year t is worth

    median(s, a, t) * shape(s, a, u) ** spread(s, t).

Medians are SSA's. The shape is that of a cross-section, over its own median: it has the upper
tail that taxable earnings lack. The spread of each year is what makes the share of workers below
the contribution base the published one; in the year of the cross-section it need not be 1.
Until the seventies half the men of middle age reached the base, so that their medians are not
published: there the spread follows that of women, and the medians are what makes the share right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from steelyard.oasdi import Parameters
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Bools, Floats, Ints
from steelyard.panel.series import SEXES
from steelyard.validate import weighted_quantile

#: Lower ages of the groups that have a shape of their own.
SHAPE_AGES = (18, 22, 26, 31, 36, 46, 56, 62, 66)
#: Ranks at which a shape is known: dense where earnings rise fast.
GRID = np.concatenate(
    [[0.002], np.linspace(0.01, 0.99, 99), [0.993, 0.996, 0.998, 0.999, 0.9995, 0.9999]]
)
#: A published median this near the base says only that half earn that or more.
_AT_BASE = 0.97
_SPREADS, _SHIFTS = (0.3, 3.0), (-1.5, 1.5)
_AGES = np.arange(FIRST_AGE, LAST_AGE + 1)
_OLDEST = 80


@dataclass(frozen=True, eq=False)
class EarningsScale:
    """What ranks are worth.

    Parameters
    ----------
    first_year
        Of `log_medians` and `spread`.
    log_medians
        (2, years, ages): log dollars of the middle worker, by `SEXES`, year, and age from
        `FIRST_AGE` to `LAST_AGE`.
    shapes
        (2, len(SHAPE_AGES), len(GRID)): log of dollars over the median.
    spread
        (2, years): factor of the log shape.
    """

    first_year: int
    log_medians: Floats
    shapes: Floats
    spread: Floats

    def dollars(
        self, rank: ArrayLike, female: ArrayLike, age: ArrayLike, year: ArrayLike
    ) -> Floats:
        """Return the earnings (n,) that ranks (n,) of workers are worth, dollars of their year.

        Raises
        ------
        ValueError
            If a year is not among those of the scale.
        """
        sex, at, place = self._places(female, age, year)
        return np.asarray(
            np.exp(
                self.log_medians[sex, at, place]
                + self.spread[sex, at] * self._shape(sex, np.asarray(age), np.asarray(rank))
            )
        )

    def _places(
        self, female: ArrayLike, age: ArrayLike, year: ArrayLike
    ) -> tuple[Ints, Ints, Ints]:
        at = np.asarray(year, np.int64) - self.first_year
        if at.size and (at.min() < 0 or at.max() >= self.spread.shape[1]):
            last = self.first_year + self.spread.shape[1] - 1
            raise ValueError(
                f"earnings scale: knows {self.first_year} to {last}, was asked for "
                f"{int(at.min()) + self.first_year} to {int(at.max()) + self.first_year}"
            )
        place = np.clip(np.asarray(age, np.int64), FIRST_AGE, LAST_AGE) - FIRST_AGE
        return np.asarray(female).astype(np.int64), at, place

    def _shape(self, sex: Ints, age: NDArray[np.int64], rank: Floats) -> Floats:
        group = np.searchsorted(SHAPE_AGES, age, side="right") - 1
        found = np.empty(len(rank))
        for one in range(2):
            for place in range(len(SHAPE_AGES)):
                rows = np.flatnonzero((sex == one) & (np.clip(group, 0, None) == place))
                found[rows] = _interpolated(rank[rows], self.shapes[one, place])
        return found


def fit_scale(  # noqa: PLR0913  one cross-section, and the series that carry it through time
    earnings: ArrayLike,
    weights: ArrayLike,
    female: Bools,
    age: Ints,
    *,
    parameters: Parameters,
    medians: Mapping[str, ArrayLike],
    below_base: Mapping[str, ArrayLike],
    last_year: int,
) -> EarningsScale:
    """Fit a scale to a cross-section of workers and SSA's series.

    Parameters
    ----------
    earnings, weights, female, age
        (n,) workers of one year: dollars, positive; persons represented; sex; age in years.
    parameters
        The wage index and the contribution base, projected.
    medians
        Columns of ``params_ssa_median_earnings``.
    below_base
        Columns of ``params_ssa_share_below_base``.
    last_year
        The last year wanted; after the last published one medians grow with the wage index, and
        the spread stays. The first is that of the wage index.

    Notes
    -----
    Between published years and ages, medians over the wage index are interpolated; medians at the
    base are left out. Workers who are not covered are taken to be as others.
    """
    values, mass = np.asarray(earnings, np.float64), np.asarray(weights, np.float64)
    shapes = _shapes(values, mass, female, age)
    calendar = np.arange(parameters.average_wage_index.first, last_year + 1)
    index = np.log(parameters.average_wage_index.at(calendar) / 100.0)
    groups = np.clip(np.searchsorted(SHAPE_AGES, _AGES, side="right") - 1, 0, None)
    spread, logs = np.ones((2, len(calendar))), np.empty((2, len(calendar), len(_AGES)))
    for number in (1, 0):
        mine = np.asarray(female, np.bool_) == bool(number)
        heads = np.bincount(
            np.clip(age[mine], FIRST_AGE, LAST_AGE) - FIRST_AGE, mass[mine], minlength=len(_AGES)
        )
        ratios, is_open = _carried(*_published(medians, SEXES[number], parameters), calendar)
        logs[number] = ratios + index[:, None]
        years, shares = _shares_below(below_base, SEXES[number], calendar)
        fits = _Below(shapes[number][groups], heads.astype(np.float64))
        spread[number], shift = _solved(
            fits,
            np.log(parameters.contribution_base.at(calendar)),
            logs[number],
            is_open,
            (years, shares),
            first_year=int(calendar[0]),
            guide=spread[1] if number == 0 else None,
        )
        logs[number] += np.where(is_open, shift[:, None], 0.0)
    return EarningsScale(int(calendar[0]), logs, shapes, spread)


def _shapes(values: Floats, mass: Floats, female: Bools, age: Ints) -> Floats:
    """Return log quantiles of a cross-section's earnings over their median, by sex and age."""
    found = np.empty((2, len(SHAPE_AGES), len(GRID)))
    group = np.clip(np.searchsorted(SHAPE_AGES, age, side="right") - 1, 0, None)
    for sex in range(2):
        for place in range(len(SHAPE_AGES)):
            rows = (female == bool(sex)) & (group == place)
            if np.count_nonzero(rows) < 2:
                raise ValueError(
                    f"earnings scale: {np.count_nonzero(rows)} {SEXES[sex]} workers from age "
                    f"{SHAPE_AGES[place]} on up to the next group; a shape needs two"
                )
            quantiles = weighted_quantile(values[rows], mass[rows], [0.5, *GRID], interpolated=True)
            logs = np.log(np.asarray(quantiles))
            found[sex, place] = logs[1:] - logs[0]
    return found


def _published(
    medians: Mapping[str, ArrayLike], sex: str, parameters: Parameters
) -> tuple[Ints, Floats, Floats]:
    """Return years, middles of age bands, and log medians over the wage index (years, bands)."""
    number = {
        name: np.asarray(medians[name], np.float64)
        for name in ("year", "age_lower", "age_upper", "median_earnings")
    }
    rows = (np.asarray(medians["sex"]) == sex) & ~(
        np.isnan(number["age_lower"]) & np.isnan(number["age_upper"])
    )
    rows &= number["year"] >= parameters.average_wage_index.first
    year = number["year"][rows].astype(np.int64)
    lower = np.nan_to_num(number["age_lower"][rows], nan=FIRST_AGE - 2)
    upper = np.nan_to_num(number["age_upper"][rows], nan=_OLDEST)
    value = number["median_earnings"][rows]
    value = np.where(value < _AT_BASE * parameters.contribution_base.at(year), value, np.nan)
    years, at = np.unique(year, return_inverse=True)
    middles, place = np.unique((lower + upper) / 2, return_inverse=True)
    table = np.full((len(years), len(middles)), np.nan)
    table[at, place] = np.log(value / (parameters.average_wage_index.at(year) / 100.0))
    return years, middles, table


def _carried(years: Ints, middles: Floats, table: Floats, calendar: Ints) -> tuple[Floats, Bools]:
    """Interpolate log ratios over years, then over ages: (calendar, ages), and which are open.

    A year and age is open where the nearest published median lies at the base.
    """
    over, missing = np.empty((2, len(calendar), len(middles)))
    for band, column in enumerate(table.T):
        known = ~np.isnan(column)
        over[:, band] = np.interp(calendar, years[known], column[known])
        missing[:, band] = np.interp(calendar, years, ~known)
    ratios = np.stack([np.interp(_AGES, middles, row) for row in over])
    return ratios, np.stack([np.interp(_AGES, middles, row) for row in missing]) > 0.5


def _shares_below(
    below_base: Mapping[str, ArrayLike], sex: str, calendar: Ints
) -> tuple[Ints, Floats]:
    year = np.asarray(below_base["year"], np.float64).astype(np.int64)
    rows = (np.asarray(below_base["sex"]) == sex) & np.isin(year, calendar)
    return year[rows], np.asarray(below_base["share_below_base"], np.float64)[rows]


@dataclass(frozen=True, eq=False)
class _Below:
    """The share of workers below an amount: shapes (ages, grid) and workers (ages,) of a sex."""

    shapes: Floats
    heads: Floats

    def share(self, reaches: Floats, spread: float) -> float:
        """Return it, given the log of the amount over the median of each age."""
        below = [
            np.interp(reach / spread, shape, GRID, left=0.0, right=1.0)
            for reach, shape in zip(reaches, self.shapes, strict=True)
        ]
        return float(np.average(below, weights=self.heads))

    def gap_of_spread(self, reaches: Floats, wanted: float) -> Callable[[float], float]:
        """Return how far a spread's share is from the one wanted."""
        return lambda spread: self.share(reaches, spread) - wanted

    def gap_of_shift(
        self, reaches: Floats, is_open: Bools, spread: float, wanted: float
    ) -> Callable[[float], float]:
        """Return how far a shift of open medians' share is from the one wanted."""
        return lambda by: self.share(reaches - np.where(is_open, by, 0.0), spread) - wanted


def _solved(  # noqa: PLR0913  one equation a year, and what enters it
    fits: _Below,
    bases: Floats,
    logs: Floats,
    is_open: Bools,
    published: tuple[Ints, Floats],
    *,
    first_year: int,
    guide: Floats | None,
) -> tuple[Floats, Floats]:
    """Return spread and shift of open medians (calendar,) that make the published shares.

    A year without open medians is solved for its spread. One with them has the spread of the
    next year without, moved as the guide moves, and is solved for the shift.
    """
    years, shares = published
    at = years - first_year
    spread, shift = np.full(len(years), np.nan), np.zeros(len(years))
    for row in range(len(years))[::-1]:
        reaches, mine = bases[at[row]] - logs[at[row]], is_open[at[row]]
        if mine.any() and guide is not None and row + 1 < len(years):
            spread[row] = spread[row + 1] * guide[at[row]] / guide[at[row + 1]]
            shift[row] = _root(fits.gap_of_shift(reaches, mine, spread[row], shares[row]), _SHIFTS)
        else:
            spread[row] = _root(fits.gap_of_spread(reaches, shares[row]), _SPREADS)
    calendar = np.arange(len(bases))
    return np.interp(calendar, at, spread), np.interp(calendar, at, shift)


def _root(gap: Callable[[float], float], between: tuple[float, float]) -> float:
    """Return where a gap closes, or the end at which it is smaller."""
    lower, upper = between
    low, high = gap(lower), gap(upper)
    if low * high >= 0:
        return lower if abs(low) < abs(high) else upper
    return float(brentq(gap, lower, upper, xtol=1e-6))


def _interpolated(rank: Floats, shape: Floats) -> Floats:
    """Interpolate a shape; beyond the last rank the Pareto tail of its last steps goes on."""
    found = np.interp(rank, GRID, shape)
    above = rank > GRID[-1]
    if above.any():
        slope = (shape[-1] - shape[-3]) / np.log((1 - GRID[-3]) / (1 - GRID[-1]))
        found[above] = shape[-1] + slope * np.log((1 - GRID[-1]) / (1 - rank[above]))
    return np.asarray(found)
