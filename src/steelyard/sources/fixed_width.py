"""Layouts of fixed-width files, as statistical packages are told them: SPSS and Stata."""

import re
from collections.abc import Iterator
from pathlib import Path

from steelyard.warehouse.fixed_width import Field, fixed_width_to_parquet

__all__ = ["Field", "LayoutError", "fixed_width_to_parquet", "parse_layout", "read_layout"]

_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_COMMENTS = {
    ".sps": re.compile(r"/\*.*?(\*/|$)|^\s*\*.*?\.[ \t]*$", re.MULTILINE | re.DOTALL),
    ".do": re.compile(r"/\*.*?\*/|///[^\n]*|//[^\n]*|^\s*\*[^\n]*", re.MULTILINE | re.DOTALL),
}
#: The command that lists columns; `specs` is the list.
_COMMANDS = {
    ".sps": re.compile(
        r"^\s*DATA\s+LIST\b[^/]*?/\s*(?:1\b)?(?P<specs>.*?)\.[ \t]*$",
        re.MULTILINE | re.DOTALL | re.IGNORECASE,
    ),
    ".do": re.compile(
        r"^\s*(?:quietly\s+)?infix\b(?P<specs>.*?)\busing\b",
        re.MULTILINE | re.DOTALL | re.IGNORECASE,
    ),
}
_KIND = r"(?:(?:byte|int|long|float|double|str\d*)\s+)?"
_SPEC = re.compile(
    rf"\s*(?i:{_KIND})(?P<name>[A-Za-z_@#$][\w@#$.]*)\s+(?P<start>\d+)(?:\s*-\s*(?P<end>\d+))?"
    r"(?![\w:.])(?:\s*\((?P<format>[^)\n]*)\))?"
)
_FORMAT = re.compile(r"A\d*|[FN]?\d*(\.\d+)?", re.IGNORECASE)
_RECORD_LENGTH = re.compile(r"\bLRECL\s*=\s*(\d+)", re.IGNORECASE)


class LayoutError(ValueError):
    """A layout cannot be read; the message names file, line and what would be read."""


def read_layout(path: Path) -> list[Field]:
    """Read the layout of a fixed-width file from the program that reads it in SPSS or Stata.

    Parameters
    ----------
    path
        ``.sps`` with a ``DATA LIST`` of one record, or ``.do`` with an ``infix``. Whatever else
        the program does (labels, missing values) is passed over.

    Returns
    -------
    list of Field
        The columns in the order of the layout; positions count from 1, both ends included.

    Raises
    ------
    LayoutError
        If it holds neither, says something that is not understood, or names a column twice.
    """
    # Labels may hold any letter; names and positions are ASCII.
    return parse_layout(path.read_text(encoding="latin-1"), path)


def parse_layout(text: str, path: Path) -> list[Field]:
    """Read a layout from its text: `read_layout`, of a file that ``path`` only names."""
    kind = path.suffix.lower()
    if kind not in _COMMANDS:
        raise LayoutError(
            f"{path}: is neither an SPSS program (.sps) nor one of Stata's (.do); the publisher "
            "offers one of them with the data"
        )
    without = _COMMENTS[kind].sub(_blank, _QUOTED.sub(_blank, text))
    command = _COMMANDS[kind].search(without)
    if command is None:
        sought = {".sps": "`DATA LIST ... / name start - end ... .`", ".do": "`infix ... using`"}
        raise LayoutError(f"{path}: holds no {sought[kind]}; is it the layout of this file?")
    fields = list(_fields(without, command, path))
    _refuse_contradictions(fields, without, path)
    return fields


def _fields(text: str, command: re.Match[str], path: Path) -> Iterator[Field]:
    place, end = command.span("specs")
    while text[place:end].strip():
        spec = _SPEC.match(text, place, end)
        digits = _decimals(spec["format"]) if spec else None
        if spec is None or digits is None:
            rest = text[place:end]
            at = place + len(rest) - len(rest.lstrip())
            shown = " ".join(text[at : min(end, at + 60)].split())
            raise LayoutError(
                f"{path}: line {text.count(chr(10), 0, at) + 1:,}: {shown!r} is no column that can "
                "be read here; understood are `name start - end`, and behind it `(A)`, `(2)` or "
                "`(F8.2)`"
            )
        first = int(spec["start"])
        yield Field(spec["name"], first, int(spec["end"] or first), digits)
        place = spec.end()


def _decimals(told: str | None) -> int | None:
    """Return the decimals of a format, None where it is not understood."""
    words = (told or "").replace(" ", "")
    if words.isdecimal():
        return int(words)
    return int(words.partition(".")[2] or 0) if _FORMAT.fullmatch(words) else None


def _refuse_contradictions(fields: list[Field], text: str, path: Path) -> None:
    if not fields:
        raise LayoutError(f"{path}: lists no column; is it cut short? Get it anew")
    seen: dict[str, Field] = {}
    for field in fields:
        where = f"{path}: column {field.name}"
        if not 1 <= field.start <= field.end:
            raise LayoutError(
                f"{where} goes from {field.start} to {field.end}; positions count from 1, and the "
                "first comes first"
            )
        if twin := seen.get(field.name.upper()):
            raise LayoutError(
                f"{where} comes twice, at {twin.start} - {twin.end} and at "
                f"{field.start} - {field.end}; rename or delete one in the layout"
            )
        seen[field.name.upper()] = field
    told = _RECORD_LENGTH.search(text)
    width = max(field.end for field in fields)
    if told and int(told[1]) != width:
        raise LayoutError(
            f"{path}: says that a record has {int(told[1]):,} characters, and its columns end at "
            f"{width:,}; is it cut short? Get it anew"
        )


def _blank(found: re.Match[str]) -> str:
    """Leave out, and keep every other character in its line."""
    return re.sub(r"[^\n]", " ", found[0])
