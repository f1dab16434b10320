"""How far imputed wealth and incomes of the demo world's households are from their true ones.

Grain: one row per variable and copy.
"""

from steelyard.impute.reports import TRUTH, compare_with_truth
from steelyard.sources.demo.truth import household_truth


def model(dbt, session):
    dbt.config(materialized="table")
    known = ("age", "n_children", "employment_income", "retirement_income", "transfer_income")
    columns = f"household_id, design_weight, {', '.join(known)}"
    recipients = dbt.ref("imp_scf_recipient").project(columns)
    drawn = (
        dbt.ref("imp_scf_draw")
        .filter("copy_id <= 1")
        .join(recipients, "household_id")
        .order("copy_id, household_id")
    )
    if not dbt.config.get("is_demo"):
        return TRUTH.empty_table()
    truth = household_truth(int(dbt.config.get("households")), int(dbt.config.get("world_seed")))
    return compare_with_truth(truth, drawn.to_arrow_table(), "household_id", known)
