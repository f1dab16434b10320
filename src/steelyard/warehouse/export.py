"""Parquet out of the warehouse."""

from pathlib import Path
from typing import Any

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
        for batch in reader:
            writer.write_batch(batch, row_group_size=ROWS_OF_A_GROUP)
            rows += batch.num_rows
    return rows
