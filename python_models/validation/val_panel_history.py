"""How drawn working lives move, beside those of families held out.

Grain: one row per panel, way to draw, held-out part, statistic, distance in years and band of ages.
"""

from steelyard.panel.histories.tables import judge_panels
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    years = dbt.ref("pnl_person_year").order("dataset_id, person_id, income_year")
    options = {"seed": dbt.config.get("seed"), "trees": dbt.config.get("trees")}
    return run_stage("val_panel_history", judge_panels, {"years": years}, options)
