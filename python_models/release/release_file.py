"""Write the release: the last node of a build.

Grain: one row per file of the release.
"""

from pathlib import Path

import pyarrow as pa

from steelyard.release import write_release


def model(dbt, session):
    dbt.config(materialized="table")
    tables = {}
    for name, relation, row_order in dbt.ref("release_table").fetchall():
        tables[name] = session.sql(f"from {relation}").order(row_order)
    # When a file was landed is no part of what it holds.
    tables["build_source"] = tables["build_source"].project("* exclude (landed_at)").order("all")
    manifest = tables["build_info"].to_arrow_table().to_pylist()[0]
    manifest["sources"] = tables["build_source"].to_arrow_table().to_pylist()
    manifest["gates"] = tables["val_gate"].to_arrow_table().to_pylist()
    release, files = write_release(Path("releases") / manifest["build_target"], tables, manifest)
    return pa.Table.from_pylist([{"release": str(release)} | file for file in files])
