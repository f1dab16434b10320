"""A reader gets an answer from any file of a release with one line, in whatever engine is there."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from demo_project import release_of
from snippets import ROOT, commands, snippets, tool_path

PAGE = ROOT / "docs" / "how-to" / "ask-a-release.md"
pytestmark = pytest.mark.build


def blocks(language: str) -> list[str]:
    return [each.code.strip() for each in snippets(language) if each.page == PAGE]


def test_every_file_answers_one_line(built: Path) -> None:
    release = release_of(built)
    files = sorted(release.glob("*.parquet"))
    assert len(files) > 30
    for file in files:
        line = f"select count(*) as rows, any_value(columns(*)) from '{file}'"
        said = subprocess.run(
            [tool_path("duckdb"), "-csv", "-c", line], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
        counted = int(re.split(r"[,\n]", said.stdout.split("\n", 1)[1])[0])
        assert counted == duckdb.sql(line).fetchall()[0][0] == pq.read_metadata(file).num_rows


def test_the_command_line_of_the_page_answers(built: Path) -> None:
    (snippet,) = (each for each in snippets("sh") if each.page == PAGE)
    for line in commands(snippet):
        words = shlex.split(line)
        command = [tool_path(words[0]), *words[1:]]
        done = subprocess.run(command, cwd=built, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "joint" in done.stdout


def test_the_line_of_r_answers(built: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript here: the page's line of R was not run")
    has_package = subprocess.run([rscript, "-e", "library(duckdb)"], check=False)
    if has_package.returncode:
        pytest.skip("R has no package duckdb here: the page's line of R was not run")
    (line,) = blocks("r")
    done = subprocess.run(
        [rscript, "-e", f"print({line})"], cwd=built, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "joint" in done.stdout


def test_the_line_of_python_answers(built: Path) -> None:
    code = blocks("python")[0]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=built, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "joint" in done.stdout
