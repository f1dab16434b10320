"""Draw business and capital incomes, net worth and what it is made of from SCF families.

Grain: one row per household of the base records and draw; `imp_copy` says which are a copy.
"""

from dataclasses import replace

from steelyard.impute.copies import draw_copies
from steelyard.warehouse.imputation_runs import book_of, recorded
from steelyard.warehouse.plans import read_plan
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    inputs = {
        "donors": dbt.ref("imp_scf_donor").order("family_id, implicate"),
        "recipients": dbt.ref("imp_scf_recipient").order("household_id"),
        "anew": dbt.ref("imp_scf_recipient_wage")
        .project("household_id, draw_id as copy_id, employment_income")
        .order("household_id, copy_id"),
    }
    plan = read_plan("imp_scf", seed=dbt.config.get("seed"))
    count = int(dbt.config.get("rich_draws"))
    plan = replace(plan, copies=tuple(range(1 + count)))
    draws = run_stage("imp_scf_draw", draw_copies, inputs, {"plan": plan})
    return recorded(draws, book_of(session))
