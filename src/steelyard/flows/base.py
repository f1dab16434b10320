"""What a panel begins with: persons of the latest release, and those whose lives were followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.flows.partitions import PanelError
from steelyard.panel.base import MAY_BE_EMPTY
from steelyard.release import latest_release, verify
from steelyard.warehouse.query import query_database

#: The database's table of person-years, in the order of `steelyard.panel.histories.tables`.
PERSON_YEAR = "pnl_person_year"
_PERSON_YEARS = f"select * from {PERSON_YEAR} order by dataset_id, person_id, income_year"

Needs = Mapping[str, tuple[str, ...]]


class UnfitBuildError(PanelError):
    """A build lacks what ageing needs."""


@dataclass(frozen=True, eq=False)
class Base:
    """What a panel begins with.

    Parameters
    ----------
    release
        Version of the release.
    income_year
        The year that it describes.
    is_synthetic
        Whether any of its records are made up.
    tables
        The release's tables that are needed, and ``pnl_person_year``.
    """

    release: str
    income_year: int
    is_synthetic: bool
    tables: Mapping[str, pa.Table]


def read_base(target: str, needs: Needs, root: Path = Path()) -> Base:
    """Read what a panel begins with; nothing is written.

    Parameters
    ----------
    target
        The build.
    needs
        Columns that are read of each table of the release.
    root
        The checkout.

    Raises
    ------
    UnfitBuildError
        If a column is missing or says nothing of anybody; the message names each.
    ReleaseError
        If there is no release, or it was altered.
    QueryError
        If the build's database is not there, or in use.
    """
    release = latest_release(root / "releases" / target)
    manifest = verify(release)
    tables = {name: _read(release, name, columns) for name, columns in needs.items()}
    database = root / "build" / target / "steelyard.duckdb"
    tables[PERSON_YEAR] = query_database(database, _PERSON_YEARS)
    return Base(release.name, manifest["income_year"], bool(manifest["is_synthetic"]), tables)


def _read(release: Path, name: str, columns: tuple[str, ...]) -> pa.Table:
    path = release / f"{name}.parquet"
    there = pq.read_schema(path).names if path.is_file() else []
    table = pq.read_table(path, columns=[c for c in columns if c in there]) if there else None
    lacks = [
        f"{column} ({'not there' if column not in there else 'null for everybody'})"
        for column in columns
        if table is None
        or column not in there
        or (column not in MAY_BE_EMPTY and table[column].null_count == table.num_rows)
    ]
    if table is None or lacks:
        raise UnfitBuildError(
            f"{path}: this build cannot be aged, it lacks {', '.join(lacks)}. Lives are drawn by "
            "sex, schooling, family and work: age a build of a survey that asks for them, such as "
            "demo or us_2022"
        )
    return table
