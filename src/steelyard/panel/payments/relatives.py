"""Who is whose spouse and whose child: the living and the dead of a panel, by rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from steelyard.oasdi import NEVER
from steelyard.panel.lives import Bools, Ints
from steelyard.panel.payments.covered import RowsById
from steelyard.panel.population import NOBODY

ADULT = 18 * 12
DIVORCE, DEATH = 1, 2
MONTHS = ("birth_month", "claim_month", "widow_claim_month", "onset_month", "recovery_month")
PERSONS = ("person_id", "unit_id", "mother_id", *MONTHS)
_APART = 2**32


@dataclass(frozen=True, eq=False)
class Everybody:
    """The living and, after them, the dead, one row each; months are month indices.

    Parameters
    ----------
    person_id, unit_id, mother_id
        (n,) numbers; `NOBODY` for a mother who is not known.
    birth_month, claim_month, widow_claim_month, onset_month, recovery_month, death_month
        (n,) months, `NEVER` for what has not happened.
    """

    person_id: Ints
    unit_id: Ints
    mother_id: Ints
    birth_month: Ints
    claim_month: Ints
    widow_claim_month: Ints
    onset_month: Ints
    recovery_month: Ints
    death_month: Ints

    @classmethod
    def of(cls, person: pa.Table, dead: pa.Table) -> "Everybody":
        """Read the tables ``person`` and ``dead`` of a panel.

        Raises
        ------
        ValueError
            If a column is missing.
        """
        columns = {name: _joined(name, person, dead) for name in PERSONS}
        died = np.full(person.num_rows, NEVER, np.int64)
        death = np.concatenate([died, _column(dead, "death_month", "dead")])
        return cls(death_month=death, **columns)

    @cached_property
    def rows(self) -> RowsById:
        """Find rows by number."""
        return RowsById(self.person_id)

    @property
    def is_alive(self) -> Bools:
        """Who has not died, (n,)."""
        return np.asarray(self.death_month == NEVER)

    def __len__(self) -> int:
        return len(self.person_id)


@dataclass(frozen=True, eq=False)
class Couples:
    """Marriages, each seen from both sides: the worker, and the person who is or was the spouse.

    Parameters
    ----------
    worker, person
        (2m,) rows of `Everybody`; marriages with somebody unknown are not there.
    start, end
        (2m,) months; `end` is that of a divorce, `NEVER` where there was none.
    """

    worker: Ints
    person: Ints
    start: Ints
    end: Ints

    @classmethod
    def of(cls, marriage: pa.Table, everybody: Everybody) -> "Couples":
        """Read the table ``marriage`` of a panel."""
        names = ("husband_id", "wife_id", "start_month", "end_month", "ended_by")
        husband, wife, start, end, by = (_column(marriage, name, "marriage") for name in names)
        first, second = everybody.rows.find(husband), everybody.rows.find(wife)
        known = (first != NOBODY) & (second != NOBODY)
        divorce = np.where(by == DIVORCE, end, NEVER)
        columns = [column[known] for column in (first, second, start, divorce)]
        first, second, start, divorce = columns
        return cls(
            np.concatenate([first, second]),
            np.concatenate([second, first]),
            np.concatenate([start, start]),
            np.concatenate([divorce, divorce]),
        )

    def present_start(self, everybody: Everybody) -> Ints:
        """Return the month each person's present marriage began in, `NEVER` for none, (n,)."""
        begun = np.full(len(everybody), NEVER, np.int64)
        lasts = (self.end == NEVER) & everybody.is_alive[self.worker]
        np.minimum.at(begun, self.person[lasts], self.start[lasts])
        return begun


@dataclass(frozen=True, eq=False)
class Children:
    """Children under 18, and those disabled before 22, with up to two parents.

    Parameters
    ----------
    child, first, second
        (k,) rows of `Everybody`; `NOBODY` for a parent who is not known.
    """

    child: Ints
    first: Ints
    second: Ints


def children(everybody: Everybody, couples: Couples, month: int) -> Children:
    """Find children who could be paid on a parent's record, and their parents.

    The first parent is the mother; the second her husband in the month of birth, or else her last
    husband, unless divorced: a stepfather. A child without a known mother has the adult it shares
    a unit with, the living before the dead.
    """
    born, onset = everybody.birth_month, everybody.onset_month
    disabled = (onset < born + 22 * 12) & (onset <= month) & (everybody.recovery_month > month)
    unmarried = couples.present_start(everybody) == NEVER
    child = np.flatnonzero(everybody.is_alive & ((born + ADULT > month) | (disabled & unmarried)))
    mother = everybody.rows.find(everybody.mother_id[child])
    adult = _adults_of_unit(everybody, everybody.unit_id[child], month)
    adult = np.where(born[child] + ADULT > month, adult, NOBODY)
    first = np.where(mother == NOBODY, adult, mother)
    return Children(child, first, _husbands(couples, mother, born[child], month))


def _husbands(couples: Couples, mother: Ints, born: Ints, month: int) -> Ints:
    """Return who was married to each mother at the birth, or is or was last, (k,)."""
    if not len(couples.worker):
        return np.full(len(mother), NOBODY)
    order = np.lexsort((couples.start, couples.person))
    husband, end = couples.worker[order], couples.end[order]
    key = couples.person[order] * _APART + couples.start[order]
    found = _last_before(key, mother, born)
    last = _last_before(key, mother, np.full_like(born, month))
    of_step = np.where((last != NOBODY) & (end[last] == NEVER), husband[last], NOBODY)
    return np.where((found != NOBODY) & (end[found] >= born), husband[found], of_step)


def _last_before(key: Ints, person: Ints, month: Ints) -> Ints:
    """Return the place of each person's last marriage begun by `month`, `NOBODY` for none."""
    wanted = person * _APART + month
    place = np.searchsorted(key, wanted, side="right") - 1
    same = (place >= 0) & (person != NOBODY)
    same[same] = key[place[same]] // _APART == person[same]
    return np.where(same, place, NOBODY)


def _adults_of_unit(everybody: Everybody, units: Ints, month: int) -> Ints:
    """Return an adult of each unit, alive if there is one, `NOBODY` for none."""
    adult = np.flatnonzero(everybody.birth_month + ADULT <= month)
    order = np.lexsort((~everybody.is_alive[adult], everybody.unit_id[adult]))
    adult = adult[order]
    unit = everybody.unit_id[adult]
    if not len(unit):
        return np.full(len(units), NOBODY)
    place = np.minimum(np.searchsorted(unit, units), len(unit) - 1)
    return np.where(unit[place] == units, adult[place], NOBODY)


def _joined(name: str, person: pa.Table, dead: pa.Table) -> Ints:
    return np.concatenate([_column(person, name, "person"), _column(dead, name, "dead")])


def _column(table: pa.Table, name: str, of: str) -> Ints:
    if name not in table.column_names:
        raise ValueError(f"{of}: column {name} is missing; has {', '.join(table.column_names)}")
    return np.asarray(table[name].to_numpy(), np.int64)


def parts_of(parts: Mapping[str, pa.Table], names: tuple[str, ...]) -> list[pa.Table]:
    """Return the tables of those names.

    Raises
    ------
    ValueError
        If one is missing.
    """
    missing = [name for name in names if name not in parts]
    if missing:
        raise ValueError(f"parts of the panel missing: {', '.join(missing)}")
    return [parts[name] for name in names]
