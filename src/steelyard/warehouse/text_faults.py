"""What can be wrong with a text file that is to be a table: said with file, line and remedy."""

import difflib
import gzip
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from steelyard.warehouse.unfinished import NO_SPACE

_BLOCK = 1 << 20
_SHOWN = 60
_LINE = re.compile(r"CSV Error on Line: (?P<line>\d+) (Original Line: ?(?P<text>.*))?")
_WIDTH = re.compile(r"Expected Number of Columns: (?P<expected>\d+) Found: (?P<found>\d+)")
_KINDS = (
    ("unterminated quote", "opens a quote that is not closed where a value ends; get it anew"),
    ("Maximum line size", "is longer than 2 MB; is a quote opened and never closed?"),
)


class UnreadableFileError(RuntimeError):
    """A text file could not be read as a table; the message names the file and the line."""


def nearest(sought: str, names: Sequence[str]) -> str:
    """Name the three that are most like the one sought, whatever its case."""
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(sought.casefold(), folded, n=3, cutoff=0)
    return ", ".join(folded[name] for name in near)


def refuse_damaged(source: Path, codec: str) -> None:
    """Read a file to its end: gzip must be whole, and text holds no NUL byte and is UTF-8 if said.

    Parameters
    ----------
    codec
        The text's encoding, as `codecs.lookup` names it. Only of UTF-8 can bytes be wrong.

    Raises
    ------
    UnreadableFileError
        If it is damaged: the message names the line.
    """
    line = 1
    try:
        with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as file:
            while block := file.read(_BLOCK):
                # To the end of the line, where no character is cut in two.
                block += file.readline()
                place, wrong = _first_fault(block, codec)
                if wrong:
                    line += block.count(b"\n", 0, place)
                    start = block.rfind(b"\n", 0, place) + 1
                    shown = _shown(block[start:].partition(b"\n")[0].decode("latin-1"))
                    raise UnreadableFileError(f"{source}: line {line:,}, {shown}, {wrong}")
                line += block.count(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(
            f"{source}: is truncated or damaged: {error}. Get it anew"
        ) from error


def _first_fault(block: bytes, codec: str) -> tuple[int, str]:
    """Return where in a block of lines something is wrong, and what; nothing is empty."""
    place = -1 if codec.startswith(("utf-16", "utf-32")) else block.find(b"\0")
    if place >= 0:
        return place, (
            "holds a NUL byte: it is damaged, or no text at all. Get it anew; if its text is "
            "UTF-16, say in the registry entry: encoding: utf-16"
        )
    try:
        block.decode() if codec == "utf-8" else None
    except UnicodeDecodeError as error:
        return error.start, (
            "is not UTF-8 text. If accents read right here, say in the registry entry: "
            "encoding: latin-1"
        )
    return -1, ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def explained(error: Exception, source: Path, *, delimiter: str, encoding: str) -> Exception:
    """Say in the words of this project what DuckDB, or Arrow on its behalf, could not read.

    Parameters
    ----------
    error
        What was raised while the file was read and written; a full disk is handed back as it is.
    """
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        return error
    # What follows are switches of DuckDB's that would hide the fault.
    told = " ".join(str(error).partition("Possible ")[0].split())
    found = _LINE.search(told)
    if found is None:
        if "invalid state" in told and (line := _other_line_end(source)):
            return UnreadableFileError(
                f"{source}: line {line:,} ends in another way than line 1 (some in CR LF, some in "
                "LF). Was it put together from two files? Get it anew"
            )
        return UnreadableFileError(
            f"{source}: cannot be read as {encoding} text separated by {delimiter!r}: {told}"
        )
    line, text = int(found["line"]), _without_reason(found["text"] or "")
    if width := _WIDTH.search(told):
        wrong = (
            f"has {int(width['found']):,} values where line 1 names {int(width['expected']):,} "
            f"columns. Is the file cut short, or does a text that holds {delimiter!r} lack its "
            "quotes? Get it anew"
        )
    else:
        wrong = next((words for sign, words in _KINDS if sign in told), f"cannot be read: {told}")
    return UnreadableFileError(f"{source}: line {line:,}, {_shown(text)}, {wrong}")


def _without_reason(text: str) -> str:
    signs = ("Expected Number of Columns", "Value with unterminated", "Maximum")
    return min((text.partition(sign)[0] for sign in signs), key=len).strip()


def _other_line_end(source: Path) -> int:
    """Return the first line that ends in another way than line 1; 0 if none does."""
    with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as file:
        first = None
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                first = line.endswith(b"\r\n") if first is None else first
                if line.endswith(b"\r\n") != first:
                    return number
    return 0
