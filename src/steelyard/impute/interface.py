"""What an imputer is, whatever stands behind it, and what every one of them does first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.tables import Table, donor_weights, features, select


class FittedImputer(Protocol):
    """A model that draws targets for recipients; see `steelyard.impute.Fitted`."""

    def draw(self, recipient: Table, *, seed: int, key: str | ArrayLike | None = None) -> Any:
        """Return a table of the recipient's kind, one row a recipient; draws belong to keys."""
        ...

    def quantiles(
        self, recipient: Table, probabilities: ArrayLike
    ) -> dict[str, NDArray[np.float64]]:
        """Return, for each target, an array of shape (n_recipients, n_probabilities)."""
        ...


class Imputer(Protocol):
    """Settings from which a model is fitted; see `steelyard.impute.ForestImputer`."""

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedImputer:
        """Fit on donors."""
        ...


@dataclass(frozen=True)
class DonorTable:
    """Donors as baselines see them.

    Parameters
    ----------
    predictors, targets
        Column names, in order.
    known
        Shape (n_donors, n_predictors).
    values
        DataFrame of shape (n_donors, n_targets), in the types that came.
    weights
        Shape (n_donors,), positive.
    """

    predictors: tuple[str, ...]
    targets: tuple[str, ...]
    known: NDArray[np.float64]
    values: pd.DataFrame
    weights: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None,
    ) -> "DonorTable":
        """Check a donor table and leave out donors of weight zero, who stand for nobody.

        Raises
        ------
        ValueError
            As `select` and `donor_weights`, or if no target is named.
        """
        if not targets:
            raise ValueError("fit: name at least one target")
        values, weights = select(donor, targets, "donor"), donor_weights(donor, weight)
        kept = weights > 0
        return cls(
            tuple(predictors),
            tuple(targets),
            as_numbers(donor, predictors, "donor")[kept],
            values[kept].reset_index(drop=True),
            weights[kept],
        )

    def column(self, target: str) -> NDArray[np.float64]:
        """Return a target as numbers, of shape (n_donors,)."""
        return self.values[target].to_numpy(dtype=np.float64)


def as_numbers(table: Table, columns: Sequence[str], role: str) -> NDArray[np.float64]:
    """Return predictors of shape (n_records, n_columns), checked as for the forests."""
    if not columns:
        return np.zeros((len(table), 0))
    return features(table, columns, role).astype(np.float64)


def like_recipient(drawn: pd.DataFrame, recipient: Table) -> Any:
    """Return draws as a table of the recipient's kind; a DataFrame takes over its index."""
    if isinstance(recipient, pa.Table):
        return pa.Table.from_pandas(drawn, preserve_index=False)
    return drawn.set_axis(recipient.index)
