"""A release described once: the structure from which every standard's file is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from steelyard.warehouse.checksum import sha256
from steelyard.warehouse.export import TableWords

NAME = "Steelyard"
AUTHORS = "The Steelyard authors"
LICENCE = "MIT"
LICENCE_URL = "https://spdx.org/licenses/MIT"
KEYWORDS = (
    "microdata",
    "microsimulation",
    "tax",
    "benefits",
    "income",
    "poverty",
    "survey calibration",
    "imputation",
    "United States",
)
_MEDIA = {
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".duckdb": "application/vnd.duckdb",
    ".html": "text/html",
    ".pdf": "application/pdf",
}


@dataclass(frozen=True)
class Column:
    """A column: name, Arrow type, unit (empty where there is none) and meaning.

    ``references`` is the table whose key it holds, if any.
    """

    name: str
    kind: str
    unit: str
    description: str
    references: str | None


@dataclass(frozen=True)
class File:
    """A file of the release: name, size in bytes, hash, media type."""

    name: str
    byte_count: int
    sha256: str
    media_type: str


@dataclass(frozen=True)
class Table:
    """A table of the release, in a file of its own; ``key`` is empty where it has none."""

    name: str
    grain: str
    description: str
    row_count: int
    key: str
    file: File
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Release:
    """Manifest, tables and the other files of a release."""

    manifest: Mapping[str, Any]
    tables: tuple[Table, ...]
    other_files: tuple[File, ...]

    @property
    def files(self) -> tuple[File, ...]:
        """Every file that is described, tables first."""
        return (*(table.file for table in self.tables), *self.other_files)

    @property
    def version(self) -> str:
        """Name of the release: income year and hash of its content."""
        return str(self.manifest["version"])

    @property
    def title(self) -> str:
        """Title of the release, which says at once if records are made up."""
        made_up = ", synthetic" if self.manifest["is_synthetic"] else ""
        return (
            f"{NAME} {self.manifest['build_target']}: tax-benefit microdata of the United States, "
            f"incomes of {self.manifest['income_year']}{made_up}"
        )

    @property
    def description(self) -> str:
        """Two or three sentences: what it is, what of it is made up."""
        words = (
            "Households, persons, tax units, families and SPM units of public surveys in one "
            "schema, completed by imputation, with amounts of tax law, and weighed against "
            "published administrative totals; with those totals, the fit to them, and the "
            "meaning of every column."
        )
        if self.manifest["is_synthetic"]:
            words += f" Records of {self.manifest['synthetic_sources']} are made up."
        return words

    @property
    def day(self) -> str:
        """Day on which the release was made, from its manifest, ISO 8601."""
        return str(self.manifest["made"]["at"])[:10]

    @property
    def sources(self) -> list[dict[str, Any]]:
        """What the manifest says of each raw file, one an entry of the registry."""
        entries: dict[str, dict[str, Any]] = {}
        for source in self.manifest["sources"]:
            entries.setdefault(source["entry"], dict(source))
        return list(entries.values())


def read_words(tables: Mapping[str, Any]) -> dict[str, TableWords]:
    """Read from a release's own ``dictionary`` and ``dictionary_table`` what its tables mean.

    Parameters
    ----------
    tables
        Name to DuckDB relation; a table that neither describes has no words but its name.
    """
    columns: dict[str, dict[str, dict[str, str]]] = {}
    for row in _rows(tables.get("dictionary")):
        said = {"unit": row["unit"] or "", "description": row["description"]}
        columns.setdefault(row["table_name"], {})[row["column_name"]] = said
    whole = {row["table_name"]: row for row in _rows(tables.get("dictionary_table"))}
    return {
        name: TableWords(
            table={
                "table": name,
                "grain": whole.get(name, {}).get("grain", ""),
                "description": whole.get(name, {}).get("description", ""),
            },
            columns={
                column: columns[name][column]
                for column in table.columns
                if column in columns.get(name, {})
            },
        )
        for name, table in tables.items()
    }


def describe(
    folder: Path,
    manifest: Mapping[str, Any],
    words: Mapping[str, TableWords],
    others: Iterable[str],
) -> Release:
    """Describe the files in a folder.

    Parameters
    ----------
    folder
        Holds the tables as Parquet, and the other files.
    manifest
        As it is written; ``files`` lists the tables.
    words
        Table to what is said of it.
    others
        Names of the other files to describe.
    """
    names = [Path(entry["name"]).stem for entry in manifest["files"]]
    tables = []
    for entry, name in zip(manifest["files"], names, strict=True):
        schema = pq.read_schema(folder / entry["name"])
        said = words.get(name, TableWords())
        columns = tuple(
            Column(
                name=field.name,
                kind=str(field.type),
                unit=said.columns.get(field.name, {}).get("unit", ""),
                description=said.columns.get(field.name, {}).get("description", ""),
                references=_referred(field.name, name, names),
            )
            for field in schema
        )
        file = File(entry["name"], entry["byte_count"], entry["sha256"], _MEDIA[".parquet"])
        key = f"{name}_id" if f"{name}_id" in schema.names else ""
        tables.append(
            Table(
                name=name,
                grain=said.table.get("grain", ""),
                description=said.table.get("description", ""),
                row_count=entry["row_count"],
                key=key,
                file=file,
                columns=columns,
            )
        )
    return Release(manifest, tuple(tables), tuple(_file(folder / name) for name in others))


def _rows(table: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [] if table is None else table.to_arrow_table().to_pylist()
    return rows


def _referred(column: str, table: str, tables: list[str]) -> str | None:
    """Table whose key a column of another table holds, by its name."""
    other = column.removesuffix("_id")
    return other if other not in (column, table) and other in tables else None


def _file(path: Path) -> File:
    return File(path.name, path.stat().st_size, sha256(path), _MEDIA[path.suffix])
