"""Weighted statistics, one definition each, and distances between weighted samples."""

from steelyard.validate.agreement import Agreement, agreement, pearson, spearman
from steelyard.validate.categories import ChiSquare, chi_square, population_stability
from steelyard.validate.distance import ks_distance, ks_probability, wasserstein
from steelyard.validate.inequality import atkinson, gini, lorenz, palma, theil, top_share
from steelyard.validate.poverty import poverty_rate
from steelyard.validate.quantiles import percentile_ratio, weighted_quantile
from steelyard.validate.uncertainty import (
    REPLICATE_FACTORS,
    Uncertainty,
    combine_imputations,
    replicate_error,
)
from steelyard.validate.weights import (
    WeightDistribution,
    effective_sample_size,
    weight_distribution,
)

__all__ = [
    "REPLICATE_FACTORS",
    "Agreement",
    "ChiSquare",
    "Uncertainty",
    "WeightDistribution",
    "agreement",
    "atkinson",
    "chi_square",
    "combine_imputations",
    "effective_sample_size",
    "gini",
    "ks_distance",
    "ks_probability",
    "lorenz",
    "palma",
    "pearson",
    "percentile_ratio",
    "population_stability",
    "poverty_rate",
    "replicate_error",
    "spearman",
    "theil",
    "top_share",
    "wasserstein",
    "weight_distribution",
    "weighted_quantile",
]
