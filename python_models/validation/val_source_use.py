"""Which of the surveys that the registry knows this build is made from.

Grain: one row per survey of the registry.
"""

from steelyard.sources.registry import load_registry
from steelyard.sources.use import survey_use


def model(dbt, session):
    dbt.config(materialized="table")
    used = dbt.ref("build_source").project("entry, is_synthetic").fetchall()
    return survey_use(load_registry(), dict(used))
