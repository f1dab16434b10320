"""A small demo world, built once for all tests that ask what a build makes of a change."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_project import ROOT, UNTESTED, build_here, copy_project
from filelock import FileLock


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with one thread everywhere, from nothing; one for all processes of the tests.

    Its data tests are left out: `dbt build` as the documentation has it asks them.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    project, done = shared / "built", shared / "built.done"
    with FileLock(shared / "built.lock"):
        if not done.exists():
            shutil.rmtree(project, ignore_errors=True)
            copy_project(ROOT, project, duckdb_threads=1)
            build_here(project, "--threads", "1", *UNTESTED)
            done.touch()
    return project


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the build, with its release, its database and its caches."""
    project = tmp_path / "copied"
    shutil.copytree(built, project, symlinks=True)
    yield project
    shutil.rmtree(project)
