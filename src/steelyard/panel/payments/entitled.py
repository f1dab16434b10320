"""Who claims on whose record, and since when: the ties of a panel as the benefit engine asks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from steelyard.oasdi import NEVER, Relation, Ties, child_benefit_ends
from steelyard.oasdi.dates import AGE_50, AGE_60, AGE_62
from steelyard.oasdi.disability import first_disability_month
from steelyard.oasdi.entitlement import (
    DIVORCED_BEFORE_OWN_RIGHT,
    MARRIED_BEFORE_DIVORCE,
    MARRIED_BEFORE_SPOUSE,
)
from steelyard.oasdi.records import MONTHS_PAID_AFTER_RECOVERY
from steelyard.panel.lives import Bools, Ints
from steelyard.panel.payments.relatives import Children, Couples, Everybody
from steelyard.panel.population import NOBODY

IN_CARE = 16 * 12
Insured = Callable[[Ints, Ints], Bools]
"""Of rows (k,) and months (k,): who is fully insured for retirement in the month."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Ties of one relation by rows of `Everybody`, arrays of shape (k,); see `Ties`."""

    relation: Relation
    worker: Ints
    person: Ints
    claim: Ints
    start: Ints
    end: Ints
    until: Ints
    remarried: Ints
    other_worker: Ints

    @classmethod
    def of(
        cls, relation: Relation, worker: Ints, person: Ints, claim: Ints, **columns: Ints
    ) -> "Rows":
        """Build the rows; months that are not given never come, a marriage began long ago."""
        count = len(worker)
        empty = {
            "start": np.zeros(count, np.int64),
            "other_worker": np.full(count, NOBODY),
        } | {name: np.full(count, NEVER, np.int64) for name in ("end", "until", "remarried")}
        return cls(relation, worker, person, claim, **(empty | columns))

    def claimed(self, month: int) -> "Rows":
        """Return those claimed by a month and not over."""
        return self.where((self.claim <= month) & (self.until > month))

    def where(self, kept: Bools) -> "Rows":
        """Return some of the rows."""
        names = [name for name in self.__dataclass_fields__ if name != "relation"]
        return Rows(self.relation, **{name: getattr(self, name)[kept] for name in names})


@dataclass(frozen=True, eq=False)
class Situation:
    """Everybody and their marriages and children, in one month.

    Parameters
    ----------
    everybody, couples, offspring
        See their classes.
    month
        The month index.
    is_insured
        Tells who is fully insured when; asked only about spouses who have not claimed.
    """

    everybody: Everybody
    couples: Couples
    offspring: Children
    month: int
    is_insured: Insured

    @cached_property
    def draws(self) -> Ints:
        """Months since which the living are paid on their own records, `NEVER` for none, (n,)."""
        everybody = self.everybody
        goes_on = everybody.recovery_month + MONTHS_PAID_AFTER_RECOVERY >= self.month
        first = np.where(goes_on, first_disability_month(everybody.onset_month), NEVER)
        return np.minimum(everybody.claim_month, first)

    @cached_property
    def opened(self) -> Ints:
        """Months since which a record may pay a family: drawing, or death, (n,)."""
        everybody = self.everybody
        return np.where(everybody.is_alive, self.draws, everybody.death_month)

    @cached_property
    def remarried(self) -> Ints:
        """Months in which present marriages began, (n,)."""
        return self.couples.present_start(self.everybody)

    @cached_property
    def is_disabled(self) -> Bools:
        """Who is disabled in the month, (n,)."""
        everybody = self.everybody
        return np.asarray(
            (everybody.onset_month <= self.month) & (everybody.recovery_month > self.month)
        )

    def filed(self, person: Ints, possible: Ints) -> Ints:
        """Return when each files for a spouse's benefit that was `possible` from a month, (k,).

        Filing for the own benefit is filing for this one. Who has not filed for the own benefit
        waits for it if insured; who is not insured files as soon as possible.
        """
        own = self.everybody.claim_month[person]
        filed = np.maximum(possible, own)
        alone = np.flatnonzero((own == NEVER) & (possible <= self.month))
        insured = self.is_insured(person[alone], possible[alone])
        filed[alone] = np.where(insured, NEVER, possible[alone])
        return filed

    def age_62(self, person: Ints) -> Ints:
        """Return the first month of possible entitlement, 62 throughout unless claimed at 62."""
        everybody = self.everybody
        exact = everybody.birth_month[person] + AGE_62
        return np.asarray(exact + (everybody.claim_month[person] != exact))


def ties_of(situation: Situation) -> list[Rows]:
    """Return everybody's claims on others' records that count in the month."""
    found = [
        *_spouses(situation),
        _divorced(situation),
        *_widowed(situation, divorced=False),
        *_widowed(situation, divorced=True),
        _parents(situation),
        _children(situation),
    ]
    return [rows.claimed(situation.month) for rows in found]


def joined(ties: list[Rows], place: Ints) -> Ties:
    """Return the ties as the engine takes them, rows of `Everybody` renumbered by `place` (n,)."""
    columns = {
        name: np.concatenate([getattr(rows, name) for rows in ties])
        for name in ("worker", "person", "claim", "start", "end", "until", "remarried")
    }
    other = np.concatenate([rows.other_worker for rows in ties])
    kinds = np.concatenate([np.full(len(rows.worker), int(rows.relation)) for rows in ties])
    return Ties(
        place[columns.pop("worker")],
        place[columns.pop("person")],
        kinds,
        other_worker=np.where(other == NOBODY, NOBODY, place[other]),
        **columns,
    )


def _spouses(situation: Situation) -> tuple[Rows, Rows]:
    """Return spouses of living workers who draw, by age and with a child of the worker in care."""
    everybody, couples = situation.everybody, situation.couples
    alive, draws = everybody.is_alive, situation.draws
    lasts = (couples.end == NEVER) & alive[couples.worker] & alive[couples.person]
    rows = np.flatnonzero(lasts & (draws[couples.worker] <= situation.month))
    worker, person, start = couples.worker[rows], couples.person[rows], couples.start[rows]
    since = np.maximum(draws[worker], start + MARRIED_BEFORE_SPOUSE)
    possible = np.maximum(since, situation.age_62(person))
    aged = Rows.of(Relation.SPOUSE, worker, person, situation.filed(person, possible), start=start)
    until = _in_care_until(situation, worker, person)
    caring = Rows.of(Relation.SPOUSE_WITH_CHILD, worker, person, since, start=start, until=until)
    return aged, caring


def _divorced(situation: Situation) -> Rows:
    """Return those divorced after ten years from a worker who lives, and not married now.

    Two years after the divorce they need not wait for the worker to draw, once that is 62.
    """
    everybody, couples, month = situation.everybody, situation.couples, situation.month
    alive = everybody.is_alive
    long = (couples.end <= month) & (couples.end - couples.start >= MARRIED_BEFORE_DIVORCE)
    free = situation.remarried[couples.person] == NEVER
    rows = np.flatnonzero(long & free & alive[couples.worker] & alive[couples.person])
    worker, person, end = couples.worker[rows], couples.person[rows], couples.end[rows]
    own_right = np.maximum(everybody.birth_month[worker] + AGE_62, end + DIVORCED_BEFORE_OWN_RIGHT)
    since = np.maximum(np.minimum(situation.draws[worker], own_right), end)
    possible = np.maximum(since, situation.age_62(person))
    filed = situation.filed(person, possible)
    return Rows.of(Relation.DIVORCED, worker, person, filed, start=couples.start[rows], end=end)


def _widowed(situation: Situation, *, divorced: bool) -> tuple[Rows, Rows]:
    """Return survivors of spouses, or of former spouses of ten years: aged, and disabled."""
    everybody, couples, month = situation.everybody, situation.couples, situation.month
    death = everybody.death_month[couples.worker]
    left = everybody.is_alive[couples.person] & (death <= month)
    if divorced:
        left &= couples.end - couples.start >= MARRIED_BEFORE_DIVORCE
        kinds = (Relation.SURVIVING_DIVORCED, Relation.DISABLED_SURVIVING_DIVORCED)
    else:
        kinds = (Relation.WIDOW, Relation.DISABLED_WIDOW)
    rows = np.flatnonzero(left & ((couples.end < NEVER) == divorced))
    worker, person = couples.worker[rows], couples.person[rows]
    marriage = {
        "start": couples.start[rows],
        "end": couples.end[rows],
        "remarried": situation.remarried[person],
    }
    born, claim = everybody.birth_month[person], everybody.widow_claim_month[person]
    aged_claim = np.maximum(claim, death[rows])
    aged_claim = np.where(claim < NEVER, np.maximum(aged_claim, born + AGE_60), NEVER)
    aged = Rows.of(kinds[0], worker, person, aged_claim, **marriage)
    first = first_disability_month(everybody.onset_month[person])
    early = np.maximum(np.maximum(born + AGE_50, death[rows]), first)
    disabled = situation.is_disabled[person] & (early < born + AGE_60)
    unable = Rows.of(kinds[1], worker, person, np.where(disabled, early, NEVER), **marriage)
    return aged, unable


def _parents(situation: Situation) -> Rows:
    """Return surviving spouses, not married now, with a child of the deceased in their care."""
    everybody, couples = situation.everybody, situation.couples
    death = everybody.death_month[couples.worker]
    left = everybody.is_alive[couples.person] & (death <= situation.month)
    rows = np.flatnonzero(left & (couples.end == NEVER))
    worker, person = couples.worker[rows], couples.person[rows]
    return Rows.of(
        Relation.PARENT_OF_CHILD,
        worker,
        person,
        death[rows],
        start=couples.start[rows],
        until=_in_care_until(situation, worker, person),
        remarried=situation.remarried[person],
    )


def _children(situation: Situation) -> Rows:
    """Return children of workers who draw or have died, with the other such parent if both do."""
    everybody, offspring = situation.everybody, situation.offspring
    first, second = offspring.first, offspring.second
    opened = np.append(situation.opened, NEVER)  # the last entry is nobody's
    has = [opened[parent] <= situation.month for parent in (first, second)]
    rows = np.flatnonzero(has[0] | has[1])
    first, second, child = first[rows], second[rows], offspring.child[rows]
    of_first, both = has[0][rows], (has[0] & has[1])[rows] & (first != second)
    worker = np.where(of_first, first, second)
    other = np.where(both, second, NOBODY)
    since = np.minimum(opened[worker], opened[other])
    born = everybody.birth_month[child]
    unable = everybody.onset_month[child] < born + 22 * 12
    return Rows.of(
        Relation.CHILD,
        worker,
        child,
        np.maximum(since, born),
        until=child_benefit_ends(born, disabled_before_22=unable & situation.is_disabled[child]),
        other_worker=other,
    )


def _in_care_until(situation: Situation, worker: Ints, person: Ints) -> Ints:
    """Return when the youngest child of `worker` in the unit of `person` turns 16, 0 for none."""
    everybody, offspring = situation.everybody, situation.offspring
    born = everybody.birth_month[offspring.child]
    parent = np.concatenate([offspring.first, offspring.second])
    born, child = np.tile(born, 2), np.tile(offspring.child, 2)
    rows = np.flatnonzero((parent != NOBODY) & (born + IN_CARE > situation.month))
    _, unit = np.unique(everybody.unit_id, return_inverse=True)
    units = int(unit.max(initial=0)) + 1
    key = parent[rows] * units + unit[child[rows]]
    order = np.lexsort((born[rows], key))
    key, youngest = key[order], born[rows][order]
    wanted = worker * units + unit[person]
    place = np.searchsorted(key, wanted, side="right") - 1
    found = (place >= 0) & (len(key) > 0)
    found[found] = key[place[found]] == wanted[found]
    return np.where(found, youngest[place] + IN_CARE, 0) if len(key) else np.zeros_like(worker)
