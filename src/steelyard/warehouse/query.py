"""SQL over a folder of Parquet files, each a table of its name."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from steelyard.warehouse.files import identifier, quoted


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
    return _ask({"": folder}, sql, parameters)


def query_folders(folders: Mapping[str, Path], sql: str) -> pd.DataFrame:
    """Ask several folders of Parquet files at once; each is a schema of its name.

    Parameters
    ----------
    folders
        Name to folder.
    sql
        One ``select``.

    Raises
    ------
    QueryError
        If a table or a column is not there, or a file cannot be read.
    """
    return _ask(folders, sql, None)


def query_database(path: Path, sql: str) -> pa.Table:
    """Ask the database of a finished build in SQL.

    Parameters
    ----------
    path
        ``build/<target>/steelyard.duckdb``.
    sql
        One ``select``, with its order where that matters.

    Raises
    ------
    QueryError
        If there is no such database, a build has it, or it does not answer the query.
    """
    build = f"`dbt build --target {path.parent.name}`"
    if not path.is_file():
        raise QueryError(f"there is no {path}; {build} makes it")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.sql(sql).to_arrow_table()
    except duckdb.IOException as error:
        raise QueryError(
            f"{path} cannot be read, perhaps since a build is writing it; try again when that has "
            f"ended ({error})"
        ) from error
    except duckdb.Error as error:
        raise QueryError(
            f"{path} does not answer the query; let {build} end first ({error})"
        ) from error


def _ask(
    folders: Mapping[str, Path], sql: str, parameters: Mapping[str, object] | None
) -> pd.DataFrame:
    try:
        with duckdb.connect() as connection:
            for name, folder in folders.items():
                schema = f"{identifier(name)}." if name else ""
                if name:
                    connection.execute(f"create schema {identifier(name)}")
                # To make a view reads a file's footer: only of files that the query may mean.
                for file in sorted(file for file in folder.glob("*.parquet") if file.stem in sql):
                    connection.execute(
                        f"create view {schema}{identifier(file.stem)} "
                        f"as select * from read_parquet({quoted(file)})"
                    )
            return connection.execute(sql, parameters or {}).df()
    except duckdb.Error as error:
        where = " and ".join(str(folder) for folder in folders.values())
        raise QueryError(f"{where} does not answer the query: {error}") from error
