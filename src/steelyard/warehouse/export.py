"""Parquet out of the warehouse."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROWS_OF_A_GROUP = 122_880


def export_parquet(relation: Any, path: Path) -> int:
    """Write a relation as zstd-compressed Parquet, streaming, and return its rows.

    The bytes depend on nothing but rows, their order and the versions of the libraries: row
    groups have a fixed size and no clock or thread count enters.

    Parameters
    ----------
    relation
        DuckDB relation, in the order in which it is to be written.
    path
        The file, which must not exist.
    """
    reader = relation.to_arrow_reader(ROWS_OF_A_GROUP)
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for group in _row_groups(reader):
            writer.write_table(without_negative_zeros(group), row_group_size=ROWS_OF_A_GROUP)
            rows += group.num_rows
    return rows


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
