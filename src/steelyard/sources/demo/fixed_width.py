"""Fixed-width text and the setup files that come with it, as the PSID's packaged data have them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo.draws import Columns

STARS = "*" * 74
PER_LINE = 3


@dataclass(frozen=True)
class Column:
    """A column: its name, how many characters it takes, its label, and its decimal places."""

    name: str
    width: int
    label: str = ""
    decimals: int = 0


def records(columns: Sequence[Column], values: Columns) -> bytes:
    """Write one line a record, each value right-aligned in its column.

    Parameters
    ----------
    columns
        In order of position; decimals are written with their point.
    values
        Equally long arrays of numbers, by column name.

    Raises
    ------
    ValueError
        If a value needs more characters than its column has.
    """
    count = len(values[columns[0].name])
    lines = np.full((count, sum(column.width for column in columns) + 1), ord("\n"), np.uint8)
    at = 0
    for column in columns:
        text = _text(column, values[column.name])
        longest = int(np.char.str_len(text).max()) if count else 0
        if longest > column.width:
            raise ValueError(
                f"{column.name}: a value takes {longest} characters, {column.width} are there"
            )
        padded = np.char.rjust(text, column.width).astype(f"S{column.width}")
        lines[:, at : at + column.width] = padded.view(np.uint8).reshape(count, column.width)
        at += column.width
    return lines.tobytes()


def _text(column: Column, values: NDArray[Any]) -> NDArray[np.str_]:
    if column.decimals:
        return np.char.mod(f"%.{column.decimals}f", values.astype(np.float64))
    return np.char.mod("%d", values.astype(np.int64))


def spss_setup(file: str, label: str, columns: Sequence[Column], rows: int) -> str:
    """Return the SPSS layout of a file: DATA LIST with positions, then labels."""
    length = sum(column.width for column in columns)
    return (
        f"\n{STARS}\n{_heading(label, columns, rows)}{STARS[:-1]}.\n\n"
        f"FILE HANDLE PSID / NAME = '[PATH]\\{file.upper()}' LRECL = {length} .\n"
        f"DATA LIST FILE = PSID FIXED /\n{_positions(columns)}   .\n   EXECUTE .\n"
        "   VARIABLE LABELS\n"
        + "".join(f'      {c.name:<12} "{c.label}"\n' for c in columns)
        + "   .\n"
    )


def stata_setup(file: str, label: str, columns: Sequence[Column], rows: int) -> str:
    """Return the Stata layout of a file: infix with positions, then labels."""
    return (
        f"\n#delimit ;\n\n{STARS}\n{_heading(label, columns, rows)}{STARS[:-1]};\n\n\n"
        f"infix \n{_positions(columns, long=5)}using [path]\\{file}, clear \n;\n"
        + "".join(f'label variable  {c.name:<12} "{c.label}" ;\n' for c in columns)
    )


def _heading(label: str, columns: Sequence[Column], rows: int) -> str:
    return (
        f"   Label           : {label}\n   Rows            : {rows}\n"
        f"   Columns         : {len(columns)}\n   ASCII File Date : January 1, 2024\n"
    )


def _positions(columns: Sequence[Column], long: int | None = None) -> str:
    """List columns with first and last position, three a line; wide numbers are long in Stata."""
    entries = list(_entries(columns, long))
    lines = [entries[k : k + PER_LINE] for k in range(0, len(entries), PER_LINE)]
    return "".join("".join(line).rstrip() + "\n" for line in lines)


def _entries(columns: Sequence[Column], long: int | None) -> Iterator[str]:
    first = 1
    for column in columns:
        last = first + column.width - 1
        kind = "long" if long is not None and column.width >= long else ""
        yield f"{kind:>5} {column.name:<12}{first:>6} - {last:<6} "
        first = last + 1
