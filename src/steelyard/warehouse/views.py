"""A DuckDB file whose views are the Parquet files beside it."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from steelyard.warehouse.export import TableWords
from steelyard.warehouse.files import identifier, quoted

#: The smallest that DuckDB offers: the file holds words and no rows.
_BLOCK = 16_384


def write_views(path: Path, tables: Mapping[str, TableWords]) -> None:
    """Write a DuckDB file with one view a table, commented, over ``<table>.parquet``.

    The views name their files relative to the folder, so that the folder can be moved and
    copied. DuckDB looks for such names in the working directory and in ``file_search_path``.

    Parameters
    ----------
    path
        The file, which must not exist, in the folder of the Parquet files.
    tables
        Table to its words. Columns without words get no comment.
    """
    with duckdb.connect(config={"file_search_path": str(path.parent)}) as connection:
        connection.execute(f"attach {quoted(path)} as views (block_size {_BLOCK})")
        connection.execute("use views")
        for name, words in tables.items():
            view = identifier(name)
            file = quoted(Path(f"{name}.parquet"))
            connection.execute(f"create view {view} as select * from read_parquet({file})")
            connection.execute(f"comment on view {view} is {_text(_comment(words.table))}")
            for column, said in words.columns.items():
                place = f"{view}.{identifier(column)}"
                connection.execute(f"comment on column {place} is {_text(_comment(said))}")
        connection.execute("use memory")
        connection.execute("detach views")


def _comment(said: Mapping[str, str]) -> str:
    unit = f" [{said['unit']}]" if said.get("unit") else ""
    return f"{said.get('description', '')}{unit}"


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
