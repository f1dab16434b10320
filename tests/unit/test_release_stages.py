"""What grew by a quarter is flagged; noise, caches and what is gone are not."""

import io
import json
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from release_fixture import MANIFEST

from steelyard.cli import main
from steelyard.release import ReleaseError, resources_of, verify, write_release
from steelyard.release.stages import compare_stages, read_stages, release_before, releases_by_age


def stages(**changed: dict[str, Any]) -> pd.DataFrame:
    rows = {
        name: {
            "stage": name,
            "kind": "model",
            "layer": "marts",
            "node_count": 1,
            "seconds": 10.0,
            "peak_bytes": 3_000_000_000,
            "grown_bytes": 1_000_000_000,
            "row_count": 100_000,
            "column_count": 3,
            "is_remembered": False,
            "is_of_this_run": True,
            "started_at": "2026-11-30T10:00:00.000Z",
        }
        | changed.get(name, {})
        for name in ("long", "short", "tests")
    }
    return pd.DataFrame(list(rows.values()))


def flags(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, str]:
    rows = compare_stages(old, new)
    return {row.stage: row.flag for row in rows.itertuples() if row.flag}


@pytest.mark.parametrize(
    ("old", "new", "flag"),
    [
        ({}, {"seconds": 13.0}, "slower"),
        ({}, {"seconds": 12.4}, ""),
        ({"seconds": 0.1}, {"seconds": 0.9}, ""),
        ({}, {"grown_bytes": 2_000_000_000}, "more memory"),
        ({}, {"grown_bytes": 1_300_000_000}, ""),
        ({}, {"row_count": 130_000}, "more rows"),
        ({}, {"row_count": 70_000}, ""),
        ({}, {"seconds": 20.0, "row_count": 200_000}, "slower, more rows"),
        ({"is_remembered": True, "seconds": 0.5}, {"seconds": 60.0}, ""),
        ({"is_remembered": True}, {"is_remembered": True, "seconds": 20.0}, "slower"),
        ({"row_count": None}, {"row_count": 5_000}, ""),
    ],
)
def test_a_quarter_more_is_flagged(old: dict[str, Any], new: dict[str, Any], flag: str) -> None:
    expected = {"long": flag} if flag else {}
    assert flags(stages(long=old), stages(long=new)) == expected


def test_a_stage_of_one_build_alone_is_listed_and_not_flagged() -> None:
    rows = compare_stages(stages(), stages().query("stage != 'short'")).set_index("stage")
    assert rows.loc["short", "old_seconds"] == 10.0
    assert pd.isna(rows.loc["short", "new_seconds"])
    assert set(rows["flag"]) == {""}


def test_the_clock_runs_from_the_first_start_to_the_last_end() -> None:
    rows = stages(
        short={"started_at": "2026-11-30T10:00:05.000Z", "seconds": 8.0},
        tests={"is_of_this_run": False, "seconds": 100.0, "is_remembered": True},
    )
    told = resources_of(rows.to_dict("records"))["resources"]
    assert (told["seconds"], told["work_seconds"]) == (13.0, 118.0)
    assert (told["stage_count"], told["remembered_count"]) == (3, 1)
    assert told["peak_bytes"] == 3_000_000_000
    assert told["core_count"] >= 1
    assert told["memory_bytes"] > 1e8


def write(folder: Path, rows: pd.DataFrame, value: int = 1) -> Path:
    with duckdb.connect() as connection:
        tables = {
            "build_stage": connection.from_df(rows),
            "number": connection.sql(f"select {value} as value"),
        }
        resources = resources_of(rows.to_dict("records"))
        return write_release(folder, tables, dict(MANIFEST), resources)[0]


def test_what_a_build_took_is_no_part_of_the_name(tmp_path: Path) -> None:
    first = write(tmp_path / "demo", stages())
    again = write(tmp_path / "demo", stages(long={"seconds": 99.0}))
    assert again == first
    assert read_stages(first)["seconds"].max() == 10.0, "the first build's figures stay"
    assert verify(first)["made"]["resources"]["work_seconds"] == 30.0
    assert write(tmp_path / "demo", stages(), value=2) != first


def test_the_release_before_is_the_one_made_before(tmp_path: Path) -> None:
    made = [write(tmp_path / "demo", stages(), value) for value in (1, 2, 3)]
    for place, release in enumerate(made):
        manifest = json.loads((release / "manifest.json").read_text())
        manifest["made"]["at"] = f"2026-11-0{place + 1}T00:00:00+00:00"
        (release / "manifest.json").write_text(json.dumps(manifest))
    assert releases_by_age(tmp_path / "demo") == made[::-1]
    assert release_before(made[2]) == made[1]
    assert release_before(tmp_path / "demo" / "latest") == made[1]
    assert release_before(made[0]) is None


def test_the_command_names_what_is_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "releases" / "demo", stages())
    assert "no earlier release of this build" in said("stages")
    time.sleep(1.1)
    write(tmp_path / "releases" / "demo", stages(long={"seconds": 20.0}), value=2)
    out = said("stages")
    assert "1 stages 25 % slower or bigger" in out
    (line,) = (line for line in out.splitlines() if line.startswith("long"))
    assert line.split() == ["long", "20.0", "10.0", "954", "MiB", "954", "MiB", "100,000", "slower"]


def test_a_release_before_that_does_not_say_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        tables = {"number": connection.sql("select 1 as value")}
        before = write_release(tmp_path / "releases" / "demo", tables, dict(MANIFEST))[0]
    write(tmp_path / "releases" / "demo", stages(), value=2)
    out = said("stages")
    assert f"{before.name}, the release before, does not say what it took" in out
    assert "long" in out


def said(*arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(arguments) == 0
    return out.getvalue()


def test_a_release_that_does_not_say_is_named(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        tables = {"number": connection.sql("select 1 as value")}
        release = write_release(tmp_path / "demo", tables, dict(MANIFEST))[0]
    with pytest.raises(ReleaseError, match=r"there is no build_stage\.parquet"):
        read_stages(release)
