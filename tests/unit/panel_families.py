"""Small panels written by hand: persons as keywords, parts of a partition out."""

from typing import Any

import numpy as np
import pyarrow as pa

from steelyard.oasdi import NEVER, default_parameters, month

LAW = default_parameters()
FIRST, BASE = 1951, 2022
LASTS, DIVORCED, DIED = 0, 1, 2
MONTHS = ("claim", "widow_claim", "onset", "recovery", "death")


def at(year: int, of_year: int = 1) -> int:
    return int(month(year, of_year))


def wages(share: float, first: int, last: int) -> dict[int, float]:
    """Return so many average wages a year."""
    index = LAW.average_wage_index
    return {year: share * float(index.at(year)) / 100 for year in range(first, last + 1)}


def someone(person_id: int, born: int, **given: Any) -> dict[str, Any]:
    """Return one person: earnings by year, months of what happened, ids."""
    row = {"person_id": person_id, "birth_month": born, "unit_id": person_id, "mother_id": -1}
    row |= {f"{name}_month": given.pop(name, int(NEVER)) for name in MONTHS}
    row |= {"is_female": False, "weight": 1.0, "work": {}} | given
    return row


def marriage(husband: int, wife: int, start: int, end: int | None = None, by: int = LASTS) -> tuple:
    return husband, wife, start, int(NEVER) if end is None else end, by


def panel(people: list[dict], marriages: list[tuple] = (), year: int = 2024) -> dict[str, pa.Table]:
    """Return the parts of a panel at the end of `year`."""
    columns = list(someone(0, 0))
    columns.remove("work")

    def table(rows: list[dict]) -> pa.Table:
        made = {name: pa.array([row[name] for row in rows]) for name in columns}
        made["earnings"] = pa.array([float(row["work"].get(year, 0.0)) for row in rows])
        if not rows:
            made = {name: pa.array([], pa.int64()) for name in [*columns, "earnings"]}
        return pa.table(made)

    alive = [row for row in people if row["death_month"] == NEVER]
    dead = [row for row in people if row["death_month"] < NEVER]
    base = min(BASE, year)
    past = [[row["work"].get(y, 0.0) for y in range(FIRST, base)] for row in people]
    lately = [
        (row["person_id"], y, amount)
        for row in people
        for y, amount in row["work"].items()
        if base <= y <= year
    ]
    ids, years, earned = zip(*lately, strict=True) if lately else ((), (), ())
    names = ("husband_id", "wife_id", "start_month", "end_month", "ended_by")
    pairs = np.array(marriages, np.int64).reshape(-1, 5)
    return {
        "person": table(alive).drop_columns(["death_month"]),
        "dead": table(dead),
        "marriage": pa.table({name: pairs[:, at] for at, name in enumerate(names)}),
        "history": pa.table(
            {
                "person_id": pa.array([row["person_id"] for row in people], pa.int64()),
                "earnings": pa.array(past, pa.list_(pa.float32())),
            }
        ),
        "earned": pa.table(
            {
                "person_id": pa.array(ids, pa.int64()),
                "year": pa.array(years, pa.int16()),
                "earnings": pa.array(earned, pa.float64()),
            }
        ),
    }


def row_of(table: pa.Table, person_id: int) -> dict[str, Any] | None:
    """Return the row of one person, None for none."""
    found = [row for row in table.to_pylist() if row["person_id"] == person_id]
    return found[0] if found else None
