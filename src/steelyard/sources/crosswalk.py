"""Crosswalks: which raw column of which vintage is read under which name."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.sources.landing import Landed
from steelyard.sources.registry import Entry

COLUMNS = ("record", "column_name", "first_vintage", "last_vintage", "source_column", "note")
# `weight{1..80}` in a line stands for eighty lines.
NUMBERED = re.compile(r"\{(\d+)\.\.(\d+)\}")
ADDED = (
    ("_dataset_id", pa.string()),
    ("_survey_year", pa.int32()),
    ("_income_year", pa.int32()),
)


class CrosswalkError(ValueError):
    """A crosswalk is missing or wrong, or a file lacks a column that it promises."""


@dataclass(frozen=True)
class Row:
    """One line of a crosswalk: a column, and its raw name in a range of vintages."""

    record: str
    column: str
    first: int | None
    last: int | None
    source: str | None

    def holds(self, vintage: int) -> bool:
        """Whether the line speaks of a vintage; both ends are included."""
        return (self.first is None or self.first <= vintage) and (
            self.last is None or vintage <= self.last
        )


@dataclass(frozen=True)
class Crosswalk:
    """The columns of one record of a survey, in every vintage.

    Parameters
    ----------
    path
        The seed that says so, for messages.
    record
        The record: `person`, `household`, ...
    rows
        Its lines, in the seed's order.
    """

    path: Path
    record: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> list[str]:
        """The names that staging reads, in the seed's order."""
        return list(dict.fromkeys(row.column for row in self.rows))

    def sources(self, vintage: int) -> dict[str, str | None]:
        """Return for each column its raw name in a vintage, or None where it is absent.

        Raises
        ------
        CrosswalkError
            If two lines speak of one column and vintage.
        """
        found: dict[str, str | None] = dict.fromkeys(self.columns)
        spoken: set[str] = set()
        for row in self.rows:
            if not row.holds(vintage):
                continue
            if row.column in spoken:
                raise CrosswalkError(
                    f"{self.path}: two lines give {self.record}.{row.column} in {vintage}; "
                    "let their vintages not overlap"
                )
            spoken.add(row.column)
            found[row.column] = row.source
        return found


def wanted_columns(root: Path, entry: Entry) -> list[str]:
    """List the raw columns that the crosswalk of an entry's survey reads in its vintage."""
    crosswalk = load_crosswalk(root, str(entry.survey), str(entry.record))
    sources = crosswalk.sources(entry.survey_year or 0).values()
    return list(dict.fromkeys(name for name in sources if name is not None))


def load_crosswalk(root: Path, survey: str, record: str) -> Crosswalk:
    """Read the crosswalk of one record from `seeds/xwalks/xwalk_<survey>_column.csv`.

    Raises
    ------
    CrosswalkError
        If the seed is not there, has other columns, a year that is none, or no such record.
    """
    path = root / "seeds" / "xwalks" / f"xwalk_{survey}_column.csv"
    if not path.is_file():
        raise CrosswalkError(f"{path} is missing: it says which columns of {survey} are read")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise CrosswalkError(f"{path}: its columns are {', '.join(COLUMNS)}")
        rows = tuple(
            row
            for line in reader
            if line["record"] == record
            for row in _rows(path, reader.line_num, line)
        )
    if not rows:
        raise CrosswalkError(f"{path}: has no line for record {record!r}")
    return Crosswalk(path, record, rows)


def _rows(path: Path, line: int, raw: dict[str, str]) -> Iterator[Row]:
    years = []
    for key in ("first_vintage", "last_vintage"):
        if raw[key] and not raw[key].isdecimal():
            raise CrosswalkError(f"{path}: line {line}: {key} is {raw[key]!r}; it is a year")
        years.append(int(raw[key]) if raw[key] else None)
    column, source = raw["column_name"], raw["source_column"]
    numbered = NUMBERED.search(column)
    if numbered is None:
        yield Row(raw["record"], column, years[0], years[1], source or None)
        return
    if source and NUMBERED.findall(source) != [numbered.groups()]:
        raise CrosswalkError(
            f"{path}: line {line}: {column} and {source} are not numbered alike; both have "
            f"{numbered[0]} once"
        )
    for number in range(int(numbered[1]), int(numbered[2]) + 1):
        names = [NUMBERED.sub(str(number), name) for name in (column, source)]
        yield Row(raw["record"], names[0], years[0], years[1], names[1] or None)


def read_vintages(
    crosswalk: Crosswalk, landed: Sequence[tuple[Entry, Landed]]
) -> pa.RecordBatchReader:
    """Stream the crosswalk's columns of several vintages as one table.

    Returns
    -------
    RecordBatchReader
        Every column text, under the crosswalk's names; `_dataset_id`, `_survey_year` and
        `_income_year` beside them. A column that a vintage lacks is null there.

    Raises
    ------
    CrosswalkError
        If a file lacks a column that the crosswalk promises: the message names the file, the
        column, and the nearest names there are.
    """
    schema = pa.schema([(name, pa.string()) for name in crosswalk.columns] + list(ADDED))
    plans = [(entry, file, _plan(crosswalk, entry, file)) for entry, file in landed]

    def batches() -> Iterator[pa.RecordBatch]:
        for entry, file, plan in plans:
            wanted = list(dict.fromkeys(name for name in plan.values() if name is not None))
            parquet = pq.ParquetFile(file.path)
            for batch in parquet.iter_batches(batch_size=65_536, columns=wanted):
                yield _batch(schema, entry, plan, batch)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _plan(crosswalk: Crosswalk, entry: Entry, file: Landed) -> dict[str, str | None]:
    """Find each promised column in a file; publishers write names in either case."""
    there = {name.lower(): name for name in pq.read_schema(file.path).names}
    vintage = entry.survey_year or 0
    plan: dict[str, str | None] = {}
    for column, source in crosswalk.sources(vintage).items():
        if source is not None and source.lower() not in there:
            near = get_close_matches(source.lower(), there, n=3, cutoff=0.5)
            names = ", ".join(there[name] for name in near) or "none like it"
            raise CrosswalkError(
                f"{entry.name}: {file.raw_file} has no column {source} (nearest: {names}), which "
                f"{crosswalk.path.name} gives for {crosswalk.record}.{column} in {vintage}. Is it "
                "the right file? If the vintage lacks it, say so in a line with no source_column"
            )
        plan[column] = None if source is None else there[source.lower()]
    return plan


def _batch(
    schema: pa.Schema, entry: Entry, plan: dict[str, str | None], batch: pa.RecordBatch
) -> pa.RecordBatch:
    count = batch.num_rows
    arrays = [
        pa.nulls(count, pa.string()) if source is None else batch.column(source)
        for source in plan.values()
    ]
    arrays.append(pa.repeat(pa.scalar(entry.dataset_id, pa.string()), count))
    arrays.append(pa.repeat(pa.scalar(entry.survey_year, pa.int32()), count))
    arrays.append(pa.repeat(pa.scalar(entry.income_year, pa.int32()), count))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
