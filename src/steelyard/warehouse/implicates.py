"""Other draws of what surveys lack: each builds what hangs on it, and leaves its headlines."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.warehouse.stage import tell
from steelyard.warehouse.unfinished import workplace

FOLDER = "implicates"
SCHEMA = pa.schema(
    [("implicate", pa.int32()), ("metric", pa.string()), ("calibrated_value", pa.float64())]
)
#: Where an implicate's database lies within the build's folder; profiles.yml reads the variable.
#: A database's views know it by its name, so that a copy must have the same.
_DATABASE, _NAMED_BY = "implicate/steelyard.duckdb", "STEELYARD_DATABASE"
_BETWEEN = "tag:draw+,+val_headline"
_HEADLINES = "select metric, calibrated_value from val_headline order by metric"
_SAID_AT_LAST = 12


class ImplicateError(RuntimeError):
    """Other draws cannot be made; the message says why and what to do."""


def make_implicates(build: Path, count: int) -> Iterator[tuple[int, float | None]]:
    """Draw again what surveys lack, and build everything that hangs on it, up to the headlines.

    Parameters
    ----------
    build
        ``build/<target>``, with the database of a finished build, which is the first implicate.
    count
        Implicates in all, 2 or more.

    Yields
    ------
    Number of each further implicate and the seconds it took; None where it was there already.

    Raises
    ------
    ImplicateError
        If there is no finished build, another process has its database, or dbt fails.

    Notes
    -----
    ``<build>/implicates/<n>.parquet`` holds the headlines of implicate n beside those of the
    first, by which `read_implicates` knows whether they are of the build at hand. What was
    interrupted begins again at the implicate that was not finished.
    """
    if count < 2:
        raise ImplicateError(f"at least two implicates say how much they differ, got {count}")
    first = _headlines(build / "steelyard.duckdb", build.name)
    for number in range(2, count + 1):
        kept = build / FOLDER / f"{number}.parquet"
        if _is_beside(kept, first):
            yield number, None
            continue
        started = time.perf_counter()
        with _copied(build) as database:
            _build(build.name, number)
            drawn = _headlines(database, build.name)
        _keep(kept, first, drawn)
        yield number, time.perf_counter() - started


def read_implicates(build: Path, headlines: pa.Table) -> pa.Table:
    """Read the headlines of every implicate that was drawn for a build.

    Parameters
    ----------
    build
        ``build/<target>``.
    headlines
        Columns metric and calibrated_value: the build's own.

    Returns
    -------
    Table of ``SCHEMA``, by implicate and metric, the build's own as implicate 1; no rows where
    there is no other. Implicates of a build with other headlines are left out, and told of.
    """
    own = headlines.select(["metric", "calibrated_value"]).sort_by("metric")
    numbers = {int(path.stem): path for path in (build / FOLDER).glob("[0-9]*.parquet")}
    tables, strangers = [], []
    for number, path in sorted(numbers.items()):
        if not _is_beside(path, own):
            strangers.append(number)
            continue
        table = pq.read_table(path)
        tables.append(_numbered(number, table.select(["metric", "calibrated_value"])))
    if strangers:
        tell(
            f"implicates {', '.join(map(str, strangers))} are of another build and left out; "
            f"`steelyard implicates --target {build.name}` draws them anew"
        )
    return pa.concat_tables([_numbered(1, own), *tables]) if tables else SCHEMA.empty_table()


def _numbered(number: int, headlines: pa.Table) -> pa.Table:
    numbers = pa.array([number] * headlines.num_rows, pa.int32())
    return headlines.add_column(0, "implicate", numbers).cast(SCHEMA)


def _is_beside(path: Path, first: pa.Table) -> bool:
    """Say whether a file holds headlines drawn beside these, to the last bit."""
    if not path.is_file():
        return False
    kept = pq.read_table(path).select(["metric", "first_value"])
    beside: bool = kept.rename_columns(first.column_names).equals(first)
    return beside


def _headlines(database: Path, target: str) -> pa.Table:
    build = f"`dbt build --target {target}`"
    if not database.is_file():
        raise ImplicateError(f"there is no {database}; {build} makes it")
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.sql(_HEADLINES).to_arrow_table()
    except duckdb.CatalogException as error:
        raise ImplicateError(f"{database} has no headlines; let {build} end first") from error
    except duckdb.IOException as error:
        raise ImplicateError(
            f"{database} cannot be read, perhaps since a build is writing it; try again when that "
            f"has ended ({error})"
        ) from error


@contextlib.contextmanager
def _copied(build: Path) -> Iterator[Path]:
    """Copy a build's database for the time that an implicate takes."""
    database = build / _DATABASE
    try:
        database.parent.mkdir(exist_ok=True)
        shutil.copyfile(build / database.name, database)
        yield database
    finally:
        shutil.rmtree(database.parent)


def _build(target: str, number: int) -> None:
    """Run dbt over what lies between the draws and the headlines."""
    dbt = Path(sys.executable).with_name("dbt")
    words = ["run", "--target", target, "--vars", f"{{implicate: {number}}}", "--select", _BETWEEN]
    ended = subprocess.run(
        [dbt, *words],
        env=os.environ | {_NAMED_BY: _DATABASE, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        said = "\n".join(ended.stdout.splitlines()[-_SAID_AT_LAST:])
        raise ImplicateError(f"implicate {number} of {target}: dbt failed. It said last:\n{said}")


def _keep(path: Path, first: pa.Table, drawn: pa.Table) -> None:
    kept = drawn.append_column("first_value", first.column("calibrated_value"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with workplace(path.parent) as place:
        pq.write_table(kept, place / path.name)
        (place / path.name).replace(path)
