"""Headline figures of every implicate that `steelyard implicates` has drawn for this build.

Grain: one row per implicate and headline figure.
"""

from pathlib import Path

from steelyard.warehouse.implicates import read_implicates


def model(dbt, session):
    dbt.config(materialized="table")
    headlines = dbt.ref("val_headline").project("metric, calibrated_value").to_arrow_table()
    build = Path("build") / dbt.config.get("build_target")
    return read_implicates(build, headlines)
