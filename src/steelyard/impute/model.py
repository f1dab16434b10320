"""Fit a model that is described by a `ModelSpec`, and draw from it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.imputer import Fitted, ForestImputer
from steelyard.impute.spec import ModelSpec
from steelyard.impute.tables import Table


@dataclass(frozen=True)
class FittedModel:
    """A fitted `ModelSpec`. Made by `fit_model`; pure, and never pickled."""

    spec: ModelSpec
    fitted: Fitted

    def draw(self, recipient: Table, *, seed: int, key: str | ArrayLike | None = None) -> Any:
        """Draw the targets of each recipient, as `Fitted.draw`."""
        return self.fitted.draw(recipient, seed=seed, key=key)

    def donors(
        self, recipient: Table, *, seed: int, key: str | ArrayLike | None = None
    ) -> NDArray[np.int64]:
        """Return the donors behind `draw`, as `Fitted.donors`."""
        return self.fitted.donors(recipient, seed=seed, key=key)

    def quantiles(
        self, recipient: Table, probabilities: ArrayLike
    ) -> dict[str, NDArray[np.float64]]:
        """Return conditional quantiles of each target, as `Fitted.quantiles`."""
        return self.fitted.quantiles(recipient, probabilities)

    def out_of_bag_quantiles(self, probabilities: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Return `quantiles` of the donors kept, each from trees that were not grown on it."""
        return self.fitted.out_of_bag_quantiles(probabilities)


def fit_model(donor: Table, spec: ModelSpec, weight: str | None = None) -> FittedModel:
    """Fit the model that a spec describes."""
    if spec.mode == "copula":
        raise NotImplementedError("copula")
    config = replace(spec.config, name=spec.name, mode=spec.mode)
    fitted = ForestImputer(config).fit(donor, spec.predictors, spec.names, weight)
    return FittedModel(spec, fitted)
