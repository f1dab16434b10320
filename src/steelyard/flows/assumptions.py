"""Yearly assumptions of one's own, from a file: ``--scenario FILE``."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from steelyard.flows.partitions import PanelError

_YEAR, _SCENARIO = "year", "scenario"
#: Columns of the tables that are laid over: what a file may assume.
SERIES = (
    "average_wage_index",
    "cola_percent",
    "consumer_prices",
    "covered_workers",
    "di_beneficiaries",
    "gdp",
    "oasi_beneficiaries",
    "taxable_payroll",
)

Table = Mapping[str, Sequence[Any]]
YearlySeries = Mapping[str, Mapping[int, float]]


class AssumptionError(PanelError):
    """A file of assumptions cannot be used; the message names line, column or years."""


def read_assumptions(path: Path, first: int, last: int) -> YearlySeries:
    """Read yearly series: a CSV file with a column ``year`` and one column each of `SERIES`.

    Parameters
    ----------
    path
        The file, in any order of years.
    first, last
        Years that every series must have; others may be there.

    Returns
    -------
    Series to value by year, in the order of years.

    Raises
    ------
    AssumptionError
        If a series is unknown, a year is missing or comes twice, or a cell is no finite number.
    """
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeError) as error:
        raise AssumptionError(f"{path} cannot be read as a table: {error}") from error
    names = [name.strip() for name in lines[0]] if lines else []
    if _YEAR not in names or len(names) < 2 or len(set(names)) < len(names):
        raise AssumptionError(
            f"{path}:1: expected a column {_YEAR!r} and one column a series, each of another name; "
            f"found {', '.join(names) or 'nothing'}"
        )
    unknown = [name for name in names if name not in (_YEAR, *SERIES)]
    if unknown:
        raise AssumptionError(
            f"{path}:1: no assumptions are made of {', '.join(unknown[:3])}; they may be of "
            f"{', '.join(SERIES)}"
        )
    rows: dict[int, dict[str, float]] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(f"{path}:{number}", names, cells)
        year = row.pop(_YEAR)
        if year in rows or not year.is_integer():
            raise AssumptionError(
                f"{path}:{number}: year {year:g} {'comes twice' if year in rows else 'is no year'}"
            )
        rows[int(year)] = row
    missing = [year for year in range(first, last + 1) if year not in rows]
    if missing:
        listed = ", ".join(map(str, missing[:3]))
        raise AssumptionError(
            f"{path}: {len(missing)} years are missing, first of all {listed}. A panel from "
            f"{first} to {last} needs a line for each of its years; add them, or end it before"
        )
    return {
        name: {year: rows[year][name] for year in sorted(rows)} for name in names if name != _YEAR
    }


def lay_over(tables: Mapping[str, Table], series: YearlySeries, scenario: str) -> dict[str, Table]:
    """Return parameter tables in which a scenario's projected years are as assumed.

    Parameters
    ----------
    tables
        By name; those with columns ``year`` and ``scenario`` are changed where they have a series.
        What is published stays.
    series
        As `read_assumptions` returns it, in the tables' units.
    scenario
        Whose rows are changed.
    """
    return {name: _laid_over(table, series, scenario) for name, table in tables.items()}


def _laid_over(table: Table, series: YearlySeries, scenario: str) -> Table:
    if _SCENARIO not in table:
        return table
    rows = list(zip(table[_YEAR], table[_SCENARIO], strict=True))
    changed = {
        name: [
            assumed.get(int(year), cell) if whose == scenario else cell
            for (year, whose), cell in zip(rows, table[name], strict=True)
        ]
        for name, assumed in series.items()
        if name in table
    }
    return {**table, **changed}


def _row(where: str, names: Sequence[str], cells: Sequence[str]) -> dict[str, float]:
    if len(cells) != len(names):
        raise AssumptionError(f"{where}: {len(names)} cells expected, found {len(cells)}")
    row = {}
    for name, cell in zip(names, cells, strict=True):
        try:
            row[name] = float(cell)
        except ValueError:
            row[name] = math.nan
        if not math.isfinite(row[name]):
            raise AssumptionError(f"{where}: {name} is {cell!r}, and no number")
    return row
