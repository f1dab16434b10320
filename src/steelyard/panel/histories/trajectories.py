"""Lives transplanted from donors: whole ones around the known year, spliced on where they end.

Around its known year a life goes on, both ways, as that of a donor of the same sex who was alike
in it: so it has a true life's ups and downs of any order. Where that donor is known no more, others
are sought who had come the same way, and what they went through next is carried over.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from steelyard.frame import stream
from steelyard.impute import keyed_uniforms
from steelyard.panel.histories.bridges import bridged
from steelyard.panel.histories.chain import wanted_columns
from steelyard.panel.histories.memory import FEATURES, Direction, Walk, one_year, remembered
from steelyard.panel.histories.neighbours import Neighbours
from steelyard.panel.lives import FIRST_AGE, UNKNOWN, Floats, Ints, Lives, People

#: Known years that a donor must have ahead, or around; what is left a year on of what passes.
LEAST_YEARS, FADES = 3, 0.7
#: How a life's mean of ranks tells its lasting score: over one year it is told by a third of it,
#: and a mean over years lies nearer to a half than the rank of its lasting score does.
DOUBTED, STRETCH = 2.0, 1.2
#: One unit of distance: so far may donor and life be apart in each.
SCALES = {
    "age": 3.0, "education": 3.0, "birth_year": 40.0, "rank": 0.15, "rank_before": 0.4,
    "worked_before": 0.5, "mean_rank": 0.03, "share_worked": 0.15, "years_known": 15.0,
    "years_out": 2.0,
}  # fmt: skip
_AT = {name: place for place, name in enumerate(FEATURES)}


@dataclass(frozen=True, eq=False)
class _Joints:
    """Where lives may go on as those of donors.

    Donor, column and end (n,): whose life, the last year that is remembered, and how many known
    years follow it; lasting (n,): the score that was made of what is remembered.
    """

    name: str
    donor: Ints
    column: Ints
    years: Ints
    lasting: Floats
    neighbours: Neighbours


@dataclass(eq=False)
class _Paths:
    """Whom n lives follow, in which year, for how many more; and two shifts of scores."""

    donor: Ints
    column: Ints
    years: Ints
    lasting: Floats
    passing: Floats

    def put(self, rows: Ints, other: "_Paths") -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows] = getattr(other, name)


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Donors of lives.

    Parameters
    ----------
    lives
        The panel, single missing years filled.
    around, up, down
        Where lives are joined to them: at the one year that is known, or on the way to older and
        to younger ages.
    name
        Part of every random stream.
    """

    lives: Lives
    around: _Joints
    up: _Joints
    down: _Joints
    name: str

    @classmethod
    def fit(cls, lives: Lives, name: str, seed: int) -> Self:
        """Index a panel's lives.

        Raises
        ------
        ValueError
            If no life has `LEAST_YEARS` known years after another.
        """
        lives = bridged(lives, stream(seed, name, "bridges"))
        up, down = _on_the_way(lives, name, seed, 1), _on_the_way(lives, name, seed, -1)
        return cls(lives, _alone(lives), up, down, name)

    def complete(self, lives: Lives, seed: int, ages: tuple[int, int]) -> Lives:
        """Draw every unknown year of lives between two ages; as `Chain.complete`.

        Raises
        ------
        ValueError
            If a life's known year is of a sex and state, at work or not, that no donor has.
        """
        columns = wanted_columns(lives, ages)
        around = self._around(lives, columns, seed)
        down = self._onward(around, self.down, -1, columns, seed)
        return self._onward(down, self.up, 1, columns, seed)

    def _around(self, lives: Lives, columns: range, seed: int) -> Lives:
        """Follow one donor from the first known year, both ways."""
        everybody = np.arange(len(lives.people))
        known = columns.start + lives.known[:, columns.start : columns.stop].argmax(axis=1)
        memory = one_year(lives, everybody, known)
        paths = self._join(self.around, memory, lives.people, FIRST_AGE + known, seed)
        last = paths.column + paths.years
        first = paths.column + 1 - _years_ahead(self.lives.known, -1)[paths.donor, paths.column]
        worked, rank = lives.worked.copy(), lives.rank.copy()
        for column in columns:
            at = paths.column + column - known
            rows = np.flatnonzero((worked[:, column] == UNKNOWN) & (at >= first) & (at <= last))
            fading = FADES ** np.abs(column - known[rows])
            shift = paths.lasting[rows] + fading * paths.passing[rows]
            donor = paths.donor[rows]
            worked[rows, column], rank[rows, column] = self._year(donor, at[rows], shift)
        return Lives(lives.people, lives.family, worked, rank)

    def _onward(
        self, lives: Lives, joints: _Joints, direction: Direction, columns: range, seed: int
    ) -> Lives:
        """Walk one way, and follow donors through what is unknown."""
        worked, rank = lives.worked.copy(), lives.rank.copy()
        count = len(lives.people)
        walk = Walk.start(count)
        whole, real = np.zeros((3, count), np.int64), np.zeros((2, count))
        paths = _Paths(*whole, *real)
        for column in columns[::direction]:
            wanted = (worked[:, column] == UNKNOWN) & (walk.worked != UNKNOWN)
            fresh = np.flatnonzero(wanted & (paths.years == 0))
            if fresh.size:
                people, age = lives.people.take(fresh), FIRST_AGE + column
                paths.put(fresh, self._join(joints, walk.of(fresh), people, age, seed))
            rows = np.flatnonzero(wanted)
            paths.column[rows] += direction
            paths.passing[rows] *= FADES
            shift = paths.lasting[rows] + paths.passing[rows]
            worked[rows, column], rank[rows, column] = self._year(
                paths.donor[rows], paths.column[rows], shift
            )
            paths.years[rows] -= 1
            paths.years[~wanted] = 0
            begun = (walk.worked != UNKNOWN) | (worked[:, column] != UNKNOWN)
            walk.step(begun, worked[:, column], rank[:, column])
        return Lives(lives.people, lives.family, worked, rank)

    def _join(
        self, joints: _Joints, walk: Walk, people: People, age: Ints | int, seed: int
    ) -> _Paths:
        """Draw whom lives follow, and how far their ranks lie from the donor's.

        What is between them where they join is split: the part that what both remember tells to
        last stays for good, and the other fades.
        """
        features = walk.features(people, age)
        names = (self.name, joints.name, int(age) if np.ndim(age) == 0 else "known")
        uniforms = keyed_uniforms(seed, names, people.person_id)
        place = joints.neighbours.draw(_state(features), _scaled(features), uniforms)
        if (place < 0).any():
            raise ValueError(
                f"no donor has the sex and state of {np.count_nonzero(place < 0)} lives, the first "
                f"of persons {people.person_id[place < 0][:3].tolist()}: learn from more lives"
            )
        donor, column = joints.donor[place], joints.column[place]
        apart = ndtri(walk.rank) - ndtri(self.lives.rank[donor, column].astype(np.float64))
        lasting = np.nan_to_num(_lasting(features) - joints.lasting[place])
        passing = np.where(np.isnan(apart), 0.0, apart - lasting)
        return _Paths(donor, column.copy(), joints.years[place], lasting, passing)

    def _year(
        self, donor: Ints, column: Ints, shift: Floats
    ) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        score = ndtri(self.lives.rank[donor, column].astype(np.float64)) + shift
        rank = np.clip(ndtr(score), 1e-6, 1 - 1e-6).astype(np.float32)
        return self.lives.worked[donor, column], rank


def _on_the_way(lives: Lives, name: str, seed: int, direction: Direction) -> _Joints:
    features, donor, column = remembered(lives, direction, stream(seed, name, "memory", direction))
    years = _years_ahead(lives.known, direction)[donor, column]
    long = years >= LEAST_YEARS
    if not long.any():
        raise ValueError(f"no life of the panel has {LEAST_YEARS} known years after another")
    donor, column = donor[long], column[long] - direction
    return _joints(f"path {direction}", lives, features[long], donor, column, years[long])


def _alone(lives: Lives) -> _Joints:
    ahead, behind = _years_ahead(lives.known, 1), _years_ahead(lives.known, -1)
    donor, column = np.nonzero(lives.known & (ahead + behind > LEAST_YEARS))
    walk = one_year(lives, donor, column)
    features = walk.features(lives.people.take(donor), FIRST_AGE + column)
    return _joints("around", lives, features, donor, column, ahead[donor, column] - 1)


def _joints(
    name: str, lives: Lives, features: NDArray[np.float32], donor: Ints, column: Ints, years: Ints
) -> _Joints:
    weight = lives.people.weight[donor]
    neighbours = Neighbours.of(_state(features), _scaled(features), weight)
    return _Joints(name, donor, column, years, _lasting(features), neighbours)


def _state(features: NDArray[np.float32]) -> Ints:
    return (2 * features[:, _AT["female"]] + features[:, _AT["worked"]]).astype(np.int64)


def _scaled(features: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.column_stack([features[:, _AT[name]] / scale for name, scale in SCALES.items()])


def _lasting(features: NDArray[np.float32]) -> Floats:
    """Return the lasting score (n,) that remembered ranks tell; nan without a year at work."""
    rank = features[:, _AT["mean_rank"]].astype(np.float64)
    years = features[:, _AT["share_worked"]] * features[:, _AT["years_known"]]
    score = ndtri(np.where(rank > 0, np.clip(rank, 1e-3, 1 - 1e-3), np.nan))
    return np.asarray(STRETCH * score * years / (years + DOUBTED), dtype=np.float64)


def _years_ahead(known: NDArray[np.bool_], direction: Direction) -> Ints:
    """Return (n, ages): how many known years lie from here on, this one included."""
    ahead = np.zeros(known.shape, np.int64)
    run = np.zeros(len(known), np.int64)
    for column in range(known.shape[1])[::-direction]:
        run = np.where(known[:, column], run + 1, 0)
        ahead[:, column] = run
    return ahead
