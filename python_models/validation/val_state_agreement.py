"""How well state totals agree with published ones, by more than their correlation.

Grain: one row per measure and stage of the weights.
"""

from steelyard.validate.areas import compare_areas


def model(dbt, session):
    dbt.config(materialized="table")
    return compare_areas(dbt.ref("val_state_figure").order("measure_id, geoid").to_arrow_table())
