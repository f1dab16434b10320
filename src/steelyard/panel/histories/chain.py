"""Lives drawn year by year from what they remember, by quantile forests over a panel.

Two forests a direction: one over all person-years for who works, one over those at work for the
rank. Both are drawn from exactly, at the price of one tree a draw (`LeafForest.draw`).
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from steelyard.frame import stream
from steelyard.impute import ImputeConfig, keyed_uniforms
from steelyard.impute.forest import LeafForest
from steelyard.panel.histories.memory import FEATURES, SHORT, Direction, Memory, Walk, remembered
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, UNKNOWN, Ints, Lives, People

LEAF = 20


@dataclass(frozen=True, eq=False)
class _Way:
    """Forests that lead one year on in a direction, and what their donors did."""

    direction: Direction
    columns: NDArray[np.int64]
    working: LeafForest
    ranking: LeafForest
    worked: NDArray[np.int8]
    rank: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chain:
    """A chain fitted to a panel.

    Parameters
    ----------
    up, down
        Forests that lead to older and to younger ages.
    config
        How they were grown.
    """

    up: _Way
    down: _Way
    config: ImputeConfig

    @classmethod
    def fit(cls, lives: Lives, config: ImputeConfig, memory: Memory = "long") -> Self:
        """Fit a chain.

        Parameters
        ----------
        lives
            The panel.
        config
            Name, seed and settings of the forests; leaves of `LEAF` donors where it names none.
        memory
            ``"long"``: two years and how the whole way was; ``"short"``: one year, the chain of
            the first order.

        Raises
        ------
        ValueError
            If no two neighbouring years of any life are known, or nobody works in the second.
        """
        if config.min_leaf is None:
            config = replace(config, min_leaf=LEAF)
        return cls(_way(lives, config, memory, 1), _way(lives, config, memory, -1), config)

    def complete(self, lives: Lives, seed: int, ages: tuple[int, int]) -> Lives:
        """Draw every unknown year of lives between two ages.

        Parameters
        ----------
        lives
            n lives, each with a known year between the ages at least.
        seed
            Of the draws: another seed is another implicate.
        ages
            The first and the last age wanted.

        Returns
        -------
        Lives, of which known years are as they were, and years between the ages are known. From
        the known years the walk goes down to the first age and up to the last; a gap between
        known years is filled on the way up.

        Raises
        ------
        ValueError
            If the ages lie outside `FIRST_AGE` to `LAST_AGE`, or a life has no known year.
        """
        columns = wanted_columns(lives, ages)
        down = self._complete(lives, self.down, columns[::-1], seed)
        return self._complete(down, self.up, columns, seed)

    def _complete(self, lives: Lives, way: _Way, columns: range, seed: int) -> Lives:
        worked, rank = lives.worked.copy(), lives.rank.copy()
        walk = Walk.start(len(lives.people))
        for column in columns:
            open_years = (worked[:, column] == UNKNOWN) & (walk.worked != UNKNOWN)
            rows = np.flatnonzero(open_years)
            if rows.size:
                worked[rows, column], rank[rows, column] = self._next(
                    way, walk.of(rows), lives.people.take(rows), FIRST_AGE + column, seed
                )
            begun = (walk.worked != UNKNOWN) | (worked[:, column] != UNKNOWN)
            walk.step(begun, worked[:, column], rank[:, column])
        return Lives(lives.people, lives.family, worked, rank)

    def _next(
        self, way: _Way, walk: Walk, people: People, age: int, seed: int
    ) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        features = np.ascontiguousarray(walk.features(people, age)[:, way.columns])
        names = (self.config.name, "life", way.direction, age)
        ids = people.person_id
        worked = way.worked[way.working.draw(features, keyed_uniforms(seed, (*names, 0), ids))]
        rank = np.full(len(ids), np.nan, np.float32)
        at_work = np.flatnonzero(worked == 1)
        uniforms = keyed_uniforms(seed, (*names, 1), ids[at_work])
        rank[at_work] = way.rank[way.ranking.draw(features[at_work], uniforms)]
        return worked, rank


def wanted_columns(lives: Lives, ages: tuple[int, int]) -> range:
    """Return the columns between two ages, both included; see `Chain.complete` for the errors."""
    first, last = ages
    if not FIRST_AGE <= first <= last <= LAST_AGE:
        raise ValueError(f"ages {first} to {last} do not lie between {FIRST_AGE} and {LAST_AGE}")
    columns = range(first - FIRST_AGE, last - FIRST_AGE + 1)
    without = ~lives.known[:, columns.start : columns.stop].any(axis=1)
    if without.any():
        raise ValueError(
            f"{without.sum()} lives have no known year between ages {first} and {last}, the first "
            f"of persons {lives.people.person_id[without][:3].tolist()}"
        )
    return columns


def _way(lives: Lives, config: ImputeConfig, memory: Memory, direction: Direction) -> _Way:
    rng = stream(config.seed, config.name, "memory", direction)
    features, person, column = remembered(lives, direction, rng)
    worked = lives.worked[person, column]
    rank = lives.rank[person, column].astype(np.float64)
    at_work = worked == 1
    if not at_work.any():
        raise ValueError("the panel has no two neighbouring years of a life with work in one")
    columns: Ints = np.array(
        [FEATURES.index(name) for name in (FEATURES if memory == "long" else SHORT)]
    )
    features = np.ascontiguousarray(features[:, columns])
    weight = lives.people.weight[person]
    return _Way(
        direction,
        columns,
        LeafForest.grow(
            features, worked[:, None].astype(np.float64), weight, config, "work", str(direction)
        ),
        LeafForest.grow(
            features[at_work], rank[at_work, None], weight[at_work], config, "rank", str(direction)
        ),
        worked,
        rank[at_work],
    )
