"""Population, poverty, inequality and top shares under initial and calibrated weights.

Grain: one row per metric and stage of the weights.
"""

from steelyard.validate.summary import summarise

WEIGHTS = "initial_weight, calibrated_weight"


def model(dbt, session):
    dbt.config(materialized="table")
    households = dbt.ref("household").order("household_id")
    # Related subfamilies count in their primary family.
    counted = "family_type is distinct from 'related_subfamily'"
    families = dbt.ref("family").filter(counted).order("family_id")
    returns = dbt.ref("tax_unit").filter("is_filer").order("tax_unit_id")
    return summarise(
        households.project(f"household_size, household_money_income, {WEIGHTS}").to_arrow_table(),
        families.project(
            f"family_size, official_money_income, official_poverty_threshold, {WEIGHTS}"
        ).to_arrow_table(),
        returns.project(f"adjusted_gross_income, {WEIGHTS}").to_arrow_table(),
    )
