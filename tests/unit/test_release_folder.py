"""A release is whole or not there, is named by its content, and is never overwritten."""

import errno
import json
import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from release_fixture import MANIFEST, SOURCE, SlowTable, release

from steelyard.release import ReleaseError, latest_release, verify, write_release
from steelyard.release.folder import read_manifest


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_release_holds_tables_manifest_and_checksums(tmp_path: Path) -> None:
    written = release(tmp_path)
    assert sorted(files(written)) == [
        "CITATION.cff",
        "DATASHEET.md",
        "SHA256SUMS",
        "croissant.json",
        "datacite.json",
        "datapackage.json",
        "dataset.jsonld",
        "manifest.json",
        "report.html",
        "report.pdf",
        "ro-crate-metadata.json",
        "steelyard.duckdb",
        "tax_unit.parquet",
        "val_gate.parquet",
        "val_headline.parquet",
    ]
    assert pq.read_table(written / "tax_unit.parquet")["tax_unit_id"].to_pylist() == [*range(6)]
    manifest = verify(written)
    assert manifest["version"] == written.name
    assert written.name.startswith("2022-")
    assert manifest["files"][0] == {
        "name": "tax_unit.parquet",
        "row_count": 6,
        "byte_count": (written / "tax_unit.parquet").stat().st_size,
        "sha256": sha256((written / "tax_unit.parquet").read_bytes()).hexdigest(),
    }
    assert latest_release(tmp_path) == written.resolve()


def test_others_may_read_it(tmp_path: Path) -> None:
    written = release(tmp_path)
    assert written.stat().st_mode & 0o777 == 0o755


def test_checksums_are_those_of_the_usual_tool(tmp_path: Path) -> None:
    written = release(tmp_path)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=written, check=True)


def test_the_same_content_is_the_same_release_and_stays_as_it_is(tmp_path: Path) -> None:
    first = release(tmp_path)
    before = files(first)
    touched = {path.name: path.stat().st_mtime_ns for path in first.iterdir()}
    assert release(tmp_path) == first
    assert files(first) == before
    assert {path.name: path.stat().st_mtime_ns for path in first.iterdir()} == touched


def test_other_content_is_another_release_beside_the_first(tmp_path: Path) -> None:
    first = release(tmp_path)
    before = files(first)
    second = release(tmp_path, seed=2)
    assert second != first
    assert files(first) == before
    assert latest_release(tmp_path) == second.resolve()
    assert release(tmp_path) == first
    assert latest_release(tmp_path) == first.resolve()


def test_an_altered_file_is_named_with_both_hashes(tmp_path: Path) -> None:
    written = release(tmp_path)
    table = written / "tax_unit.parquet"
    right = sha256(table.read_bytes()).hexdigest()
    table.write_bytes(table.read_bytes() + b"x")
    wrong = sha256(table.read_bytes()).hexdigest()
    for check in (lambda: verify(written), lambda: release(tmp_path)):
        with pytest.raises(ReleaseError) as caught:
            check()
        assert f"tax_unit.parquet: expected {right}, found {wrong}" in str(caught.value)
        assert "Delete the folder and build again" in str(caught.value)
    assert sha256(table.read_bytes()).hexdigest() == wrong


def test_a_missing_and_a_strange_file_are_named(tmp_path: Path) -> None:
    written = release(tmp_path)
    (written / "val_gate.parquet").rename(written / "val_gates.parquet")
    with pytest.raises(ReleaseError) as caught:
        verify(written)
    assert "2 files are not what was released" in str(caught.value)
    assert "found missing" in str(caught.value)
    assert "val_gates.parquet: not listed in SHA256SUMS" in str(caught.value)


@pytest.mark.parametrize("name", ["SHA256SUMS", "manifest.json"])
def test_a_folder_without_its_lists_is_no_release(tmp_path: Path, name: str) -> None:
    written = release(tmp_path)
    (written / name).unlink()
    with pytest.raises(ReleaseError, match="not a whole release"):
        verify(written)


def test_a_list_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    written = release(tmp_path)
    (written / "SHA256SUMS").write_text("abc\n", encoding="utf-8")
    with pytest.raises(ReleaseError, match="SHA256SUMS:1: 'abc' is no checksum and file name"):
        verify(written)


def test_a_closed_source_enters_no_release(tmp_path: Path) -> None:
    closed = SOURCE | {"entry": "panel", "access_class": "RESTRICTED"}
    with pytest.raises(ReleaseError, match=r"1 sources may not enter .*: panel \(RESTRICTED\)"):
        release(tmp_path, sources=[SOURCE, closed])
    assert list(tmp_path.iterdir()) == []


def test_no_release_yet_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="run `dbt build --target demo`"):
        latest_release(tmp_path / "demo")


@pytest.mark.parametrize("error", [OSError("disk is full"), KeyboardInterrupt()])
def test_what_breaks_off_leaves_the_earlier_release(tmp_path: Path, error: BaseException) -> None:
    earlier = release(tmp_path)
    with pytest.raises(type(error)):
        write_release(tmp_path, {"slow": SlowTable(error)}, dict(MANIFEST))
    assert sorted(path.name for path in tmp_path.iterdir()) == [earlier.name, "latest"]
    assert verify(latest_release(tmp_path))["version"] == earlier.name


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_leaves_the_earlier_release(tmp_path: Path, number: int) -> None:
    earlier = release(tmp_path)
    with pytest.raises(ReleaseError, match=r"no space left in .* after \d.* MB of the new release"):
        write_release(tmp_path, {"slow": SlowTable(OSError(number, "full"))}, dict(MANIFEST))
    assert sorted(path.name for path in tmp_path.iterdir()) == [earlier.name, "latest"]
    assert verify(latest_release(tmp_path))["version"] == earlier.name


def test_an_empty_folder_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="it is not a whole release"):
        verify(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("{}", "says nothing of version, build_target, income_year: .* another version"),
    ],
)
def test_a_manifest_of_another_version_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError, match=message):
        read_manifest(tmp_path)


KILLED = """
import sys
from pathlib import Path
from release_fixture import MANIFEST, SlowTable
from steelyard.release import write_release
write_release(Path(sys.argv[1]), {"slow": SlowTable()}, dict(MANIFEST))
"""


def test_a_killed_process_leaves_the_earlier_release_whole(tmp_path: Path) -> None:
    earlier = release(tmp_path)
    search = os.pathsep.join(path for path in [str(Path(__file__).parent), *sys.path] if path)
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": search}
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half written\n"
        writer.send_signal(signal.SIGKILL)
    half = [path for path in tmp_path.glob(".unfinished-*") if list(path.iterdir())]
    assert len(half) == 1
    assert verify(latest_release(tmp_path))["version"] == earlier.name
    second = release(tmp_path, seed=2)
    assert json.loads((latest_release(tmp_path) / "manifest.json").read_text())["seed"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [earlier.name, second.name, "latest"]
    )


def test_what_was_built_here_before_does_not_change_the_name(tmp_path: Path) -> None:
    def version(known: str) -> Path:
        with duckdb.connect() as connection:
            tables = {
                "val_conflict": connection.sql("select 1 as conflict_rank"),
                "val_target_history": connection.sql(known),
            }
            written, listed = write_release(tmp_path, tables, MANIFEST)
            (history,) = (file for file in listed if file["name"].startswith("val_target"))
            assert history["row_count"] == verify(written)["files"][1]["row_count"]
            return written

    first = version("select 1 as published_value")
    assert version("select unnest([1, 2]) as published_value") == first
    assert pq.read_table(first / "val_target_history.parquet").num_rows == 1


def test_to_read_a_release_starts_neither_a_build_nor_a_demo_world() -> None:
    """A page's first visitor waits for what it imports."""
    heavy = "{'dbt', 'scipy', 'sklearn', 'torch', 'steelyard.sources'}"
    program = f"import sys, steelyard.release; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
