"""Lives of couples: of several that are drawn for each, those whose standings go together.

A way to draw lives knows one person at a time, so that spouses would be alike in the known year
alone. Here each spouse has a normal number, correlated within the couple, and is given that of
several drawn lives whose place among them it says. Each life by itself is drawn as before.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from steelyard.panel.draws import Draws
from steelyard.panel.histories.holdout import Way
from steelyard.panel.lives import FIRST_AGE, Floats, Ints, Lives

#: Correlation of spouses' normal numbers; that of what their lives have beyond the known year is
#: (n - 1) / (n + 1) of it with n candidates. Assumed: earnings of a year of couples in which both
#: work correlate by 0.23 (Schwartz 2010), and if what passes is not shared, what lasts, a bit more
#: than half the variance, correlates by about 0.4.
ALIKE = 0.6
#: Lives drawn for each spouse.
CANDIDATES = 6
#: Ages whose ranks make a standing: those that count for benefits.
COUNTED = (FIRST_AGE, 62)


def linked_normals(draws: Draws, ids: ArrayLike, spouse_ids: ArrayLike) -> Floats:
    """Return a normal number of each person (n,), those of spouses correlated by `ALIKE`.

    Parameters
    ----------
    draws
        Of the imputation.
    ids, spouse_ids
        (n,) persons, and whom each is or was married to; themselves for nobody.
    """
    own, spouse = np.asarray(ids, np.int64), np.asarray(spouse_ids, np.int64)
    shared = ndtri(_inside(draws.lasting("couple's life", np.minimum(own, spouse))))
    alone = ndtri(_inside(draws.lasting("own life", own)))
    return np.asarray(np.sqrt(ALIKE) * shared + np.sqrt(1 - ALIKE) * alone)


def standing(worked: ArrayLike, rank: ArrayLike) -> Floats:
    """Return the sum of ranks over the ages that count, 0 for years without work, (n,).

    Parameters
    ----------
    worked, rank
        (n, ages) from `FIRST_AGE` on, as `Lives` has them.
    """
    ages = slice(COUNTED[0] - FIRST_AGE, COUNTED[1] - FIRST_AGE)
    counts = np.asarray(worked)[:, ages] == 1
    return np.asarray(np.where(counts, np.asarray(rank)[:, ages], 0.0).sum(axis=1, dtype=float))


@dataclass(frozen=True, eq=False)
class Coupled:
    """A way to draw lives that draws several for some, and takes one by its place.

    Parameters
    ----------
    way
        Draws them.
    number
        (n,) normal numbers of the persons that it is asked for; nan: one life is drawn.
    """

    way: Way
    number: Floats

    def complete(self, lives: Lives, seed: int, ages: tuple[int, int]) -> Lives:
        """Draw every unknown year between two ages; seeds from `seed` on are used."""
        first = self.way.complete(lives, seed, ages)
        rows = np.flatnonzero(~np.isnan(self.number))
        some = lives.take(rows)
        drawn = [first.take(rows)]
        drawn += [self.way.complete(some, seed + each, ages) for each in range(1, CANDIDATES)]
        order = np.argsort([standing(each.worked, each.rank) for each in drawn], axis=0)
        place = np.minimum(ndtr(self.number[rows]) * CANDIDATES, CANDIDATES - 1).astype(np.int64)
        chosen: Ints = order[place, np.arange(rows.size)]
        worked, rank = first.worked.copy(), first.rank.copy()
        for each, other in enumerate(drawn):
            mine = chosen == each
            worked[rows[mine]], rank[rows[mine]] = other.worked[mine], other.rank[mine]
        return Lives(first.people, first.family, worked, rank)


def _inside(uniform: Floats) -> Floats:
    return np.clip(uniform, 1e-9, 1 - 1e-9)
