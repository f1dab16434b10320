"""Whole working lives for the persons of a cross-section."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.panel.histories.dollars import EarningsScale
from steelyard.panel.histories.holdout import Way
from steelyard.panel.lives import (
    FIRST_AGE,
    LAST_AGE,
    Floats,
    Ints,
    Lives,
    People,
    cells,
    lives_of,
    mid_ranks,
)


@dataclass(frozen=True, eq=False)
class Histories:
    """Drawn working lives.

    Parameters
    ----------
    lives
        Who worked, and the ranks, at every age from `FIRST_AGE` to `LAST_AGE`.
    earnings
        (n, ages) dollars of the year, 0 without work.
    """

    lives: Lives
    earnings: Floats

    @property
    def years(self) -> Ints:
        """(n, ages): the calendar year of each age."""
        ages = np.arange(FIRST_AGE, LAST_AGE + 1)
        return np.asarray(self.lives.people.birth_year[:, None] + ages)


def draw_histories(  # noqa: PLR0913  persons, what is known of them, and what draws the rest
    people: People,
    base_year: int,
    earnings: ArrayLike,
    least: float,
    *,
    way: Way,
    scale: EarningsScale,
    seed: int,
) -> Histories:
    """Draw the working lives of persons, as `draw_lives` does, and their dollars.

    Parameters
    ----------
    people, base_year, earnings, least, way, seed
        As for `draw_lives`; the known earnings stay.
    scale
        What ranks are worth, for every year of every life.
    """
    lives = draw_lives(people, base_year, earnings, least, way=way, seed=seed)
    known = base_year - people.birth_year - FIRST_AGE
    return Histories(lives, _dollars(lives, scale, known, np.asarray(earnings)))


def draw_lives(
    people: People,
    base_year: int,
    earnings: ArrayLike,
    least: float,
    *,
    way: Way,
    seed: int,
) -> Lives:
    """Draw who works, and with which rank, at every age around one known year.

    Parameters
    ----------
    people
        n persons, from `FIRST_AGE` to `LAST_AGE` years old in the base year.
    base_year
        The year that is known.
    earnings
        (n,) earnings in it, dollars; losses as 0.
    least
        Dollars of the year below which nobody is said to have worked.
    way
        A fitted way to draw lives.
    seed
        Of the draws: another seed is another implicate.

    Raises
    ------
    ValueError
        If a person is too young or too old, or earnings are negative or not finite.

    Notes
    -----
    Whatever the way, drawn ranks are ranked anew among workers of the same sex, cohort and year:
    the dollars of each year then have the distribution of the scale.
    """
    age = base_year - people.birth_year
    outside = (age < FIRST_AGE) | (age > LAST_AGE)
    if outside.any():
        raise ValueError(
            f"histories: {outside.sum()} persons are younger than {FIRST_AGE} or older than "
            f"{LAST_AGE} in {base_year}, the first {people.person_id[outside][:3].tolist()}"
        )
    place = np.arange(len(people))
    start = lives_of(
        people,
        people.person_id,
        person=place,
        year=np.full(len(people), base_year),
        amount=earnings,
        least=np.full(len(people), least),
    )
    drawn = way.complete(start, seed, (FIRST_AGE, LAST_AGE))
    return Lives(people, drawn.family, drawn.worked, _ranked_anew(drawn))


def _ranked_anew(drawn: Lives) -> NDArray[np.float32]:
    rank = np.full_like(drawn.rank, np.nan)
    for column in range(LAST_AGE - FIRST_AGE + 1):
        rows = np.flatnonzero(drawn.worked[:, column] == 1)
        people = drawn.people.take(rows)
        cell = cells(people.female, people.birth_year, people.birth_year + FIRST_AGE + column)
        rank[rows, column] = mid_ranks(drawn.rank[rows, column], people.weight, cell)
    return rank


def _dollars(lives: Lives, scale: EarningsScale, known: Ints, earnings: Floats) -> Floats:
    found = np.zeros(lives.rank.shape)
    for column in range(LAST_AGE - FIRST_AGE + 1):
        rows = np.flatnonzero(lives.worked[:, column] == 1)
        people, age = lives.people.take(rows), np.full(len(rows), FIRST_AGE + column)
        found[rows, column] = scale.dollars(
            lives.rank[rows, column].astype(np.float64),
            people.female,
            age,
            people.birth_year + age,
        )
    found[np.arange(len(found)), known] = earnings
    return np.asarray(found)
