"""Lives transplanted from donors: a path of years at a time, spliced where it begins.

Where a life stands, the nearest donors of the same sex and state are sought, and what one of them
went through next is carried over. Within a path the life has a true life's ups and downs of any
order; what a chain must learn, it has by birth.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtr, ndtri

from steelyard.frame import stream
from steelyard.impute import keyed_uniforms
from steelyard.panel.histories.chain import wanted_columns
from steelyard.panel.histories.memory import FEATURES, Direction, Walk, remembered
from steelyard.panel.lives import FIRST_AGE, UNKNOWN, Floats, Ints, Lives

#: Years of a path, donors among which one is drawn, and what is left of a splice's shift a year on.
MOST_YEARS, LEAST_YEARS, NEAREST, FADES = 15, 3, 5, 0.97
#: One unit of distance: so far may donor and life be apart in each.
SCALES = {
    "age": 3.0, "education": 3.0, "birth_year": 40.0, "rank": 0.15, "rank_before": 0.4,
    "worked_before": 0.5, "mean_rank": 0.03, "share_worked": 0.15, "years_known": 15.0,
    "years_out": 2.0,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Paths:
    """Where paths of a direction begin, in the states that lead to them."""

    direction: Direction
    person: Ints
    column: Ints
    years: Ints
    found: dict[tuple[int, int], tuple[Any, Ints]]


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Donors of paths, up and down in age.

    Parameters
    ----------
    lives
        The panel.
    up, down
        Paths that lead to older and to younger ages.
    name
        Part of every random stream.
    """

    lives: Lives
    up: _Paths
    down: _Paths
    name: str

    @classmethod
    def fit(cls, lives: Lives, name: str, seed: int) -> Self:
        """Index a panel's paths.

        Raises
        ------
        ValueError
            If no life has `LEAST_YEARS` known years after another.
        """
        return cls(lives, _paths(lives, name, seed, 1), _paths(lives, name, seed, -1), name)

    def complete(self, lives: Lives, seed: int, ages: tuple[int, int]) -> Lives:
        """Draw every unknown year of lives between two ages; as `Chain.complete`."""
        columns = wanted_columns(lives, ages)
        down = self._complete(lives, self.down, columns[::-1], seed)
        return self._complete(down, self.up, columns, seed)

    def _complete(self, lives: Lives, paths: _Paths, columns: range, seed: int) -> Lives:
        worked, rank = lives.worked.copy(), lives.rank.copy()
        count = len(lives.people)
        walk = Walk.start(count)
        path, passed, shift = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count)
        left = np.zeros(count, np.int64)
        for column in columns:
            wanted = (worked[:, column] == UNKNOWN) & (walk.worked != UNKNOWN)
            fresh = np.flatnonzero(wanted & (left == 0))
            if fresh.size:
                part = walk.of(fresh)
                features = part.features(lives.people.take(fresh), FIRST_AGE + column)
                uniforms = keyed_uniforms(
                    seed,
                    (self.name, "path", paths.direction, FIRST_AGE + column),
                    lives.people.person_id[fresh],
                )
                path[fresh] = _nearest(paths, features, part, uniforms)
                passed[fresh] = 0
                left[fresh] = paths.years[path[fresh]]
                shift[fresh] = self._shift(paths, path[fresh], part)
            rows = np.flatnonzero(wanted)
            donor = paths.person[path[rows]]
            at = paths.column[path[rows]] + paths.direction * passed[rows]
            worked[rows, column] = self.lives.worked[donor, at]
            shift[rows] *= FADES
            moved = ndtr(ndtri(self.lives.rank[donor, at].astype(np.float64)) + shift[rows])
            rank[rows, column] = np.clip(moved, 1e-6, 1 - 1e-6)
            passed[rows] += 1
            left[rows] -= 1
            left[~wanted] = 0
            begun = (walk.worked != UNKNOWN) | (worked[:, column] != UNKNOWN)
            walk.step(begun, worked[:, column], rank[:, column])
        return Lives(lives.people, lives.family, worked, rank)

    def _shift(self, paths: _Paths, path: Ints, walk: Walk) -> Floats:
        before = self.lives.rank[paths.person[path], paths.column[path] - paths.direction]
        apart = ndtri(walk.rank) - ndtri(before.astype(np.float64))
        return np.asarray(np.nan_to_num(apart), dtype=np.float64)


def _paths(lives: Lives, name: str, seed: int, direction: Direction) -> _Paths:
    features, person, column = remembered(lives, direction, stream(seed, name, "memory", direction))
    years = _years_ahead(lives.known, direction)[person, column]
    long = years >= LEAST_YEARS
    if not long.any():
        raise ValueError(f"no life of the panel has {LEAST_YEARS} known years after another")
    features, person, column = features[long], person[long], column[long]
    at = {name: number for number, name in enumerate(FEATURES)}
    state = features[:, at["female"]].astype(np.int64) * 2 + features[:, at["worked"]].astype(int)
    scaled = _scaled(features)
    found: dict[tuple[int, int], tuple[Any, Ints]] = {}
    for female in (0, 1):
        for worked in (0, 1):
            rows = np.flatnonzero(state == female * 2 + worked)
            if rows.size:
                found[female, worked] = (cKDTree(scaled[rows]), rows)
    return _Paths(direction, person, column, np.minimum(years[long], MOST_YEARS), found)


def _nearest(paths: _Paths, features: NDArray[np.float32], walk: Walk, uniforms: Floats) -> Ints:
    """Draw one of the nearest paths for each life."""
    chosen = np.zeros(len(features), np.int64)
    female = features[:, FEATURES.index("female")].astype(np.int64)
    scaled = _scaled(features)
    for (sex, worked), (tree, rows) in paths.found.items():
        seek = np.flatnonzero((female == sex) & (walk.worked == worked))
        if seek.size:
            near = min(NEAREST, len(rows))
            places = np.asarray(tree.query(scaled[seek], k=[*range(1, near + 1)])[1])
            pick = (uniforms[seek] * near).astype(np.int64)
            chosen[seek] = rows[places[np.arange(seek.size), pick]]
    return chosen


def _scaled(features: NDArray[np.float32]) -> NDArray[np.float32]:
    columns = [features[:, FEATURES.index(name)] / scale for name, scale in SCALES.items()]
    return np.column_stack(columns)


def _years_ahead(known: NDArray[np.bool_], direction: Direction) -> Ints:
    """Return (n, ages): how many known years lie from here on, this one included."""
    ahead = np.zeros(known.shape, np.int64)
    run = np.zeros(len(known), np.int64)
    for column in range(known.shape[1])[::-direction]:
        run = np.where(known[:, column], run + 1, 0)
        ahead[:, column] = run
    return ahead
