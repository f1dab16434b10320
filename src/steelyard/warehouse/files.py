"""Text and Parquet files: written beside their place, then renamed into it."""

import csv
import gzip
import tempfile
import zlib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import duckdb

# DuckDB's own row group, and the cells that one may hold: each thread keeps one in memory.
LARGEST_GROUP, SMALLEST_GROUP, CELLS_OF_A_GROUP = 122_880, 2_048, 10_000_000


class UnreadableFileError(RuntimeError):
    """A text file could not be read as a table; the message names the file and the line."""


def replace_text(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write(text)
    Path(file.name).replace(path)


def quoted(text: str | Path) -> str:
    """Quote text as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def csv_to_parquet(
    source: Path,
    destination: Path,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    only: Sequence[str] | None = None,
) -> tuple[int, int]:
    """Land a delimited text file as Parquet, every column VARCHAR, streaming.

    No type is ever guessed: a 22-digit identifier stays its 22 digits. Compression by gzip is
    recognised by the name.

    Parameters
    ----------
    only
        The columns that land, upper and lower case alike; None is all.

    Returns
    -------
    tuple of int
        Rows and columns landed.

    Raises
    ------
    UnreadableFileError
        If the file is not such a table: empty, truncated, wrong delimiter, ragged lines, or
        lacks one of the columns.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    unfinished = destination.with_name(f".{destination.name}.unfinished")
    names = header(source, delimiter=delimiter, encoding=encoding)
    landing = names if only is None else _chosen(source, names, only)
    selected = ", ".join(f'"{name}"' for name in landing)
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    reader = (
        f"read_csv({quoted(source)}, all_varchar=true, header=true, auto_detect=false, "
        f"delim={quoted(delimiter)}, quote='\"', escape='\"', encoding={quoted(encoding)}, "
        f"strict_mode=true, columns={{{columns}}})"
    )
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"copy (select {selected} from {reader}) "
                f"to {quoted(unfinished)} "
                f"(format parquet, compression zstd, row_group_size {_group_size(len(landing))})"
            ).fetchall()[0][0]
        if not rows:
            raise UnreadableFileError(f"{source}: line 1 names columns and no record follows")
        _refuse_cut_short(source)
        unfinished.replace(destination)
    except duckdb.Error as error:
        # What follows are switches of DuckDB's that would hide the fault.
        told = " ".join(str(error).partition("Possible ")[0].split())
        raise UnreadableFileError(
            f"{source}: cannot be read as text separated by {delimiter!r}: {told}"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return int(rows), len(landing)


def _group_size(columns: int) -> int:
    """Return how many rows a row group holds: fewer of a wide table, so that memory is bounded."""
    return max(SMALLEST_GROUP, min(LARGEST_GROUP, CELLS_OF_A_GROUP // columns))


def _chosen(source: Path, names: list[str], only: Sequence[str]) -> list[str]:
    """Find columns in a header; publishers write names in either case."""
    there = {name.lower(): name for name in names}
    missing = [name for name in only if name.lower() not in there]
    if missing:
        near = get_close_matches(missing[0].lower(), there, n=3, cutoff=0.5)
        nearest = ", ".join(there[name] for name in near) or "none like it"
        raise UnreadableFileError(
            f"{source}: line 1 lacks {len(missing)} of the columns that are read, first of all "
            f"{missing[0]} (nearest: {nearest}). Is it the right file? If the vintage lacks it, "
            "say so in a line of the crosswalk without source_column"
        )
    return [there[name.lower()] for name in only]


def header(source: Path, *, delimiter: str, encoding: str) -> list[str]:
    """Read the column names of a delimited text file.

    Raises
    ------
    UnreadableFileError
        If there is none or only one column (most likely another delimiter), or a name comes twice.
    """
    try:
        opened = gzip.open if source.suffix == ".gz" else Path.open
        with opened(source, "rb") as file:
            text = file.readline().decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UnreadableFileError(
            f"{source}: line 1 cannot be read as {encoding} text: {error}"
        ) from error
    names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
    if len(names) < 2:
        raise UnreadableFileError(
            f"{source}: line 1 is {len(names)} column when split by {delimiter!r}; "
            "is it another kind of file?"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFileError(
            f"{source}: line 1: column names come twice: {', '.join(twice[:3])}"
        )
    return names


def _refuse_cut_short(source: Path) -> None:
    """Read a gzip file to its end mark, which DuckDB does not ask for."""
    if source.suffix != ".gz":
        return
    try:
        with gzip.open(source) as file:
            while file.read(1 << 20):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(f"{source}: is truncated or damaged: {error}") from error
