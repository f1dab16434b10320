"""The SIPP's replicate weights: 240 balanced half-samples by Fay's method."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo.draws import Columns, Ints
from steelyard.sources.demo.sipp_keys import keys, monthly_weights, rows, strata
from steelyard.sources.demo.sipp_sample import Sample

REPLICATES = 240
# In a replicate one half of a stratum weighs 1 + FAY times as much, the other 1 - FAY.
FAY = 0.5


def replicates(sample: Sample) -> Columns:
    """Lay the weights out under the keys by which they are joined to the person-months.

    Returns
    -------
    dict of arrays of shape (n_rows,)
        Keys, REPWGT0 (the weight itself) and REPWGT1 to REPWGT240. For a total the variance is
        4 / 240 times the sum of squared differences from REPWGT0's (1 / (240 (1 - 0.5)^2)).
    """
    person, month = rows(sample)
    weight = monthly_weights(sample)[person, month]
    stratum, half = strata(sample)
    household = sample.world.person["household"][person]
    signs = balance()[:, stratum % REPLICATES] * half
    found = {name: keys(sample)[name] for name in ("SSUID", "PNUM", "MONTHCODE", "SPANEL", "SWAVE")}
    found["REPWGT0"] = weight
    for number in range(REPLICATES):
        factor = 1.0 + FAY * signs[number][household]
        found[f"REPWGT{number + 1}"] = np.round(weight * factor, 4)
    return found


@cache
def balance() -> NDArray[np.int64]:
    """Return a (240, 240) matrix of plus and minus one with orthogonal columns.

    The Kronecker product of Paley's Hadamard matrices of order 12 and 20.
    """
    return np.kron(_paley(11), _paley(19))


def _paley(prime: int) -> Ints:
    """Return the Hadamard matrix of order prime + 1, for a prime that leaves 3 modulo 4."""
    squares = np.unique(np.arange(1, prime) ** 2 % prime)
    gap = np.subtract.outer(np.arange(prime), np.arange(prime)) % prime
    jacobsthal = np.where(gap == 0, 0, np.where(np.isin(gap, squares), 1, -1))
    skew = np.zeros((prime + 1, prime + 1), dtype=np.int64)
    skew[0, 1:], skew[1:, 0] = 1, -1
    skew[1:, 1:] = jacobsthal
    return skew + np.eye(prime + 1, dtype=np.int64)
