"""The code, lock and seeds that this build runs on. Grain: one row."""

from pathlib import Path

import pyarrow as pa

from steelyard.release.provenance import provenance


def model(dbt, session):
    dbt.config(materialized="table")
    known = provenance(Path.cwd())
    libraries = "; ".join(f"{name} {version}" for name, version in known["libraries"].items())
    return pa.Table.from_pylist([known | {"libraries": libraries}])
