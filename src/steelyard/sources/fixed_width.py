"""Fixed-width text: where each column lies, as the publisher's own layout file says.

Three dialects are read: SPSS (`DATA LIST`), Stata (`infix`) and SAS (`INPUT`). All of them count
positions from one and include both ends: `V2 2 - 6` are the five characters after the first.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from steelyard.sources.archive import ArchiveError, extracted
from steelyard.warehouse.fixed_width import Slice, fixed_width_to_parquet

#: Where a dialect's list of columns begins and ends.
LISTS = (
    re.compile(r"^[ \t]*data\s+list\b[^/]*/(?P<list>.*?)^[ \t]*\.[ \t]*$", re.I | re.M | re.S),
    re.compile(r"^[ \t]*infix\b(?P<list>.*?)^[ \t]*using\b", re.I | re.M | re.S),
    re.compile(r"^[ \t]*input\b(?P<list>.*?);", re.I | re.M | re.S),
)
#: A storage type (Stata), a name, first and last position, implied decimals or a text mark.
COLUMN = re.compile(
    r"(?:\b(?:byte|int|long|float|double|str\d*)\s+)?"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_$@#]*)\s+(?:\$\s*)?"
    r"(?P<first>\d+)(?:\s*-\s*(?P<last>\d+))?"
    r"(?:\s*\((?P<format>[^)]*)\)|\s+\.(?P<decimals>\d+)(?!\S))?"
)
#: Text, or how many digits stand behind the point that is not written.
FORMAT = re.compile(r"\s*(?:a\d*|(?:f\s*,)?\s*(?P<decimals>\d+)|)\s*", re.I)
ROWS = re.compile(r"^\W*Rows\s*:\s*(?P<rows>[\d,]+)\s*$", re.I | re.M)


class LayoutError(ValueError):
    """A layout file cannot be read, or does not fit the text it describes."""


@dataclass(frozen=True)
class Layout:
    """The columns of a fixed-width file, and how many records it is said to have.

    Parameters
    ----------
    columns
        In order of position.
    rows
        Records, or None where the layout does not say.
    """

    columns: tuple[Slice, ...]
    rows: int | None


def parse_layout(text: str, name: str) -> Layout:
    """Read a layout file in any of the three dialects.

    Parameters
    ----------
    text
        Its content.
    name
        Its name, for messages.

    Raises
    ------
    LayoutError
        If no list of columns is found, or columns overlap, run backwards, or share a name.
    """
    found = next((match for known in LISTS if (match := known.search(text))), None)
    columns = [_column(match, name) for match in COLUMN.finditer(found["list"])] if found else []
    left = re.sub(r"[\s/]", "", COLUMN.sub("", found["list"])) if found else ""
    if not columns or left:
        raise LayoutError(
            f"{name}: no list of columns with positions (DATA LIST, infix or INPUT) can be read"
            + (f"; not understood: {left[:40]!r}" if left else "")
        )
    end, names = 0, set()
    for column in columns:
        if column.start < end or column.stop <= column.start:
            raise LayoutError(
                f"{name}: column {column.name} at {column.start + 1}-{column.stop} overlaps the "
                f"one before it, which ends at {end}"
            )
        if column.name.lower() in names:
            raise LayoutError(f"{name}: column {column.name} is there twice")
        names.add(column.name.lower())
        end = column.stop
    rows = ROWS.search(text)
    return Layout(tuple(columns), int(rows["rows"].replace(",", "")) if rows else None)


def _column(match: re.Match[str], name: str) -> Slice:
    first = int(match["first"])
    last = int(match["last"] or first)
    told = FORMAT.fullmatch(match["format"] or match["decimals"] or "")
    if told is None:
        raise LayoutError(
            f"{name}: column {match['name']} has the format {match['format']!r}; understood are "
            "(A), (2) and (F,2)"
        )
    return Slice(match["name"], first - 1, last, int(told["decimals"] or 0))


def land_fixed_width(
    raw: Path, destination: Path, *, member: str | None, layout: str, encoding: str
) -> tuple[int, int]:
    """Land a fixed-width file, with the layout that comes with it, as Parquet; all text.

    Parameters
    ----------
    raw
        A zip that holds text and layout, or the text itself with the layout beside it.
    member, layout
        Regular expressions for the base names of the text and of the layout.

    Returns
    -------
    tuple of int
        Rows and columns.

    Raises
    ------
    ArchiveError
        If the zip lacks one of the two.
    LayoutError
        If the layout cannot be read.
    UnreadableFileError
        If a record is shorter than the layout says, where the message names the line, or there
        are more or fewer records.
    """
    with extracted(raw, layout, beside=destination.parent) as found:
        plan = found if found != raw else _beside(raw, layout)
        # Labels are in whatever the publisher typed; names and positions are plain.
        told = parse_layout(plan.read_text(encoding=encoding, errors="replace"), plan.name)
    with extracted(raw, member, beside=destination.parent) as text:
        rows = fixed_width_to_parquet(
            text, destination, told.columns, encoding=encoding, rows=told.rows
        )
    return rows, len(told.columns)


def _beside(text: Path, layout: str) -> Path:
    names = sorted(text.parent.iterdir())
    found = [path for path in names if re.fullmatch(layout, PurePosixPath(path.name).name, re.I)]
    if len(found) != 1:
        raise ArchiveError(
            f"{text}: {len(found)} files beside it match {layout!r}; put its layout file there"
        )
    return found[0]
