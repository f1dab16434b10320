"""Whatever README and docs ask a reader to run does run, and their links lead somewhere."""

import json
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml
from page_figures import queried
from snippets import (
    COMMANDS,
    DATABASE,
    ROOT,
    RUNNABLE,
    Snippet,
    commands,
    first_difference,
    is_safe,
    pages,
    run,
    snippets,
    tool_path,
)

from steelyard.release import ReleaseError, latest_release, verify
from steelyard.warehouse.query import query_parquet

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OTHERS = {"cd", "cp", "mkdir", "node", "npm"}
RUN_HERE = [snippet for snippet in snippets(*RUNNABLE, *COMMANDS) if is_safe(snippet)]


@pytest.fixture(scope="session")
def demo_release() -> Path:
    """The demo release of this checkout, made here if it or the build's database is not there."""
    folder = ROOT / "releases" / "demo"
    try:
        verify(latest_release(folder))
        is_built = DATABASE.is_file()
    except ReleaseError:
        is_built = False
    if not is_built:
        environment = os.environ | {
            "DBT_PROFILES_DIR": str(ROOT),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        environment.pop("STEELYARD_DEMO_HOUSEHOLDS", None)
        command = [sys.executable, "-m", "dbt.cli.main", "build", "--target", "demo"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return latest_release(folder)


@pytest.mark.build
@pytest.mark.parametrize(
    "snippet", [each for each in snippets(*RUNNABLE, *COMMANDS) if is_safe(each)], ids=str
)
def test_snippet_runs(snippet: Snippet, demo_release: Path) -> None:
    said = run(snippet)
    if snippet.mark == "deterministic":
        assert said == snippet.output
    elif snippet.output is not None and snippet.mark != "varies":
        assert first_difference(snippet.output, said) is None, said


@pytest.mark.parametrize(
    ("shown", "said", "parts"),
    [
        ("│ single │ 80.7 │ 4234.0 │", "│ single  │  80.9 │ 4230.1 │", None),
        ("Release 2022-6a44e27018", "Release 2022-7686a3d03c", None),
        ("AGI $13.50 trillion (12.5 %)", "AGI $13.51 trillion (12.5 %)", None),
        ("0.04879", "0.04871", None),
        ("Gates 4 of 7", "Gates 4 of 11", "shows '7', says '11'"),
        ("│ 80.7 │", "│ 82.0 │", "shows '80.7', says '82.0'"),
        ("USD 5", "$5", "shows 'USD', says '$5'"),
        ("one two", "one two three", "shows 2 words, says 3"),
    ],
)
def test_outputs_are_compared_figure_by_figure(shown: str, said: str, parts: str | None) -> None:
    assert first_difference(shown, said) == parts


@pytest.mark.parametrize("snippet", snippets(*COMMANDS), ids=str)
def test_commands_exist(snippet: Snippet) -> None:
    typed = commands(snippet)
    assert typed, f"{snippet} shows no command; lines that are typed begin with `$ `"
    for line in typed:
        _check_command(shlex.split(line, comments=True))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = [
        target
        for target in (match["target"] for match in LINK.finditer(_prose(page)))
        if not target.startswith(("http://", "https://")) and not _is_there(page, target)
    ]
    assert not dead


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {
        (index.parent / match["target"].split("#")[0]).resolve()
        for match in LINK.finditer(_prose(index))
        if "://" not in match["target"]
    }
    written = {page for page in pages() if page.is_relative_to(index.parent)} - {index}
    assert written - linked == set()


def test_every_command_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    names = [f"make {name}" for name in re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)]
    (choices,) = set(re.findall(r"\{([\w,]+)\}", _run(tool_path("steelyard"), "--help").stdout))
    names += [f"steelyard {name}" for name in choices.split(",")]
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.build
@pytest.mark.parametrize(("place", "number", "sql"), queried(of_build=True), ids=str)
def test_a_number_is_what_the_demo_build_says(
    demo_release: Path, place: str, number: float, sql: str
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{DATABASE}' as build (read_only)")
        ((said,),) = connection.execute(sql).fetchall()
    assert float(said) == number, place


@pytest.mark.build
def test_every_released_table_is_in_the_reference(demo_release: Path) -> None:
    page = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    tables = [file.stem for file in sorted(demo_release.glob("*.parquet"))]
    assert tables
    assert [table for table in tables if f"\n| `{table}` |" not in page] == []


@pytest.mark.build
def test_a_whole_build_counts_its_tests(demo_release: Path) -> None:
    stages = query_parquet(demo_release, "from build_stage").set_index("stage")
    assert stages.loc["tests", "node_count"] > 500


@pytest.mark.build
def test_the_results_page_shows_every_gate_and_headline(demo_release: Path) -> None:
    printed = _run(sys.executable, "benchmarks/results_table.py", "--target", "demo")
    assert printed.returncode == 0, printed.stderr
    gates = json.loads((demo_release / "manifest.json").read_text(encoding="utf-8"))["gates"]
    assert [gate["gate"] for gate in gates if f"| `{gate['gate']}` |" not in printed.stdout] == []
    assert demo_release.name in printed.stdout


def _check_command(words: list[str]) -> None:
    tool = Path(words[0]).name
    if tool == "make":
        done = _run("make", "--dry-run", *words[1:])
        assert done.returncode == 0, done.stderr
    elif tool in {"dbt", "steelyard"}:
        done = _run(tool_path(tool), words[1], "--help")
        assert done.returncode == 0, done.stderr
        _check_target(words)
    elif tool == "python" and len(words) > 1 and words[1].endswith(".py"):
        assert (ROOT / words[1]).is_file()
    elif tool not in OTHERS:
        assert Path(tool_path(tool)).exists(), f"{words}: neither ours nor one of {OTHERS}"


def _check_target(words: list[str]) -> None:
    if "--target" in words:
        profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
        assert words[words.index("--target") + 1] in profile["steelyard"]["outputs"]


@cache
def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def _is_there(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    if not file.exists():
        return False
    return not anchor or file.suffix != ".md" or anchor in _anchors(file)


def _anchors(page: Path) -> set[str]:
    """Name the headings of a page as GitHub does."""
    titles = (match["title"] for match in HEADING.finditer(_prose(page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
