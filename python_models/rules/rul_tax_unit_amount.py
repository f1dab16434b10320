"""Federal tax of every tax unit of the Extended file, by Tax-Calculator, in one call.

Grain: one row per tax unit and copy.
"""

from steelyard.rules import TaxCalculator, compute_units
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    inputs = {"units": dbt.ref("ext_tax_unit").order("tax_unit_id")}
    options = {
        "engine": TaxCalculator(),
        "key": "tax_unit_id",
        "year": dbt.config.get("income_year"),
    }
    return run_stage("rul_tax_unit_amount", compute_units, inputs, options)
