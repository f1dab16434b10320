"""Write the release: the last node of a build.

Grain: one row per file of the release.
"""

import json
from pathlib import Path

import pyarrow as pa

from steelyard.release import resources_of, write_release


def model(dbt, session):
    dbt.config(materialized="table")
    tables = {}
    for name, relation, row_order in dbt.ref("release_table").fetchall():
        tables[name] = session.sql(f"from {relation}").order(row_order)
    tables["build_stage"] = dbt.ref("build_stage").order("stage")
    # When a file was landed is no part of what it holds.
    tables["build_source"] = tables["build_source"].project("* exclude (landed_at)").order("all")
    manifest = tables["build_info"].to_arrow_table().to_pylist()[0]
    manifest["build_settings"] = json.loads(manifest["build_settings"])
    listed = {"sources": "build_source", "checkout": "build_file", "gates": "val_gate"}
    manifest |= {key: tables[name].to_arrow_table().to_pylist() for key, name in listed.items()}
    runs = tables["val_imputation"].project("imputation, imputation_run_id").distinct()
    manifest["imputations"] = dict(runs.order("all").fetchall())
    resources = resources_of(tables["build_stage"].to_arrow_table().to_pylist())
    folder = Path("releases") / manifest["build_target"]
    release, files = write_release(folder, tables, manifest, resources)
    return pa.Table.from_pylist([{"release": str(release)} | file for file in files])
