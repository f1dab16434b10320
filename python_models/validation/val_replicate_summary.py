"""Population, poverty, inequality and top shares under the weights of each replicate.

Grain: one row per metric and replicate.
"""

from steelyard.validate.summary import summarise_replicates


def model(dbt, session):
    dbt.config(materialized="table")
    # Households are numbered in the order of their ids.
    columns = "household_id, row_number() over (order by household_id) - 1 as household_index"
    number = dbt.ref("household").project(columns)
    # Related subfamilies count in their primary family.
    counted = dbt.ref("family").filter("family_type is distinct from 'related_subfamily'")
    families = counted.join(number, "household_id").order("family_id")
    returns = dbt.ref("tax_unit").filter("is_filer").join(number, "household_id")
    return summarise_replicates(
        dbt.ref("household")
        .order("household_id")
        .project("household_size, household_money_income")
        .to_arrow_table(),
        families.project(
            "household_index, family_size, official_money_income, official_poverty_threshold"
        ).to_arrow_table(),
        returns.order("tax_unit_id")
        .project("household_index, adjusted_gross_income")
        .to_arrow_table(),
        dbt.ref("val_replicate_weight").order("replicate, household_index").to_arrow_table(),
    )
