"""Complete records from better-measured donors, keeping distribution, tails and dependence."""

from steelyard.impute.config import ImputeConfig
from steelyard.impute.imputer import Fitted, ForestImputer
from steelyard.impute.uniforms import keyed_uniforms

__all__ = ["Fitted", "ForestImputer", "ImputeConfig", "keyed_uniforms"]
