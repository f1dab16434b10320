"""The how-to "Add a source" works as written, in a copy of the checkout."""

import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from snippets import ROOT, Snippet, snippets, tool_path

PAGE = ROOT / "docs" / "how-to" / "add-a-source.md"
COPIED = ("macros", "models", "python_models", "seeds", "snapshots", "src")
STAGING = Path("models/staging/wage_survey")


def _blocks(language: str) -> list[Snippet]:
    return [snippet for snippet in snippets(language) if snippet.page == PAGE]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with what the page says, and without any build."""
    project = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        shutil.copytree(ROOT / name, project / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, project / name)
    (project / "build" / "demo").mkdir(parents=True)
    registered, sourced = _blocks("yaml")
    (raw,), (staged,) = _blocks("csv"), _blocks("jinja")
    for path, text in (
        (Path("drop/wage_survey_2022/wages_2022.csv"), raw.code),
        (Path("src/steelyard/sources/entries/wage_survey_2022.yml"), registered.code),
        (STAGING / "_wage_survey__sources.yml", sourced.code),
        (STAGING / "stg_wage_survey__person.sql", staged.code),
    ):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    return project


def _build(project: Path) -> subprocess.CompletedProcess[str]:
    command = [tool_path("dbt"), "build", "--select", f"path:{STAGING}"]
    environment = os.environ | {
        "DBT_PROFILES_DIR": str(project),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONPATH": str(project / "src"),
    }
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.build
def test_the_page_adds_a_source(project: Path) -> None:
    built = _build(project)
    assert built.returncode == 0, built.stdout
    with duckdb.connect(project / "build" / "demo" / "steelyard.duckdb") as connection:
        persons = connection.execute(
            "select state_fips, employment_income from stg_wage_survey__person order by line_number"
        ).fetchall()
    assert persons == [("06", 52000.0), ("06", None)]


@pytest.mark.build
def test_without_its_file_the_build_says_what_to_do(project: Path) -> None:
    dropped = project / "drop" / "wage_survey_2022" / "wages_2022.csv"
    dropped.rename(dropped.with_suffix(".away"))
    try:
        built = _build(project)
    finally:
        dropped.with_suffix(".away").rename(dropped)
    assert built.returncode != 0
    assert "Download wages_2022.csv from the landing page" in built.stdout
