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
DROPPED = [Path(f"drop/wage_survey_{year}_person/wages_{year}.csv") for year in (2021, 2022)]


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
    (registered, sourced), (staged,) = _blocks("yaml"), _blocks("jinja")
    first, second, crosswalk = _blocks("csv")
    for path, text in (
        (DROPPED[0], first.code),
        (DROPPED[1], second.code),
        (Path("src/steelyard/sources/entries/wage_survey.yml"), registered.code),
        (Path("seeds/xwalks/xwalk_wage_survey_column.csv"), crosswalk.code),
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
        # What is not dropped is not there: the publisher of the example is none.
        "STEELYARD_MIRROR": str(project / "mirror"),
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
            "select dataset_id, line_number, state_fips, hours_per_week, employment_income "
            "from stg_wage_survey__person order by all"
        ).fetchall()
    assert persons == [
        ("wage_survey_2021", 1, "06", None, 50000.0),
        ("wage_survey_2022", 1, "06", 40.0, 52000.0),
        ("wage_survey_2022", 2, "06", None, None),
    ]


@pytest.mark.build
def test_without_its_file_the_build_says_what_to_do(project: Path) -> None:
    dropped = project / DROPPED[1]
    dropped.rename(dropped.with_suffix(".away"))
    try:
        built = _build(project)
    finally:
        dropped.with_suffix(".away").rename(dropped)
    assert built.returncode != 0
    assert "Download wages_2022.csv from the landing page" in " ".join(built.stdout.split())
    assert "`steelyard fetch wage_survey_2022_person` fetches it" in built.stdout
