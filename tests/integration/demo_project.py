"""A copy of the project's files, built apart from the checkout, and what its release holds."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from steelyard.release import latest_release, provenance
from steelyard.release.folder import UNNAMED

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (*provenance.FOLDERS, "tests/data")
FILES = ("dbt_project.yml", "profiles.yml", "requirements.lock")
UNTESTED = ("--exclude-resource-types", "test", "unit_test")
HOUSEHOLDS = {"STEELYARD_DEMO_HOUSEHOLDS": "600"}
#: What a copy asks for less often than the project does: the documentation's build asks in full.
LESS = {
    "dbt_project.yml": (
        ("doubts: [demo]", "doubts: []"),
        ("conflicts: {demo: 20,", "conflicts: {demo: 2,"),
        ("count: {demo: 20,", "count: {demo: 3,"),
        ("most_donors: {demo: 400,", "most_donors: {demo: 60,"),
        ("    draws: 3", "    draws: 2"),
    ),
    "python_models/validation/_validation_python__models.yml": (("trees: 10", "trees: 2"),),
}

# Of one column: rows that are not null, distinct values, smallest, largest; of a numeric one also
# its sum and its weighted sum.
Fingerprint = dict[str, dict[str, tuple[Any, ...]]]


def copy_project(project: Path, folder: Path, *, duckdb_threads: int) -> Path:
    """Copy what a build reads into an empty folder, with this many DuckDB threads; do LESS."""
    for name in FOLDERS:
        shutil.copytree(project / name, folder / name)
    for name in FILES:
        shutil.copy(project / name, folder / name)
    (folder / "build" / "demo").mkdir(parents=True)
    set_duckdb_threads(folder, duckdb_threads)
    for name, changes in LESS.items():
        text = (folder / name).read_text(encoding="utf-8")
        for whole, less in changes:
            assert text.count(whole) + text.count(less) == 1, f"{name} does not say {whole!r}"
            text = text.replace(whole, less)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def set_duckdb_threads(project: Path, count: int) -> None:
    """Let DuckDB run a copy's statements on this many threads."""
    profiles = project / "profiles.yml"
    text, changed = re.subn(
        r"(settings: &settings\s+threads:) \d+", rf"\1 {count}", profiles.read_text()
    )
    assert changed == 1
    profiles.write_text(text)


def parse_here(project: Path) -> Manifest:
    """Parse a copy, for questions whose variables and profile change nothing that is parsed.

    dbt itself would parse all anew for another variable or another number of threads.
    """
    with contextlib.chdir(project), _environment(HOUSEHOLDS):
        parsed = dbtRunner().invoke(["parse", "--profiles-dir", "."])
    assert parsed.success, parsed.exception
    assert isinstance(parsed.result, Manifest)
    return parsed.result


def build_here(project: Path, *arguments: str, parsed: Manifest | None = None) -> None:
    """Run ``dbt build`` in this process, where the tax engine is compiled once; it goes well."""
    code, said = run_here(project, "build", *arguments, parsed=parsed)
    assert code == 0, said[-3000:]


def run_here(project: Path, *arguments: str, parsed: Manifest | None = None) -> tuple[int, str]:
    """Run dbt in this process, where all is imported; return its exit code and what it said.

    As on the command line, 1 says that a node failed, and 2 that dbt could not begin or broke.
    """
    said: list[str] = []
    with contextlib.chdir(project), _environment(HOUSEHOLDS):
        try:
            runner = dbtRunner(parsed, callbacks=[lambda each: said.append(each.info.msg)])
            answer = runner.invoke([*arguments, "--profiles-dir", "."])
        finally:
            DuckDBConnectionManager.close_all_connections()
    if answer.exception is not None:
        said.append(str(answer.exception))
    said += [
        f"{result.node.name}: {result.message}"
        for result in getattr(answer.result, "results", [])
        if result.status in {"error", "fail"}
    ]
    code = 2 if answer.exception is not None else int(not answer.success)
    return code, "\n".join(said)


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start dbt as a person would, both outputs in one pipe."""
    return subprocess.Popen(
        [Path(sys.executable).with_name("dbt"), *arguments],
        cwd=project,
        env=os.environ | HOUSEHOLDS | {"DBT_PROFILES_DIR": str(project), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A job in the background is given deaf ears, and would hand them on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no threads
    )


def run(project: Path, *arguments: str) -> tuple[int, str]:
    """Run dbt to its end; return its exit code and what it said."""
    with start(project, *arguments) as process:
        said, _ = process.communicate()
    return process.returncode, said


def release_of(project: Path) -> Path:
    """The latest release of a copy."""
    return latest_release(project / "releases" / "demo")


def fingerprint(release: Path) -> Fingerprint:
    """Describe every column of every released table but what the build took, to the last bit."""
    with duckdb.connect(config={"threads": 1}) as connection:
        return {
            path.stem: dict(_columns(connection, path))
            for path in sorted(release.glob("*.parquet"))
            if path.name not in UNNAMED
        }


def _columns(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    table = connection.read_parquet(str(path))
    for name, kind in zip(table.columns, table.types, strict=True):
        asked = f'count("{name}"), count(distinct "{name}"), min("{name}"), max("{name}")'
        if kind.id in {"integer", "bigint", "double", "decimal", "float", "smallint", "hugeint"}:
            asked += f', fsum(cast("{name}" as double))'
            if "calibrated_weight" in table.columns:
                asked += f', fsum("{name}" * calibrated_weight)'
        (described,) = table.aggregate(asked).fetchall()
        yield name, described


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
