"""Draw rents and property taxes from households of the ACS.

Grain: one row per household of the base records and copy.
"""

from steelyard.impute.copies import draw_copies
from steelyard.warehouse.imputation_runs import book_of, recorded
from steelyard.warehouse.plans import read_plan
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    records = dbt.ref("imp_acs_housing_record")
    inputs = {
        "donors": records.filter("is_donor").order("household_id"),
        "recipients": records.filter("not is_donor").order("copy_id, household_id"),
    }
    plan = read_plan("imp_acs_housing", seed=dbt.config.get("seed"))
    draws = run_stage("imp_acs_housing_draw", draw_copies, inputs, {"plan": plan})
    return recorded(draws, book_of(session))
