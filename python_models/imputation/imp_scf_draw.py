"""Draw business and capital incomes and net worth from SCF families.

Grain: one row per household of the base records and copy of the Extended file.
"""

from steelyard.impute import ImputeConfig
from steelyard.impute.copies import CopyPlan, draw_copies
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    plan = CopyPlan(
        key="household_id",
        predictors=(
            "age",
            "is_couple",
            "n_children",
            "employment_income",
            "retirement_income",
            "transfer_income",
        ),
        targets=("business_income", "interest_dividend_income", "capital_gains", "net_worth"),
        config=ImputeConfig(name="imp_scf", seed=dbt.config.get("seed"), n_jobs=2),
    )
    inputs = {
        "donors": dbt.ref("imp_scf_donor").order("family_id, implicate"),
        "recipients": dbt.ref("imp_scf_recipient").order("household_id"),
    }
    return run_stage("imp_scf_draw", draw_copies, inputs, {"plan": plan})
