"""Choose whose drawn business income is from partnerships, to published counts and sums.

Grain: one row per tax unit of the base records and copy that has any.
"""

from steelyard.impute.partnerships import align_partnerships
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    inputs = {
        "candidates": dbt.ref("imp_partnership_candidate").order("tax_unit_id, copy_id"),
        "bands": dbt.ref("imp_partnership_band").order("adjusted_gross_income_lower"),
    }
    options = {"seed": dbt.config.get("seed")}
    return run_stage("imp_partnership_draw", align_partnerships, inputs, options)
