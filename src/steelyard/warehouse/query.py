"""SQL over a folder of Parquet files, each a table of its name."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd

from steelyard.warehouse.files import quoted


class QueryError(RuntimeError):
    """A folder's tables do not answer the query; the message names the folder and says why."""


def query_parquet(
    folder: Path, sql: str, parameters: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Ask a folder of Parquet files in SQL: ``person.parquet`` is the table ``person``.

    Only the files, columns and row groups that the query needs are read. No database is opened,
    so a build that runs at the same time is neither seen nor kept waiting.

    Parameters
    ----------
    folder
        Holds ``<table>.parquet``.
    sql
        One ``select``; ``$name`` stands for a parameter.
    parameters
        Values by name.

    Raises
    ------
    QueryError
        If a table or a column is not there, or a file cannot be read.
    """
    try:
        with duckdb.connect() as connection:
            for file in sorted(folder.glob("*.parquet")):
                name = file.stem.replace('"', '""')
                connection.execute(
                    f'create view "{name}" as select * from read_parquet({quoted(file)})'
                )
            return connection.execute(sql, parameters or {}).df()
    except duckdb.Error as error:
        raise QueryError(f"{folder} does not answer the query: {error}") from error
