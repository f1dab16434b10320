"""Stata files, which no other reader here knows: landed as text in chunks, by pandas."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.warehouse.text_faults import UnreadableFileError
from steelyard.warehouse.unfinished import workplace

ROWS = 2_000


def stata_to_parquet(source: Path, destination: Path) -> tuple[int, int]:
    """Land a Stata file as Parquet, every column text, as a delimited file would be.

    Numbers are written with as many digits as tell them apart, whole numbers without a point;
    what is missing is null. Value labels are left aside: codes stay codes.

    Returns
    -------
    tuple of int
        Rows and columns.

    Raises
    ------
    UnreadableFileError
        If the file is no Stata file, is cut short, or holds no record.
    """
    rows, columns = 0, 0
    with workplace(destination.parent) as place:
        writer: pq.ParquetWriter | None = None
        for chunk in _chunks(source):
            table = pa.table({name: _text(chunk[name]) for name in chunk.columns})
            if writer is None:
                writer = pq.ParquetWriter(
                    place / destination.name, table.schema, compression="zstd"
                )
            writer.write_table(table)
            rows, columns = rows + table.num_rows, table.num_columns
        if writer is None or not rows:
            raise UnreadableFileError(f"{source}: holds no record")
        writer.close()
        (place / destination.name).replace(destination)
    return rows, columns


def _chunks(source: Path) -> Iterator[pd.DataFrame]:
    try:
        with pd.read_stata(source, chunksize=ROWS, convert_categoricals=False) as reader:
            yield from reader
    except (ValueError, OSError, EOFError, KeyError, struct.error) as error:
        raise UnreadableFileError(f"{source}: cannot be read as a Stata file: {error}") from error


def _text(values: pd.Series) -> pa.Array:
    """Write one column of a chunk as text."""
    if not pd.api.types.is_numeric_dtype(values):
        told = values.where(values.notna() & (values != ""), None)
        return pa.array(told.astype(object), pa.string(), from_pandas=True)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    if np.array_equal(known, np.rint(known)) and np.abs(known).max(initial=0) < 2**53:
        whole = pa.array(np.nan_to_num(numbers).astype(np.int64), mask=np.isnan(numbers))
        return whole.cast(pa.string())
    if values.dtype == np.float32:
        return pa.array(values, pa.float32(), from_pandas=True).cast(pa.string())
    return pa.array(numbers, pa.float64(), from_pandas=True).cast(pa.string())
