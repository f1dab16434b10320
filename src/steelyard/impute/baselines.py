"""What an imputation has to beat, behind the interface of `ForestImputer`."""

from steelyard.impute.hotdeck import CellHotDeck, NearestHotDeck, Unconditional
from steelyard.impute.interface import Imputer
from steelyard.impute.regression import LeastSquares, Mean, QuantileRegression

#: By the names that scorecards write. The first ignores the predictors: skills refer to it.
BASELINES: dict[str, Imputer] = {
    "unconditional": Unconditional(),
    "mean": Mean(),
    "ols": LeastSquares(),
    "ols_asinh": LeastSquares(is_asinh=True, name="ols_asinh"),
    "quantile_regression": QuantileRegression(),
    "hot_deck": CellHotDeck(),
    "nearest": NearestHotDeck(),
}

__all__ = [
    "BASELINES",
    "CellHotDeck",
    "LeastSquares",
    "Mean",
    "NearestHotDeck",
    "QuantileRegression",
    "Unconditional",
]
