"""Lives given whole from one person to another."""

import numpy as np

from steelyard.panel.lives import Bools, Floats, Ints
from steelyard.panel.population import DrawnLives, Persons


def likeness(lives: DrawnLives, source: Ints, to: Ints) -> DrawnLives:
    """Return the drawn lives of persons `source` under the ids `to`."""
    place = np.searchsorted(lives.person_id, source)
    return DrawnLives(to, lives.worked[place].copy(), lives.rank[place].copy())


def models_of(
    persons: Persons,
    lives: DrawnLives,
    rows: Ints,
    is_donor: Bools,
    number: Floats,
    standing: Floats | None = None,
) -> Ints:
    """Return for each of some rows the row of a donor of the same sex who has a life.

    Parameters
    ----------
    rows
        (m,) who is to be given a life.
    is_donor
        (n,) whose may be given.
    number
        (m,) uniform numbers that choose.
    standing
        (n,) by which donors are put in order, so that a higher number gives a higher one; left
        out, they are in that of `persons`.

    Raises
    ------
    ValueError
        If a sex has no donor.
    """
    able = is_donor & np.isin(persons.person_id, lives.person_id)
    model = np.zeros(rows.size, np.int64)
    for sex in (False, True):
        pool = np.flatnonzero(able & (persons.is_female == sex))
        mine = persons.is_female[rows] == sex
        if mine.any() and not pool.size:
            raise ValueError(f"panel: no donor of a working life among {len(persons)} persons")
        if standing is not None:
            pool = pool[np.argsort(standing[pool], kind="stable")]
        model[mine] = pool[(number[mine] * pool.size).astype(np.int64)]
    return model


def both(one: DrawnLives, other: DrawnLives) -> DrawnLives:
    """Return the lives of two groups of persons, by `person_id`."""
    ids = np.concatenate([one.person_id, other.person_id])
    order = np.argsort(ids, kind="stable")
    return DrawnLives(
        ids[order],
        np.concatenate([one.worked, other.worked])[order],
        np.concatenate([one.rank, other.rank])[order],
    )
