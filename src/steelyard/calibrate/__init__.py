"""Weights that reproduce published totals: one problem, several solvers, one result."""

from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress
from steelyard.calibrate.holdout import held_out_groups
from steelyard.calibrate.importance import target_scale, target_weight
from steelyard.calibrate.linearised import (
    Gini,
    Quantile,
    Ratio,
    RelativePovertyRate,
    Statistic,
    calibrate_statistics,
)
from steelyard.calibrate.selection import select, target_folds
from steelyard.calibrate.small import quality_curve, small_file
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
    "quality_curve",
    "select",
    "small_file",
    "target_folds",
    "target_scale",
    "target_weight",
]
