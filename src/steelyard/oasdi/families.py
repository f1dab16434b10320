"""One month of benefits for a whole population: own benefits and those of families."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.oasdi.checks import require
from steelyard.oasdi.dates import NEVER
from steelyard.oasdi.dates import month as month_index
from steelyard.oasdi.money import from_dimes, payable
from steelyard.oasdi.parameters import Parameters
from steelyard.oasdi.people import OUTSIDE_MAXIMUM, People, Reasons, Relation, Ties, refuse
from steelyard.oasdi.records import ROUNDED_DOWN, Records, records
from steelyard.oasdi.sharing import Claims, FamilyAmounts, family_amounts
from steelyard.oasdi.tables import default_parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


FIRST_MONTH = int(month_index(1979))
MONTHS = ("claim", "onset", "recovery", "death")
OTHER_PERSON = "worker or person cannot be computed"
SPELLS = ("start", "end", "until", "remarried", "seven_years_from")


@dataclass(frozen=True, eq=False)
class Benefits:
    """A month of benefits.

    records
        `Records`, one row a person.
    is_entitled, original, after_maximum, auxiliary
        One entry a tie: whether the conditions hold, and dollars a month before the family
        maximum, after it, and what is payable beyond the own benefit. Where the person draws an own
        benefit, only what is payable counts against the maximum.
    own, total
        One entry a person: dollars a month, `own` to the dime, `total` as paid, to the dollar.
    person_reasons, tie_reasons
        Why a row was left out, "" for rows that were computed.
    """

    records: Records
    is_entitled: Booleans
    original: Floats
    after_maximum: Floats
    auxiliary: Floats
    own: Floats
    total: Floats
    person_reasons: Reasons
    tie_reasons: Reasons


def benefits(
    people: People,
    ties: Ties,
    *,
    month: int,
    parameters: Parameters | None = None,
    on_error: Literal["raise", "reason"] = "raise",
) -> Benefits:
    """Return what everybody is paid for a month, before the earnings test and Medicare.

    Own benefits first. On a living worker's record: original benefits, family maximum, own
    entitlement, what that frees to the others, age, pension offset. On a deceased worker's:
    family maximum, age, RIB-LIM, own entitlement, pension offset. Of several ties of a person the
    highest is paid.

    Parameters
    ----------
    people, ties
        Persons and their claims on others' records.
    month
        The month index (`steelyard.oasdi.dates.month`).
    on_error
        ``raise``, or ``reason`` to leave out what cannot be computed and say why.

    Raises
    ------
    BadInput
        With `on_error` ``raise``: the first reason, the keys and the count.

    Notes
    -----
    42 U.S.C. 402, 403, 423; order of adjustments: POMS RS 00615.024, RS 00615.756, RS 02603.045
    (dual entitlement: Acquiescence Ruling 97-1(1)).
    """
    law = parameters or default_parameters()
    require(
        np.array([month >= FIRST_MONTH]), month // 12, "benefits are computed from 1979 on; year"
    )
    wrong, wrong_ties = people.problems(law), ties.problems(people)
    if on_error == "raise":
        refuse(wrong, people.names(), "persons")
        if (wrong_ties != "").any():
            refuse(wrong_ties, ties.names(people), "ties")
    else:
        people, ties, wrong_ties = _without(people, ties, wrong, wrong_ties)
    own = records(people, month, law)
    paid = _family(Claims(people, ties, own, month, law))
    total = own.own + np.bincount(ties.column("person"), paid.payable, people.size).astype(np.int64)
    return Benefits(
        records=own,
        is_entitled=paid.is_entitled,
        original=from_dimes(paid.original),
        after_maximum=from_dimes(paid.adjusted),
        auxiliary=from_dimes(paid.payable),
        own=from_dimes(own.own),
        total=payable(total, "dollar" if month >= ROUNDED_DOWN else "dime"),
        person_reasons=wrong,
        tie_reasons=wrong_ties,
    )


def _family(claims: Claims) -> FamilyAmounts:
    if claims.ties.size:
        return family_amounts(claims)
    none = np.zeros(0, np.int64)
    return FamilyAmounts(none.astype(bool), none, none, none)


def _without(
    people: People, ties: Ties, wrong: Reasons, wrong_ties: Reasons
) -> tuple[People, Ties, Reasons]:
    """Silence persons and ties that cannot be computed; a tie falls with either of its persons."""
    bad = np.asarray(wrong != "", bool)
    earnings = np.where(bad[:, None], 0.0, people.earnings)
    quiet = {name: np.where(bad, NEVER, people.months(name)) for name in MONTHS}
    born = np.where(bad, 12 * 1960, people.months("birth"))
    calm = People(
        earnings,
        people.first_year,
        born,
        pension=np.where(bad, 0.0, people.pensions()),
        months_withheld=people.months("months_withheld"),
        keys=people.names(),
        **quiet,
    )
    usable = np.asarray(wrong_ties == "", bool)
    worker, person = (np.where(usable, ties.column(name), 0) for name in ("worker", "person"))
    reasons = np.where(usable & (bad[worker] | bad[person]), OTHER_PERSON, wrong_ties)
    usable &= ~bad[worker] & ~bad[person]
    columns = {name: ties.column(name) for name in SPELLS}
    claim = np.where(usable, ties.column("claim"), NEVER)
    other = np.where(usable, ties.column("other_worker"), -1)
    kinds = np.where(usable, ties.kinds, int(Relation.CHILD))
    quiet_ties = Ties(worker, person, kinds, claim, other_worker=other, **columns)
    return calm, quiet_ties, reasons


def after_earnings_test(
    paid: Benefits,
    ties: Ties,
    excess: Floats,
    *,
    months: int = 12,
) -> tuple[Floats, Floats]:
    """Return a year's own and family benefits after the earnings test, dollars, (n,) and (m,).

    A worker's excess is charged against all benefits on the record, each in proportion, except a
    divorced spouse's; what is left of a family member's benefit then bears the member's own excess,
    after the own benefit has (42 U.S.C. 403(f)(1), (7); 20 CFR 404.415-404.416, 404.439).

    Parameters
    ----------
    paid
        A month of benefits.
    excess
        Shape (n,): dollars a year from `earnings_test`, 0 for those who reached full retirement
        age before the year.
    months
        Months of the year with these benefits.
    """
    worker, person = ties.column("worker"), ties.column("person")
    own = np.floor(paid.own) * months
    family = np.floor(paid.auxiliary) * months
    beside = ties.is_a(*OUTSIDE_MAXIMUM)
    shared = np.bincount(worker, np.where(beside, 0.0, family), own.size)
    total = own + shared
    charged = np.where(own > 0, np.minimum(excess, total), 0.0)
    kept = 1 - np.divide(charged, total, out=np.zeros_like(total), where=total > 0)
    family = np.where(beside, family, family * kept[worker])
    left = np.maximum(excess - own, 0.0)[person]
    return own * kept, np.maximum(family - left, 0.0)
