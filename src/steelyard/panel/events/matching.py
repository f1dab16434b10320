"""Who marries whom: brides and grooms alike in age, schooling and rank, with room for chance."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from steelyard.panel.lives import Floats, Ints
from steelyard.panel.population import Persons

#: Largest pool that is matched as one: the optimum costs its cube.
BLOCK = 1_500


class Taste(NamedTuple):
    """What a match is worth.

    Parameters
    ----------
    age_gap, age_gap_sd
        Years that grooms are older than brides, and how far that varies: of the base's couples.
    education, rank
        Cost of one level of schooling squared, assumed; and of the whole range of ranks squared,
        set so that earnings of new couples in which both work correlate by about the 0.23 that is
        published for all such couples of 2003-05 (Schwartz 2010).
    noise
        Scale of the Gumbel noise of each pair: chance meetings.
    """

    age_gap: float = 2.2
    age_gap_sd: float = 4.5
    education: float = 0.35
    rank: float = 50.0
    noise: float = 1.0


def match(
    grooms: Persons,
    brides: Persons,
    year: int,
    rng: np.random.Generator,
    taste: Taste = Taste(),  # noqa: B008  immutable
    standing: tuple[Floats, Floats] | None = None,
) -> tuple[Ints, Ints]:
    """Pair grooms and brides; the smaller pool is used up.

    Parameters
    ----------
    grooms, brides
        Who is to be paired in `year`.
    rng
        Deals blocks, and noise.
    taste
        What a match is worth.
    standing
        Ranks in [0, 1] of both sides; left out, those of the year, 0 without work.

    Returns
    -------
    rows of `grooms` and rows of `brides`, in pairs

    Notes
    -----
    The cost of a pair is ((gap - mean) / sd)², plus what lies between them in schooling and in
    rank, less Gumbel noise; the cheapest assignment is taken, in blocks of random persons near in
    age (Perese 2002 calls it a stable marriage with errors; the optimum needs no order).
    """
    of_grooms, of_brides = standing or (_of_the_year(grooms), _of_the_year(brides))
    pairs: list[tuple[Ints, Ints]] = []
    blocks = max(1, -(-max(len(grooms), len(brides)) // BLOCK))
    left, right = _dealt(len(grooms), blocks, rng), _dealt(len(brides), blocks, rng)
    for one, other in zip(left, right, strict=True):
        if not one.size or not other.size:
            continue
        ranks = np.subtract.outer(of_grooms[one], of_brides[other])
        cost = _cost(grooms.take(one), brides.take(other), year, taste) + taste.rank * ranks**2
        cost -= rng.gumbel(0.0, taste.noise, cost.shape)
        rows, columns = linear_sum_assignment(cost)
        pairs.append((one[rows], other[columns]))
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([one for one, _ in pairs]), np.concatenate([two for _, two in pairs])


def _dealt(count: int, blocks: int, rng: np.random.Generator) -> list[Ints]:
    return [np.sort(part) for part in np.array_split(rng.permutation(count), blocks)]


def _cost(grooms: Persons, brides: Persons, year: int, taste: Taste) -> Floats:
    gap = grooms.age(year)[:, None] - brides.age(year)[None, :]
    apart = (gap - taste.age_gap) / taste.age_gap_sd
    schooling = np.subtract.outer(
        grooms.education.astype(np.float64), brides.education.astype(np.float64)
    )
    return np.asarray(apart**2 + taste.education * schooling**2)


def _of_the_year(persons: Persons) -> Floats:
    """Return ranks of the year; who did not work stands below all."""
    return np.nan_to_num(persons.rank.astype(np.float64), nan=0.0)
