"""Survey weights as a type, so that a calibrated weight is never taken for a design weight."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class WeightKind(IntEnum):
    """The stages a weight goes through; it only moves forward."""

    DESIGN = 0
    INITIAL = 1
    CALIBRATED = 2


@dataclass(frozen=True)
class Weights:
    """An immutable weight vector of a declared kind.

    Parameters
    ----------
    values
        ndarray of shape (n_records,): households (or persons) represented; finite, not
        negative, not all zero.
    kind
        Where the weights stand: design, initial or calibrated.

    Raises
    ------
    ValueError
        If the values are no vector, or not finite, negative or all zero; the message counts
        them and names the first three positions.
    """

    values: NDArray[np.float64]
    kind: WeightKind

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 1 or values.size == 0:
            raise ValueError(f"weights: expected a vector with records, got shape {values.shape}")
        wrong = np.flatnonzero(~np.isfinite(values) | (values < 0))
        if wrong.size:
            shown = ", ".join(f"[{i}]={values[i]}" for i in wrong[:3])
            raise ValueError(
                f"{self.kind.name.lower()} weights: {wrong.size} of {values.size} are negative "
                f"or not finite ({shown}); mend the records or leave them out"
            )
        if not values.any():
            raise ValueError(f"{self.kind.name.lower()} weights: all {values.size} are zero")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    def become(self, values: NDArray[np.float64], kind: WeightKind) -> "Weights":
        """Return the next stage's weights for the same records.

        Raises
        ------
        ValueError
            If the kind would move backwards or the number of records changes.
        """
        if kind < self.kind:
            raise ValueError(f"weights: {self.kind.name} cannot become {kind.name} again")
        if np.shape(values) != self.values.shape:
            raise ValueError(
                f"weights: {self.values.size} records became {np.size(values)}; "
                "weights are never matched by position across different records"
            )
        return Weights(values, kind)

    @property
    def total(self) -> float:
        """Population represented."""
        return float(np.sum(self.values))
