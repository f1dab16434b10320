"""Random numbers of one year of one imputation, by the person that they belong to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from steelyard.frame import stream
from steelyard.impute import keyed_uniforms
from steelyard.panel.lives import Floats


@dataclass(frozen=True)
class Draws:
    """Streams of a year: a person's number depends on nobody else, nor on what else is drawn.

    A reform that leaves a person's chances as they were leaves the person's events, too.

    Parameters
    ----------
    seed, imputation, year
        Of the panel.
    """

    seed: int
    imputation: int
    year: int

    def of(self, event: str, ids: ArrayLike) -> Floats:
        """Return a uniform number for each person, anew each year."""
        return keyed_uniforms(self.seed, ("panel", self.imputation, event, self.year), ids)

    def lasting(self, trait: str, ids: ArrayLike) -> Floats:
        """Return a uniform number for each person, the same in all years."""
        return keyed_uniforms(self.seed, ("panel", self.imputation, trait), ids)

    def stream(self, event: str) -> np.random.Generator:
        """Return a generator, for draws that belong to no person that is there already."""
        return stream(self.seed, "panel", self.imputation, event, self.year)
