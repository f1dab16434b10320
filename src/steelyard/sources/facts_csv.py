"""CSV as people save it: what carries no meaning is dropped, and the rest refused with its line.

Dropped in silence: a byte-order mark, Windows line ends, spaces around a cell, blank rows, and
empty columns at the right edge.
"""

import csv
import io
import re
from collections.abc import Sequence
from itertools import pairwise

from steelyard.sources.facts_problem import Problem

Records = list[tuple[int, list[str]]]

_SAVE_AS = "save as `CSV UTF-8 (comma delimited)`"
_FOREIGN = {
    b"PK\x03\x04": f"is a workbook, not text; {_SAVE_AS}",
    b"\xff\xfe": f"is UTF-16, Excel's `Unicode Text`; {_SAVE_AS}",
    b"\xfe\xff": f"is UTF-16, Excel's `Unicode Text`; {_SAVE_AS}",
}
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_records(
    name: str, content: bytes, columns: Sequence[str]
) -> tuple[list[str], Records, list[Problem]]:
    """Read one file, without judging its content.

    Parameters
    ----------
    name
        What the file is called in messages.
    content
        Its bytes.
    columns
        The columns it must have, in any order.

    Returns
    -------
    Header, records with the line each begins on (from 1), and problems; no records where there
    is a problem.
    """
    try:
        text = _decoded(content)
    except UnicodeError as error:
        line = content[: getattr(error, "start", 0)].count(b"\n") + 1
        broken = content.split(b"\n")[line - 1].decode("latin-1")[:60]
        shown = broken if isinstance(error, UnicodeDecodeError) else ""
        message = f"is not UTF-8; {_SAVE_AS}" if shown else str(error)
        return [], [], [Problem(name, line, "", shown, message)]
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] = []
    records: Records = []
    problems: list[Problem] = []
    end = width = 0
    try:
        for raw in reader:
            line, end = end + 1, reader.line_num
            cells = [cell.strip() for cell in raw]
            if not any(cells):
                continue
            if not header:
                width, header = len(cells), _without_empty_end(cells)
                if problems := _header_problems(name, line, header, columns):
                    return [], [], problems
                continue
            if len(cells) == width and not any(cells[len(header) :]):
                cells = cells[: len(header)]
            if len(cells) != len(header):
                message = _width_message(raw, header)
                problems.append(Problem(name, line, "", ",".join(cells)[:60], message))
            else:
                records.append((line, cells))
    except csv.Error as error:
        message = f"cannot be read from here on: {error}; is a quote opened and never closed?"
        problems.append(Problem(name, end + 1, "", "", message))
    if not records and not problems:
        message = "is empty; write a fact into it or delete it"
        problems.append(Problem(name, max(end, 1), "", "", message))
    return ([], [], problems) if problems else (header, records, [])


def _decoded(content: bytes) -> str:
    for start, message in _FOREIGN.items():
        if content.startswith(start):
            raise UnicodeError(message)
    return content.decode("utf-8-sig")


def _without_empty_end(cells: list[str]) -> list[str]:
    while not cells[-1]:
        cells = cells[:-1]
    return cells


def _width_message(cells: list[str], header: list[str]) -> str:
    message = f"has {len(cells)} cells where the header has {len(header)}"
    if any("\n" in cell for cell in cells):
        return f"{message}; is a quote opened and never closed?"
    if len(cells) < len(header):
        return f"{message}; an empty cell still needs its comma"
    split = any(
        re.fullmatch(r"-?\$?\d{1,3}", left) and re.fullmatch(r"\d{3}(\.\d+)?", right)
        for left, right in pairwise(cells)
    )
    if split:
        return f"{message}; a number has thousands separators, drop them"
    return f'{message}; a text that holds a comma stands in straight quotes, "like, this"'


def _header_problems(
    name: str, line: int, header: list[str], columns: Sequence[str]
) -> list[Problem]:
    allowed = tuple(columns)
    if not set(header) & set(columns):
        return [Problem(name, line, "", ",".join(header)[:60], _no_header(header, columns))]
    problems = []
    for place, column in enumerate(header, start=1):
        if not column:
            problems.append(Problem(name, line, f"column {place}", "", "has no name"))
        elif column not in columns:
            message = "is a column that facts do not have"
            problems.append(Problem(name, line, "header", column, message, allowed))
    missing = [column for column in columns if column not in header]
    problems += [Problem(name, line, "header", column, "is missing") for column in missing]
    twice = sorted({column for column in header if column and header.count(column) > 1})
    problems += [Problem(name, line, "header", column, "comes twice") for column in twice]
    return problems


def _no_header(header: list[str], columns: Sequence[str]) -> str:
    whole = ",".join(header)
    for separator, words in _SEPARATORS.items():
        if {part.strip() for part in whole.split(separator)} & set(columns):
            return f"has {words} between its cells, where commas belong; {_SAVE_AS}"
    if {cell.casefold() for cell in header} & set(columns):
        return f"is a header in capitals; write {','.join(columns)}"
    return f"is not the header; the first line must be {','.join(columns)}"
