"""Who is entitled on whose record: the conditions of each relation."""

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.dates import AGE_50, AGE_60, AGE_62
from steelyard.oasdi.people import DISABLED, People, Relation, Ties
from steelyard.oasdi.records import Records

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

MARRIED_BEFORE_SPOUSE, MARRIED_BEFORE_WIDOW = 12, 9
MARRIED_BEFORE_DIVORCE, DIVORCED_BEFORE_OWN_RIGHT = 120, 24
DISABLED_AFTER_DEATH = 84


def opens_a_family(own: Records) -> Booleans:
    """Tell whose record can pay a child: the worker draws benefits, or died insured, shape (n,)."""
    return np.where(own.is_dead, own.is_currently_insured, own.is_retired | own.is_disabled)


def is_entitled(ties: Ties, people: People, own: Records, month: int) -> Booleans:
    """Tell which ties meet the conditions of their relation in `month`, shape (m,).

    42 U.S.C. 402(b)-(g), 416(a)-(h); 20 CFR 404.330-404.352. Marriage of a year for spouses and of
    nine months for widow(er)s, ten years for the divorced, who need not wait for the worker's claim
    once divorced for two years; remarriage before 60 ends a widow(er)'s right, any remarriage a
    divorced spouse's.
    """
    worker, person = ties.column("worker"), ties.column("person")
    age, death = month - people.months("birth")[person], people.months("death")[worker]
    start, end, remarried = (ties.column(name) for name in ("start", "end", "remarried"))
    dead, drawing = own.is_dead[worker], (own.is_retired | own.is_disabled)[worker]
    full, any_insured = own.is_fully_insured[worker], own.is_currently_insured[worker]
    other, opens = ties.column("other_worker"), opens_a_family(own)
    sixty_two = month - people.months("birth")[worker] >= AGE_62
    in_own_right = sixty_two & full & (month - end >= DIVORCED_BEFORE_OWN_RIGHT)
    long = end - start >= MARRIED_BEFORE_DIVORCE
    spouse = drawing & (end > month) & (ties.column("claim") - start >= MARRIED_BEFORE_SPOUSE)
    kept = (remarried > month) | (
        remarried
        >= people.months("birth")[person] + np.where(ties.is_a(*DISABLED), 50 * 12, AGE_60)
    )
    widow = dead & full & kept
    married_at_death = (end > death) & (death - start >= MARRIED_BEFORE_WIDOW)
    onset = people.months("onset")[person]
    since = np.maximum(death, ties.column("seven_years_from"))
    disabled = (age >= AGE_50) & (onset <= month) & (onset <= since + DISABLED_AFTER_DEATH)
    conditions = {
        Relation.SPOUSE: spouse & (age >= AGE_62),
        Relation.SPOUSE_WITH_CHILD: spouse,
        Relation.DIVORCED: (drawing | in_own_right)
        & ~dead
        & long
        & (end <= month)
        & (age >= AGE_62)
        & (remarried > month),
        Relation.CHILD: opens[worker] | ((other >= 0) & opens[other]),
        Relation.WIDOW: widow & married_at_death & (age >= AGE_60),
        Relation.DISABLED_WIDOW: widow & married_at_death & disabled,
        Relation.SURVIVING_DIVORCED: widow & long & (end <= death) & (age >= AGE_60),
        Relation.DISABLED_SURVIVING_DIVORCED: widow & long & (end <= death) & disabled,
        Relation.PARENT_OF_CHILD: dead & any_insured & (remarried > month),
    }
    met = np.zeros(ties.size, bool)
    for relation, holds in conditions.items():
        met |= ties.is_a(relation) & holds
    alive = people.months("death")[person] > month
    return met & alive & (ties.column("claim") <= month) & (ties.column("until") > month)
