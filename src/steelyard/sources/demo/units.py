"""Families, SPM units and tax units: how the members of a household are grouped."""

import numpy as np

from steelyard.sources.demo.anchors import table
from steelyard.sources.demo.draws import Bools, Columns, Floats, Ints, total
from steelyard.sources.demo.kin import FOSTER, HEAD, QUARTERED, RELATED

PRIMARY, NONFAMILY, RELATED_SUBFAMILY, UNRELATED_SUBFAMILY, SECONDARY = range(1, 6)


def families(person: Columns) -> tuple[Columns, Columns]:
    """Group the members of each household into families.

    Returns
    -------
    member : dict of arrays of shape (n_persons,)
        own (row of the own family record), poverty_family (row of the family whose income
        and threshold count: the primary family for related subfamilies).
    family : dict of arrays of shape (n_families,)
        household, position (FFPOS), root (person), type (FTYPE), kind (FKIND), size, and the
        counts `children`, `young`, `related_children`.
    """
    root = person["family"].copy()
    head = np.searchsorted(person["household"], person["household"])
    related = np.isin(person["role"], RELATED)
    # Order of records: primary family first, then by root's line.
    key = root
    roots, own = np.unique(key, return_inverse=True)
    household = person["household"][roots]
    position = np.arange(len(roots)) - np.searchsorted(household, household) + 1
    row_of_root = np.full(len(root), -1, dtype=np.int64)
    row_of_root[roots] = np.arange(len(roots))
    poverty = np.where(related, row_of_root[head], own)

    size = np.bincount(poverty, minlength=len(roots))
    own_size = np.bincount(own, minlength=len(roots))
    is_primary = person["role"][roots] == HEAD
    subfamily = related[roots] & ~is_primary
    kind_of = np.select(
        [is_primary & (size > 1), is_primary, subfamily, own_size > 1],
        [PRIMARY, NONFAMILY, RELATED_SUBFAMILY, UNRELATED_SUBFAMILY],
        SECONDARY,
    )
    quartered = person["role"][roots] == QUARTERED
    kind_of = np.where(quartered | _heads_quarters(person, roots), SECONDARY, kind_of)
    family: Columns = {
        "household": household,
        "position": position,
        "root": roots,
        "type": kind_of,
        "kind": np.where(person["spouse"][roots] >= 0, 1, np.where(person["female"][roots], 3, 2)),
        "size": np.where(subfamily, own_size, size),
    }
    # A mother of 17 heads her subfamily, and is a related child of her parents' family.
    index = np.arange(len(root))
    for name, limit in (("children", 18), ("young", 6)):
        minor = (person["age"] < limit) & (person["marital"] == 7)
        everyone = total(minor & (index != roots[poverty]), poverty, len(roots))
        only = total(minor & (index != roots[own]), own, len(roots))
        family[name] = np.where(subfamily, only, everyone).astype(np.int64)
    return {"own": own, "poverty_family": poverty}, family


def _heads_quarters(person: Columns, roots: Ints) -> Bools:
    """Whether a root is the first resident of group quarters."""
    quartered = np.zeros(int(person["household"][-1]) + 1, dtype=bool)
    quartered[person["household"][person["role"] == QUARTERED]] = True
    return np.asarray(quartered[person["household"][roots]] & (person["role"][roots] == HEAD))


def poverty_thresholds(size: Ints, children: Ints, elderly: Bools) -> Floats:
    """Official 2022 thresholds (n,) by size, related children under 18, and age of the head."""
    cells = table("poverty_thresholds_2022")
    grid = np.zeros((10, 9, 2))
    cell = cells[["size", "related_children", "elderly_householder"]].to_numpy(dtype=np.int64)
    grid[tuple(cell.T)] = cells["threshold"].to_numpy(dtype=np.float64)
    persons = np.minimum(size, 9)
    kids = np.minimum(children, np.minimum(persons - 1, 8))
    return np.asarray(grid[persons, kids, elderly.astype(np.int64)], dtype=np.float64)


def family_thresholds(family: Columns, person: Columns) -> Floats:
    """Official threshold of each family (n_families,), by its head's age."""
    elderly = person["age"][family["root"]] >= 65
    return poverty_thresholds(family["size"], family["children"], elderly)


def economic_units(person: Columns) -> Columns:
    """Return the SPM unit of each person (n_persons,), and each unit's household, number, root."""
    roots, unit = np.unique(person["unit"], return_inverse=True)
    household = person["household"][roots]
    number = np.arange(len(roots)) - np.searchsorted(household, household) + 1
    return {"unit": unit, "household": household, "number": number, "root": roots}


def tax_units(person: Columns, money: Floats) -> Columns:
    """Group persons into tax units by the simple rule of the Census tax model.

    Couples file together; everybody else of 18 or over, or ever married, stands alone unless
    claimed: under 19, a full-time student under 24, or disabled, unmarried, with a parent at
    home, and with less money than the parent. Younger minors without a parent join the
    householder. Synthetic: a stand-in with the real columns' shape, not Census's imputation.

    Parameters
    ----------
    person
        Members with traits.
    money
        (n_persons,) total income, dollars; the richer parent claims.

    Returns
    -------
    dict of arrays of shape (n_persons,)
        unit_head (position of the head of the unit), claimer (position of the person who
        claims this one, -1 for none), number (of the unit within the household).
    """
    index = np.arange(len(money))
    age, mate = person["age"], person["spouse"]
    head = np.searchsorted(person["household"], person["household"])
    base = np.where((mate >= 0) & (mate < index), mate, index)

    first, second = person["parent1"], person["parent2"]
    richer = np.where((second >= 0) & (money[second] > money[first]), second, first)
    disabled = person["disabled"].any(axis=1)
    in_age = (age < 19) | (person["full_time_student"] & (age < 24)) | disabled
    childless = ~np.isin(index, np.concatenate([first, second]))
    claimable = (person["marital"] > 3) & in_age & (first >= 0) & (childless | (age < 19))
    claimable &= (money <= np.maximum(money[richer], 0.0)) | (age < 18)
    claimer = np.where(claimable, richer, -1)
    stray = (age < 18) & (claimer < 0) & (first < 0) & (index != head)
    claimer = np.where(stray & (person["role"] != FOSTER) | stray & (age < 15), head, claimer)
    # A teenage mother's child goes with whoever claims the mother.
    above = np.where(claimer >= 0, claimer[claimer], -1)
    claimer = np.where((claimer >= 0) & (above >= 0), above, claimer)
    unit_head = np.where(claimer >= 0, base[claimer], base)

    order = np.lexsort((unit_head, person["household"]))
    new = np.diff(unit_head[order], prepend=-1) != 0
    serial = np.cumsum(new)
    start = np.searchsorted(person["household"][order], person["household"][order])
    number = np.empty(len(index), dtype=np.int64)
    number[order] = serial - serial[start] + 1
    return {"unit_head": unit_head, "claimer": claimer, "number": number}
