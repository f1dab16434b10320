"""Small invented tables of what calibration did to weights, targets and bystanders."""

import pandas as pd


def tables() -> dict[str, pd.DataFrame]:
    """Return two states, two deciles, two characteristics, seven conflicts, two histories."""
    return {
        "val_weight_group": groups(),
        "val_drift": drift(),
        "val_conflict": conflicts(),
        "val_left_out": left_out(),
        "val_placebo": placebo(),
        "val_target_history": history(),
    }


def groups() -> pd.DataFrame:
    """Return all households, two states and two deciles."""
    return pd.DataFrame(
        {
            "group_kind": ["all", "state", "state", "income_decile", "income_decile"],
            "group_id": ["all", "06", "49", "01", "02"],
            "record_count": [4, 2, 2, 2, 2],
            "effective_sample_share": [0.61, 0.4, 0.9, 0.3, 0.7],
            "calibrated_effective_records": 2.4,
            "heaviest_100_share": 1.0,
            "zero_share": 0.25,
            "at_bounds_share": 0.5,
            "weight_ratio_p5": 0.1,
            "weight_ratio_p50": 1.0,
            "weight_ratio_p95": 10.0,
        }
    )


def drift() -> pd.DataFrame:
    """Return a characteristic that a target names, and one that none names."""
    return pd.DataFrame(
        {
            "entity": ["person", "person", "household", "household"],
            "characteristic": ["age_band", "age_band", "tenure_type", "tenure_type"],
            "category": ["0", "10", "owned", "rented"],
            "is_targeted": [True, True, False, False],
            "known_share": 1.0,
            "initial_share": [0.5, 0.5, 0.6, 0.4],
            "calibrated_share": [0.52, 0.48, 0.55, 0.45],
            "share_change": [0.02, -0.02, -0.05, 0.05],
            "moved_share": [0.02, 0.02, 0.05, 0.05],
        }
    )


def conflicts() -> pd.DataFrame:
    """Return seven fights of target one, the first also of target two."""
    return pd.DataFrame(
        {
            "conflict_rank": range(1, 8),
            "first_target_ids": [["one"]] * 7,
            "second_target_ids": [["two"], *[["five"]] * 6],
            "sentence": [f"fight {place} over households" for place in range(1, 8)],
            "price": 1.0,
            "overlap": 0.5,
            "household_count": 30,
        }
    )


def left_out() -> pd.DataFrame:
    """Return two families: one nearer than before though left out, one farther."""
    return pd.DataFrame(
        {
            "group_kind": "family",
            "group_name": ["irs_soi/a", "usda_fns/b"],
            "target_count": [10, 20],
            "initial_median_error": [0.3, 0.1],
            "left_out_median_error": [0.2, 0.2],
            "fitted_median_error": [0.01, 0.02],
            "rest_median_error": [0.01, 0.01],
        }
    )


def placebo() -> pd.DataFrame:
    """Return the three stages."""
    return pd.DataFrame(
        {
            "weight_stage": ["initial", "calibrated", "placebo"],
            "fitted_count": 10,
            "held_out_count": 5,
            "own_median_error": [0.3, 0.01, 0.02],
            "held_out_median_error": [0.3, 0.1, 0.4],
            "held_out_p90_error": [0.6, 0.3, 0.9],
            "effective_sample_share": [1.0, 0.6, 0.2],
        }
    )


def history() -> pd.DataFrame:
    """Return two periods of target one, one of target two."""
    return pd.DataFrame(
        {
            "target_id": ["one", "one", "two"],
            "version_number": [1, 2, 1],
            "published_value": [99.0, 100.0, 200.0],
            "vintage": ["2023", "2024", "2024"],
            "source_table": "Table 1.4",
            "source_cell": "B9",
            "revised_columns": ["", "value, vintage", ""],
            "valid_from": pd.to_datetime(
                ["2025-01-01 09:00", "2026-02-03 10:30", "2025-01-01 09:00"]
            ),
            "valid_to": pd.to_datetime(["2026-02-03 10:30", None, None]),
        }
    )
