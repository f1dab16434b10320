"""Single years that a panel did not ask for, filled from lives in which all three are known.

A survey of every second year would break each life into years alone, and what lasts could be learnt
from the years before it only.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from steelyard.panel.histories.neighbours import Neighbours
from steelyard.panel.lives import Bools, Floats, Ints, Lives

#: One unit of distance: years of age, sex, and rank in both years beside the gap.
AGE, SEX, RANK = 10.0, 0.5, 0.1


def bridged(lives: Lives, rng: np.random.Generator) -> Lives:
    """Fill each unknown year between two known ones.

    Parameters
    ----------
    lives
        n lives.
    rng
        Draws among the nearest.

    Returns
    -------
    Lives, in which such a year is the middle one of three of another life whose outer years are
    alike: at work in the same of them, at near ranks. Its rank is shifted, on the normal scale, by
    the mean of what is between both lives in the outer years. A gap stays where no life has three
    such years.
    """
    known, sides = lives.known, np.zeros(lives.known.shape, np.bool_)
    sides[:, 1:-1] = known[:, :-2] & known[:, 2:]
    person, column = np.nonzero(known & sides)
    gap_person, gap_column = np.nonzero(~known & sides)
    donors = Neighbours.of(
        _state(lives, person, column),
        _scaled(lives, person, column),
        lives.people.weight[person],
    )
    drawn = donors.draw(
        _state(lives, gap_person, gap_column),
        _scaled(lives, gap_person, gap_column),
        rng.random(gap_person.size),
    )
    some: Bools = drawn >= 0
    row, at, place = gap_person[some], gap_column[some], drawn[some]
    apart = _outer(lives, row, at) - _outer(lives, person[place], column[place])
    shift = np.nansum(apart, axis=0) / np.maximum((~np.isnan(apart)).sum(axis=0), 1)
    score = ndtri(lives.rank[person[place], column[place]].astype(np.float64))
    worked, rank = lives.worked.copy(), lives.rank.copy()
    worked[row, at] = lives.worked[person[place], column[place]]
    rank[row, at] = np.clip(ndtr(score + shift), 1e-6, 1 - 1e-6)
    return Lives(lives.people, lives.family, worked, rank)


def _outer(lives: Lives, person: Ints, column: Ints) -> Floats:
    """Return normal scores (2, rows) of the ranks beside a year; nan without work."""
    beside = np.stack([lives.rank[person, column - 1], lives.rank[person, column + 1]])
    return np.asarray(ndtri(beside.astype(np.float64)))


def _state(lives: Lives, person: Ints, column: Ints) -> Ints:
    before, after = lives.worked[person, column - 1], lives.worked[person, column + 1]
    return np.asarray(2 * before + after, dtype=np.int64)


def _scaled(lives: Lives, person: Ints, column: Ints) -> Floats:
    beside = [lives.rank[person, column + step] / RANK for step in (-1, 1)]
    sex = lives.people.female[person] / SEX
    return np.column_stack([column / AGE, sex, *(np.nan_to_num(each) for each in beside)])
