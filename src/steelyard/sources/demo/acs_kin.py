"""How the ACS tells kinship: relationship to the reference person, and related subfamilies."""

from typing import Any

import numpy as np

from steelyard.sources.demo import kin
from steelyard.sources.demo.draws import Columns, Draws, Ints, total
from steelyard.sources.demo.population import Population
from steelyard.sources.demo.units import RELATED_SUBFAMILY

REFERENCE, SPOUSE, PARTNER, SAME_SEX_SPOUSE, SAME_SEX_PARTNER = 20, 21, 22, 23, 24
CHILD, ADOPTED, STEPCHILD, SIBLING, PARENT, GRANDCHILD = 25, 26, 27, 28, 29, 30
CHILD_IN_LAW, OTHER_RELATIVE, ROOMMATE, FOSTER, OTHER_NONRELATIVE = 32, 33, 34, 35, 36
INSTITUTION, NONINSTITUTION = 37, 38
RELATED = (20, 21, 23, 25, 26, 27, 28, 29, 30, 31, 32, 33)

# Subfamily relationship, SFR.
COUPLE_ALONE, COUPLE_WITH_CHILDREN, PARENT_ALONE = 1, 2, 3
CHILD_OF_COUPLE, CHILD_OF_MOTHER, CHILD_OF_FATHER = 4, 5, 6


def relationship(draws: Draws, person: Columns) -> Ints:
    """Return RELSHIPP of each person (n,) of a housing unit."""
    role, female = person["role"], person["female"]
    head = np.searchsorted(person["household"], person["household"])
    same = female == female[head]
    draw = draws.uniform(len(role), "kind of child")
    child = np.select([draw < 0.025, draw < 0.075], [ADOPTED, STEPCHILD], CHILD)
    codes: dict[int, Any] = {
        kin.HEAD: REFERENCE,
        kin.SPOUSE: np.where(same, SAME_SEX_SPOUSE, SPOUSE),
        kin.PARTNER: np.where(same, SAME_SEX_PARTNER, PARTNER),
        kin.CHILD: child,
        kin.CHILD_IN_LAW: CHILD_IN_LAW,
        kin.GRANDCHILD: GRANDCHILD,
        kin.PARENT: PARENT,
        kin.SIBLING: SIBLING,
        kin.OTHER: OTHER_RELATIVE,
        kin.FOSTER: FOSTER,
        kin.LODGER: ROOMMATE,
    }
    conditions = [role == code for code in codes]
    return np.asarray(np.select(conditions, list(codes.values()), OTHER_NONRELATIVE))


def subfamilies(world: Population) -> Columns:
    """Return SFN and SFR of each person (n,), 0 outside subfamilies.

    A related subfamily is a couple, or a parent with children, that is related to the reference
    person without him or her; subfamilies are numbered within the household.
    """
    person, family = world.person, world.family
    own = world.member["own"]
    subfamily = family["type"] == RELATED_SUBFAMILY
    inside = subfamily[own]
    root = family["root"][own]
    index = np.arange(len(own))
    couple = person["spouse"][root] >= 0
    leader = (index == root) | (person["spouse"] == root)
    children = total(~leader, own, len(subfamily))[own] > 0
    relation = np.select(
        [leader & couple & children, leader & couple, leader, couple, person["female"][root]],
        [COUPLE_WITH_CHILDREN, COUPLE_ALONE, PARENT_ALONE, CHILD_OF_COUPLE, CHILD_OF_MOTHER],
        CHILD_OF_FATHER,
    )
    serial = np.cumsum(subfamily)
    first = np.searchsorted(family["household"], family["household"])
    number = serial - np.concatenate([[0], serial])[first]
    return {
        "SFN": np.where(inside, number[own], 0),
        "SFR": np.where(inside, relation, 0),
    }
