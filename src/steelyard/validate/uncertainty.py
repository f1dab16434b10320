"""Standard errors from replicate weights, bootstraps and multiple imputations."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from steelyard.validate.distribution import vector


class Uncertainty(NamedTuple):
    """An estimate, its standard error and the degrees of freedom of its interval."""

    estimate: float
    standard_error: float
    degrees_of_freedom: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the two-sided confidence interval by Student's t.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise ValueError(f"a confidence level lies between 0 and 1, got {level}")
        reach = float(special.stdtrit(self.degrees_of_freedom, (1 + level) / 2))
        margin = reach * self.standard_error
        return self.estimate - margin, self.estimate + margin


#: Factor of Σ (θ_r - θ)² by survey, as their producers document it.
REPLICATE_FACTORS = {
    "cps_asec": 4 / 160,  # 160 replicates by successive differences
    "acs": 4 / 80,  # 80 replicates by successive differences
    "sipp": 1 / (240 * (1 - 0.5) ** 2),  # 240 balanced half samples, Fay's factor 0.5
    "scf": 1 / 998,  # 999 bootstrap replicates, about their own mean
}


def replicate_error(estimate: float, replicates: ArrayLike, factor: float) -> Uncertainty:
    """Return the standard error sqrt(factor * Σ (θ_r - θ)²) of an estimate.

    Parameters
    ----------
    estimate
        θ under the full sample's weights.
    replicates
        θ_r under each replicate's weights (n_replicates,), each recalibrated where θ's are
        calibrated.
    factor
        See `REPLICATE_FACTORS`; 1 / R for a bootstrap of R replicates.

    Raises
    ------
    ValueError
        If there are fewer than two replicates, the factor is not positive, or a number is not
        finite.

    Notes
    -----
    Degrees of freedom are replicates less one. Wolter (2007), Introduction to Variance
    Estimation, chapters 3 and 5.
    """
    found = vector("replicates", replicates)
    if found.size < 2 or not factor > 0:
        raise ValueError(f"needs two replicates and a factor > 0, got {found.size} and {factor}")
    variance = factor * float(np.sum((found - estimate) ** 2))
    return Uncertainty(float(estimate), float(np.sqrt(variance)), float(found.size - 1))


def combine_imputations(estimates: ArrayLike, variances: ArrayLike) -> Uncertainty:
    """Combine an estimate from m completed files by Rubin's rules.

    Parameters
    ----------
    estimates
        The estimate from each file (m,), m >= 2.
    variances
        Its sampling variance within each file (m,), not negative.

    Returns
    -------
    Uncertainty
        Mean; sqrt(W + (1 + 1/m) B) from the mean variance within W and the variance between B;
        (m - 1)(1 + W / ((1 + 1/m) B))² degrees of freedom, infinite where files agree.

    Raises
    ------
    ValueError
        If lengths differ, m < 2, a variance is negative, or a number is not finite.

    Notes
    -----
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, equations 3.1.2 to 3.1.6.
    """
    found, within = vector("estimates", estimates), vector("variances", variances)
    if found.size != within.size or found.size < 2 or np.any(within < 0):
        raise ValueError(
            f"needs two files or more and a variance >= 0 for each, got {found.size} estimates "
            f"and variances {within[:3]}"
        )
    between = (1 + 1 / found.size) * float(np.var(found, ddof=1))
    sampled = float(np.mean(within))
    freedom = (found.size - 1) * (1 + sampled / between) ** 2 if between > 0 else np.inf
    return Uncertainty(float(np.mean(found)), float(np.sqrt(sampled + between)), float(freedom))
