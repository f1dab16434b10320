"""Solve for the weights that bring the Extended file to the targets.

Grain: one row per number of the answer (weights, estimates, shadow prices, multipliers,
history, diagnostics).
"""

from steelyard.calibrate import CalibrationConfig
from steelyard.calibrate.solution import solve_tables
from steelyard.warehouse.stage import run_stage, tell


def model(dbt, session):
    dbt.config(materialized="table")
    config = CalibrationConfig(
        solver=dbt.config.get("solver"),
        distance_weight=dbt.config.get("distance_weight"),
        bounds=(dbt.config.get("smallest_ratio"), dbt.config.get("largest_ratio")),
        epochs=dbt.config.get("epochs"),
        settle=True,
        seed=dbt.config.get("seed"),
    )
    inputs = {
        "matrix": dbt.ref("cal_matrix").order("target_index, household_index"),
        "targets": dbt.ref("cal_target")
        .project(
            "target_index, target_id, row_target as target_value, loss_scale, loss_weight, "
            "target_role"
        )
        .order("target_index"),
        "households": dbt.ref("cal_household_index").order("household_index"),
        "controls": dbt.ref("cal_control").order("control_index"),
        "control_matrix": dbt.ref("cal_control_matrix").order("control_name, household_index"),
    }
    dbt.ref("cal_preflight")  # judged first
    options, resumes = {"config": config}, dbt.config.get("warm_start")
    return run_stage("cal_solution", solve_tables, inputs, options, progress=tell, resumes=resumes)
