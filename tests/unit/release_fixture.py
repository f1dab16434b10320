"""A small release, and a table that is slow to come."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from steelyard.release import write_release

SOURCE = {"entry": "survey", "access_class": "PUBLIC"}
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
    ('population_error_at_most', 0.0008, 0.01, true),
    ('poverty_gap_change_at_most', null, 0.0, false),
    ('top_100_share_at_most', 0.1238, 0.01, false)
) as gates (gate, measured_value, limit_value, is_met)
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


class SlowTable:
    """A relation of which the second batch does not come for a long time, or not at all."""

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
