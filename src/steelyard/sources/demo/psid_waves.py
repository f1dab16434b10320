"""The waves of a panel: who is interviewed with whom, as the study codes it."""

from dataclasses import dataclass

import numpy as np

from steelyard.sources.demo.draws import Bools, Columns, Draws, Ints
from steelyard.sources.demo.psid_families import DIED, MOVED_OUT, START, Panel
from steelyard.sources.demo.psid_start import (
    CHILD,
    COHABITING,
    FIRST_YEAR_PARTNER,
    GRANDCHILD,
    HEAD,
    LEGAL,
    NONRELATIVE,
    PARENT,
    PARTNER,
    RELATIVE,
    SIBLING,
    STEPCHILD,
    WIFE,
    place_within,
)

# Interviews were annual until 1997, and every other year after.
WAVES = (*range(START, 1998), *range(1999, 2022, 2))
INSTITUTION = 51
# Until 1982 relations had one digit.
TWO_DIGITS_FROM = 1983
ONE_DIGIT = {
    HEAD: 1, WIFE: 2, PARTNER: 2, FIRST_YEAR_PARTNER: 2, CHILD: 3, STEPCHILD: 3, SIBLING: 4,
    PARENT: 5, GRANDCHILD: 6, RELATIVE: 7, NONRELATIVE: 8, 0: 0,
}  # fmt: skip


@dataclass(frozen=True)
class Wave:
    """One wave.

    Parameters
    ----------
    year
        The year of the interviews.
    interview, sequence, relation
        Of each person (n,) known so far; zero where not in the wave.
    head, mate
        Position of the head of each family, in order of interview number, and of the head's
        spouse or partner (-1: none). Partners of the first year do not count yet.
    married
        Whether they are married, and `alone`: what each head's marital status is else.
    """

    year: int
    interview: Ints
    sequence: Ints
    relation: Ints
    head: Ints
    mate: Ints
    married: Bools
    alone: Ints


def live(draws: Draws, families: int, last: int) -> tuple[Columns, list[Wave]]:
    """Let a panel live from 1968 to a wave.

    Returns
    -------
    persons
        Arrays (n,) of all who ever belonged to it, as `psid_families.Panel` keeps them.
    waves
        In order; the arrays of an earlier wave are shorter where people came later.
    """
    panel = Panel(draws, families)
    waves = []
    for year in (wave for wave in WAVES if wave <= last):
        while panel.year < year:
            panel.advance()
        waves.append(_interview(panel))
        panel.person["left"][:] = 0
    return panel.person, waves


def _interview(panel: Panel) -> Wave:
    person, family = panel.person, panel.person["family"]
    heads = panel.leads
    alive = np.flatnonzero(heads >= 0)
    number = np.zeros(panel.families, dtype=np.int64)
    order = np.argsort(panel.draws.uniform(len(alive), f"interview {panel.year}"), kind="stable")
    number[alive[order]] = np.arange(1, len(alive) + 1)
    if panel.year == START:
        # The first interview number names the family for good.
        number[alive] = person["lineage"][heads[alive]]
    inside = family >= 0
    head = np.where(inside, heads[np.maximum(family, 0)], -1)
    relation = _relations(panel, head)
    sequence = _sequences(panel, head)
    left = (person["left"] > 0) & (number[np.maximum(person["left_family"], 0)] > 0) & ~inside
    where = np.where(inside, family, np.where(left, person["left_family"], -1))
    interview = np.where(where >= 0, number[np.maximum(where, 0)], 0)
    sequence = np.where(left, _gone(panel, left), sequence)
    if panel.year < TWO_DIGITS_FROM:
        digits = np.zeros(100, dtype=np.int64)
        digits[list(ONE_DIGIT)] = list(ONE_DIGIT.values())
        relation = digits[relation]
    chief = heads[alive[np.argsort(number[alive])]]
    mate = person["spouse"][chief]
    full = (mate >= 0) & (relation[np.maximum(mate, 0)] != FIRST_YEAR_PARTNER)
    mate = np.where(full, mate, -1)
    return Wave(
        panel.year, interview, sequence, relation, chief, mate,
        (mate >= 0) & (person["union"][chief] == LEGAL), person["alone"][chief],
    )  # fmt: skip


def _relations(panel: Panel, head: Ints) -> Ints:
    """Relation of each person (n,) to the head of the family, two digits; 0 outside."""
    person, place = panel.person, np.arange(len(head))
    mate = np.where(head >= 0, person["spouse"][np.maximum(head, 0)], -1)
    mother, father = person["mother"], person["father"]

    def parent_of(whom: Ints, of: Ints) -> Bools:
        """Whether `whom` (n,) is mother or father of `of` (n,), both positions."""
        known = (whom >= 0) & (of >= 0)
        at = np.maximum(of, 0)
        return np.asarray(known & ((mother[at] == whom) | (father[at] == whom)))

    grand = np.zeros(len(head), dtype=bool)
    for parent in (mother, father):
        grand |= parent_of(head, parent) | parent_of(mate, parent)
    first_year = (person["union"] == COHABITING) & (person["since"] == panel.year)
    first_year &= panel.year >= TWO_DIGITS_FROM
    sister = (mother >= 0) & (mother == mother[np.maximum(head, 0)])
    codes = {
        HEAD: head == place,
        WIFE: (mate == place) & (person["union"] == LEGAL),
        FIRST_YEAR_PARTNER: (mate == place) & first_year,
        PARTNER: mate == place,
        CHILD: parent_of(head, place),
        STEPCHILD: parent_of(mate, place),
        GRANDCHILD: grand,
        PARENT: parent_of(place, head),
        SIBLING: sister,
    }
    found = np.where(head < 0, 0, person["kin"])
    for code, holds in reversed(codes.items()):
        found = np.where(holds & (head >= 0), code, found)
    return np.asarray(found, dtype=np.int64)


def _sequences(panel: Panel, head: Ints) -> Ints:
    """Return sequence numbers: head, mate, then by age; those in institutions from 51."""
    person = panel.person
    inside = np.flatnonzero(head >= 0)
    mate = person["spouse"][np.maximum(head, 0)] == np.arange(len(head))
    rank = np.where(person["lead"], 0, np.where(mate, 1, 2))
    away = (rank == 2) & (panel.age >= 18) & (panel.age < 25)
    away &= panel.draws.uniform(len(head), f"institution {panel.year}") < 0.08
    found = np.zeros(len(head), dtype=np.int64)
    for group, start in ((~away, 1), (away, INSTITUTION)):
        mine = inside[group[inside]]
        found[mine] = start + place_within(head[mine], rank[mine], person["birth_year"][mine])
    return found


def _gone(panel: Panel, left: Bools) -> Ints:
    """Return sequence numbers of who moved out (71 on) and who died (81 on), by family left."""
    person = panel.person
    found = np.zeros(len(left), dtype=np.int64)
    for how in (MOVED_OUT, DIED):
        mine = np.flatnonzero(left & (person["left"] == how))
        found[mine] = how + np.minimum(
            place_within(person["left_family"][mine], person["birth_year"][mine]), 8
        )
    return found
