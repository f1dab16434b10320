"""Two sets of targets are compared: by history's clock, or as two releases show them."""

import contextlib
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from release_fixture import MANIFEST

from steelyard.cli import main
from steelyard.release import compare_targets, write_release
from steelyard.release.revisions import ASSERTED, is_day_or_time
from steelyard.warehouse.history import HistoryError, facts_as_of

MONDAY, TUESDAY = "2026-11-23 09:00:00", "2026-11-24 09:00:00"
FACT = dict.fromkeys(ASSERTED, "x") | {"period": 2022, "unit": "USD", "publisher": "IRS SOI"}
#: What stood from when until when, of four facts.
VERSIONS = [
    ("kept", 1.0, MONDAY, None, {}),
    ("moved", 7.0, MONDAY, TUESDAY, {"seed_line": 2}),
    ("moved", 7.0, TUESDAY, None, {"seed_line": 3}),
    ("raised", 14_833_956_956_000.0, MONDAY, TUESDAY, {"assertion": "preliminary"}),
    ("raised", 15_000_000_000_000.0, TUESDAY, None, {"assertion": "published"}),
    ("lost", 5.0, MONDAY, TUESDAY, {}),
    ("new", 6.0, TUESDAY, None, {"publisher": "SSA"}),
]


def facts(*rows: tuple[str, float, dict[str, object]]) -> pd.DataFrame:
    made = [FACT | changes | {"target_id": name, "value": value} for name, value, changes in rows]
    return pd.DataFrame(made)[["target_id", *ASSERTED, "value"]]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "build" / "demo" / "history.duckdb"
    path.parent.mkdir(parents=True)
    rows = [
        FACT
        | {"seed_line": 2}
        | changes
        | {"fact_id": name, "value": value, "dbt_valid_from": start, "dbt_valid_to": end}
        for name, value, start, end, changes in VERSIONS
    ]
    table = pd.DataFrame(rows).rename(columns={"all_constraints": "constraints"})
    for column in ("dbt_valid_from", "dbt_valid_to", "dbt_updated_at"):
        table[column] = pd.to_datetime(table.get(column, table["dbt_valid_from"]))
    with duckdb.connect(str(path)) as connection:
        connection.from_df(table.assign(dbt_scd_id="x")).create("snap_fact")
    yield tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["targets", *arguments])
    return code, out.getvalue(), err.getvalue()


def test_a_set_differs_by_what_is_gained_lost_and_revised() -> None:
    before = facts(("a", 1.0, {}), ("b", 2.0, {}), ("c", 0.0, {}), ("d", 4.0, {"vintage": "1"}))
    after = facts(("a", 1.0, {}), ("c", 3.0, {}), ("d", 5.0, {"vintage": "2"}), ("e", 9.0, {}))
    listed = compare_targets(before, after).set_index("target_id")
    assert listed["change"].to_dict() == {
        "c": "revised",
        "d": "revised",
        "e": "gained",
        "b": "lost",
    }
    assert listed.loc["d", ["value_before", "value_after"]].to_list() == [4.0, 5.0]
    assert listed.loc["d", "relative_change"] == 0.25
    assert pd.isna(listed.loc["c", "relative_change"])
    assert listed.loc["d", "revised_columns"] == "value, vintage"
    assert listed.loc["e", "publisher"] == "IRS SOI"
    assert compare_targets(before, before).empty


def test_history_answers_for_the_end_of_a_day_and_for_a_time(checkout: Path) -> None:
    code, out, err = run("diff", "2026-11-23", "2026-11-24")
    assert (code, err) == (0, "")
    assert out == (
        "2026-11-23 to 2026-11-24: 1 revised, 1 gained, 1 lost; 4 targets then, 4 now\n"
        "\nrevised\n"
        "  raised\n"
        "      IRS SOI, x: 14,833,956,956,000 -> 15,000,000,000,000 USD (+1.12%); "
        "revised: value, assertion\n"
        "\ngained\n  new\n      SSA, x: 6 USD\n"
        "\nlost\n  lost\n      IRS SOI, x: 5 USD\n"
    )
    same = run("diff", "2026-11-23", "2026-11-24T09:00")[1]
    assert same.startswith("2026-11-23 to 2026-11-24T09:00: 0 revised, 0 gained, 0 lost")
    assert "1 revised" in run("diff", "2026-11-23", "2026-11-24 09:00:01")[1]


def test_every_difference_goes_into_a_file(checkout: Path) -> None:
    out = run("diff", "2026-11-23", "2026-11-24", "--csv", "out/diff.csv")[1]
    assert out.endswith("\n3 rows written to out/diff.csv\n")
    written = pd.read_csv("out/diff.csv").set_index("target_id")
    assert written["change"].to_dict() == {"raised": "revised", "new": "gained", "lost": "lost"}
    assert written.loc["raised", "value_after"] == 15_000_000_000_000


def test_a_history_that_is_missing_young_or_empty_says_so(checkout: Path) -> None:
    code, out, err = run("diff", "2026-11-01", "2026-11-24")
    assert (code, out) == (1, "")
    assert "history.duckdb begins 2026-11-23 09:00:00; how they stood before 2026-11-02" in err
    assert (
        "steelyard targets: there is no history of targets in "
        in run("diff", "2026-11-01", "2026-11-24", "--target", "tax_units")[2]
    )
    path = checkout / "build" / "demo" / "history.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from snap_fact")
    with pytest.raises(HistoryError, match="is empty; `dbt build --target demo` fills it"):
        facts_as_of(path, datetime(2026, 11, 30))
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table snap_fact")
    with pytest.raises(HistoryError, match="holds no history of targets"):
        facts_as_of(path, datetime(2026, 11, 30))
    path.write_text("no database")
    with pytest.raises(HistoryError, match="cannot be read"):
        facts_as_of(path, datetime(2026, 11, 30))


def released(folder: Path, targets: pd.DataFrame, **columns: object) -> str:
    frame = targets.rename(columns={"value": "target_value"}).assign(**columns)
    with duckdb.connect() as connection:
        tables = {"target": connection.from_df(frame).order("target_id")}
        return write_release(folder / "releases" / "demo", tables, MANIFEST)[0].name


def test_two_releases_are_compared_by_what_was_published(checkout: Path) -> None:
    first = released(checkout, facts(("a", 100.0, {}), ("b", 2.0, {})))
    aged = facts(("a", 110.0, {}), ("b", 2.0, {"vintage": "2"}))
    second = released(checkout, aged, published_value=[100.0, 2.0])
    out = run("diff", first, "latest")[1]
    assert out.startswith(f"{first} to latest: 1 revised, 0 gained, 0 lost; 2 targets then, 2 now")
    assert "revised: vintage" in out
    assert run("diff", f"releases/demo/{second}", second)[1].endswith("2 targets then, 2 now\n")


def test_what_is_no_set_of_targets_is_refused(checkout: Path) -> None:
    name = released(checkout, facts(("a", 100.0, {})))
    code, _, err = run("diff", name, "yesterday")
    assert code == 1
    assert (
        f"'yesterday' is neither a day such as 2026-11-30 nor a release; of demo there are {name}"
        in err
    )
    assert "Give two days, or two releases" in run("diff", name, "2026-11-24")[2]


@pytest.mark.parametrize(
    ("name", "is_moment"),
    [
        ("2026-11-30", True),
        ("2026-11-30T14:05", True),
        ("2026-11-30 14:05:00+02:00", True),
        ("2022-e1efd51fb7", False),
        ("2022-1234567890", False),
        ("latest", False),
        ("30.11.2026", False),
    ],
)
def test_days_and_times_are_told_from_releases(name: str, is_moment: bool) -> None:
    assert is_day_or_time(name) == is_moment


def test_check_reads_every_fact_and_says_what_is_wrong(checkout: Path) -> None:
    (checkout / "seeds").mkdir()
    root = Path(__file__).resolve().parents[2]
    for folder in ("codes", "facts_benchmarks"):
        (checkout / "seeds" / folder).symlink_to(root / "seeds" / folder)
    path = checkout / "seeds" / "facts" / "ssa" / "benefits_paid.csv"
    path.parent.mkdir(parents=True)
    text = (root / "seeds" / "facts" / "ssa" / "benefits_paid.csv").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    code, out, _ = run("check")
    assert (code, out.startswith("13 facts in 1 files, ")) == (0, True)
    path.write_text(text.replace(",USD,", ",usd,", 1), encoding="utf-8")
    code, _, err = run("check")
    assert code == 1
    assert "benefits_paid.csv:2: unit 'usd' is not known; nearest: USD" in err
