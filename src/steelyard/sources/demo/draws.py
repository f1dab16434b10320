"""Named draws for the demo world: one stream a variable, so no draw disturbs another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from steelyard.frame import stream

Columns = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
ALMOST_ONE = 1.0 - 2.0**-53


@dataclass(frozen=True)
class Draws:
    """Random numbers for one sample of the population.

    The first k of n draws are the first k of any longer run, so what is drawn a household is
    the same for household i whatever the size of the sample; persons are numbered through,
    so what is drawn a person is not.

    Parameters
    ----------
    seed
        The seed of the world.
    sample
        Which sample is drawn ("asec" or "scf"); samples share the law, not the luck.
    """

    seed: int
    sample: str

    def _stream(self, name: str) -> np.random.Generator:
        return stream(self.seed, "demo", self.sample, name)

    def uniform(self, count: int, name: str) -> Floats:
        """Draw (count,) numbers on [0, 1)."""
        return self._stream(name).random(count)

    def normal(self, count: int, name: str) -> Floats:
        """Draw (count,) standard normal numbers."""
        return self._stream(name).standard_normal(count)

    def chance(self, probability: Floats, name: str) -> Bools:
        """Draw one coin a record; probability (n,) is the chance of true."""
        return np.asarray(self.uniform(len(probability), name) < probability)

    def poisson(self, mean: Floats, name: str, most: int) -> Ints:
        """Draw Poisson counts (n,) by inversion, cut off at `most`."""
        uniform = self.uniform(len(mean), name)
        term = np.exp(-mean)
        cumulative, count = term.copy(), np.zeros(len(mean), dtype=np.int64)
        for k in range(1, most + 1):
            count += uniform >= cumulative
            term = term * mean / k
            cumulative += term
        return count

    def pick(self, shares: Floats, name: str) -> Ints:
        """Draw a column (n,) for each row of shares (n, k); rows need not sum to one."""
        return pick(shares, self.uniform(len(shares), name))


@dataclass(frozen=True)
class Echo(Draws):
    """Draws of another year that remember what the same records drew in theirs.

    Every number is as one of `Draws`, but its normal rank has the correlation `memory` with
    that of the same record in the other year. What is drawn for records that the other year
    does not know (SPM units) is drawn afresh.

    Parameters
    ----------
    other
        The draws of the other year.
    known
        By the number of records drawn for: how many there were in the other year, and the
        positions (n,) there of those met again.
    memory
        Correlation between the years, from 0 to 1.
    """

    other: Draws
    known: Mapping[int, tuple[int, Ints]]
    memory: float

    def uniform(self, count: int, name: str) -> Floats:
        """Draw (count,) numbers on [0, 1), correlated with the other year's."""
        own = super().uniform(count, name)
        if count not in self.known:
            return own
        total_then, place = self.known[count]
        rank = self._blend(_rank(self.other.uniform(total_then, name)[place]), _rank(own))
        return np.minimum(ndtr(rank), ALMOST_ONE)

    def normal(self, count: int, name: str) -> Floats:
        """Draw (count,) standard normal numbers, correlated with the other year's."""
        own = super().normal(count, name)
        if count not in self.known:
            return own
        total_then, place = self.known[count]
        return self._blend(self.other.normal(total_then, name)[place], own)

    def _blend(self, then: Floats, now: Floats) -> Floats:
        return self.memory * then + float(np.sqrt(1.0 - self.memory**2)) * now


def _rank(uniform: Floats) -> Floats:
    """Return the normal rank of numbers on [0, 1)."""
    return np.asarray(ndtri(np.maximum(uniform, 1.0 - ALMOST_ONE)), dtype=np.float64)


def pick(shares: Floats, uniform: Floats) -> Ints:
    """Return for each row of shares (n, k) the column that uniform (n,) falls into."""
    cumulative = np.cumsum(shares, axis=1)
    return np.asarray(
        (uniform[:, None] * cumulative[:, -1:] >= cumulative[:, :-1]).sum(axis=1), dtype=np.int64
    )


def heavy_tail(normal: Floats, sigma: float, *, tail_share: float, alpha: float) -> Floats:
    """Turn standard normals (n,) into factors with median one: lognormal body, Pareto tail.

    Above the quantile 1 - tail_share the factor is the body's value there times a Pareto
    variate of index alpha. The map is increasing, so correlated normals stay correlated.
    """
    above = 1.0 - ndtr(normal)
    start = float(np.exp(sigma * ndtri(1.0 - tail_share)))
    tail = start * (np.maximum(above, 1e-12) / tail_share) ** (-1.0 / alpha)
    return np.where(above < tail_share, tail, np.exp(sigma * normal))


def total(values: NDArray[Any], group: Ints, groups: int) -> Floats:
    """Return the sum of values (n,) in each group (groups,)."""
    summed = np.bincount(group, weights=values, minlength=groups)
    return np.asarray(summed, dtype=np.float64)


def heap(amounts: Floats, uniform: Floats) -> Floats:
    """Round dollars as respondents do: three in five to thousands, a quarter to hundreds."""
    large = np.abs(amounts) >= 5000
    unit = np.select(
        [(uniform < 0.6) & large, uniform < 0.85],
        [np.full(len(amounts), 1000.0), np.full(len(amounts), 100.0)],
        1.0,
    )
    unit = np.where(np.abs(amounts) < 2 * unit, 1.0, unit)
    return np.round(amounts / unit) * unit
