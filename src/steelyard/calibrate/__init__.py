"""Weights that reproduce published totals: one problem, several solvers, one result."""

from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress
from steelyard.calibrate.holdout import held_out_groups
from steelyard.calibrate.linearised import (
    Gini,
    Quantile,
    Ratio,
    RelativePovertyRate,
    Statistic,
    calibrate_statistics,
)
from steelyard.calibrate.selection import select, target_folds
from steelyard.calibrate.solve import calibrate

__all__ = [
    "Calibration",
    "CalibrationConfig",
    "Gini",
    "Progress",
    "Quantile",
    "Ratio",
    "RelativePovertyRate",
    "Statistic",
    "calibrate",
    "calibrate_statistics",
    "held_out_groups",
    "select",
    "target_folds",
]
