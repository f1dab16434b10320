"""Earnings lives by age: who worked, and where they stood among their cohort and sex.

Dollars of one year say little about another; ranks do. A life is, for each age, whether the person
worked and the rank of what was earned among workers of the same sex, five-year cohort and year.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

FIRST_AGE, LAST_AGE = 18, 75
UNKNOWN = -1
_COHORT = 5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class People:
    """What is known of n persons beside their earnings.

    Parameters
    ----------
    person_id
        (n,) whole numbers, each once: random numbers belong to them.
    female
        (n,) bool.
    birth_year
        (n,) calendar years.
    education
        (n,) codes that rise with schooling, -1 where unknown.
    weight
        (n,) persons represented, positive.
    """

    person_id: Ints
    female: Bools
    birth_year: Ints
    education: Ints
    weight: Floats

    def take(self, rows: NDArray[np.int64] | Bools) -> Self:
        """Return the persons of some rows."""
        return type(self)(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.person_id)


@dataclass(frozen=True, eq=False)
class Lives:
    """Earnings of n persons at ages from `FIRST_AGE` to `LAST_AGE`, as far as they are known.

    Parameters
    ----------
    people
        The persons.
    family
        (n,) which family a person is of: held-out parts keep families whole.
    worked
        int8 (n, ages): 1 worked, 0 did not, -1 unknown.
    rank
        float32 (n, ages): in (0, 1) among workers of the same sex, cohort and year; nan where
        the person did not work or nothing is known.
    """

    people: People
    family: Ints
    worked: NDArray[np.int8]
    rank: NDArray[np.float32]

    @property
    def known(self) -> Bools:
        """(n, ages): whether anything is known of the age."""
        return np.asarray(self.worked != UNKNOWN, dtype=np.bool_)

    def take(self, rows: NDArray[np.int64] | Bools) -> Self:
        """Return the lives of some rows."""
        return type(self)(
            self.people.take(rows), self.family[rows], self.worked[rows], self.rank[rows]
        )


def lives_of(
    people: People,
    family: ArrayLike,
    *,
    person: ArrayLike,
    year: ArrayLike,
    amount: ArrayLike,
    least: ArrayLike,
) -> Lives:
    """Lay person-years out by age, and rank them.

    Parameters
    ----------
    people
        n persons.
    family
        (n,) family of each.
    person
        (rows,) position in `people`; a person and year is there once.
    year
        (rows,) calendar years.
    amount
        (rows,) earnings in dollars, not negative, finite.
    least
        (rows,) dollars of the year below which nobody is said to have worked: what one quarter of
        coverage asks for.

    Raises
    ------
    ValueError
        If a row names nobody, repeats a person and year, or an amount is negative or not finite.

    Notes
    -----
    Years at ages outside `FIRST_AGE` to `LAST_AGE` are left out. Ranks are weighted mid-ranks, so
    that those of a cell average a half.
    """
    who, when = np.asarray(person, np.int64), np.asarray(year, np.int64)
    dollars, floor = np.asarray(amount, np.float64), np.asarray(least, np.float64)
    _refuse(people, who, when, dollars)
    age = when - people.birth_year[who]
    inside = (age >= FIRST_AGE) & (age <= LAST_AGE)
    who, when, age = who[inside], when[inside], age[inside]
    dollars, floor = dollars[inside], floor[inside]
    shape = (len(people), LAST_AGE - FIRST_AGE + 1)
    worked = np.full(shape, UNKNOWN, np.int8)
    rank = np.full(shape, np.nan, np.float32)
    works = dollars >= np.maximum(floor, np.finfo(np.float64).tiny)
    worked[who, age - FIRST_AGE] = works
    who, when, age, dollars = who[works], when[works], age[works], dollars[works]
    cell = cells(people.female[who], people.birth_year[who], when)
    rank[who, age - FIRST_AGE] = mid_ranks(dollars, people.weight[who], cell)
    return Lives(people, np.asarray(family, np.int64), worked, rank)


def cells(female: ArrayLike, birth_year: ArrayLike, year: ArrayLike) -> Ints:
    """Return numbers of the cells that earnings are ranked in: sex, five-year cohort, year."""
    cohort = np.asarray(birth_year, np.int64) // _COHORT
    return np.asarray((np.asarray(year, np.int64) * 1000 + cohort) * 2 + np.asarray(female))


def mid_ranks(values: ArrayLike, weights: ArrayLike, cell: ArrayLike) -> Floats:
    """Return weighted mid-ranks in (0, 1) of values (n,) within their cells (n,).

    Equal values of a cell share one rank. The mean of a cell's ranks by weight is a half.
    """
    value, weight = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    group = np.asarray(cell, np.int64)
    order = np.lexsort((value, group))
    group, value, weight = group[order], value[order], weight[order]
    fresh_cell = np.diff(group, prepend=group[:1] - 1) != 0
    fresh = fresh_cell | (np.diff(value, prepend=np.nan) != 0)
    tie = np.cumsum(fresh) - 1
    mass = np.bincount(tie, weight)
    cell_of_tie = (np.cumsum(fresh_cell) - 1)[fresh]
    total = np.bincount(cell_of_tie, mass)
    upto = np.cumsum(mass)
    before = np.concatenate([[0.0], upto])[:-1]
    start = before[np.flatnonzero(np.diff(cell_of_tie, prepend=-1))]
    middle = (before - start[cell_of_tie] + mass / 2) / total[cell_of_tie]
    found = np.empty(len(value))
    found[order] = middle[tie]
    return np.clip(found, 1e-9, 1 - 1e-9)


def _refuse(people: People, who: Ints, when: Ints, dollars: Floats) -> None:
    if who.size and (who.min() < 0 or who.max() >= len(people)):
        raise ValueError(
            f"lives: positions {np.unique(who[(who < 0) | (who >= len(people))])[:3].tolist()} "
            f"name nobody among {len(people)} persons"
        )
    bad = ~(np.isfinite(dollars) & (dollars >= 0))
    if bad.any():
        raise ValueError(
            f"lives: {bad.sum()} earnings are negative or not finite, the first "
            f"{dollars[bad][:3].tolist()} of persons {people.person_id[who[bad][:3]].tolist()}; "
            "a loss is no earnings: set it to 0"
        )
    key = who * 10_000 + when
    _, first = np.unique(key, return_index=True)
    if len(first) < len(key):
        twice = np.delete(np.arange(len(key)), first)[:3]
        told = [(int(people.person_id[who[row]]), int(when[row])) for row in twice]
        raise ValueError(f"lives: {len(key) - len(first)} person-years are there twice: {told}")
