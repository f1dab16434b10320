"""The people of an aged panel: who is alive, whom they married, and the lives drawn for them.

Everything is a column of numbers, so that a year's step is a few sums and selections, and a state
is a few Arrow tables that any engine reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from steelyard.oasdi import NEVER
from steelyard.panel.lives import FIRST_AGE, LAST_AGE, Bools, Floats, Ints

SINGLE, MARRIED, WIDOWED, DIVORCED = range(4)
MARITAL_STATES = ("single", "married", "widowed", "divorced")
BASE, BIRTH, IMMIGRATION = range(3)
LASTS, DIVORCE, DEATH = range(3)
NOBODY = -1
AGES = LAST_AGE - FIRST_AGE + 1
_PRIME = (25, 55)

_INT = np.dtype(np.int64)
_REAL = np.dtype(np.float64)
_FLAG = np.dtype(np.bool_)


class Columns:
    """Rows of numpy columns: what `Persons` and `Marriages` share."""

    TYPES: ClassVar[Mapping[str, np.dtype[Any]]]

    @classmethod
    def from_table(cls, table: pa.Table) -> Self:
        """Read an Arrow table that has every column.

        Raises
        ------
        ValueError
            If a column is missing, or holds nulls.
        """
        missing = [name for name in cls.TYPES if name not in table.column_names]
        if missing:
            raise ValueError(f"{cls.__name__.lower()}: columns missing: {', '.join(missing)}")
        holed = [name for name in cls.TYPES if table[name].null_count]
        if holed:
            raise ValueError(f"{cls.__name__.lower()}: columns with nulls: {', '.join(holed)}")
        return cls(
            **{
                name: table[name].to_numpy(zero_copy_only=False).astype(kind)
                for name, kind in cls.TYPES.items()
            }
        )

    def table(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return pa.table({name: getattr(self, name) for name in self.TYPES})

    def take(self, rows: Ints | Bools) -> Self:
        """Return some rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.TYPES})  # type: ignore[type-var]

    def joined(self, other: Self) -> Self:
        """Return these rows and those of another, below them."""
        return replace(  # type: ignore[type-var]
            self,
            **{
                name: np.concatenate([getattr(self, name), getattr(other, name)])
                for name in self.TYPES
            },
        )

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.TYPES))))


@dataclass(eq=False)
class Persons(Columns):
    """Persons alive at the end of a year, one row each, in the order of `person_id`.

    Parameters
    ----------
    person_id, source_person_id
        Number in the panel, and person of the release that the record descends from
        (`NOBODY` for those born in the panel).
    unit_id
        Who shares a weight: a couple or a single adult, with children under 18.
    birth_month
        Month index, as `steelyard.oasdi.birth_month` counts.
    is_female, education
        Sex; schooling attained in the end, 0 to 4 (`tables.EDUCATION`), `NOBODY` where unknown.
    marital, spouse_id, mother_id
        One of `MARITAL_STATES` by number; persons, `NOBODY` for none in the panel.
    children_born
        Births given.
    entry_year, entered_as
        The year that the panel has the person from; `BASE`, `BIRTH` or `IMMIGRATION`.
    worked, rank, earnings
        Whether there was work in the year, its rank, and its dollars, not cut at the base.
    lifetime_earnings
        Sum of covered earnings until 61, each year's over the average wage index.
    covered_years, recent_years
        Years with four quarters of coverage; of the last ten years, bit by bit, the latest lowest.
    claim_month, widow_claim_month
        Months of entitlement to the own retirement and to a survivor's benefit; may lie ahead.
    onset_month, recovery_month
        Of a disability that is paid.
    base_weight, weight
        Persons represented: the same in all years, and calibrated to the year.
    """

    person_id: Ints
    source_person_id: Ints
    unit_id: Ints
    birth_month: Ints
    is_female: Bools
    education: Ints
    marital: Ints
    spouse_id: Ints
    mother_id: Ints
    children_born: Ints
    entry_year: Ints
    entered_as: Ints
    worked: Bools
    rank: Floats
    earnings: Floats
    lifetime_earnings: Floats
    covered_years: Ints
    recent_years: Ints
    claim_month: Ints
    widow_claim_month: Ints
    onset_month: Ints
    recovery_month: Ints
    base_weight: Floats
    weight: Floats

    TYPES: ClassVar[Mapping[str, np.dtype[Any]]] = {
        "person_id": _INT,
        "source_person_id": _INT,
        "unit_id": _INT,
        "birth_month": _INT,
        "is_female": _FLAG,
        "education": np.dtype(np.int8),
        "marital": np.dtype(np.int8),
        "spouse_id": _INT,
        "mother_id": _INT,
        "children_born": np.dtype(np.int16),
        "entry_year": np.dtype(np.int16),
        "entered_as": np.dtype(np.int8),
        "worked": _FLAG,
        "rank": np.dtype(np.float32),
        "earnings": _REAL,
        "lifetime_earnings": _REAL,
        "covered_years": np.dtype(np.int16),
        "recent_years": np.dtype(np.int16),
        "claim_month": _INT,
        "widow_claim_month": _INT,
        "onset_month": _INT,
        "recovery_month": _INT,
        "base_weight": _REAL,
        "weight": _REAL,
    }

    def age(self, year: int) -> Ints:
        """Return ages attained by the end of a year."""
        return np.asarray(year - self.birth_month // 12)

    def rows_of(self, ids: ArrayLike) -> Ints:
        """Return the row of each id, `NOBODY` for those who are not among these persons."""
        wanted = np.asarray(ids, np.int64)
        if not len(self):
            return np.full(wanted.shape, NOBODY)
        place = np.minimum(np.searchsorted(self.person_id, wanted), len(self) - 1)
        return np.where(self.person_id[place] == wanted, place, NOBODY)

    def is_disabled(self, month: int) -> Bools:
        """Tell who is in a disability that is paid, in a month."""
        return np.asarray((self.onset_month <= month) & (self.recovery_month > month))


@dataclass(eq=False)
class Marriages(Columns):
    """Marriages that the panel knows, one row each.

    Parameters
    ----------
    husband_id, wife_id
        Persons.
    start_month, end_month
        Month indices; `NEVER` while it lasts.
    ended_by
        `LASTS`, `DIVORCE` or `DEATH`.
    """

    husband_id: Ints
    wife_id: Ints
    start_month: Ints
    end_month: Ints
    ended_by: Ints

    TYPES: ClassVar[Mapping[str, np.dtype[Any]]] = {
        "husband_id": _INT,
        "wife_id": _INT,
        "start_month": _INT,
        "end_month": _INT,
        "ended_by": np.dtype(np.int8),
    }

    @classmethod
    def begun(cls, husbands: Ints, wives: Ints, month: ArrayLike) -> Self:
        """Return new marriages."""
        count = len(husbands)
        return cls(
            husbands,
            wives,
            np.broadcast_to(np.asarray(month, np.int64), (count,)).copy(),
            np.full(count, NEVER),
            np.full(count, LASTS, np.int8),
        )

    def end(self, of: Ints, month: ArrayLike, by: int) -> None:
        """End the marriages of rows `of`."""
        self.end_month[of], self.ended_by[of] = month, by

    @property
    def lasting(self) -> Ints:
        """Rows of marriages that last."""
        return np.flatnonzero(self.ended_by == LASTS)


@dataclass(eq=False)
class DrawnLives:
    """Work and ranks at every age from `FIRST_AGE` to `LAST_AGE`, as drawn when a person entered.

    Parameters
    ----------
    person_id
        (n,) in rising order.
    worked, rank
        int8 and float32 (n, AGES); -1 and nan where nothing was drawn.
    """

    person_id: Ints
    worked: NDArray[np.int8]
    rank: NDArray[np.float32]

    @classmethod
    def from_table(cls, table: pa.Table) -> Self:
        """Read the parts of all years, in any order."""
        ids = table["person_id"].to_numpy()
        order = np.argsort(ids, kind="stable")
        count = len(ids)
        worked, rank = (
            _flat(table[name], kind).reshape(count, AGES)[order]
            for name, kind in (("worked", np.int8), ("rank", np.float32))
        )
        return cls(ids[order], worked, rank)

    def table(self) -> pa.Table:
        """Return one row a person, with lists over ages."""
        lists = {
            name: pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), AGES)
            for name, values in (("worked", self.worked), ("rank", self.rank))
        }
        return pa.table({"person_id": self.person_id, **lists})

    def standing(self, ids: Ints) -> Floats:
        """Return the mean rank of the years at work of 25 to 54; a half where nothing is drawn."""
        place = np.minimum(np.searchsorted(self.person_id, ids), len(self.person_id) - 1)
        prime = self.rank[place, _PRIME[0] - FIRST_AGE : _PRIME[1] - FIRST_AGE].astype(np.float64)
        known = ~np.isnan(prime)
        count = known.sum(axis=1)
        mean = np.where(known, prime, 0.0).sum(axis=1) / np.maximum(count, 1)
        return np.where((count > 0) & (self.person_id[place] == ids), mean, 0.5)

    def at(self, ids: Ints, age: Ints) -> tuple[Bools, Floats]:
        """Return who works at an age, and ranks; nobody does outside the ages that are drawn."""
        inside = (age >= FIRST_AGE) & (age <= LAST_AGE)
        place = np.minimum(np.searchsorted(self.person_id, ids), len(self.person_id) - 1)
        inside &= self.person_id[place] == ids
        column = np.clip(age - FIRST_AGE, 0, AGES - 1)
        worked = inside & (self.worked[place, column] == 1)
        return worked, np.where(worked, self.rank[place, column].astype(np.float64), np.nan)


def _flat(column: pa.ChunkedArray, kind: type) -> NDArray[Any]:
    lists = column.combine_chunks()
    return np.asarray(lists.flatten().to_numpy(zero_copy_only=False), dtype=kind)


#: What happened in a year beside what was wanted; `factor` is what alignment moved the chances by.
EVENT = pa.schema(
    [
        ("event", pa.string()),
        ("group", pa.string()),
        ("wanted", pa.float64()),
        ("happened", pa.float64()),
        ("factor", pa.float64()),
    ]
)


@dataclass
class Log:
    """Alignments of a year, in order."""

    rows: list[dict[str, str | float]] = field(default_factory=list)

    def add(
        self, event: str, group: str, wanted: float, happened: float, factor: float = 0.0
    ) -> None:
        """Note one alignment: persons wanted, persons it happened to, and what it took."""
        self.rows.append(
            {
                "event": event,
                "group": group,
                "wanted": float(wanted),
                "happened": float(happened),
                "factor": float(factor),
            }
        )

    def table(self) -> pa.Table:
        """Return them as a table."""
        return pa.Table.from_pylist(self.rows, schema=EVENT)


assert {each.name for each in fields(Persons)} == set(Persons.TYPES)
