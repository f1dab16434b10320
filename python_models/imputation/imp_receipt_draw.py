"""Choose who receives an income that the base hears of too seldom, to published counts and sums.

Grain: one row per income, tax unit and copy that has it.
"""

from steelyard.impute.receipts import align_bands
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    candidates = dbt.ref("imp_income_candidate").order("income, tax_unit_id, copy_id")
    options = {
        "seed": dbt.config.get("seed"),
        "imputed": tuple(dbt.config.get("imputed")),
    }
    return run_stage("imp_receipt_draw", align_bands, {"candidates": candidates}, options)
