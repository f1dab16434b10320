"""What each person is paid in each month asked for, from the earnings history.

Grain: one row per person and month.
"""

from steelyard.oasdi.faces import own_benefits_in, parameters_from_seeds


def model(dbt, session):
    dbt.config(materialized="table")
    seeds = {
        "average_wage_index": dbt.ref("params_ssa_average_wage_index"),
        "bend_points": dbt.ref("params_ssa_bend_points"),
        "benefit_table": dbt.ref("params_ssa_benefit_table"),
        "cola": dbt.ref("params_ssa_cola"),
        "contribution_base": dbt.ref("params_ssa_contribution_base"),
        "earnings_test": dbt.ref("params_ssa_earnings_test"),
        "quarter_of_coverage": dbt.ref("params_ssa_quarter_of_coverage"),
        "retirement_age": dbt.ref("params_ssa_retirement_age"),
        "substantial_gainful_activity": dbt.ref("params_ssa_substantial_gainful_activity"),
    }
    tables = {name: seed.to_arrow_table() for name, seed in seeds.items()}
    return own_benefits_in(
        dbt.ref("pnl_oasdi_month").order("person_id, benefit_year").to_arrow_table(),
        dbt.ref("pnl_oasdi_worker").order("person_id").to_arrow_table(),
        dbt.ref("pnl_oasdi_earnings").order("person_id, earnings_year").to_arrow_table(),
        parameters=parameters_from_seeds(tables, dbt.config.get("scenario")),
    )
