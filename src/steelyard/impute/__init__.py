"""Complete records from better-measured donors, keeping distribution, tails and dependence."""

from steelyard.impute.config import ImputeConfig
from steelyard.impute.copula import Copula, fit_copula, preserve_ranks
from steelyard.impute.implicates import Combined, combine, cycle_implicates, group_folds
from steelyard.impute.imputer import Fitted, ForestImputer, fit_imputations, fit_model
from steelyard.impute.model import FittedModel
from steelyard.impute.spec import ModelSpec, Target
from steelyard.impute.support import UnseenCategoryWarning
from steelyard.impute.uniforms import keyed_uniforms

__all__ = [
    "Combined",
    "Copula",
    "Fitted",
    "FittedModel",
    "ForestImputer",
    "ImputeConfig",
    "ModelSpec",
    "Target",
    "UnseenCategoryWarning",
    "combine",
    "cycle_implicates",
    "fit_copula",
    "fit_imputations",
    "fit_model",
    "group_folds",
    "keyed_uniforms",
    "preserve_ranks",
]
