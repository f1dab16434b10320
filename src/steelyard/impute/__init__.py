"""Complete records from better-measured donors, keeping distribution, tails and dependence."""

from steelyard.impute.config import ImputeConfig
from steelyard.impute.implicates import Combined, combine, cycle_implicates, group_folds
from steelyard.impute.imputer import Fitted, ForestImputer
from steelyard.impute.uniforms import keyed_uniforms

__all__ = [
    "Combined",
    "Fitted",
    "ForestImputer",
    "ImputeConfig",
    "combine",
    "cycle_implicates",
    "group_folds",
    "keyed_uniforms",
]
