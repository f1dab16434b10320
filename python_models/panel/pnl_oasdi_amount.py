"""The law's automatic amounts by year, published and by their formulas, projections included.

Grain: one row per parameter and year.
"""

from steelyard.oasdi.faces import automatic_amounts, parameters_from_seeds


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
    return automatic_amounts(parameters_from_seeds(tables, dbt.config.get("scenario")))
