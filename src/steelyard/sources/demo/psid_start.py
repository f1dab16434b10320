"""The first families of a panel: households of the demo population, as the study lists them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo import kin
from steelyard.sources.demo.draws import Bools, Columns, Draws, Ints
from steelyard.sources.demo.histories import death_years
from steelyard.sources.demo.traits import traits
from steelyard.sources.demo.work import work

# Relation to the head as the study has coded it since 1983.
HEAD, WIFE, PARTNER, CHILD, STEPCHILD, SIBLING, PARENT, GRANDCHILD = 10, 20, 22, 30, 33, 40, 50, 60
FIRST_YEAR_PARTNER, RELATIVE, NONRELATIVE = 88, 95, 98
LEGAL, COHABITING = 1, 2
# Marital status of heads without a spouse, as the study codes it, and by the CPS code (A_MARITL).
NEVER_MARRIED, WIDOWED, DIVORCED, SEPARATED = 2, 3, 4, 5
ALONE = {1: NEVER_MARRIED, 3: SEPARATED, 4: WIDOWED, 5: DIVORCED, 6: SEPARATED, 7: NEVER_MARRIED}
ROLES = {
    kin.SIBLING: SIBLING, kin.PARENT: PARENT, kin.GRANDCHILD: GRANDCHILD, kin.FOSTER: NONRELATIVE,
}  # fmt: skip
Values = NDArray[Any]
OUTSIDE = (kin.LODGER, kin.LODGER_CHILD, kin.QUARTERED)


def first_families(draws: Draws, families: int, year: int) -> Columns:
    """Draw families as they are when the study begins with them.

    Who lives with whom, and how schooling runs in families, follow the law of the whole demo
    population, which is that of 2022; lodgers and group quarters are left out.

    Returns
    -------
    dict of arrays of shape (n_persons,)
        In household order: household, birth_year, birth_month, death_year, female, school_rank,
        skill, mother, father, spouse (positions, -1: none), union (0, 1 married, 2 cohabiting),
        lead (whether head: of a couple of man and woman the man), kin (relation to the head of
        those whom no tie explains), alone (marital status of who has no spouse).
    """
    home = kin.householders(draws, families)
    home["quarters"][:], home["same_sex"][:] = False, False
    person = kin.people(draws, home)
    person |= traits(draws, person)
    person |= work(draws, person, home["state"][person["household"]])
    person = _inside(person)
    count, female = len(person["age"]), person["female"]
    birth_year = year - person["age"]
    mate = np.where(person["spouse"] >= 0, person["spouse"], person["partner"])
    head = person["role"] == kin.HEAD
    coupled = np.flatnonzero(head & (mate >= 0))
    lead = head.copy()
    swap = coupled[female[coupled] & ~female[mate[coupled]]]
    lead[swap], lead[mate[swap]] = False, True
    spouse, union = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for side, other in ((coupled, mate[coupled]), (mate[coupled], coupled)):
        spouse[side] = other
        union[side] = np.where(person["spouse"][side] == other, LEGAL, COHABITING)
    parents = np.stack([person["parent1"], person["parent2"]])
    known, woman = parents >= 0, female[np.maximum(parents, 0)]
    codes = np.full(max(kin.QUARTERED, *ROLES) + 1, RELATIVE)
    codes[list(ROLES)] = list(ROLES.values())
    return {
        "household": person["household"],
        "birth_year": birth_year,
        "birth_month": 1 + np.floor(draws.uniform(count, "birth month") * 12).astype(np.int64),
        "death_year": death_years(draws, birth_year, female, np.full(count, year)),
        "female": female,
        "school_rank": person["school_rank"],
        "skill": person["skill"],
        "mother": np.where(known & woman, parents, -1).max(axis=0),
        "father": np.where(known & ~woman, parents, -1).max(axis=0),
        "spouse": spouse,
        "union": union,
        "lead": lead,
        "kin": codes[person["role"]],
        "alone": np.vectorize(ALONE.get)(person["marital"]).astype(np.int64),
    }


def poorest(draws: Draws, new: Columns, share: float) -> Bools:
    """Tell which families (n_families,) an oversample of the poor holds: low earning power."""
    heads = np.flatnonzero(new["lead"])
    power = new["school_rank"][heads] + 0.5 * new["skill"][heads]
    power += 0.7 * draws.normal(len(heads), "oversample")
    families = len(heads)
    found = np.zeros(families, dtype=bool)
    found[new["household"][heads[np.argsort(power)[: round(share * families)]]]] = True
    return found


def place_within(group: Ints, *keys: Values) -> Ints:
    """Return each record's place (n,) in its group, from zero, in the order of keys, then as is."""
    order = np.lexsort((*reversed(keys), group))
    _, start, size = np.unique(group[order], return_index=True, return_counts=True)
    found = np.empty(len(group), dtype=np.int64)
    found[order] = np.arange(len(group)) - np.repeat(start, size)
    return found


def _inside(person: Columns) -> Columns:
    """Keep members of the head's family, their ties repositioned."""
    kept = ~np.isin(person["role"], OUTSIDE)
    place: Ints = np.where(kept, np.cumsum(kept) - 1, -1)
    found = {name: values[kept] for name, values in person.items()}
    for tie in ("parent1", "parent2", "spouse", "partner"):
        pointer = found[tie]
        found[tie] = np.where(pointer >= 0, place[np.maximum(pointer, 0)], -1)
    return found
