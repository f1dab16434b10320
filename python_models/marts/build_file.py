"""The files of the checkout that the release is made from. Grain: one row per file."""

from pathlib import Path

import pyarrow as pa

from steelyard.release.provenance import checkout_files


def model(dbt, session):
    dbt.config(materialized="table")
    return pa.Table.from_pylist(checkout_files(Path.cwd()))
