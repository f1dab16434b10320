"""A small demo world, built once for all tests that ask what a build makes of a change."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_project import ROOT, build_here, copy_project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with one thread everywhere, from nothing."""
    project = copy_project(ROOT, tmp_path_factory.mktemp("built"), duckdb_threads=1)
    build_here(project, "--threads", "1")
    return project


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the build, with its release, its database and its caches."""
    project = tmp_path / "copied"
    shutil.copytree(built, project, symlinks=True)
    yield project
    shutil.rmtree(project)
