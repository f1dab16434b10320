"""Draw what units would receive of incomes that the base hears of too seldom, from who told them.

Grain: one row per income, copy and tax unit that may receive it.
"""

from dataclasses import replace

import pyarrow as pa

from steelyard.impute.copies import draw_copies
from steelyard.warehouse.imputation_runs import book_of, recorded
from steelyard.warehouse.plans import read_plan
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    records, draws = dbt.ref("imp_income_record"), []
    plan = read_plan("imp_income_candidate", seed=dbt.config.get("seed"))
    for income in dbt.config.get("incomes"):
        own = records.filter(f"income = '{income}'").order("tax_unit_id, copy_id")
        donors = own.filter("is_donor and copy_id = 1")
        inputs = {"donors": donors, "recipients": own.filter("is_recipient")}
        named = replace(plan, spec=replace(plan.spec, name=f"imp_income/{income}"))
        drawn = run_stage("imp_income_draw", draw_copies, inputs, {"plan": named})
        name = pa.array([income] * drawn.num_rows, pa.string())
        draws.append(recorded(drawn, book_of(session)).append_column("income", name))
    return pa.concat_tables(draws)
