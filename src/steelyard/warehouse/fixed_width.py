"""Fixed-width text in, Parquet out: every column text, blanks null, a block at a time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from steelyard.warehouse.files import codec_of, write_batches
from steelyard.warehouse.text_faults import UnreadableFileError, refuse_damaged
from steelyard.warehouse.unfinished import workplace

Bytes = NDArray[np.uint8]
NEWLINE, RETURN = 10, 13
BLOCK_BYTES = 1 << 25
WHOLE_NUMBER = re.compile(r"[-+]?[0-9]+")


@dataclass(frozen=True)
class Slice:
    """Where a column lies in every record: bytes [start, stop), from zero.

    `decimals` are implied: they count only where the text has no decimal point of its own.
    """

    name: str
    start: int
    stop: int
    decimals: int = 0


def fixed_width_to_parquet(
    source: Path,
    destination: Path,
    columns: Sequence[Slice],
    *,
    encoding: str = "utf-8",
    rows: int | None = None,
) -> int:
    """Land fixed-width text as Parquet, every column VARCHAR, blanks null, streaming.

    Lines may end as on Unix or Windows, and may be longer than the last column's end. Each column
    is cut out of a whole block of lines at once: thousands of columns take seconds.

    Parameters
    ----------
    columns
        What lands, in this order.
    rows
        How many records there must be; None is any number but none.

    Returns
    -------
    int
        Rows.

    Raises
    ------
    UnreadableFileError
        If there is no record or another number of them, one is shorter than the last column's
        end, or holds what is no text; the message names the line.
    NoSpaceError
        If the disk is full. Nothing half-landed stays behind in any case.
    """
    refuse_damaged(source, codec_of(source, encoding))
    width = max(column.stop for column in columns)
    schema = pa.schema([(column.name, pa.string()) for column in columns])

    def cut() -> Iterator[pa.RecordBatch]:
        before = 0
        for block in _blocks(source):
            lines = _lines(block, width, source, before)
            arrays = [_column(lines, column, encoding) for column in columns]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
            before += len(lines)

    with workplace(destination.parent) as place:
        found = write_batches(cut(), schema, place / destination.name)
        if not found:
            raise UnreadableFileError(f"{source}: holds no record; get it anew")
        if rows is not None and found != rows:
            raise UnreadableFileError(
                f"{source}: has {found:,} records where its layout says {rows:,}. Is it cut short, "
                "or the layout another edition's? Get both anew"
            )
        (place / destination.name).replace(destination)
    return found


def _blocks(source: Path) -> Iterator[Bytes]:
    """Yield whole lines, some tens of megabytes at a time."""
    rest = b""
    with source.open("rb") as file:
        while piece := file.read(BLOCK_BYTES):
            whole, newline, rest_of_piece = (rest + piece).rpartition(b"\n")
            rest = rest_of_piece
            if newline:
                yield np.frombuffer(whole + newline, dtype=np.uint8)
    if rest.strip():
        yield np.frombuffer(rest + b"\n", dtype=np.uint8)


def _lines(block: Bytes, width: int, source: Path, before: int) -> Bytes:
    """Return the first `width` bytes of every line, (lines, width)."""
    ends = np.flatnonzero(block == NEWLINE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts - (block[np.maximum(ends - 1, 0)] == RETURN)
    short = np.flatnonzero(lengths < width)
    if short.size:
        raise UnreadableFileError(
            f"{source}: line {before + short[0] + 1} has {max(lengths[short[0]], 0)} characters; "
            f"its layout needs {width}. Is the file truncated, or the layout another edition's?"
        )
    step = np.diff(np.append(starts, len(block)))
    if (step == step[0]).all():
        return block.reshape(len(starts), step[0])[:, :width]
    return block[starts[:, None] + np.arange(width)[None, :]]


def _column(lines: Bytes, column: Slice, encoding: str) -> pa.Array:
    width = column.stop - column.start
    cut = np.ascontiguousarray(lines[:, column.start : column.stop])
    if encoding.lower().replace("-", "") != "utf8" and bool((cut > 127).any()):
        cells = cut.view(f"S{width}").ravel()
        text: Any = pa.array([bytes(cell).decode(encoding) for cell in cells], pa.string())
    else:
        fixed = pa.Array.from_buffers(pa.binary(width), len(cut), [None, pa.py_buffer(cut)])
        text = fixed.cast(pa.binary()).cast(pa.string())
    text = pc.utf8_trim_whitespace(text)
    if column.decimals:
        text = pa.array([_pointed(cell, column.decimals) for cell in text.to_pylist()], pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _pointed(text: str, decimals: int) -> str:
    """Put the implied decimal point into a number that has none."""
    if not WHOLE_NUMBER.fullmatch(text):
        return text
    sign = text[0] if text[0] in "-+" else ""
    digits = text.removeprefix(sign).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
