"""Text of fixed width in, Parquet out: where a value begins and ends is known from a layout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from steelyard.warehouse.files import among, codec_of, quoted, rows_of_a_group, write_batches
from steelyard.warehouse.text_faults import UnreadableFileError, explained, refuse_damaged
from steelyard.warehouse.unfinished import workplace

#: Lines that lie in memory at once.
_BYTES_OF_A_GROUP = 16 << 20
_FEWEST_LINES = 256
#: A sign that no text has: each line is one value.
_NEVER = "\x01"


@dataclass(frozen=True)
class Field:
    """One column of a line.

    Parameters
    ----------
    name
        What the column is called.
    start, end
        Its first and last character, counted from 1.
    decimals
        How many digits stand behind a decimal point that is not written.
    """

    name: str
    start: int
    end: int
    decimals: int = 0


def fixed_width_to_parquet(
    source: Path,
    destination: Path,
    fields: Sequence[Field],
    *,
    columns: Sequence[str] | None = None,
    encoding: str = "utf-8",
) -> tuple[int, int]:
    """Land a fixed-width text file as Parquet, every column VARCHAR, in the file's order.

    Blanks around a value are dropped, and nothing but blanks is null. Where the layout says so,
    the decimal point that is not written is put in: `1234` of two decimals is `12.34`. DuckDB
    reads lines, Arrow cuts them: `substring` of DuckDB's counts characters from the start of a
    line for each of a thousand columns.

    Parameters
    ----------
    fields
        The layout, in any order.
    columns
        Land only these, in this order; all, where None.
    encoding
        ``utf-8`` (ASCII is) or ``latin-1``.

    Returns
    -------
    tuple of int
        Rows and columns.

    Raises
    ------
    UnreadableFileError
        If a line is shorter or longer than the layout, or a column is not in it.
    NoSpaceError
        If the disk is full. Nothing half-landed stays behind in any case.
    """
    codec = codec_of(source, encoding)
    refuse_damaged(source, codec)
    known = {field.name: field for field in fields}
    asked = [known[name] for name in among(source, list(known), columns)]
    width = max(field.end for field in fields)
    lines = (
        f"select line from read_csv({quoted(source)}, columns={{'line': 'VARCHAR'}}, "
        f"delim='{_NEVER}', quote='', escape='', header=false, auto_detect=false, "
        f"encoding={quoted('latin-1' if codec == 'iso8859-1' else codec)}, strict_mode=true)"
    )
    schema = pa.schema([(field.name, pa.string()) for field in asked])
    size = min(rows_of_a_group(len(asked)), max(_BYTES_OF_A_GROUP // width, _FEWEST_LINES))
    with workplace(destination.parent) as place, duckdb.connect(config={"threads": 1}) as reader:
        unfinished = place / destination.name
        try:
            read = reader.sql(lines).to_arrow_reader(size)
            cut = _cut(read, asked, width, source)
            rows = write_batches(cut, schema, unfinished)
        except (duckdb.Error, OSError) as error:
            raise explained(error, source, delimiter=_NEVER, encoding=encoding) from error
        if not rows:
            raise UnreadableFileError(f"{source}: is empty; get it anew")
        unfinished.replace(destination)
    return rows, len(asked)


def _cut(
    batches: pa.RecordBatchReader, fields: Sequence[Field], width: int, source: Path
) -> Iterator[pa.RecordBatch]:
    before = 0
    for batch in batches:
        lines = pc.fill_null(batch.column(0), "")
        _refuse_other_widths(lines, width, source, before)
        if pc.all(pc.string_is_ascii(lines)).as_py():
            lines = lines.cast(pa.binary())
        values = [_value(lines, field) for field in fields]
        yield pa.record_batch(values, names=[field.name for field in fields])
        before += batch.num_rows


def _value(lines: pa.Array, field: Field) -> pa.Array:
    # A character is a byte in ASCII, and found without counting.
    cut = pc.binary_slice if pa.types.is_binary(lines.type) else pc.utf8_slice_codeunits
    text = pc.utf8_trim_whitespace(cut(lines, field.start - 1, field.end).cast(pa.string()))
    if field.decimals:
        zeros = rf"\1{'0' * field.decimals}\2"
        text = pc.replace_substring_regex(text, r"^([+-]?)(\d+)$", zeros)
        digits = rf"^([+-]?)0*(\d+)(\d{{{field.decimals}}})$"
        text = pc.replace_substring_regex(text, digits, r"\1\2.\3")
    return pc.if_else(pc.equal(text, ""), None, text)


def _refuse_other_widths(lines: pa.Array, width: int, source: Path, before: int) -> None:
    lengths = pc.utf8_length(lines)
    if pc.min(lengths).as_py() == width == pc.max(lengths).as_py():
        return
    whole = pc.utf8_length(pc.utf8_rtrim_whitespace(lines))
    for wrong, remedy in (
        (pc.less(lengths, width), "Is the file cut short? Get it anew, or the layout that fits it"),
        (pc.greater(whole, width), "Is it another file's layout? Get the one that fits it"),
    ):
        place = pc.index(wrong, True).as_py()
        if place >= 0:
            raise UnreadableFileError(
                f"{source}: line {before + place + 1:,} has {lengths[place].as_py():,} characters "
                f"where the layout has {width:,}. {remedy}"
            )
