"""Replicate weights of the CPS ASEC, by successive differences.

Households in the order of the file are paired with their neighbours through the rows of a
Hadamard matrix of order 160: in each replicate a household's weight is times 1.7, 1 or 0.3.
Then Var = 4/160 sum (replicate - estimate)^2, as the Census Bureau says of its own file.
"""

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo.asec_homes import implied
from steelyard.sources.demo.asec_sample import BLOCK, Block, sample_size
from steelyard.sources.demo.draws import Columns, Floats, Ints

REPLICATES = 160
# Below this size only every tenth household has replicates, so that a first build is quick.
TENTH = 10


def has_replicates(households: int, order: Ints) -> NDArray[np.bool_]:
    """Whether the households at these places (n,) of a sample stand in the replicate file."""
    if households >= BLOCK:
        return np.ones(len(order), dtype=bool)
    return np.asarray(order < max(households // TENTH, 1))


def factors(order: Ints) -> Floats:
    """Return what each replicate multiplies a household's weight by (n, 160).

    Parameters
    ----------
    order
        (n,) the household's place in the sample, from 0.

    Notes
    -----
    Fay and Train (1995); Census Bureau, Technical Paper 77, chapter 2-4: the factor of
    household i is 1 + 2^-1.5 (a[i] - a[i']), a[i] and a[i'] two rows of the matrix that its
    neighbours share, the first row (all ones) left out.
    """
    matrix = hadamard(REPLICATES)
    rows = REPLICATES - 1
    lap, place = order // rows, order % rows
    # Each time round, neighbours are further apart in the matrix, so that pairs differ; a step
    # without a divisor in common with the number of rows comes by every row.
    steps = np.array([step for step in range(1, rows) if gcd(step, rows) == 1])
    step = steps[lap % len(steps)]
    first, second = (place * step) % rows, ((place + 1) * step) % rows
    return np.asarray(1.0 + 2.0**-1.5 * (matrix[1 + first] - matrix[1 + second]))


@cache
def hadamard(order: int) -> Floats:
    """Return a Hadamard matrix whose first row is all ones: Sylvester's doubling of Paley's.

    Parameters
    ----------
    order
        20 times a power of two.
    """
    if order == 20:
        return _paley(19)
    half = hadamard(order // 2)
    return np.block([[half, half], [half, -half]])


def _paley(prime: int) -> Floats:
    """Return Paley's matrix of order prime + 1, for a prime that is 3 modulo 4."""
    index = np.arange(prime)
    squares = np.isin(index, index[1:] ** 2 % prime)
    squares[0] = False
    sign = np.where(squares, 1.0, -1.0)
    sign[0] = 0.0
    jacobsthal = sign[(index[:, None] - index) % prime]
    matrix = np.ones((prime + 1, prime + 1))
    matrix[1:, 0] = -1.0
    matrix[1:, 1:] = jacobsthal + np.eye(prime)
    return matrix


def replicate_weights(block: Block, person: Columns, households: int) -> Columns:
    """Lay out the replicate weights of a block's persons.

    Parameters
    ----------
    person
        The block's person records, from `asec_persons.persons`.
    households
        Of the world.

    Returns
    -------
    dict
        Keys and PWWGT0 to PWWGT160, under the names of the real file: two decimals.
    """
    at = np.searchsorted(block.interviewed, person["PH_SEQ"])
    order = block.first[1] + at
    here = has_replicates(sample_size(block.survey_year, households), order)
    weight = person["MARSUPWT"][here] / 100.0
    times = factors(order[here])
    return {
        "h_seq": person["PH_SEQ"][here],
        "PPPOS": person["PPPOS"][here],
        "pwwgt0": weight,
        **{f"pwwgt{k + 1}": implied(weight * times[:, k]) / 100.0 for k in range(REPLICATES)},
    }
