"""Weights that reproduce published totals: one problem, several solvers, one result."""

from steelyard.calibrate.config import Calibration, CalibrationConfig, Progress
from steelyard.calibrate.holdout import held_out_groups
from steelyard.calibrate.solve import calibrate

__all__ = ["Calibration", "CalibrationConfig", "Progress", "calibrate", "held_out_groups"]
