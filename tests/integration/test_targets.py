"""A published figure becomes a target by its row alone, and an old set of them comes back."""

import csv
import hashlib
import json
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from demo_project import ROOT, UNTESTED, build_here, parse_here, release_of, run_here
from streamlit.testing.v1 import AppTest

from steelyard.cli import main

pytestmark = pytest.mark.build

# All that a fact can change.
AFTER_FACTS = (*UNTESTED, "--select", "source:facts.fact+")
TABLE_1_4 = Path("seeds/facts/irs_soi/publication_1304_table_1_4.csv")
HOW_TO = ROOT / "docs" / "how-to" / "add-a-target.md"
#: Columns that no fact named before.
UNHEARD_OF = {
    "hispanic": ("person", "residents", "population", "persons", "is_hispanic = true", "63700000"),
    "full_time": (
        "person",
        "residents",
        "population",
        "persons",
        "weekly_hours_worked >= 35",
        "121000000",
    ),
    "young_children": (
        "tax_unit",
        "filers",
        "returns",
        "returns",
        "payroll_tax > 0; dependents_under_6 >= 1",
        "15100000",
    ),
}


def digest(project: Path, table: str) -> str:
    return hashlib.sha256((release_of(project) / f"{table}.parquet").read_bytes()).hexdigest()


def last_version(project: Path) -> datetime:
    with duckdb.connect(str(project / "build" / "demo" / "history.duckdb")) as connection:
        (moment,) = connection.execute("select max(dbt_valid_from) from snap_fact").fetchall()[0]
    return moment


def targets(project: Path) -> pd.DataFrame:
    with duckdb.connect() as connection:
        path = release_of(project) / "target.parquet"
        return connection.read_parquet(str(path)).df().set_index("target_id")


def new_file(project: Path) -> None:
    """Drop a file in: the how-to's own example, and three facts on columns never used before."""
    example = HOW_TO.read_text(encoding="utf-8").split("```csv\n")[1].split("```")[0]
    (header, row) = (
        csv.DictReader(example.splitlines()).fieldnames,
        next(csv.DictReader(example.splitlines())),
    )
    rows = [
        row
        | {"fact_id": f"test/{name}", "geography_level": "national", "geoid": "US"}
        | {"entity": entity, "universe": universe, "variable": variable, "statistic": "count"}
        | {"unit": unit, "constraints": constraints, "value": value, "source_table": name}
        | {"period_type": "calendar_year"}
        for name, (entity, universe, variable, unit, constraints, value) in UNHEARD_OF.items()
    ]
    path = project / "seeds" / "facts" / "irs_soi" / "example.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header or [])
        writer.writeheader()
        writer.writerows([row, *rows])


def revise(project: Path) -> None:
    """Give national AGI another value, and take the row below it away."""
    path = project / TABLE_1_4
    lines = path.read_text(encoding="utf-8").splitlines()
    (place,) = (
        number
        for number, line in enumerate(lines)
        if ",US,tax_unit,filers,adjusted_gross_income,amount,USD,," in line
    )
    lines[place] = lines[place].replace(",14833956956000,", ",15000000000000,")
    del lines[place + 1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_row_is_a_target_and_an_old_set_comes_back(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = ("target", "household", "person", "tax_unit")
    before = {table: digest(copied, table) for table in tables}
    first, old = release_of(copied), targets(copied)
    stood = last_version(copied)
    assert not {f"test/{name}" for name in UNHEARD_OF} & set(old.index)

    new_file(copied)
    revise(copied)
    build_here(copied, *AFTER_FACTS)

    now = targets(copied)
    added = now.loc[[*(f"test/{name}" for name in UNHEARD_OF)]]
    assert set(added["target_role"]) <= {"fitted", "held_out"}, added["reason_left_out"]
    assert (added["support_count"] > 0).all()
    assert (added["calibrated_estimate"] > 0).all()
    assert now.loc["irs_soi/example/2022/06/single_over_50000", "target_value"] == 402310
    assert digest(copied, "target") != before["target"]

    monkeypatch.chdir(copied)
    page = AppTest.from_file(str(ROOT / "dashboards" / "pages" / "targets.py"), default_timeout=120)
    page.query_params["target"] = "test/hispanic"
    page.run().text_input(key="words").set_value("hispanic").run()
    shown = next(each.value for each in page.dataframe if "target_label" in each.value)
    (label,) = shown["target_label"]
    assert "hispanic" in label.lower()
    assert any("`test/hispanic`" in each.value for each in page.caption)
    page = AppTest.from_file(str(ROOT / "dashboards" / "pages" / "compare.py"), default_timeout=120)
    page.run().button_group(key="kinds").set_value(["revised", "gained", "lost"]).run()
    (shown,) = (each.value for each in page.dataframe if "value_before" in each.value)
    assert list(shown["change"]).count("gained") == 4
    assert list(shown["change"]).count("lost") == 1

    assert main(["targets", "diff", first.name, "latest"]) == 0
    by_release = capsys.readouterr().out
    moment = stood.isoformat(sep=" ", timespec="microseconds")
    later = last_version(copied).isoformat(sep=" ", timespec="microseconds")
    earlier = (stood + pd.Timedelta(milliseconds=1)).isoformat(sep=" ")
    after = (last_version(copied) + pd.Timedelta(milliseconds=1)).isoformat(sep=" ")
    assert later > moment
    assert main(["targets", "diff", earlier, after]) == 0
    by_day = capsys.readouterr().out
    for said in (by_release, by_day):
        assert ": 1 revised, 4 gained, 1 lost; " in said
        assert "14,833,956,956,000 -> 15,000,000,000,000 USD (+1.12%); revised: value" in said

    then = ("--vars", f"targets_as_of: '{earlier}'")
    build_here(copied, *AFTER_FACTS, *then, parsed=parse_here(copied))
    assert {table: digest(copied, table) for table in tables} == before


def asked(**variables: object) -> tuple[str, ...]:
    return ("run", "--select", "tgt_fact", "--vars", json.dumps(variables))


def test_facts_are_read_as_the_variables_say(copied: Path) -> None:
    """Districts are targets where asked for; an unknown past and an unknown set stop the build."""
    parsed = parse_here(copied)
    unknown, no_day, no_set, districts = (
        run_here(copied, *asked(**variables), parsed=parsed)
        for variables in (
            {"targets_as_of": "2020-01-01"},
            {"targets_as_of": "30.11.2026"},
            {"target_sets": ["districts"]},
            {"target_sets": ["core", "congressional_districts"]},
        )
    )
    assert [code for code, _ in (unknown, no_day, no_set, districts)] == [1, 1, 1, 0]
    assert "targets_as_of: the history of targets begins " in unknown[1]
    assert "how they stood on 2020-01-01 is not known" in unknown[1]
    assert "targets_as_of: '30.11.2026' is neither a day (2026-11-30) nor a time" in no_day[1]
    assert "'districts' is no set of facts; known are core, congressional_districts" in no_set[1]
    with duckdb.connect(str(copied / "build" / "demo" / "steelyard.duckdb")) as connection:
        levels = dict(
            connection.execute(
                "select geography_level, count(distinct geoid) from tgt_fact group by all"
            ).fetchall()
        )
    assert levels["congressional_district_118"] == levels["congressional_district_119"] == 436
    assert not {level for level in set(targets(copied)["geography_level"]) if "district" in level}
