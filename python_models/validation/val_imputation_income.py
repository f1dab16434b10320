"""How incomes that were given to those who told none compare with those that were told.

Grain: one row per income and variable.
"""

import pyarrow as pa

from steelyard.impute.reports import DRAWS, called, describe_draws
from steelyard.warehouse.plans import read_plan


def model(dbt, session):
    dbt.config(materialized="table")
    # Copy 0 is there only where it loses what its producer imputed.
    told = dbt.ref("imp_income_record").filter("copy_id = 1")
    known = dbt.ref("imp_income").filter("copy_id = 1")
    given, asked = told.filter("is_donor"), told.filter("is_recipient")
    drawn = dbt.ref("imp_income_candidate").filter("not is_reported and copy_id = 1")
    drawn = drawn.project(
        "income, tax_unit_id, copy_id, amount, gross_amount, imputation_run_id, "
        "dataset_id as donor_dataset_id"
    )
    plan = read_plan("imp_income_candidate", seed=dbt.config.get("seed"))
    parts = [DRAWS.empty_table()]
    for (income,) in told.project("income").distinct().order("income").fetchall():
        # A value is drawn for all who told none: described are those that were given it.
        received = known.filter(f"{income} > 0").project("tax_unit_id")
        face = drawn.join(received, "tax_unit_id", how="semi")
        rows = (table.filter(f"income = '{income}'") for table in (given, asked, face))
        found = describe_draws(plan, *(table.order("all").to_arrow_table() for table in rows))
        names = {"amount": income} | dbt.config.get("gross").get(income, {})
        parts.append(called(found, f"imp_income/{income}", names))
    return pa.concat_tables(parts)
