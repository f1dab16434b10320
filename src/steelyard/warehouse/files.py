"""Text and Parquet files: written beside their place, then renamed into it."""

import codecs
import csv
import gzip
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.warehouse.text_faults import (
    UnreadableFileError,
    explained,
    nearest,
    refuse_damaged,
)
from steelyard.warehouse.unfinished import workplace

#: Cells that lie in memory at once, for the most part zeros and codes; rows follow from it.
_CELLS_OF_A_GROUP = 2_500_000
_VECTOR, _MOST_ROWS = 2_048, 122_880
#: What DuckDB reads by itself; text in any other encoding is written anew as UTF-8 first.
_READ_AS = {"utf-8": "utf-8", "ascii": "utf-8", "iso8859-1": "latin-1", "utf-16": "utf-16"}
_DELIMITERS = {",": "','", "|": "'|'", ";": "';'", "\t": r'"\t"'}


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
    """Land a delimited text file as Parquet, every column VARCHAR, in the file's order, streaming.

    No type is ever guessed: a 22-digit identifier stays its 22 digits. An empty cell, quoted or
    not, is null. Compression by gzip is recognised by the name. Memory depends neither on the
    rows nor, beyond one row, on the columns.

    Parameters
    ----------
    only
        The columns that land, in this order, upper and lower case alike; None is all.

    Returns
    -------
    tuple of int
        Rows and columns.

    Raises
    ------
    UnreadableFileError
        If the file is not such a table, or lacks a column: the message names file, line or
        column, and remedy.
    NoSpaceError
        If the disk is full. Nothing half-landed stays behind in any case.
    """
    codec = codec_of(source, encoding)
    refuse_damaged(source, codec)
    names = header(source, delimiter=delimiter, encoding=encoding)
    asked = names if only is None else _chosen(source, names, only)
    with (
        workplace(destination.parent) as place,
        duckdb.connect(config={"threads": 1}) as connection,
    ):
        text, read_as = source, _READ_AS.get(codec)
        if read_as is None:
            text, read_as = _in_utf_8(source, place / "text.csv", encoding), "utf-8"
        reader = _reader(text, names, delimiter=delimiter, encoding=read_as)
        listed = ", ".join(identifier(name) for name in asked)
        unfinished = place / destination.name
        try:
            batches = connection.sql(f"select {listed} from {reader}").to_arrow_reader(
                rows_of_a_group(len(asked))
            )
            rows = write_batches(batches, batches.schema, unfinished)
        except (duckdb.Error, OSError) as error:
            raise explained(error, source, delimiter=delimiter, encoding=encoding) from error
        if not rows:
            raise UnreadableFileError(f"{source}: line 1 names columns and no record follows")
        unfinished.replace(destination)
    return rows, len(asked)


def _reader(source: Path, names: Sequence[str], *, delimiter: str, encoding: str) -> str:
    """Write the call that reads a delimited file, every column text, nothing guessed."""
    kinds = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({quoted(source)}, all_varchar=true, header=true, auto_detect=false, "
        f"delim={quoted(delimiter)}, quote='\"', escape='\"', encoding={quoted(encoding)}, "
        f"strict_mode=true, columns={{{kinds}}})"
    )


def identifier(name: str) -> str:
    """Quote a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def write_batches(batches: Iterator[pa.RecordBatch], schema: pa.Schema, path: Path) -> int:
    """Write batches as Parquet in their order, a group of rows each, and count the rows.

    One thread makes the next batch while another compresses the last, so two are in memory and
    no more. DuckDB's own ``copy``, and its reader with more threads than one, run ahead of the
    writer to keep the order: gigabytes, for 840 columns, and the more the longer the file.
    """
    rows = 0
    with (
        pq.ParquetWriter(path, schema, compression="zstd") as writer,
        ThreadPoolExecutor(1) as ahead,
    ):
        coming = ahead.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = ahead.submit(next, batches, None)
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def rows_of_a_group(columns: int) -> int:
    """Return how many rows of so many columns make a group: whole vectors of DuckDB's."""
    fit = _CELLS_OF_A_GROUP // columns // _VECTOR * _VECTOR
    return min(max(fit, _VECTOR), _MOST_ROWS)


def header(source: Path, *, delimiter: str, encoding: str) -> list[str]:
    """Read the column names of a delimited text file.

    Raises
    ------
    UnreadableFileError
        If there is none or only one column (most likely another delimiter), a name is empty, or
        comes twice.
    """
    text = _first_line(source, encoding)
    names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
    if len(names) > 1 and not names[-1]:
        # Each line ends in a delimiter; so do the records.
        names.pop()
    if len(names) < 2:
        raise UnreadableFileError(f"{source}: {_not_split(text, names, delimiter)}")
    if "" in names:
        raise UnreadableFileError(f"{source}: line 1: column {names.index('') + 1} has no name")
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if twice:
        raise UnreadableFileError(
            f"{source}: line 1: column names come twice: {', '.join(twice[:3])}"
        )
    return names


def _first_line(source: Path, encoding: str) -> str:
    wide = codec_of(source, encoding).startswith(("utf-16", "utf-32"))
    with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as file:
        line = file.readline()
    try:
        # Of wide characters the line end is cut in two; old lines end in CR alone.
        line = line if wide else line.partition(b"\r")[0]
        text = line.decode(encoding, "ignore" if wide else "strict")
    except UnicodeError as error:
        raise UnreadableFileError(
            f"{source}: line 1 cannot be read as {encoding} text: {error}. If the publisher writes "
            "another encoding, name it in the registry entry: encoding: latin-1"
        ) from error
    return text.removeprefix("\ufeff").rstrip("\r\n")


def _not_split(text: str, names: list[str], delimiter: str) -> str:
    if not text.strip():
        return "is empty, or its first line is; get it anew"
    if text.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        return "is a web page and not a table; get the file itself, and look whether it moved"
    told = f"line 1 is {len(names)} column when split by {delimiter!r}"
    counts = {sign: text.count(sign) + 1 for sign in _DELIMITERS if sign != delimiter}
    sign = max(counts, key=lambda other: counts[other])
    if counts[sign] < 2:
        return f"{told}; is it another kind of file?"
    return (
        f"{told} and {counts[sign]:,} when split by {sign!r}; "
        f"say in the registry entry: delimiter: {_DELIMITERS[sign]}"
    )


def _chosen(source: Path, names: list[str], only: Sequence[str]) -> list[str]:
    """Find columns in a header; publishers write names in either case."""
    there = {name.casefold(): name for name in names}
    missing = [name for name in only if name.casefold() not in there]
    if missing:
        told = "; ".join(f"{name} (nearest: {nearest(name, names)})" for name in missing[:3])
        raise UnreadableFileError(
            f"{source}: line 1 lacks {len(missing):,} of the columns that are read, first of all "
            f"{told}. Is it the right file? If the vintage lacks it, say so in a line of the "
            "crosswalk without source_column"
        )
    return [there[name.casefold()] for name in only]


def codec_of(source: Path, encoding: str) -> str:
    """Return how `codecs` names an encoding.

    Raises
    ------
    UnreadableFileError
        If it knows none of that name.
    """
    try:
        return codecs.lookup(encoding).name.removesuffix("-sig")
    except LookupError as error:
        raise UnreadableFileError(
            f"{source}: {error}; the registry entry may say utf-8, latin-1, cp1252, utf-16 or any "
            "other that Python knows"
        ) from error


def _in_utf_8(source: Path, text: Path, encoding: str) -> Path:
    decoder = codecs.getincrementaldecoder(encoding)()
    number = 0
    with (
        gzip.open(source) if source.suffix == ".gz" else source.open("rb") as file,
        text.open("w", encoding="utf-8", newline="") as written,
    ):
        try:
            for line in file:
                number += 1
                written.write(decoder.decode(line))
            written.write(decoder.decode(b"", final=True))
        except UnicodeError as error:
            raise UnreadableFileError(
                f"{source}: line {number:,} is no {encoding} text: {error}; name the encoding that "
                "it has in the registry entry"
            ) from error
    return text
