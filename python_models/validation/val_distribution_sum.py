"""Amounts of tax units by source, under the survey, the initial and the calibrated weights.

Grain: one row per measure, breakdown, category and weights. Private; read `val_distribution`.
"""

from steelyard.validate.breakdown import break_down

BREAKDOWNS = ("age", "decile", "filer", "state")
STAGES = ("base_survey", "initial_weight", "calibrated_weight")


def model(dbt, session):
    dbt.config(materialized="table")
    listed = dbt.ref("codes_distribution_measure").order("position")
    measures = [name for (name,) in listed.project("measure").fetchall()]
    amounts = dbt.ref("tax_unit").project(f"tax_unit_id, {', '.join(measures)}")
    units = dbt.ref("val_unit_group").join(amounts, "tax_unit_id").order("tax_unit_id")
    return break_down(units.to_arrow_table(), measures, BREAKDOWNS, STAGES)
