"""Find the facts that fight each other over the same households.

Grain: one row per fight. Private; read `val_conflict`.
"""

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.reports import conflict_table
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    config = CalibrationConfig(
        distance_weight=dbt.config.get("distance_weight"),
        bounds=(dbt.config.get("smallest_ratio"), dbt.config.get("largest_ratio")),
    )
    most = int(dbt.config.get("most"))
    weights = dbt.ref("cal_weight").project("household_id, calibrated_weight")
    inputs = {
        "matrix": dbt.ref("cal_matrix").order("target_index, household_index"),
        "targets": dbt.ref("cal_target").order("target_index"),
        "households": dbt.ref("cal_household_index")
        .join(weights, "household_id")
        .order("household_index"),
        "controls": dbt.ref("cal_control").order("control_index"),
        "control_matrix": dbt.ref("cal_control_matrix").order("control_name, household_index"),
        "multipliers": dbt.ref("cal_multiplier").order("position"),
    }
    return run_stage("val_conflict", conflict_table, inputs, {"config": config, "most": most})
