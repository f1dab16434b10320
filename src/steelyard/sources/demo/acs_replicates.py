"""Replicate weights by successive differences, as the ACS makes them (Fay and Train 1995).

A unit at place k of the sample has in replicate r the factor
1 + 2^(-3/2) (h[k, r] - h[k + 1, r]), h a Hadamard matrix of order 80: about 0.3, 1 or 1.7.
The variance of an estimate is 4/80 of the squared differences from the full sample's.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo.draws import Floats, Ints

REPLICATES = 80
# Rows in use: all but the first, closed to a ring, so that a constant has no variance.
PLACES = 79

Weights = NDArray[np.int32]


def hadamard() -> Floats:
    """Return the Hadamard matrix (80, 80) of Paley's first construction over 79 elements."""
    prime = REPLICATES - 1
    squares = np.unique(np.arange(1, prime) ** 2 % prime)
    character = np.full(prime, -1.0)
    character[squares] = 1.0
    character[0] = 0.0
    skew = np.zeros((REPLICATES, REPLICATES))
    skew[0, 1:], skew[1:, 0] = 1.0, -1.0
    skew[1:, 1:] = character[(np.arange(prime)[:, None] - np.arange(prime)) % prime]
    return np.asarray(skew + np.eye(REPLICATES), dtype=np.float64)


@cache
def factors() -> Floats:
    """Return the factors (79, 80) of each place of the ring in each replicate."""
    rows = hadamard()[1:]
    return np.asarray(1.0 + 2.0**-1.5 * (rows - np.roll(rows, -1, axis=0)), dtype=np.float64)


def controlled(base: Floats, persons: Floats, cell: Ints) -> Floats:
    """Return weights (n, 80) that keep the population of every cell in each replicate.

    Parameters
    ----------
    base
        Full-sample weights (n,), units in order of selection.
    persons
        Persons that each unit holds (n,); a cell where none live is left as it is.
    cell
        Number of the state, or of another cell whose population is published (n,).
    """
    spread = base[:, None] * factors()[np.arange(len(base)) % PLACES]
    order = np.argsort(cell, kind="stable")
    _, start, place = np.unique(cell[order], return_index=True, return_inverse=True)
    lived = spread[order] * persons[order, None]
    replicated = np.add.reduceat(lived, start, axis=0)
    full = np.add.reduceat(base[order] * persons[order], start)[:, None]
    ratio = np.where(replicated > 0, full / np.maximum(replicated, 1e-9), 1.0)
    spread[order] *= ratio[place]
    return np.asarray(spread)


def whole(weights: Floats) -> Weights:
    """Round weights to integers, as the file has them."""
    return np.asarray(np.rint(weights), dtype=np.int32)
