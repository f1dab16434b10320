"""Who is to be paid: persons with their months, and the ties that make families."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi.checks import BadInput, offenders
from steelyard.oasdi.dates import AGE_62, AGE_70, EARLIEST_BIRTH_YEAR, NEVER, year_of
from steelyard.oasdi.parameters import Parameters

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Reasons = NDArray[np.object_]


class Relation(IntEnum):
    """What a person may be paid as on a worker's record."""

    SPOUSE = 1
    SPOUSE_WITH_CHILD = 2
    DIVORCED = 3
    CHILD = 4
    WIDOW = 5
    DISABLED_WIDOW = 6
    SURVIVING_DIVORCED = 7
    DISABLED_SURVIVING_DIVORCED = 8
    PARENT_OF_CHILD = 9


LIFE = (Relation.SPOUSE, Relation.SPOUSE_WITH_CHILD, Relation.DIVORCED)
WIDOWED = tuple(r for r in Relation if Relation.WIDOW <= r <= Relation.DISABLED_SURVIVING_DIVORCED)
DISABLED = (Relation.DISABLED_WIDOW, Relation.DISABLED_SURVIVING_DIVORCED)
OUTSIDE_MAXIMUM = (
    Relation.DIVORCED,
    Relation.SURVIVING_DIVORCED,
    Relation.DISABLED_SURVIVING_DIVORCED,
)
"""Divorced spouses are paid beside the family maximum (42 U.S.C. 403(a)(3)(C))."""
YOUNGEST = {
    62: (Relation.SPOUSE, Relation.DIVORCED),
    60: (Relation.WIDOW, Relation.SURVIVING_DIVORCED),
    50: DISABLED,
}
"""Years of age before which nobody is entitled as one of these (42 U.S.C. 402(b)-(c), (e)-(f))."""


@dataclass(frozen=True, eq=False)
class People:
    """Persons, one row each; months are month indices, `NEVER` for what does not happen.

    Parameters
    ----------
    earnings
        Shape (n, years): covered earnings, dollars a year.
    first_year
        The calendar year of the first column.
    birth
        Shape (n,): months as `steelyard.oasdi.dates.birth_month` gives them.
    claim
        Months of entitlement to the own retirement benefit.
    onset, recovery
        Months of onset of a disability, and of its end; benefits go on for two months more.
    death
        Months of death.
    pension
        Dollars a month from work that was not covered.
    months_withheld
        Months before full retirement age in which the earnings test withheld benefits.
    keys
        What messages call a person by; None for the row.
    """

    earnings: Floats
    first_year: int
    birth: Integers
    claim: ArrayLike = NEVER
    onset: ArrayLike = NEVER
    recovery: ArrayLike = NEVER
    death: ArrayLike = NEVER
    pension: ArrayLike = 0.0
    months_withheld: ArrayLike = 0
    keys: ArrayLike | None = None

    @property
    def size(self) -> int:
        """The number of persons."""
        return int(self.earnings.shape[0])

    def months(self, name: str) -> Integers:
        """Return one of the columns of months (or the months withheld), shape (n,)."""
        return np.broadcast_to(np.asarray(getattr(self, name), np.int64), (self.size,))

    def pensions(self) -> Floats:
        """Return the pension column, shape (n,)."""
        return np.broadcast_to(np.asarray(self.pension, np.float64), (self.size,))

    def names(self) -> ArrayLike:
        """Return the keys, or the rows."""
        return np.arange(self.size) if self.keys is None else np.asarray(self.keys)

    def take(self, rows: Integers) -> "People":
        """Return the persons of `rows`."""
        return replace(
            self,
            earnings=self.earnings[rows],
            birth=self.months("birth")[rows],
            claim=self.months("claim")[rows],
            onset=self.months("onset")[rows],
            recovery=self.months("recovery")[rows],
            death=self.months("death")[rows],
            pension=self.pensions()[rows],
            months_withheld=self.months("months_withheld")[rows],
            keys=np.asarray(self.names())[rows],
        )

    def through(self, year: Integers) -> "People":
        """Return the same persons without the earnings after a year of each, shape (n,)."""
        calendar = np.arange(self.first_year, self.first_year + self.earnings.shape[1])
        return replace(self, earnings=np.where(calendar <= year[:, None], self.earnings, 0.0))

    def problems(self, parameters: Parameters) -> Reasons:
        """Return why each person cannot be computed, "" where nothing is wrong, shape (n,)."""
        birth, claim = self.months("birth"), self.months("claim")
        last = self.first_year + self.earnings.shape[1] - 1
        base = parameters.contribution_base
        claimed, worked = claim < NEVER, np.asarray((self.earnings > 0).any(axis=1))
        sixty_two = year_of(birth) + 62
        kept = self.months("recovery") + 12 >= birth + AGE_62
        onset = np.where(kept, self.months("onset"), NEVER)
        events = year_of(np.minimum(onset, self.months("death")))
        earned = self.earnings
        found: Mapping[str, Booleans] = {
            "earnings are missing or infinite": np.asarray(~np.isfinite(earned).all(axis=1)),
            "earnings are negative": np.asarray((earned < 0).any(axis=1)),
            f"earnings lie outside {base.first}-{base.last}": np.full(
                self.size, self.first_year < base.first or last > base.last
            ),
            "birth before 1900": birth < EARLIEST_BIRTH_YEAR * 12,
            "attains 62 before 1975, under a law that is not computed": worked & (sixty_two < 1975),
            "disability or death before 1979 and 62, under a law that is not computed": (
                worked & (events < 1979) & (events < sixty_two)
            ),
            "claim before the month of attaining 62": claimed & (claim < birth + AGE_62),
            "claim after the month of attaining 70": claimed & (claim > birth + AGE_70),
            "death before birth": self.months("death") < birth,
            "disability onset before birth": self.months("onset") < birth,
            "recovery before onset": self.months("recovery") < self.months("onset"),
            "pension is missing or negative": ~(self.pensions() >= 0),
        }
        return first_reasons(found, self.size)


@dataclass(frozen=True, eq=False)
class Ties:
    """Claims on another's record, one row each, by rows of `People`.

    Parameters
    ----------
    worker, person
        Shape (m,): whose record, and who is paid from it.
    relation
        Shape (m,): `Relation`.
    claim
        Shape (m,): months of entitlement.
    start, end
        Months of marriage and of divorce; of no meaning for children.
    until
        The month with which it ends: a child's 18th birthday (19th in school, never when disabled
        before 22), a parent's or spouse's child turning 16.
    remarried
        Month of a later marriage of the person.
    seven_years_from
        For disabled widow(er)s: the month benefits as parent of the deceased's child ended, where
        the disability began later than seven years after the death.
    other_worker
        The other parent's row where a child is entitled on both records; -1 otherwise.
    """

    worker: Integers
    person: Integers
    relation: Integers
    claim: Integers
    start: ArrayLike = 0
    end: ArrayLike = NEVER
    until: ArrayLike = NEVER
    remarried: ArrayLike = NEVER
    seven_years_from: ArrayLike = 0
    other_worker: ArrayLike = -1
    kinds: Integers = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", np.asarray(self.relation, np.int64))

    @property
    def size(self) -> int:
        """The number of ties."""
        return int(np.asarray(self.worker).shape[0])

    def column(self, name: str) -> Integers:
        """Return a column, shape (m,)."""
        return np.broadcast_to(np.asarray(getattr(self, name), np.int64), (self.size,))

    def is_a(self, *relations: Relation) -> Booleans:
        """Tell which ties are one of `relations`."""
        return np.isin(self.kinds, [int(relation) for relation in relations])

    def problems(self, people: People) -> Reasons:
        """Return why each tie cannot be computed, "" where nothing is wrong, shape (m,)."""
        worker, person = self.column("worker"), self.column("person")
        other = self.column("other_worker")
        inside = (worker >= 0) & (worker < people.size) & (person >= 0) & (person < people.size)
        pair = np.stack([worker, person, self.kinds, self.column("start")], axis=1)
        _, where, count = np.unique(pair, axis=0, return_inverse=True, return_counts=True)
        claim = self.column("claim")
        age = claim - people.months("birth")[np.where(inside, person, 0)]
        found: Mapping[str, Booleans] = {
            "worker or person points to no row": ~inside,
            "other worker points to no row": (other < -1) | (other >= people.size),
            "worker and person are the same": worker == person,
            "relation is not known": ~np.isin(self.kinds, [int(r) for r in Relation]),
            "the same tie is given twice": count[where.ravel()] > 1,
            "two marriages at once": self._overlap(people),
            "divorce before marriage": self.column("end") < self.column("start"),
        } | {
            f"claim before the month of attaining {years}": self.is_a(*kinds)
            & (claim < NEVER)
            & (age < years * 12)
            for years, kinds in YOUNGEST.items()
        }
        return first_reasons(found, self.size)

    def _overlap(self, people: People) -> Booleans:
        """Tell which marriages begin before divorce or death ended another one, shape (m,)."""
        rows = np.flatnonzero(self.is_a(Relation.SPOUSE, Relation.SPOUSE_WITH_CHILD))
        person, start = self.column("person")[rows], self.column("start")[rows]
        order = np.lexsort((self.column("worker")[rows], start, person))
        rows, person, start = rows[order], person[order], start[order]
        offset = person * (2 * NEVER)
        begins, worker = start + offset, self.column("worker")[rows]
        death = people.months("death")[np.clip(worker, 0, people.size - 1)]
        ends = np.maximum.accumulate(np.minimum(self.column("end")[rows], death) + offset)
        same = (worker[1:] == worker[:-1]) & (begins[1:] == begins[:-1])
        found = np.zeros(self.size, bool)
        found[rows[1:]] = (begins[1:] < ends[:-1]) & (person[1:] == person[:-1]) & ~same
        return found

    def names(self, people: People) -> list[str]:
        """Return what messages call each tie: the key of its person, and its own row."""
        keys, person = np.asarray(people.names()), self.column("person")
        known = (person >= 0) & (person < people.size)
        return [
            f"{keys[at]}, tie {row}" if good else f"{at}, tie {row}"
            for row, (at, good) in enumerate(zip(person.tolist(), known.tolist(), strict=True))
        ]


def first_reasons(found: Mapping[str, Booleans], size: int) -> Reasons:
    """Return the first reason that holds for each row, "" for none."""
    reasons = np.full(size, "", dtype=object)
    for reason, holds in found.items():
        reasons[holds & (reasons == "")] = reason
    return reasons


def refuse(reasons: Reasons, keys: ArrayLike, what: str) -> None:
    """Raise if any reason is given, naming the first three by key.

    Raises
    ------
    BadInput
        ``<what>: <count> value(s), first <reason> (person <key>), ...``.
    """
    bad = np.asarray(reasons != "", dtype=bool)
    if bad.any():
        raise BadInput(
            f"{what}: {offenders(bad, reasons, keys)} correct them, or ask for a column of reasons "
            "with on_error='reason'"
        )
