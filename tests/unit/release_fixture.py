"""Small releases, and a table that is slow to come."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from steelyard.release import write_release

SOURCE = {
    "entry": "survey",
    "access_class": "PUBLIC",
    "title": "A survey",
    "producer": "Census Bureau",
    "landing_page": "https://www.census.gov/survey.html",
    "licence": "public domain",
    "vintage": "2023",
    "is_synthetic": True,
    "raw_sha256": "0" * 64,
}
MANIFEST = {
    "build_target": "demo",
    "income_year": 2022,
    "is_synthetic": True,
    "synthetic_sources": "survey",
    "sources": [SOURCE],
}
HEADLINES = """
select * from (
    values
    ('adjusted_gross_income', 'Adjusted gross income', 'USD', 'IRS SOI', 'Table 1.4',
     14833956956000.0, 13250354794289.0, 14745913539650.0),
    ('eitc', 'Earned income tax credit', 'USD', 'IRS SOI', 'Table 2.5', 6e10, 2.5e10, 5.3e10),
    ('official_poverty_rate', 'Official poverty rate', 'share', 'Census', 'P60-280',
     0.115, 0.1245, null),
    ('population', 'Residents', 'persons', 'Census', 'NST-EST2022', 333271411, 332200066, 333e6)
) as headlines (
    metric, label, unit, publisher, source, published_value, initial_value, calibrated_value
)
"""
GATES = """
select * from (
    values
    ('population_error_at_most', 0.0008, 0.01, true, 'All hangs on it'),
    ('poverty_gap_change_at_most', null, 0.0, false, 'The trap'),
    ('top_100_share_at_most', 0.1238, 0.01, false, 'No few may carry all')
) as gates (gate, measured_value, limit_value, is_met, reason)
"""
TAX_UNITS = """
select
    i as tax_unit_id,
    if(i % 2 = 0, 'joint', 'single') as filing_status,
    i < 4 as is_filer,
    2e6 as calibrated_weight,
    50000.0 as adjusted_gross_income
from range(6) as made (i)
"""


def release(folder: Path, **changes: Any) -> Path:
    """Write a release of three tables; the changes are to its manifest."""
    with duckdb.connect() as connection:
        tables = {
            "tax_unit": connection.sql(TAX_UNITS).order("tax_unit_id"),
            "val_gate": connection.sql(GATES).order("gate"),
            "val_headline": connection.sql(HEADLINES).order("metric"),
        }
        return write_release(folder, tables, MANIFEST | changes)[0]


UNITS = """
select
    i as tax_unit_id,
    'single' as filing_status,
    10.0 as calibrated_weight,
    1000.0 * i as adjusted_gross_income,
    5.0 as eitc
from range(6) as made (i)
"""
OTHER_UNITS = """
select
    i as tax_unit_id,
    if(i = 2, 'joint', 'single') as filing_status,
    if(i = 3, 20.0, 10.0) as calibrated_weight,
    1000.0 * i as adjusted_gross_income,
    0.0 as snap
from range(1, 8) as made (i)
"""
TARGETS = """
select
    *,
    target_value as published_value,
    'irs_soi/table' as target_family,
    'national' as geography_level,
    40 as support_count,
    0.5 as initial_relative_error,
    0.05 as calibrated_relative_error
from (values {}) as listed (target_id, target_value, target_role)
"""
OLD_TARGETS = TARGETS.format("('a', 1.0, 'fitted'), ('b', 2.0, 'fitted'), ('c', 3.0, 'fitted')")
NEW_TARGETS = TARGETS.format("('b', 2.5, 'fitted'), ('c', 3.0, 'held_out'), ('d', 4.0, 'fitted')")


def written(
    folder: Path,
    units: str = UNITS,
    targets: str = OLD_TARGETS,
    *,
    build: str = "demo",
    order: str = "tax_unit_id",
) -> Path:
    """Write a release of records and targets, to compare with another."""
    with duckdb.connect() as connection:
        tables = {
            "tax_unit": connection.sql(units).order(order),
            "target": connection.sql(targets).order("target_id"),
            "val_gate": connection.sql(GATES).order("gate"),
            "val_headline": connection.sql(HEADLINES).order("metric"),
        }
        if units == OTHER_UNITS:
            del tables["val_gate"]
            tables["val_gate"] = connection.sql(
                GATES.replace("0.1238, 0.01, false", "0.008, 0.02, true")
            ).order("gate")
            tables["val_summary"] = connection.sql("select 1 as value")
        manifest = MANIFEST | {"build_target": build, "git_commit": str(hash(units))}
        return write_release(folder, tables, manifest)[0]


class SlowTable:
    """A relation of which the second batch does not come for a long time, or not at all."""

    columns = ("x",)

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    def to_arrow_reader(self, rows: int) -> pa.RecordBatchReader:
        schema = pa.schema({"x": pa.int64()})
        return pa.RecordBatchReader.from_batches(schema, self._batches(rows, schema))

    def _batches(self, rows: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([pa.array(range(rows))], schema)
        sys.stdout.write("half written\n")
        sys.stdout.flush()
        if self.error is not None:
            raise self.error
        time.sleep(600)
