"""A small demo world is built from raw files to a release: alike, or stopped with its reason."""

import csv
import shutil
import signal
from pathlib import Path

import duckdb
import pytest
from demo_project import (
    UNTESTED,
    build_here,
    fingerprint,
    parse_here,
    release_of,
    run,
    run_here,
    set_duckdb_threads,
    start,
)

from steelyard.release import verify
from steelyard.release.folder import UNNAMED
from steelyard.warehouse.stage import FOLDER as STAGES

pytestmark = pytest.mark.build

FACTS = Path("seeds/facts/irs_soi/publication_1304_table_1_4.csv")
# Of these the solver alone depends: of what comes before it, the costly stages are asked again, and
# read from the cache.
OPTIONS = (
    *UNTESTED,
    *("--select", "imp_scf_draw", "rul_tax_unit_amount", "cal_solution+"),
    "--vars",
    "calibration: {solver: auto, distance_weight: {demo: 0.02}, smallest_ratio: 0.1, "
    "largest_ratio: 10, epochs: 1000}",
)


def test_the_release_is_whole_and_says_what_it_is(built: Path) -> None:
    manifest = verify(release_of(built))
    assert manifest["is_synthetic"] is True
    assert manifest["fitted_count"] > 2500
    assert {source["access_class"] for source in manifest["sources"]} == {"PUBLIC"}
    rows = {file["name"]: file["row_count"] for file in manifest["files"]}
    empty = {name for name, count in rows.items() if not count}
    aged = {name for name in rows if name.startswith("val_panel_")}
    unasked = {f"val_{name}.parquet" for name in ("implicate", "left_out", "placebo")}
    assert empty == {*unasked, *aged}, "nobody has asked for other draws, doubts or a panel"
    assert len(aged) == 12
    assert manifest["panel"] is None
    with duckdb.connect() as connection:
        path = release_of(built) / "household.parquet"
        copies = connection.sql(
            "select count(*), max(most), bool_and(most + 1 = kept) "
            "from (select max(copy_id) as most, count(*) as kept "
            f"from '{path}' group by source_household_id)"
        ).fetchone()
    assert copies is not None and copies[0] == 600 and copies[1] > 1 and copies[2], copies


def test_the_database_says_what_its_columns_are(built: Path) -> None:
    with duckdb.connect(str(built / "build/demo/steelyard.duckdb"), read_only=True) as build:
        ((said,),) = build.sql(
            "select comment from duckdb_columns() "
            "where table_name = 'int_person' and column_name = 'social_security'"
        ).fetchall()
        silent = build.sql(
            "select table_name, column_name from duckdb_columns() "
            "where starts_with(table_name, 'int_person') and not contains(table_name, '__') "
            "and comment is null"
        ).fetchall()
    assert "Unit: USD per year. Universe: persons of 15 and over." in said
    assert silent == []


def test_threads_change_nothing(built: Path, copied: Path) -> None:
    """Every model is made again on more threads, from the raw files and the seeds of the first."""
    parsed = parse_here(copied)
    set_duckdb_threads(copied, 4)
    known = {path.name for path in judged(copied)}
    for path in (copied / STAGES).iterdir():
        if path.name not in known:
            path.unlink()
    for landed in (copied / STAGES).parent.glob("landed*"):
        shutil.rmtree(landed)
    shutil.rmtree(copied / "releases")
    (copied / "build/demo/stages.jsonl").unlink()
    build_here(copied, "--threads", "2", *UNTESTED, "seed", parsed=parsed)
    first, second = (fingerprint(release_of(project)) for project in (built, copied))
    differing = {
        f"{table}.{column}": (described, second[table][column])
        for table, columns in first.items()
        for column, described in columns.items()
        if second[table][column] != described
    }
    assert differing == {}
    one, two = (verify(release_of(project)) for project in (built, copied))
    differing_files = [file["name"] for file in one["files"] if file not in two["files"]]
    assert set(differing_files) <= set(UNNAMED), "no two builds are made at the same time"
    assert one["version"] == two["version"]
    assert one["target_snapshot_id"] == two["target_snapshot_id"]
    assert {path.name for path in judged(copied)} == known != set(), "others were judged anew"


def judged(project: Path) -> list[Path]:
    """What a build remembers of judgements on donors and families held out."""
    return sorted((project / STAGES).glob("val_score_*")) + sorted(
        (project / STAGES).glob("val_panel_history-*")
    )


def test_wrong_facts_stop_the_build_before_anything_runs(copied: Path) -> None:
    path = copied / FACTS
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    wrong = [
        lines[0] | {"fact_id": "test/unknown", "variable": "employment_incme"},
        lines[0] | {"fact_id": "test/text", "value": "12,5x"},
        lines[0],
    ]
    end = len(path.read_text(encoding="utf-8").splitlines())
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(lines[0])).writerows(wrong)
    earlier = release_of(copied)

    code, said = run(copied, "build")

    assert code == 2  # dbt could not begin
    expected = [
        f"{FACTS}:{end + 1}: variable 'employment_incme' is not known",
        "nearest: employment_income",
        f"{FACTS}:{end + 2}: value '12,5x'",
        f"{FACTS}:{end + 3}: fact_id '{lines[0]['fact_id']}'",
    ]
    assert [text for text in expected if text not in said] == []
    assert " START " not in said
    assert release_of(copied) == earlier
    verify(earlier)


def interrupted(project: Path, moment: str, signal_number: int, *arguments: str) -> str:
    """Start a build, send it a signal when it says something, return all that it said."""
    said = []
    with start(project, "build", *arguments) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if moment in line and process.poll() is None:
                process.send_signal(signal_number)
    assert process.returncode != 0
    return "".join(said)


def test_a_build_that_is_stopped_leaves_the_release_and_goes_on(copied: Path) -> None:
    earlier = release_of(copied)
    manifest = verify(earlier)

    solved = "OK created python table model main.cal_solution"
    said = interrupted(copied, solved, signal.SIGINT, *OPTIONS)
    assert "imp_scf_draw: inputs unchanged" in said
    assert "rul_tax_unit_amount: inputs unchanged" in said
    assert "cal_solution: computing" in said
    assert release_of(copied) == earlier
    assert verify(earlier) == manifest

    writing = "START python table model main.release_file"
    said = interrupted(copied, writing, signal.SIGKILL, *OPTIONS)
    assert "cal_solution: inputs unchanged" in said
    assert verify(earlier) == manifest
    verify(release_of(copied))

    code, said = run(copied, "build", *OPTIONS)
    assert code == 0, said[-2000:]
    assert "computing from" not in said
    later = release_of(copied)
    assert later != earlier
    assert verify(earlier) == manifest
    verify(later)
    assert not list(later.parent.glob(".unfinished-*"))


def history(project: Path) -> set[tuple[object, ...]]:
    """Every version of every fact: key, value, from when, up to when."""
    with duckdb.connect(str(project / "build" / "demo" / "history.duckdb")) as connection:
        rows = connection.execute(
            "select fact_id, value, dbt_valid_from, dbt_valid_to from snap_fact"
        ).fetchall()
    return set(rows)


def test_the_history_of_facts_outlives_the_database(copied: Path) -> None:
    before = history(copied)
    assert len(before) > 10_000
    (copied / "build" / "demo" / "steelyard.duckdb").unlink()
    path = copied / FACTS
    path.write_text(
        path.read_text(encoding="utf-8").replace(",14833956956000,", ",15000000000000,", 1)
    )
    build_here(copied, "--select", "+snap_fact", "--indirect-selection", "cautious")
    after = history(copied)
    ((fact_id, value, valid_from, valid_to),) = before - after
    assert (value, valid_to) == (14833956956000, None)
    closed, opened = sorted(after - before, key=lambda row: row[1])
    assert closed[:3] == (fact_id, value, valid_from)
    assert opened == (fact_id, 15_000_000_000_000, closed[3], None)


def test_an_empty_run_is_kept_from_history(copied: Path) -> None:
    before = history(copied)
    code, said = run_here(copied, "build", "--empty", "--select", "+snap_fact")
    assert code == 1
    assert "--empty would write the deletion of every fact into history" in said
    assert "--exclude resource_type:snapshot" in said
    assert history(copied) == before
