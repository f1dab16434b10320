"""A folder of the demo world is a mirror of the publishers: real entries are read from it."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from demo_project import ROOT, build_here, copy_project

from steelyard.sources.demo import write_survey

pytestmark = pytest.mark.build

ENTITIES = ("dataset", "person", "household", "family", "spm_unit", "tax_unit")
HARMONISE = (
    "--target", "us_2022", "--threads", "2", "--indirect-selection", "buildable",
    "--select", *(f"+int_{entity}" for entity in ENTITIES),
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose mirror has the survey of 2023, and nothing else."""
    write_survey(tmp_path / "mirror", "cps_asec", 2023, households=600)
    monkeypatch.setenv("STEELYARD_MIRROR", str(tmp_path / "mirror"))
    made = copy_project(ROOT, tmp_path / "project", duckdb_threads=2)
    (made / "build" / "us_2022").mkdir()
    return made


def ask(project: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(project / "build/us_2022/steelyard.duckdb"), read_only=True) as build:
        return build.execute(sql).fetchall()


def test_a_second_vintage_in_the_mirror_tells_last_year(project: Path, tmp_path: Path) -> None:
    build_here(project, *HARMONISE)
    assert ask(project, "select dataset_id, is_base, is_synthetic from int_dataset") == [
        ("cps_asec_2022", True, False)
    ]
    assert ask(project, "select count(employment_income_last_year) from int_person") == [(0,)]
    before = ask(project, "select count(*), fsum(total_money_income) from int_person")

    write_survey(tmp_path / "mirror", "cps_asec", 2022, households=600)
    build_here(project, *HARMONISE)
    assert ask(project, "select dataset_id, is_base from int_dataset order by dataset_id") == [
        ("cps_asec_2021", False),
        ("cps_asec_2022", True),
    ]
    # The base records are what they were, and some of them are known from the year before.
    base = "from int_person where dataset_id = 'cps_asec_2022'"
    assert ask(project, f"select count(*), fsum(total_money_income) {base}") == before
    ((known, same, persons),) = ask(
        project,
        f"""
        select count(employment_income_last_year),
            count(*) filter (where employment_income_last_year = employment_income), count(*) {base}
    """,
    )
    assert 0.1 < known / persons < 0.5
    assert same < known
    sources = json.loads((project / "build/us_2022/sources.json").read_text())
    read = {file["entry"]: file for files in sources.values() for file in files}
    assert {"cps_asec_2022_person", "cps_asec_2023_person"} <= read.keys()
    hashes = {file["raw_sha256"] for file in read.values() if file["survey_year"] == 2023}
    assert len(hashes) == 1, "one zip holds all records of a vintage"
