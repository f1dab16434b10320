"""The bytes of an exported file depend on rows and order, not on threads."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from steelyard.warehouse.export import ROWS_OF_A_GROUP, export_parquet

# Several row groups, nulls, and text, in an order that is not that of the scan.
ROWS = 2 * ROWS_OF_A_GROUP + 17
SQL = f"""
select
    (i * 7919) % {ROWS} as unit_id,
    case when i % 3 > 0 then sqrt(i) end as amount,
    case when i % 5 > 0 then 'status ' || i % 4 end as status
from range({ROWS}) as made (i)
"""


def export(path: Path, threads: int) -> bytes:
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute(f"create table units as {SQL}")
        assert export_parquet(connection.table("units").order("unit_id"), path) == ROWS
    return path.read_bytes()


def test_threads_change_no_byte(tmp_path: Path) -> None:
    one = export(tmp_path / "one.parquet", 1)
    assert export(tmp_path / "four.parquet", 4) == one


def test_rows_come_back_in_full_groups_and_in_order(tmp_path: Path) -> None:
    export(tmp_path / "units.parquet", 2)
    file = pq.ParquetFile(tmp_path / "units.parquet")
    groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert groups == [ROWS_OF_A_GROUP, ROWS_OF_A_GROUP, 17]
    units = file.read()
    assert units["unit_id"].to_pylist() == list(range(ROWS))
    with duckdb.connect() as connection:
        differing = connection.execute(
            f"select count(*) from ((from units except {SQL}) union all ({SQL} except from units))"
        ).fetchall()
    assert differing == [(0,)]


def test_zero_has_one_sign(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        zeros = connection.sql("select unnest([-0.0::double, 0.0, null, -1.5, 'nan']) as amount")
        export_parquet(zeros, tmp_path / "zeros.parquet")
    amounts = pq.read_table(tmp_path / "zeros.parquet")["amount"].to_pylist()
    assert [str(amount) for amount in amounts] == ["0.0", "0.0", "None", "-1.5", "nan"]


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        nothing = connection.sql("select 1 as unit_id, 'a' as status where false")
        assert export_parquet(nothing, tmp_path / "nothing.parquet") == 0
    assert pq.read_table(tmp_path / "nothing.parquet").column_names == ["unit_id", "status"]


def test_a_query_that_fails_is_not_passed_over(tmp_path: Path) -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error):
        broken = connection.sql("select cast(x as integer) from (values ('1'), ('a')) as v (x)")
        export_parquet(broken, tmp_path / "broken.parquet")
