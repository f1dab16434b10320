"""Donors by state, and a draw among the nearest of them."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from steelyard.panel.lives import Floats, Ints

#: Donors among which one is drawn, by weight.
NEAREST = 10


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Places of n donors, those of a state apart.

    Parameters
    ----------
    found
        By state: a tree of its donors, and their positions.
    weight
        (n,) persons that a donor stands for.
    """

    found: dict[int, tuple[Any, Ints]]
    weight: Floats

    @classmethod
    def of(cls, state: Ints, scaled: NDArray[np.floating], weight: Floats) -> Self:
        """Index donors.

        Parameters
        ----------
        state
            (n,) whole numbers; only donors of the same one are near.
        scaled
            (n, features), in units of distance.
        weight
            (n,) positive.
        """
        found = {}
        for each in np.unique(state):
            rows = np.flatnonzero(state == each)
            found[int(each)] = (cKDTree(scaled[rows]), rows)
        return cls(found, weight)

    def draw(self, state: Ints, scaled: NDArray[np.floating], uniforms: Floats) -> Ints:
        """Draw one of the `NEAREST` donors for each row, by their weights.

        Returns
        -------
        (rows,) positions of donors; -1 where the state has none.
        """
        drawn = np.full(len(scaled), -1, np.int64)
        for each, (tree, donors) in self.found.items():
            seek = np.flatnonzero(state == each)
            if seek.size:
                near = [*range(1, min(NEAREST, len(donors)) + 1)]
                places = donors[np.asarray(tree.query(scaled[seek], k=near)[1])]
                upto = np.cumsum(self.weight[places], axis=1)
                passed = uniforms[seek, None] * upto[:, -1:] >= upto
                pick = np.minimum(passed.sum(axis=1), len(near) - 1)
                drawn[seek] = places[np.arange(seek.size), pick]
        return drawn
