"""How a record's benefits are shared: originals, the family maximum, own benefits, age."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.auxiliary import (
    CHILD_SHARE,
    MOTHER_SHARE,
    SURVIVOR_CHILD_SHARE,
    limit_of_reduced_claim,
)
from steelyard.oasdi.dates import AGE_62, NEVER, year_of
from steelyard.oasdi.disability import first_disability_month
from steelyard.oasdi.entitlement import is_entitled, opens_a_family
from steelyard.oasdi.formula import formula_dimes, with_colas
from steelyard.oasdi.indexing import average
from steelyard.oasdi.limits import combined_cap, within_maximum
from steelyard.oasdi.money import dimes, from_dimes, scaled
from steelyard.oasdi.offsets import government_pension_offset
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import DISABLED, LIFE, OUTSIDE_MAXIMUM, WIDOWED, People, Relation, Ties
from steelyard.oasdi.records import Records
from steelyard.oasdi.reductions import PARTS, WIDOW_PARTS, early_parts, widow_months, widow_parts

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Claims:
    """The ties of a population in one month, with everybody's own records.

    Parameters
    ----------
    people, ties, own
        Persons (n,), their claims on others' records (m,), and the records (n,).
    month
        The month index.
    law
        The parameters.
    """

    people: People
    ties: Ties
    own: Records
    month: int
    law: Parameters

    @cached_property
    def person(self) -> Integers:
        """Rows of the beneficiaries, shape (m,)."""
        return self.ties.column("person")

    @cached_property
    def is_entitled(self) -> Booleans:
        """The conditions of the relation hold, shape (m,)."""
        return is_entitled(self.ties, self.people, self.own, self.month)

    @cached_property
    def worker(self) -> Integers:
        """Rows of the paying records, shape (m,): of two parents' the one that gives more."""
        first, other = self.ties.column("worker"), self.ties.column("other_worker")
        weight = np.where(self.own.is_dead, 3, 2) * self.own.pia * opens_a_family(self.own)
        better = (other >= 0) & (weight[np.maximum(other, 0)] > weight[first])
        return np.asarray(np.where(better, other, first), np.int64)

    @cached_property
    def is_counted(self) -> Booleans:
        """The tie falls under the family maximum, shape (m,)."""
        return self.is_entitled & ~self.ties.is_a(*OUTSIDE_MAXIMUM)


@dataclass(frozen=True, eq=False)
class FamilyAmounts:
    """Who is entitled, and dimes before the maximum, after it, and payable; shapes (m,)."""

    is_entitled: Booleans
    original: Integers
    adjusted: Integers
    payable: Integers


def family_amounts(claims: Claims) -> FamilyAmounts:
    """Return every tie's amounts, of a person's several ties those of the highest only.

    What somebody is not paid takes no room under a maximum, so the others share once more without
    it (42 U.S.C. 402(k)(2)(A); 20 CFR 404.403(a)(5); POMS RS 00615.768).
    """
    found = _all_amounts(claims)
    lost = claims.is_entitled & ~_is_highest(claims.person, found.payable)
    if not lost.any():
        return found
    ties = replace(claims.ties, claim=np.where(lost, NEVER, claims.ties.column("claim")))
    again = _all_amounts(Claims(claims.people, ties, claims.own, claims.month, claims.law))
    return FamilyAmounts(found.is_entitled, found.original, again.adjusted, again.payable)


def _all_amounts(claims: Claims) -> FamilyAmounts:
    """Return every tie's amounts, in the order of adjustments that `benefits` states."""
    own, person, worker = claims.own, claims.person, claims.worker
    original = np.where(claims.is_entitled, original_benefits(claims), 0)
    available = available_to_family(claims)
    adjusted = _cut(claims, original, available, claims.is_counted)
    drawing = (own.is_retired | own.is_disabled)[person]
    of_own = np.where(own.is_dead[worker], own.own[person], np.maximum(own.own, own.pia)[person])
    offset = np.where(drawing, of_own, 0)
    kept = np.where(claims.is_counted & drawing, np.maximum(adjusted - offset, 0), 0)
    taken = np.bincount(worker, kept, available.size).astype(np.int64)
    others = claims.is_counted & ~drawing
    adjusted = np.where(others, _cut(claims, original, available - taken, others), adjusted)
    payable = np.where(claims.is_entitled, _after_age(claims, adjusted, offset), 0)
    pension = np.where(claims.ties.is_a(Relation.CHILD), 0.0, claims.people.pensions()[person])
    if (pension > 0).any():
        month = np.int64(claims.month)
        payable = dimes(
            government_pension_offset(from_dimes(payable), pension, benefit_month=month)
        )
    return FamilyAmounts(claims.is_entitled, original, adjusted, payable)


def original_benefits(claims: Claims) -> Integers:
    """Return benefits before any adjustment, dimes, shape (m,).

    Half of the PIA for spouses and children, three quarters for a deceased worker's children and
    the parent who cares for them, all of it, with the worker's delayed credits, for widow(er)s.
    """
    own, ties, worker = claims.own, claims.ties, claims.worker
    amount = own.pia[worker]
    survivor = scaled(amount, *SURVIVOR_CHILD_SHARE)
    child = np.where(own.is_dead[worker], survivor, scaled(amount, *CHILD_SHARE))
    widow = np.maximum(np.maximum(amount, _reindexed(claims)), own.drawn_at_death[worker])
    original = np.where(ties.is_a(*WIDOWED), widow, child)
    parent = ties.is_a(Relation.PARENT_OF_CHILD)
    return np.asarray(np.where(parent, scaled(amount, *MOTHER_SHARE), original), np.int64)


def _reindexed(claims: Claims) -> Integers:
    """Return the widow(er)'s own PIA where the worker died before 62, dimes, else 0; shape (m,).

    The earnings are indexed as if eligibility came when the widow(er) turned 60 (or became
    disabled, from 50 on) or the worker would have turned 62, whichever is first, and not before
    the death (42 U.S.C. 402(e)(2)(B)(i); 20 CFR 404.212(b); POMS RS 00605.850).
    """
    people, own, ties = claims.people, claims.own, claims.ties
    born, died = year_of(people.months("birth")), year_of(people.months("death"))
    early = own.is_dead & own.is_fully_insured & (died < born + 62) & (own.pia > 0)
    turning = born[claims.person] + 60
    onset = year_of(people.months("onset"))[claims.person]
    disabled = np.maximum(onset, born[claims.person] + 50)
    turning = np.where(ties.is_a(*DISABLED), disabled, turning)
    eligible = np.minimum(np.maximum(died[claims.worker], turning), born[claims.worker] + 62)
    applies = ties.is_a(*WIDOWED) & early[claims.worker] & (eligible <= claims.month // 12)
    result = np.zeros(ties.size, np.int64)
    rows = np.flatnonzero(applies & claims.is_entitled)
    if rows.size == 0:
        return result
    record, year = claims.worker[rows], eligible[rows]
    aime = average(
        people.earnings[record],
        people.first_year,
        index_year=year - 2,
        years=own.computation_years[record],
        through=own.eligibility_year[record],
        parameters=claims.law,
    )
    start = formula_dimes(aime, year, claims.law)
    result[rows] = with_colas(start, year, claims.month, claims.law)
    return result


def available_to_family(claims: Claims) -> Integers:
    """Return what each record has for auxiliaries, dimes, shape (n,).

    The family maximum, less a living worker's PIA. A child entitled on both parents' records
    brings in the combined maximum, less what both workers draw.
    """
    own, ties = claims.own, claims.ties
    taken = np.where(own.is_dead, 0, own.pia)
    available = own.maximum - taken
    first, other = ties.column("worker"), ties.column("other_worker")
    second = np.where(claims.worker == first, other, first)
    both = claims.is_counted & (other >= 0) & opens_a_family(own)[second]
    rows = np.flatnonzero(both & opens_a_family(own)[claims.worker])
    if rows.size:
        paying, not_paying = claims.worker[rows], second[rows]
        since = year_of(ties.column("claim")[rows])
        cap = with_colas(combined_cap(since, claims.law), since, claims.month, claims.law)
        combined = np.minimum(own.maximum[paying] + own.maximum[not_paying], cap)
        left = combined - taken[paying] - taken[not_paying]
        np.maximum.at(available, paying, left)
    return available


def _cut(claims: Claims, original: Integers, available: Integers, counted: Booleans) -> Integers:
    adjusted = original.copy()
    adjusted[counted] = within_maximum(original[counted], claims.worker[counted], available)
    return adjusted


def _after_age(claims: Claims, adjusted: Integers, offset: Integers) -> Integers:
    """Return dimes after age, RIB-LIM and the own benefit, shape (m,)."""
    own, ties, worker = claims.own, claims.ties, claims.worker
    claim, born = ties.column("claim"), claims.people.months("birth")[claims.person]
    full = born + claims.law.full_retirement_age(year_of(born))
    reduced = ties.is_a(Relation.SPOUSE, Relation.DIVORCED)
    early = np.where(reduced, np.clip(full - claim, 0, full - born - AGE_62), 0)
    living = scaled(np.maximum(adjusted - offset, 0), early_parts(early, spouse=True), PARTS)
    early, possible = widow_months(born, claim, claims.law)
    widowed = scaled(adjusted, widow_parts(early, possible), WIDOW_PARTS * possible)
    drawn = own.drawn_at_death[worker]
    beside = _beside_disability(claims, adjusted, early, possible)
    widowed = np.where(beside >= 0, beside, widowed)
    widowed = limit_of_reduced_claim(widowed, own.pia[worker], drawn, drawn >= 0)
    survivor = np.where(ties.is_a(*WIDOWED), widowed, adjusted)
    alive = ties.is_a(*LIFE) | ~own.is_dead[worker]
    return np.asarray(np.where(alive, living, np.maximum(survivor - offset, 0)), np.int64)


def _beside_disability(
    claims: Claims, adjusted: Integers, early: Integers, possible: Integers
) -> Integers:
    """Return own and widow(er)'s benefit of who draws disability insurance, dimes, else -1; (m,).

    Only what exceeds the own amount is reduced for age, and nothing any more once disability
    insurance has become a retirement benefit. Who had retired before has both reduced by
    themselves (42 U.S.C. 402(k)(3)(A), 402(q)(3); POMS RS 00615.350, RS 00615.595).
    """
    own, person = claims.own, claims.person
    onset = claims.people.months("onset")[person]
    retired_first = claims.people.months("claim")[person] < first_disability_month(onset)
    disabled = own.is_disabled[person] & ~retired_first
    early = np.where(own.is_converted[person], 0, early)
    excess = np.maximum(adjusted - own.pia[person], 0)
    reduced = scaled(excess, widow_parts(early, possible), WIDOW_PARTS * possible)
    applies = disabled | own.is_converted[person]
    return np.asarray(np.where(applies, own.pia[person] + reduced, -1), np.int64)


def _is_highest(person: Integers, payable: Integers) -> Booleans:
    """Tell which tie is each person's highest; of equal ones the first."""
    order = np.lexsort((-payable, person))
    highest = np.zeros(payable.size, bool)
    highest[order[np.r_[True, person[order][1:] != person[order][:-1]]]] = True
    return highest
