"""How far calibration moved the weights: ratio percentiles, effective sample, concentration.

Grain: one row per metric.
"""

from steelyard.validate.summary import summarise_weights


def model(dbt, session):
    dbt.config(materialized="table")
    households = dbt.ref("household").order("household_id")
    return summarise_weights(
        households.project("initial_weight, calibrated_weight").to_arrow_table()
    )
