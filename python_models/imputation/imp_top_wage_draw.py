"""Draw wages above what a survey tells as they are from SCF families with such wages.

Grain: one row per tax unit that told top wages and draw; copy 0 keeps what was told.
"""

from dataclasses import replace

from steelyard.impute.copies import draw_copies
from steelyard.warehouse.imputation_runs import book_of, recorded
from steelyard.warehouse.plans import read_plan
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    records = dbt.ref("imp_top_wage_record")
    recipients = records.filter("not is_donor").project("* exclude (employment_income, implicate)")
    inputs = {
        "donors": records.filter("is_donor").order("family_id, implicate"),
        "recipients": recipients.order("tax_unit_id"),
    }
    plan = read_plan("imp_top_wage", seed=dbt.config.get("seed"))
    count = int(dbt.config.get("rich_draws"))
    plan = replace(plan, copies=tuple(range(1, 1 + count)))
    draws = run_stage("imp_top_wage_draw", draw_copies, inputs, {"plan": plan})
    return recorded(draws, book_of(session))
