"""Yearly assumptions of one's own, from a file: ``--scenario FILE``."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from steelyard.flows.partitions import PanelError

_YEAR = "year"


class AssumptionError(PanelError):
    """A file of assumptions cannot be used; the message names line, column or years."""


def read_assumptions(path: Path, first: int, last: int) -> dict[str, dict[int, float]]:
    """Read yearly series: a CSV file with a column ``year`` and one column a series.

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
        If a year is missing, comes twice, or a cell is no finite number.
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
    missing = [year for year in range(min(first, *rows), last + 1) if year not in rows]
    if missing:
        listed = ", ".join(map(str, missing[:3])) + (", ..." if len(missing) > 3 else "")
        raise AssumptionError(
            f"{path}: {len(missing)} years are missing: {listed}. A panel from {first} to {last} "
            "needs a line for each of its years; add them, or end the panel before"
        )
    return {
        name: {year: rows[year][name] for year in sorted(rows)} for name in names if name != _YEAR
    }


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
