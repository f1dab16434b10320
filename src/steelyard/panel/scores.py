"""How well drawn lives move as true ones do.

Every statistic is taken of ranks, on the ages at which the true life is known, so that a drawn life
and a true one are asked the same.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from steelyard.panel.lives import Floats, Ints, Lives
from steelyard.validate import spearman

GROUPS = 5


class Transitions(NamedTuple):
    """Who moves where: rows of origin sum to 1; 0 is without work, 1 to 5 are fifths."""

    shares: Floats
    mass: Floats

    def distance(self, other: "Transitions") -> float:
        """Return the total variation between rows, averaged by this one's mass of origins."""
        apart = 0.5 * np.abs(self.shares - other.shares).sum(axis=1)
        return float(self.mass @ apart / self.mass.sum())


def groups_of(lives: Lives) -> NDArray[np.int64]:
    """Return (n, ages): 0 without work, 1 to `GROUPS` by rank, -1 unknown."""
    fifth = np.clip(np.floor(np.nan_to_num(lives.rank) * GROUPS), 0, GROUPS - 1) + 1
    return np.where(lives.worked == 1, fifth, lives.worked).astype(np.int64)


def transitions(lives: Lives, lag: int) -> Transitions:
    """Return how lives move between groups in `lag` years of age."""
    group = groups_of(lives)
    then, later = group[:, :-lag], group[:, lag:]
    pairs = (then >= 0) & (later >= 0)
    weight = np.broadcast_to(lives.people.weight[:, None], pairs.shape)[pairs]
    size = GROUPS + 1
    mass = np.bincount(then[pairs] * size + later[pairs], weight, minlength=size**2)
    table = mass.reshape(size, size)
    origin = table.sum(axis=1)
    return Transitions(table / np.maximum(origin, np.finfo(float).tiny)[:, None], origin)


def rank_correlation(lives: Lives, lag: int, columns: slice = slice(None)) -> float:
    """Return Spearman's correlation of ranks `lag` years apart among those at work in both."""
    rank = lives.rank[:, columns]
    then, later = rank[:, :-lag], rank[:, lag:]
    pairs = ~(np.isnan(then) | np.isnan(later))
    weight = np.broadcast_to(lives.people.weight[:, None], pairs.shape)[pairs]
    return spearman(then[pairs], later[pairs], weight)
