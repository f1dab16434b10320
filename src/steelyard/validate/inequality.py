"""How unevenly something is spread. Say of whom: households or persons, raw or equivalised."""

import numpy as np
from numpy.typing import ArrayLike

from steelyard.validate.distribution import Distribution, Vector, distribution, refuse


def lorenz(values: ArrayLike, weights: ArrayLike) -> tuple[Vector, Vector]:
    """Return the Lorenz curve: shares of the population and of the total they hold.

    p_k = Σ_{i<=k} w_i / W and L_k = Σ_{i<=k} w_i x_i / (W μ), from (0, 0) to (1, 1), one point a
    distinct value.

    Parameters
    ----------
    values, weights
        (n_records,), weights not negative. Negative values are allowed, and the curve then dips
        below 0.

    Returns
    -------
    p, L
        ndarrays of shape (n_distinct + 1,)

    Raises
    ------
    ValueError
        If the total is not positive, or a number may not enter (see `distribution`).
    """
    return _curve(distribution(values, weights))


def gini(values: ArrayLike, weights: ArrayLike, *, bottom_code: float | None = None) -> float:
    """Return the Gini coefficient, 1 - Σ (p_k - p_{k-1})(L_k + L_{k-1}).

    0 where all are equal; above 1 is possible with negative values.

    Parameters
    ----------
    values, weights
        (n_records,), weights not negative.
    bottom_code
        Raise smaller values to this first; usually 0. Publish both.

    Raises
    ------
    ValueError
        If the total is not positive, or a number may not enter (see `distribution`).
    """
    coded = values if bottom_code is None else np.maximum(values, bottom_code)
    population, held = _curve(distribution(coded, weights))
    return float(1 - np.sum(np.diff(population) * (held[1:] + held[:-1])))


def top_share(values: ArrayLike, weights: ArrayLike, share: float = 0.01) -> float:
    """Return the part of the total that the top ``share`` of the population holds.

    1 - L(1 - share), the curve read along straight lines: of records that straddle the edge, the
    part above it counts.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1, the total is not positive, or a number may not enter.
    """
    _refuse_share(share)
    return 1 - _held_by_bottom(distribution(values, weights), 1 - share)


def palma(values: ArrayLike, weights: ArrayLike, *, top: float = 0.1, bottom: float = 0.4) -> float:
    """Return what the top share holds over what the bottom share holds.

    Top 10 % over bottom 40 % is Palma's; ``top=0.2, bottom=0.2`` is S80/S20.

    Raises
    ------
    ValueError
        If the bottom holds nothing or less, a share is not between 0 and 1, or a number may not
        enter.
    """
    _refuse_share(top)
    _refuse_share(bottom)
    of = distribution(values, weights)
    held = _held_by_bottom(of, bottom)
    if held <= 0:
        raise ValueError(f"the bottom {bottom:.0%} hold {held:.3g} of the total; no ratio to it")
    return (1 - _held_by_bottom(of, 1 - top)) / held


def theil(values: ArrayLike, weights: ArrayLike) -> float:
    """Return Theil's T, the weighted mean of (x/μ) ln(x/μ), where a value of 0 counts 0.

    Raises
    ------
    ValueError
        If a value is negative, all are 0, or a number may not enter.
    """
    relative, of = _relative(values, weights)
    logs = np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    return of.mean(relative * logs)


def atkinson(values: ArrayLike, weights: ArrayLike, epsilon: float = 0.5) -> float:
    """Return Atkinson's index: the part of the total that an equal spread could do without.

    1 - (mean of (x/μ)^(1-ε))^(1/(1-ε)), and 1 - geometric mean / μ at ε = 1; 1 where a value
    is 0 and ε >= 1.

    Parameters
    ----------
    values, weights
        (n_records,), neither negative.
    epsilon
        Aversion to inequality ε > 0.

    Raises
    ------
    ValueError
        If ε is not positive, a value is negative, all are 0, or a number may not enter.
    """
    if not epsilon > 0:
        raise ValueError(f"epsilon must be positive, got {epsilon}")
    relative, of = _relative(values, weights)
    if epsilon >= 1 and relative[0] == 0:
        return 1.0
    if epsilon == 1:
        return 1 - float(np.exp(of.mean(np.log(relative))))
    return float(1 - of.mean(relative ** (1 - epsilon)) ** (1 / (1 - epsilon)))


def _curve(of: Distribution) -> tuple[Vector, Vector]:
    if not of.total > 0:
        raise ValueError(f"the weighted total is {of.total}; shares of it need it to be positive")
    population = np.concatenate([[0.0], np.cumsum(of.weights)])
    held = np.concatenate([[0.0], np.cumsum(of.weights * of.values)])
    return population / population[-1], held / held[-1]


def _held_by_bottom(of: Distribution, share: float) -> float:
    return float(np.interp(share, *_curve(of)))


def _relative(values: ArrayLike, weights: ArrayLike) -> tuple[Vector, Distribution]:
    """Values over their mean; none negative."""
    of = distribution(values, weights)
    refuse("distinct values", of.values, of.values < 0, "negative, and the index has a logarithm")
    if not of.total > 0:
        raise ValueError("all values are 0; there is nothing to spread")
    return of.values / (of.total / of.population), of


def _refuse_share(share: float) -> None:
    if not 0 < share < 1:
        raise ValueError(f"a share of the population lies between 0 and 1, got {share}")
