"""Weighted statistics, one definition each, and distances between weighted samples."""

from steelyard.validate.distance import ks_distance, ks_probability, wasserstein
from steelyard.validate.inequality import atkinson, gini, lorenz, palma, theil, top_share
from steelyard.validate.poverty import poverty_rate
from steelyard.validate.quantiles import percentile_ratio, weighted_quantile
from steelyard.validate.weights import (
    WeightDistribution,
    effective_sample_size,
    weight_distribution,
)

__all__ = [
    "WeightDistribution",
    "atkinson",
    "effective_sample_size",
    "gini",
    "ks_distance",
    "ks_probability",
    "lorenz",
    "palma",
    "percentile_ratio",
    "poverty_rate",
    "theil",
    "top_share",
    "wasserstein",
    "weight_distribution",
    "weighted_quantile",
]
