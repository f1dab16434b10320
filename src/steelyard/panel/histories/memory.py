"""What a year of a working life remembers of the years beside it.

A walk goes through a life by age, up or down. At each age it sees the last two years it came
through, and how the whole way was: that is what keeps a life's good and bad years together over
decades, where a chain with one year's memory forgets them within a few.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.panel.lives import FIRST_AGE, UNKNOWN, Bools, Floats, Ints, Lives, People

Direction = Literal[1, -1]
Memory = Literal["long", "short"]
FEATURES = (
    "age", "female", "education", "birth_year", "worked", "rank", "worked_before", "rank_before",
    "mean_rank", "share_worked", "years_known", "years_out", "last_rank",
)  # fmt: skip
#: What a chain of the first order sees.
SHORT = ("age", "female", "education", "birth_year", "worked", "rank")
_MOST_YEARS = 30
_NOT_WORKED, _NOTHING = -1.0, -2.0


@dataclass(eq=False)
class Walk:
    """Where n walks stand: the last two years, and the sum of the way.

    Parameters
    ----------
    worked, worked_before
        int8 (n,): of the last year and the one before it; -1 unknown.
    rank, rank_before
        (n,): ranks; nan where not worked or unknown.
    years, years_worked, ranks
        (n,): years known so far, those at work, and the sum of their ranks.
    years_out
        (n,): years since the last at work, 0 if that is the last year.
    last_rank
        (n,): rank of the last year at work; nan before any.
    """

    worked: NDArray[np.int8]
    worked_before: NDArray[np.int8]
    rank: Floats
    rank_before: Floats
    years: Floats
    years_worked: Floats
    ranks: Floats
    years_out: Floats
    last_rank: Floats

    @classmethod
    def start(cls, count: int) -> "Walk":
        """Stand before the first known year."""
        nothing = np.full(count, np.nan)
        unknown = np.full(count, UNKNOWN, np.int8)
        zero = np.zeros(count)
        return cls(
            unknown, unknown.copy(), nothing, nothing.copy(), zero, zero.copy(), zero.copy(),
            zero.copy(), nothing.copy(),
        )  # fmt: skip

    def step(self, rows: Bools, worked: NDArray[np.int8], rank: NDArray[np.floating]) -> None:
        """Go one year on: `worked` and `rank` (n,) are those of `rows`; others stand still.

        A year that is unknown (-1) is passed, and makes the last year unknown.
        """
        self.worked_before = np.where(rows, self.worked, self.worked_before)
        self.rank_before = np.where(rows, self.rank, self.rank_before)
        self.worked = np.where(rows, worked, self.worked)
        self.rank = np.where(rows, rank, self.rank)
        known, works = rows & (worked != UNKNOWN), rows & (worked == 1)
        self.years = self.years + known
        self.years_worked = self.years_worked + works
        self.ranks = self.ranks + np.where(works, rank, 0.0)
        self.years_out = np.where(works, 0.0, self.years_out + rows)
        self.last_rank = np.where(works, rank, self.last_rank)

    def of(self, rows: Ints) -> "Walk":
        """Return the walks of some rows."""
        return Walk(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def features(self, people: People, age: Ints | int) -> NDArray[np.float32]:
        """Return what a forest sees (n, len(FEATURES)) of the year at `age` that comes next."""
        count = len(self.worked)
        columns = {
            "age": np.broadcast_to(np.asarray(age, np.float64), count),
            "female": people.female,
            "education": people.education,
            "birth_year": people.birth_year,
            "worked": self.worked,
            "rank": _filled(self.rank, self.worked),
            "worked_before": self.worked_before,
            "rank_before": _filled(self.rank_before, self.worked_before),
            "mean_rank": np.where(
                self.years_worked > 0, self.ranks / np.maximum(self.years_worked, 1), _NOT_WORKED
            ),
            "share_worked": self.years_worked / np.maximum(self.years, 1),
            "years_known": np.minimum(self.years, _MOST_YEARS),
            "years_out": np.minimum(self.years_out, _MOST_YEARS),
            "last_rank": np.where(np.isnan(self.last_rank), _NOT_WORKED, self.last_rank),
        }
        return np.column_stack([columns[name] for name in FEATURES]).astype(np.float32)


def one_year(lives: Lives, person: Ints, column: Ints) -> Walk:
    """Return walks (n,) that have come through one year: of some lives, each at a column."""
    walk = Walk.start(len(person))
    everybody = np.ones(len(person), np.bool_)
    walk.step(everybody, lives.worked[person, column], lives.rank[person, column])
    return walk


def _filled(rank: Floats, worked: NDArray[np.int8]) -> Floats:
    out = np.where(worked == UNKNOWN, _NOTHING, _NOT_WORKED)
    return np.asarray(np.where(np.isnan(rank), out, rank))


def remembered(
    lives: Lives, direction: Direction, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Ints, Ints]:
    """Return what is remembered at each year whose last year, in a direction, is known.

    Parameters
    ----------
    lives
        n lives.
    direction
        1: the way leads up in age; -1: down.
    rng
        Chooses where each memory begins.

    Returns
    -------
    features, person, column
        (rows, len(FEATURES)); positions (rows,) of the person, and of the age in `Lives.worked`.

    Notes
    -----
    A drawn life begins with one known year, a donor's may go back for decades. So each life is
    walked twice: from its first known year, and from an age drawn among its known ones.
    """
    known = lives.known
    beginnings = [np.zeros(len(known), np.int64) - 1, _drawn_beginning(known, direction, rng)]
    columns = range(known.shape[1])[::direction]
    found: list[tuple[NDArray[np.float32], Ints, Ints]] = []
    for turn, beginning in enumerate(beginnings):
        walk = Walk.start(len(known))
        for column in columns:
            begun = beginning < 0 if turn == 0 else (column - beginning) * direction >= 0
            rows = np.flatnonzero(known[:, column] & (walk.worked != UNKNOWN))
            if rows.size:
                features = walk.of(rows).features(lives.people.take(rows), FIRST_AGE + column)
                found.append((features, rows, np.full(rows.size, column, np.int64)))
            walk.step(begun, lives.worked[:, column], lives.rank[:, column])
    parts = list(zip(*found, strict=True))
    return np.concatenate(parts[0]), np.concatenate(parts[1]), np.concatenate(parts[2])


def _drawn_beginning(known: Bools, direction: Direction, rng: np.random.Generator) -> Ints:
    """Draw one known column of each life that has any."""
    scores = np.where(known, rng.random(known.shape), -1.0)
    return np.asarray(scores.argmax(axis=1), dtype=np.int64)
