"""Years of a panel are whole or not there, and are read only as they were written."""

import errno
import json
import mmap
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_panel import BASE, FIRST, SmallPlan, age_one_year, begin

from steelyard.flows.partitions import (
    TABLES,
    AlteredPartitionError,
    BusyPanelError,
    PanelError,
    Partition,
    Store,
    partition_key,
)
from steelyard.flows.worker import Order, Steps, forget_peak, make, peak_bytes
from steelyard.warehouse.unfinished import NoSpaceError

STEPS, PLAN = Steps(begin, age_one_year), SmallPlan()


def aged(store: Store, to: int, imputation: int = 1) -> list[Partition]:
    """Age a panel in this process, without a flow."""
    years = store.kept("panel", imputation, FIRST)
    for year in range(FIRST + len(years), to + 1):
        key = partition_key("panel", imputation, year, years[-1] if years else None)
        years.append(
            make(store, STEPS, PLAN, Order(imputation, year, key, None if years else BASE))
        )
    return years


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "panels" / "demo" / "2022-abc")


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_year_is_its_tables_and_a_record_of_them(store: Store) -> None:
    year = aged(store, FIRST + 1)[-1]
    folder = store.root / "imputation=1" / "year=2023"
    assert names(folder) == sorted(
        [*(f"{name}.parquet" for name in [*TABLES, "benefit"]), "partition.json"]
    )
    assert names(folder.parent)[0] == "year=2022"
    said = json.loads((folder / "partition.json").read_text())
    assert (said["year"], said["key"]) == (2023, year.key)
    assert said["tables"]["person"]["row_count"] == 50
    assert said["tables"]["person"]["byte_count"] == (folder / "person.parquet").stat().st_size
    assert said["seconds"] > 0
    assert 10e6 < said["peak_bytes"] < 64e9


def test_the_state_of_a_year_is_put_together_from_all_before(store: Store) -> None:
    aged(store, FIRST + 3)
    parts = store.parts(1, FIRST + 2)
    assert sorted(parts) == sorted([*TABLES, "benefit", "earned"])
    assert parts["benefit"]["year"].to_pylist() == [2024]
    assert parts["person"]["person_id"].to_pylist()[-2:] == [3023, 3024]
    assert parts["dead"]["person_id"].to_pylist() == [1, 2]
    assert parts["life"].num_rows == 52
    earned = parts["earned"]
    assert earned.schema.names == ["person_id", "year", "earnings"]
    assert sorted(set(earned["year"].to_pylist())) == [2022, 2023, 2024]
    of_first = pq.read_table(store.folder(1, FIRST) / "person.parquet", partitioning=None)
    assert earned.slice(0, 50)["earnings"].equals(of_first["earnings"])


def test_the_same_rows_are_the_same_bytes(store: Store, tmp_path: Path) -> None:
    first, again = aged(store, FIRST + 2), aged(Store(tmp_path / "again"), FIRST + 2)
    assert [year.hashes for year in first] == [year.hashes for year in again]
    other = aged(Store(tmp_path / "again"), FIRST + 2, imputation=2)
    assert first[-1].hashes["person"] != other[-1].hashes["person"]
    table = pa.table({"x": range(10)})
    cut = pa.concat_tables([table.slice(0, 3), table.slice(3)]).replace_schema_metadata({"at": "1"})
    written = [
        Store(tmp_path / name).write(dict.fromkeys(TABLES, rows), imputation=1, year=1, key="k")
        for name, rows in (("whole", table), ("cut", cut))
    ]
    assert written[0].hashes == written[1].hashes


def test_years_that_are_there_are_kept(store: Store) -> None:
    aged(store, FIRST + 2)
    made = {path: path.stat().st_mtime_ns for path in store.root.rglob("*.parquet")}
    assert [year.year for year in store.kept("panel", 1, FIRST)] == [2022, 2023, 2024]
    assert len(aged(store, FIRST + 3)) == 4
    assert {path: path.stat().st_mtime_ns for path in made} == made


def test_a_year_that_another_has_written_stays(store: Store) -> None:
    year = aged(store, FIRST)[0]
    tables = begin(BASE, SmallPlan(seed=2), 1)
    found = store.write(tables, imputation=1, year=FIRST, key=year.key)
    assert found == year
    with pytest.raises(AlteredPartitionError, match="made from other inputs: expected key other"):
        store.write(tables, imputation=1, year=FIRST, key="other")


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)


def test_an_altered_file_is_named_with_both_hashes_and_the_remedy(store: Store) -> None:
    year = aged(store, FIRST + 2)[1]
    path = store.folder(1, 2023) / "life.parquet"
    alter(path)
    for read in (lambda: store.kept("panel", 1, FIRST), lambda: store.parts(1, 2024)["life"]):
        with pytest.raises(AlteredPartitionError) as told:
            read()
        assert f"{path} is not what was written: expected {year.hashes['life']}, found" in str(
            told.value
        )
        assert str(told.value).endswith("steelyard panel --again-from 2023")
    assert store.parts(1, 2024)["person"].num_rows == 50


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda store: (store.folder(1, 2023) / "dead.parquet").unlink(), "found no file"),
        (lambda store: store.folder(1, 2023).rename(store.root / "away"), "year=2023 is missing"),
        (lambda store: (store.folder(1, 2023) / "partition.json").unlink(), "does not say what"),
        (lambda store: (store.folder(1, 2023) / "partition.json").write_text("{"), "does not say"),
    ],
)
def test_what_is_missing_is_named(store: Store, damage: object, told: str) -> None:
    aged(store, FIRST + 2)
    damage(store)  # type: ignore[operator]
    with pytest.raises(AlteredPartitionError, match=told) as error:
        store.kept("panel", 1, FIRST)
    assert "--again-from 2023" in str(error.value)


def test_a_year_of_another_panel_is_not_taken_for_this_ones(store: Store) -> None:
    aged(store, FIRST)
    with pytest.raises(AlteredPartitionError, match="made from other inputs"):
        store.kept("another", 1, FIRST)


def test_forgotten_years_are_made_again_alike(store: Store) -> None:
    first = aged(store, FIRST + 3)
    aged(store, FIRST + 2, imputation=2)
    alter(store.folder(1, 2024) / "person.parquet")
    assert store.forget(2024) == 3
    assert names(store.root / "imputation=2")[0] == "year=2022"
    assert not store.folder(2, 2024).exists()
    assert [year.hashes for year in aged(store, FIRST + 3)] == [year.hashes for year in first]


def test_a_full_disk_leaves_nothing_half_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(store, FIRST)
    before, write = names(store.root), pq.write_table

    def fill_up(table: pa.Table, path: Path, **settings: object) -> None:
        write(table, path, **settings)
        if path.stem == "life":
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", fill_up)
    with pytest.raises(NoSpaceError, match=r"no space left in .*imputation=1; the .* MB written"):
        aged(store, FIRST + 1)
    assert names(store.root) == before
    monkeypatch.undo()
    assert len(aged(store, FIRST + 1)) == 2


def test_a_year_lacks_no_table(store: Store) -> None:
    with pytest.raises(PanelError, match="missing: event"):
        store.write(dict.fromkeys(TABLES[:-1], pa.table({})), imputation=1, year=FIRST, key="k")
    assert not store.root.exists()


HOLD = """
import sys, time
from pathlib import Path
from steelyard.flows.partitions import Store
store = Store(Path(sys.argv[1]))
with store.alone():
    place = store.root / "imputation=1" / ".unfinished-left" / "year=2022"
    place.mkdir(parents=True)
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_process_at_a_time_and_a_killed_one_leaves_nothing(store: Store) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.root)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        busy = pytest.raises(BusyPanelError, match=f"aged by process {other.pid} on .* since 20")
        with busy, store.alone():
            pytest.fail("two at once")
        other.kill()
    with store.alone():
        aged(store, FIRST)
    assert names(store.root / "imputation=1")[0] == "year=2022"


def test_the_peak_is_that_of_the_year() -> None:
    forget_peak()
    before = peak_bytes()
    # Pages of their own, which an allocator cannot keep.
    with mmap.mmap(-1, 80_000_000) as held:
        for place in range(0, len(held), mmap.PAGESIZE):
            held[place] = 1
        assert peak_bytes() - before > 70_000_000
    forget_peak()
    if Path("/proc/self/clear_refs").is_file():
        assert peak_bytes() - before < 40_000_000
