"""Leave each family of facts, and each state, out of the calibration in turn.

Grain: one row per family, and per state.
"""

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.scrutiny import left_out_table
from steelyard.warehouse.stage import run_stage, tell


def model(dbt, session):
    dbt.config(materialized="table")
    config = CalibrationConfig(
        distance_weight=dbt.config.get("distance_weight"),
        bounds=(dbt.config.get("smallest_ratio"), dbt.config.get("largest_ratio")),
        seed=dbt.config.get("seed"),
    )
    weights = dbt.ref("cal_weight").project("household_id, calibrated_weight")
    inputs = {
        "matrix": dbt.ref("cal_matrix").order("target_index, household_index"),
        "targets": dbt.ref("cal_target")
        .project(
            "target_index, target_id, row_target as target_value, loss_scale, loss_weight, "
            "target_role, target_family, geography_level, geoid, support_count"
        )
        .order("target_index"),
        "households": dbt.ref("cal_household_index")
        .join(weights, "household_id")
        .order("household_index"),
        "controls": dbt.ref("cal_control").order("control_index"),
        "control_matrix": dbt.ref("cal_control_matrix").order("control_name, household_index"),
        "multipliers": dbt.ref("cal_multiplier").order("position"),
    }
    options = {"config": config, "is_wanted": dbt.config.get("is_wanted")}
    if not options["is_wanted"]:
        inputs = {name: table.limit(0) for name, table in inputs.items()}
    return run_stage("val_left_out", left_out_table, inputs, options, progress=tell)
