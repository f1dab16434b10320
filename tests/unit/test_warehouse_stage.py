"""A stage is computed again exactly when something that decides its result has changed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from steelyard.warehouse import stage
from steelyard.warehouse.stage import KEPT, run_stage, table_hash


@dataclass(frozen=True)
class Plan:
    trees: int


class Counting:
    """Doubles ``x`` and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, units: pa.Table, **options: Any) -> pa.Table:
        self.calls += 1
        return units.append_column("double", pa.array([2 * x for x in units["x"].to_pylist()]))


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def units(connection: duckdb.DuckDBPyConnection, last: int = 2) -> dict[str, Any]:
    relation = connection.sql(f"select unnest([1, null, {last}]) as x").filter("x is not null")
    return {"units": relation.order("x")}


def test_the_same_content_is_read_from_the_cache(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    double = Counting()
    first = run_stage("double", double, units(connection), {"plan": Plan(3)}, folder=tmp_path)
    again = run_stage("double", double, units(connection), {"plan": Plan(3)}, folder=tmp_path)
    assert double.calls == 1
    assert again.equals(first)
    assert first["double"].to_pylist() == [2, 4]


def test_a_changed_row_option_name_or_code_is_computed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = Counting()
    run_stage("double", double, units(connection), {"plan": Plan(3)}, folder=tmp_path)
    changed = run_stage("double", double, units(connection, 5), {"plan": Plan(3)}, folder=tmp_path)
    assert changed["double"].to_pylist() == [2, 10]
    run_stage("double", double, units(connection), {"plan": Plan(4)}, folder=tmp_path)
    run_stage("twice", double, units(connection), {"plan": Plan(3)}, folder=tmp_path)
    monkeypatch.setattr(stage, "environment_hash", lambda: "another library")
    run_stage("double", double, units(connection), {"plan": Plan(3)}, folder=tmp_path)
    assert double.calls == 5


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_stage_that_breaks_off_leaves_nothing(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, error: type[BaseException]
) -> None:
    def broken(units: pa.Table) -> pa.Table:
        raise error

    with pytest.raises(error):
        run_stage("broken", broken, units(connection), {}, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_result_that_is_half_written_is_not_read(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    def disk_full(table: pa.Table, path: Path, **_: str) -> None:
        path.write_bytes(b"PAR1")
        raise error

    double = Counting()
    with monkeypatch.context() as patched:
        patched.setattr("pyarrow.parquet.write_table", disk_full)
        with pytest.raises(error):
            run_stage("double", double, units(connection), {}, folder=tmp_path)
    assert not list(tmp_path.glob("*.parquet"))
    result = run_stage("double", double, units(connection), {}, folder=tmp_path)
    assert result["double"].to_pylist() == [2, 4]
    assert [path.suffix for path in tmp_path.iterdir()] == [".parquet"]


def test_only_the_latest_results_are_kept(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    double = Counting()
    run_stage("other", double, units(connection), {}, folder=tmp_path)
    for last in range(2, 4 + KEPT):
        run_stage("double", double, units(connection, last), {}, folder=tmp_path)
    assert len(list(tmp_path.glob("double-*"))) == KEPT
    assert len(list(tmp_path.glob("other-*"))) == 1
    calls = double.calls
    run_stage("double", double, units(connection, 3 + KEPT), {}, folder=tmp_path)
    assert double.calls == calls


def test_progress_is_passed_on_and_decides_nothing(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    told: list[str] = []

    def telling(units: pa.Table, progress: Any) -> pa.Table:
        progress("half")
        return units

    for progress in (told.append, lambda _: told.append("never")):
        run_stage("tell", telling, units(connection), {}, progress=progress, folder=tmp_path)
    assert told == ["half"]


def test_a_stage_that_resumes_is_handed_its_results_the_latest_first(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    handed: list[list[int]] = []

    def resuming(units: pa.Table, earlier: Iterator[pa.Table]) -> pa.Table:
        handed.append([result["x"].to_pylist()[-1] for result in earlier])
        return units

    for last in (3, 4, 5, 3, 6):
        run_stage("go", resuming, units(connection, last), {}, resumes=True, folder=tmp_path)
        for place, file in enumerate(sorted(tmp_path.iterdir(), key=lambda x: x.stat().st_mtime)):
            os.utime(file, (place, place))
    assert handed == [[], [3], [4, 3], [3, 5, 4]]


def test_the_hash_is_of_names_types_values_and_order_not_of_chunks() -> None:
    table = pa.table({"x": [1, None, 3], "y": ["a", "b", None]})
    pieces = pa.concat_tables([table.slice(0, 1), table.slice(1, 0), table.slice(1)])
    assert table_hash(pieces) == table_hash(table)
    others = [
        table.rename_columns(["x", "z"]),
        table.set_column(0, "x", table["x"].cast(pa.int32())),
        table.set_column(0, "x", pa.array([1, 2, 3])),
        table.set_column(0, "x", pa.array([1, None, 4])),
        table.take([2, 1, 0]),
    ]
    assert len({table_hash(table), *map(table_hash, others)}) == 6


def test_the_hash_looks_past_what_lies_under_a_null() -> None:
    validity = pa.py_buffer(b"\x05")
    under = [pa.py_buffer(pa.array([1, hidden, 3]).buffers()[1]) for hidden in (0, 99)]
    one, other = (
        pa.table({"x": pa.Array.from_buffers(pa.int64(), 3, [validity, data])}) for data in under
    )
    assert one.equals(other)
    assert table_hash(one) == table_hash(other)


def test_the_hash_looks_past_a_bitmap_that_hides_nothing() -> None:
    data = pa.array([1, 2, 3]).buffers()[1]
    one = pa.Array.from_buffers(pa.int64(), 3, [None, data])
    other = pa.Array.from_buffers(pa.int64(), 3, [pa.py_buffer(b"\xff"), data])
    assert table_hash(pa.table({"x": one})) == table_hash(pa.table({"x": other}))
