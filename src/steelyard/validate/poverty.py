"""Poverty by Foster, Greer and Thorbecke."""

import numpy as np
from numpy.typing import ArrayLike

from steelyard.validate.distribution import checked_weights, refuse, vector


def poverty_rate(
    values: ArrayLike, weights: ArrayLike, line: ArrayLike, *, alpha: float = 0.0
) -> float:
    """Return FGT_α = Σ w ((z - y)/z)^α 1{y < z} / W.

    Parameters
    ----------
    values
        Resources y (n_records,), in the unit of the line; negative ones are fine.
    weights
        w (n_records,), not negative: persons represented for a rate of persons.
    line
        Poverty line z, one for all or one a record, positive.
    alpha
        0 the share of the poor, 1 the poverty gap, 2 its square.

    Returns
    -------
    float
        A share of the population for α = 0; 0 where nobody is poor.

    Raises
    ------
    ValueError
        If alpha is negative, a line is not positive, lengths differ, or a number may not enter.

    Notes
    -----
    Foster, Greer and Thorbecke (1984), "A class of decomposable poverty measures", Econometrica 52.
    """
    if not alpha >= 0:
        raise ValueError(f"alpha must not be negative, got {alpha}")
    resources, mass = vector("values", values), checked_weights("weights", weights)
    lines = vector("lines", np.atleast_1d(line))
    refuse("lines", lines, lines <= 0, "not positive")
    if resources.size != mass.size or lines.size not in (1, mass.size):
        raise ValueError(
            f"there are {resources.size} values, {mass.size} weights and {lines.size} lines"
        )
    gap = (lines - resources) / lines
    depth = np.power(gap, alpha, out=np.zeros_like(gap), where=gap > 0)
    return float(np.sum(mass * depth) / np.sum(mass))
