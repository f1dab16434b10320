"""Draw what depends on income anew for persons of copy 1, from persons as reported.

Grain: one row per person of copy 1.
"""

from steelyard.impute.copies import draw_copies
from steelyard.warehouse.imputation_runs import book_of, recorded
from steelyard.warehouse.plans import read_plan
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    records = dbt.ref("imp_cps_person_record")
    inputs = {
        "donors": records.filter("is_donor").order("person_id"),
        "recipients": records.filter("not is_donor").order("copy_id, person_id"),
    }
    plan = read_plan("imp_cps_person", seed=dbt.config.get("seed"))
    draws = run_stage("imp_cps_person_draw", draw_copies, inputs, {"plan": plan})
    return recorded(draws, book_of(session))
