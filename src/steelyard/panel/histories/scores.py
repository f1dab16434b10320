"""How well drawn lives move as true ones do.

Every statistic is taken on the ages at which the true life is known, so that drawn lives and true
ones are asked the same. Ages are bands [lower, upper) of the earlier of two years.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from steelyard.panel.lives import FIRST_AGE, LAST_AGE, UNKNOWN, Bools, Floats, Lives
from steelyard.validate import spearman, weighted_quantile

GROUPS = 5
LONG_SPELL = 3
ALL_AGES = (FIRST_AGE, LAST_AGE + 1)


class Transitions(NamedTuple):
    """Who moves where: rows of origin sum to 1; 0 is without work, 1 to 5 are fifths."""

    shares: Floats
    mass: Floats

    def distance(self, other: "Transitions") -> float:
        """Return the total variation between rows, averaged by this one's mass of origins."""
        apart = 0.5 * np.abs(self.shares - other.shares).sum(axis=1)
        return float(self.mass @ apart / self.mass.sum()) if self.mass.sum() else float("nan")


def groups_of(lives: Lives) -> NDArray[np.int64]:
    """Return (n, ages): 0 without work, 1 to `GROUPS` by rank, -1 unknown."""
    fifth = np.clip(np.floor(np.nan_to_num(lives.rank) * GROUPS), 0, GROUPS - 1) + 1
    return np.where(lives.worked == 1, fifth, lives.worked).astype(np.int64)


def transitions(lives: Lives, lag: int) -> Transitions:
    """Return how lives move between groups in `lag` years of age."""
    group = groups_of(lives)
    then, later = group[:, :-lag], group[:, lag:]
    pairs = (then >= 0) & (later >= 0)
    size = GROUPS + 1
    mass = np.bincount(
        then[pairs] * size + later[pairs], _weight(lives, pairs), minlength=size**2
    ).reshape(size, size)
    origin = mass.sum(axis=1)
    return Transitions(mass / np.maximum(origin, np.finfo(float).tiny)[:, None], origin)


def rank_correlation(lives: Lives, lag: int, ages: tuple[int, int] = ALL_AGES) -> float:
    """Return Spearman's correlation of ranks `lag` years apart, of those at work in both.

    It is nan where fewer than two such pairs are known.
    """
    then, later = _pair(lives.rank.astype(np.float64), lag, ages)
    pairs = ~(np.isnan(then) | np.isnan(later))
    if np.count_nonzero(pairs) < 2:
        return float("nan")
    return spearman(then[pairs], later[pairs], _weight(lives, pairs))


def share_at_work(lives: Lives, ages: tuple[int, int] = ALL_AGES) -> float:
    """Return the share of known years at work."""
    worked = _columns(lives.worked, ages)
    known = worked != UNKNOWN
    return _mean((worked == 1)[known].astype(np.float64), _weight(lives, known))


def long_spell_share(lives: Lives, ages: tuple[int, int] = ALL_AGES) -> float:
    """Return the share of years without work that lie in runs of `LONG_SPELL` or more."""
    out = _columns(lives.worked, ages) == 0
    run = np.zeros(out.shape, np.int64)
    for step in (1, -1):
        length = np.zeros(len(out), np.int64)
        for column in range(out.shape[1])[::step]:
            length = np.where(out[:, column], length + 1, 0)
            run[:, column] += length
    # Counted from both sides, a year in a run of k has k + 1.
    return _mean((run[out] > LONG_SPELL).astype(np.float64), _weight(lives, out))


def career_spread(lives: Lives, ages: tuple[int, int] = ALL_AGES) -> float:
    """Return the standard deviation over persons of the share of their known years at work."""
    worked = _columns(lives.worked, ages)
    known = (worked != UNKNOWN).sum(axis=1)
    some = known > 0
    share = (worked == 1).sum(axis=1)[some] / known[some]
    weight = lives.people.weight[some] * known[some]
    return float(np.sqrt(_mean((share - _mean(share, weight)) ** 2, weight)))


def lasting_share(lives: Lives, ages: tuple[int, int] = ALL_AGES) -> float:
    """Return the lasting part of the variance of earnings.

    The covariance of normal scores of ranks five years apart over their variance; what is left is
    transitory.
    """
    score = ndtri(np.clip(lives.rank.astype(np.float64), 1e-6, 1 - 1e-6))
    then, later = _pair(score, 5, ages)
    pairs = ~(np.isnan(then) | np.isnan(later))
    if np.count_nonzero(pairs) < 2:
        return float("nan")
    weight = _weight(lives, pairs)
    one, other = then[pairs], later[pairs]
    one, other = one - _mean(one, weight), other - _mean(other, weight)
    return _mean(one * other, weight) / math.sqrt(_mean(one**2, weight) * _mean(other**2, weight))


def quantile(values: Floats, weights: Floats, share: float) -> float:
    """Return the value below which a share of the persons lie who have one; nan for nobody."""
    known = ~np.isnan(values)
    if not known.any():
        return float("nan")
    found = weighted_quantile(values[known], weights[known], share, interpolated=True)
    return float(np.asarray(found).item())


def _columns(values: NDArray[np.generic], ages: tuple[int, int]) -> NDArray[np.generic]:
    return values[:, max(ages[0] - FIRST_AGE, 0) : ages[1] - FIRST_AGE]


def _pair(values: Floats, lag: int, ages: tuple[int, int]) -> tuple[Floats, Floats]:
    then = values[:, :-lag]
    inside = np.arange(FIRST_AGE, FIRST_AGE + then.shape[1])
    inside = (inside >= ages[0]) & (inside < ages[1])
    return then[:, inside], values[:, lag:][:, inside]


def _weight(lives: Lives, chosen: Bools) -> Floats:
    return np.asarray(np.broadcast_to(lives.people.weight[:, None], chosen.shape)[chosen])


def _mean(values: Floats, weights: Floats) -> float:
    return float(np.average(values, weights=weights)) if len(values) else float("nan")
