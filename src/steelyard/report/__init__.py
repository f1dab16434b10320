"""Tables to figures and words: what a reader sees of a release."""

from steelyard.report.figures import (
    error_curves,
    family_fit,
    headline_errors,
    solver_loss,
    solver_path,
    weight_ratios,
)
from steelyard.report.words import gate_words, humane, signed_percent

__all__ = [
    "error_curves",
    "family_fit",
    "gate_words",
    "headline_errors",
    "humane",
    "signed_percent",
    "solver_loss",
    "solver_path",
    "weight_ratios",
]
