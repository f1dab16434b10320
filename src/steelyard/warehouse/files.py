"""Text and Parquet files: written beside their place, then renamed into it."""

import csv
import gzip
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb


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
    source: Path, destination: Path, *, delimiter: str = ",", encoding: str = "utf-8"
) -> tuple[int, int]:
    """Land a delimited text file as Parquet, every column VARCHAR, streaming.

    No type is ever guessed: a 22-digit identifier stays its 22 digits. Compression by gzip is
    recognised by the name.

    Returns
    -------
    tuple of int
        Rows and columns.

    Raises
    ------
    UnreadableFileError
        If the file is not such a table: empty, truncated, wrong delimiter, ragged lines.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    unfinished = destination.with_name(f".{destination.name}.unfinished")
    names = header(source, delimiter=delimiter, encoding=encoding)
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    reader = (
        f"read_csv({quoted(source)}, all_varchar=true, header=true, auto_detect=false, "
        f"delim={quoted(delimiter)}, quote='\"', escape='\"', encoding={quoted(encoding)}, "
        f"strict_mode=true, columns={{{columns}}})"
    )
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"copy (select * from {reader}) "
                f"to {quoted(unfinished)} (format parquet, compression zstd)"
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
    return int(rows), len(names)


@dataclass(frozen=True)
class Slice:
    """Where a column lies in every record: characters [start, stop), from zero.

    `decimals` are implied: they count only where the text has no decimal point of its own.
    """

    name: str
    start: int
    stop: int
    decimals: int = 0


def fixed_width_to_parquet(
    source: Path, destination: Path, columns: Sequence[Slice], *, encoding: str = "utf-8"
) -> int:
    """Land fixed-width text as Parquet, every column VARCHAR, blanks null, streaming.

    Returns
    -------
    int
        Rows.

    Raises
    ------
    UnreadableFileError
        If there is no record, or one is shorter than the last column's end.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    unfinished = destination.with_name(f".{destination.name}.unfinished")
    width = max(column.stop for column in columns)
    lines = (
        f"read_csv({quoted(source)}, columns={{'record': 'VARCHAR'}}, header=false, "
        f"auto_detect=false, delim='\x01', quote='', escape='', encoding={quoted(encoding)})"
    )
    pieces = ", ".join(map(_piece, columns))
    try:
        with duckdb.connect() as connection:
            shortest = connection.execute(f"select min(length(record)) from {lines}").fetchall()
            if shortest[0][0] is not None and shortest[0][0] < width:
                line = connection.execute(
                    f"select line from (select row_number() over () as line, record from {lines}) "
                    f"where length(record) < {width} order by line limit 1"
                ).fetchall()[0][0]
                raise UnreadableFileError(
                    f"{source}: line {line} is shorter than the {width} characters of its layout. "
                    "Is the file truncated, or the layout another edition's?"
                )
            rows = connection.execute(
                f"copy (select {pieces} from {lines}) "
                f"to {quoted(unfinished)} (format parquet, compression zstd)"
            ).fetchall()[0][0]
        if not rows:
            raise UnreadableFileError(f"{source}: holds no record")
        unfinished.replace(destination)
    except duckdb.Error as error:
        raise UnreadableFileError(
            f"{source}: cannot be read as fixed-width text: {' '.join(str(error).split())}"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return int(rows)


def _piece(column: Slice) -> str:
    name = '"' + column.name.replace('"', '""') + '"'
    text = f"trim(substring(record, {column.start + 1}, {column.stop - column.start}))"
    if column.decimals:
        digits, places = f"regexp_replace({text}, '^[-+]', '')", column.decimals
        length = f"cast(greatest(length({digits}), {places + 1}) as integer)"
        padded = f"lpad({digits}, {length}, '0')"
        point = f"{padded}[:-{places + 1}] || '.' || {padded}[-{places}:]"
        signed = f"regexp_extract({text}, '^[-+]?') || {point}"
        text = f"case when regexp_full_match({text}, '[-+]?[0-9]+') then {signed} else {text} end"
    return f"nullif({text}, '') as {name}"


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
