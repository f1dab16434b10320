"""Tables of a whole imputation, in its folder beside its years."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.flows.partitions import sync
from steelyard.warehouse.unfinished import workplace


def write_beside(lane: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write tables beside an imputation's years: all are whole before the first is in its place.

    Whoever calls holds the panel's lock, so that the files of two flows are never mixed.

    Parameters
    ----------
    lane
        ``imputation=<i>`` of a panel.
    tables
        By name of the file; one that is there is replaced.

    Raises
    ------
    NoSpaceError
        If the disk is full; earlier files stay.
    """
    with workplace(lane) as place:
        for name, table in tables.items():
            pq.write_table(table, place / name, compression="zstd")
            sync(place / name)
        for name in tables:
            (place / name).replace(lane / name)
        sync(lane)
