"""Parquet out of the warehouse."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROWS_OF_A_GROUP = 122_880
DICTIONARY = "DICTIONARY"
#: How the writer may lay out a column, beside plainly and as a dictionary.
_LAYOUTS = (
    (pa.types.is_integer, "DELTA_BINARY_PACKED"),
    (pa.types.is_floating, "BYTE_STREAM_SPLIT"),
)


@dataclasses.dataclass(frozen=True)
class TableWords:
    """What a file says about itself.

    Parameters
    ----------
    table
        Of the file as a whole: ``table``, ``grain``, ``description``.
    columns
        Column to what is said of it: ``unit``, ``description``.
    """

    table: Mapping[str, str] = dataclasses.field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)


def export_parquet(relation: Any, path: Path, words: TableWords | None = None) -> int:
    """Write a relation as zstd-compressed Parquet, streaming, and return its rows.

    The bytes depend on nothing but rows, their order, the words and the versions of the
    libraries: row groups have a fixed size, each column has the encoding that is smallest for
    the first of them, and no clock or thread count enters.

    Parameters
    ----------
    relation
        DuckDB relation, in the order in which it is to be written.
    path
        The file, which must not exist.
    words
        Put into the metadata of the file and of its Arrow fields.
    """
    reader = relation.to_arrow_reader(ROWS_OF_A_GROUP)
    schema = _with_words(reader.schema, words or TableWords())
    writer, rows = None, 0
    try:
        for group in _row_groups(reader):
            table = without_negative_zeros(group)
            if writer is None:
                writer = _writer(path, schema, table)
            writer.write_table(table, row_group_size=ROWS_OF_A_GROUP)
            rows += table.num_rows
        if writer is None:
            writer = _writer(path, schema, schema.empty_table())
    finally:
        if writer is not None:
            writer.close()
    return rows


def encodings(table: pa.Table) -> dict[str, str]:
    """Name for each column the Parquet encoding in which it is smallest, once compressed.

    Returns
    -------
    Column to `DICTIONARY` or another encoding; a dictionary where sizes are equal.
    """
    chosen = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        other = [layout for fits, layout in _LAYOUTS if fits(column.type)]
        sizes = {layout: _size(column, layout) for layout in (DICTIONARY, "PLAIN", *other)}
        chosen[name] = min(sizes, key=lambda layout: sizes[layout])
    return chosen


def _writer(path: Path, schema: pa.Schema, first: pa.Table) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, compression="zstd", **_options(encodings(first)))


def _options(chosen: Mapping[str, str]) -> dict[str, Any]:
    return {
        "use_dictionary": [name for name, layout in chosen.items() if layout == DICTIONARY],
        "column_encoding": {
            name: layout for name, layout in chosen.items() if layout != DICTIONARY
        },
    }


def _size(column: pa.ChunkedArray, layout: str) -> int:
    sink = pa.BufferOutputStream()
    alone = pa.table({"it": column})
    pq.write_table(alone, sink, compression="zstd", **_options({"it": layout}))
    return int(sink.tell())


def _with_words(schema: pa.Schema, words: TableWords) -> pa.Schema:
    fields = [
        field.with_metadata({key: text for key, text in said.items() if text} or None)
        for field in schema
        for said in (words.columns.get(field.name, {}),)
    ]
    return pa.schema(fields, {key: text for key, text in words.table.items() if text} or None)


def without_negative_zeros(table: pa.Table) -> pa.Table:
    """Write -0.0 as 0.0, which it equals: DuckDB keeps its sign or not as storage falls out."""
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            plain = pc.add(table.column(place), pa.scalar(0, field.type))
            table = table.set_column(place, field, plain)
    return table


def _row_groups(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Cut the stream into full row groups; how long its batches are depends on the threads."""
    held = reader.schema.empty_table()
    for batch in reader:
        held = pa.concat_tables([held, pa.Table.from_batches([batch])])
        while held.num_rows >= ROWS_OF_A_GROUP:
            yield held.slice(0, ROWS_OF_A_GROUP).combine_chunks()
            held = held.slice(ROWS_OF_A_GROUP)
    if held.num_rows:
        yield held.combine_chunks()
