"""Whom the ASEC of one March meets: households drawn anew, and half of those met a year apart.

A household of the CPS is in the sample for four months, out for eight, and in for four again,
so those of months 1 to 4 are met in the next March under the same number. The sample of 2023
is drawn whole. Going away from it, each vintage draws its own households, and meets again
most of one half of its neighbour's (`revisit`); the rest of that half has moved. A few
addresses keep the number of a household that has moved, as happens: their people match by
number and are not the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.sources.demo.anchors import BASE_YEAR
from steelyard.sources.demo.asec_dollars import in_dollars_of, of_year
from steelyard.sources.demo.draws import Draws, Floats, Ints
from steelyard.sources.demo.population import Population, populate, together
from steelyard.sources.demo.revisit import can_be_met, revisit
from steelyard.sources.demo.weights import household_weights

BASE_VINTAGE = BASE_YEAR + 1
VINTAGES = tuple(range(2019, 2026))
# Households drawn at a time, so that memory does not grow with the sample.
BLOCK = 20_000
# The base vintage is the world's size; the others are a fifth of it, but have every state.
FIFTH, FEWEST = 5, 200
# Of the households that could be met a year later, those that are; and those whose number
# another household has by then.
MET_AGAIN, MISTAKEN = 0.88, 0.02


@dataclass(frozen=True)
class Block:
    """A block of one vintage's sample, ready to be laid out.

    Parameters
    ----------
    survey_year
        March of that year; incomes are of the year before, in its dollars.
    draws
        The block's random numbers.
    world
        Interviewed households (n,) and all about them.
    weights
        (n,) households represented.
    months
        (n,) months in sample, 1 to 8.
    first
        How many households, and how many interviewed, the blocks before this one have.
    interviewed, missed
        H_SEQ of the interviewed (n,) and of the others.
    ids
        H_IDNUM of all, in order of H_SEQ.
    """

    survey_year: int
    draws: Draws
    world: Population
    weights: Floats
    months: Ints
    first: tuple[int, int]
    interviewed: Ints
    missed: Ints
    ids: NDArray[np.str_]

    def id_of(self, number: Ints) -> NDArray[np.str_]:
        """Return H_IDNUM of households by their H_SEQ."""
        return self.ids[number - 1 - self.first[0]]


def sample_size(vintage: int, households: int) -> int:
    """Return how many households one vintage interviews in a world of that size."""
    return households if vintage == BASE_VINTAGE else max(FEWEST, households // FIFTH)


def blocks(vintage: int, households: int, seed: int) -> Iterator[Block]:
    """Draw one vintage's sample, block by block.

    Parameters
    ----------
    households
        Of the world: interviewed households of the base vintage.
    """
    sizes = block_sizes(vintage, households)
    first = 0, 0
    for at, size in enumerate(sizes):
        draws, world, months, named = _met(seed, vintage, households, at)
        number, missed, ids = _numbers(draws, vintage, size)
        ids[number[list(named)] - 1] = np.array(list(named.values()), dtype=ids.dtype)
        weights = household_weights(draws, world.home, world.person, world.owned["rarity"])
        weights *= _growth(vintage) * size / sum(sizes)
        yield Block(
            vintage,
            draws,
            in_dollars_of(world, vintage - 1),
            weights,
            months,
            first,
            number + first[0],
            missed + first[0],
            ids,
        )
        first = first[0] + len(ids), first[1] + size


def block_sizes(vintage: int, households: int) -> list[int]:
    """Split one vintage's sample evenly into blocks of at most BLOCK households.

    Blocks of other vintages are half as large, so that the base vintage's hold enough
    households to be met again.
    """
    size = sample_size(vintage, households)
    most = BLOCK if vintage == BASE_VINTAGE else BLOCK // 2
    count = -(-size // most)
    return [size // count + (at < size % count) for at in range(count)]


def _growth(vintage: int) -> float:
    """Return the population relative to that of the base year."""
    if vintage == BASE_VINTAGE:
        return 1.0
    return of_year("residents", vintage - 1) / of_year("residents", BASE_YEAR)


def _numbers(draws: Draws, vintage: int, count: int) -> tuple[Ints, Ints, NDArray[np.str_]]:
    """Give households, some not interviewed, their places from 1 on, and 20 digits each."""
    extra = max(2, round(of_year("noninterviews", vintage - 1) * count))
    interviewed = np.arange(count) + 1 + (np.arange(count) * extra) // count
    missed = np.setdiff1d(np.arange(1, count + extra + 1), interviewed)
    digits = np.floor(draws.uniform(2 * (count + extra), "household id") * 10**10).astype(np.int64)
    ids = np.array([f"{a:010d}{b:010d}" for a, b in digits.reshape(-1, 2)])
    return interviewed, missed, ids


def _draws(seed: int, vintage: int, at: int) -> Draws:
    name = "asec" if vintage == BASE_VINTAGE else f"asec {vintage}"
    return Draws(seed, name if at == 0 else f"{name} block {at}")


def _own_size(vintage: int, size: int) -> int:
    """Return how many of a vintage's households are its own draw, not a neighbour's."""
    return size if vintage == BASE_VINTAGE else size - round(MET_AGAIN * (size // 2))


def _met(
    seed: int, vintage: int, households: int, at: int
) -> tuple[Draws, Population, Ints, dict[int, str]]:
    """Draw those interviewed in one block.

    Returns
    -------
    tuple
        The block's draws, its population, months in sample, and the numbers (H_IDNUM) that
        households have from the neighbouring vintage, by position.
    """
    size = block_sizes(vintage, households)[at]
    draws, count = _draws(seed, vintage, at), _own_size(vintage, size)
    own, months = populate(draws, count), _months(vintage, size, count)
    if vintage == BASE_VINTAGE:
        return draws, own, months, {}
    neighbour = vintage + 1 if vintage < BASE_VINTAGE else vintage - 1
    theirs = block_sizes(neighbour, households)[at]
    other = _draws(seed, neighbour, at)
    world = populate(other, _own_size(neighbour, theirs))
    years = vintage - neighbour
    there = _months(neighbour, theirs, len(world.home["age"]))
    possible = can_be_met(world, years) & ((there > 4) == (years < 0))
    candidates = np.flatnonzero(possible)
    wanted = size - count
    again = revisit(draws, other, world, candidates[:wanted], years)
    number, _, ids = _numbers(other, neighbour, theirs)
    known = ids[number - 1]
    mistaken = candidates[wanted:][: round(MISTAKEN * (size // 2))]
    named = dict(enumerate(known[again.household].tolist(), start=count))
    named |= dict(enumerate(known[mistaken].tolist(), start=size // 2))
    months = np.concatenate([months, there[again.household] + 4 * years])
    return draws, together([own, again.world]), months, named


def _months(vintage: int, size: int, count: int) -> Ints:
    """Return months in sample (count,) of a vintage's own households.

    In the base vintage every other household leaves (months 5 to 8, met the year before); in
    one before it the first half does, in one after it the first half has come (months 1 to 4).
    """
    index = np.arange(count)
    if vintage == BASE_VINTAGE:
        return np.asarray(1 + (index // 2) % 4 + 4 * (index % 2 == 0))
    leaves = (index < size // 2) == (vintage < BASE_VINTAGE)
    return np.asarray(1 + index % 4 + 4 * leaves)
