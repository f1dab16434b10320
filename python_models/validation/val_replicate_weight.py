"""Calibrate replicates of the survey anew.

Grain: one row per replicate and household.
"""

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.reports import replicate_table
from steelyard.warehouse.stage import run_stage


def model(dbt, session):
    dbt.config(materialized="table")
    config = CalibrationConfig(
        distance_weight=dbt.config.get("distance_weight"),
        bounds=(dbt.config.get("smallest_ratio"), dbt.config.get("largest_ratio")),
        seed=dbt.config.get("seed"),
    )
    known = dbt.ref("household").project(
        "household_id, calibrated_weight, source_household_id as cluster_id"
    )
    inputs = {
        "matrix": dbt.ref("cal_matrix").order("target_index, household_index"),
        "targets": dbt.ref("cal_target").order("target_index"),
        "households": dbt.ref("cal_household_index")
        .join(known, "household_id")
        .order("household_index"),
        "controls": dbt.ref("cal_control").order("control_index"),
        "control_matrix": dbt.ref("cal_control_matrix").order("control_name, household_index"),
        "multipliers": dbt.ref("cal_multiplier").order("position"),
        "survey": dbt.ref("val_survey_replicate").order("replicate, household_id"),
    }
    count, spread = dbt.config.get("count"), dbt.config.get("spread")
    options = {"config": config, "count": count, "spread": spread}
    return run_stage("val_replicate_weight", replicate_table, inputs, options)
