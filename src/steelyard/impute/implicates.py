"""Multiply imputed donors, families kept whole, and Rubin's rules."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.uniforms import keyed_uniforms


def cycle_implicates(implicates: ArrayLike, models: int) -> list[NDArray[np.bool_]]:
    """Return for each of several models the donor rows of the one implicate it is fitted on.

    The Survey of Consumer Finances publishes each family five times, with different imputed
    answers. Five copies of a family in one model would look like five donors, so each model
    takes one implicate, the first model the lowest, and so on round.

    Parameters
    ----------
    implicates
        Shape (n_donors,): the implicate of each row (SCF: ``Y1 - 10 * YY1``).
    models
        How many models are fitted, one an imputation.

    Returns
    -------
    `models` masks of shape (n_donors,).

    Raises
    ------
    ValueError
        If there is no row, `models` is below 1, or the implicates hold different numbers of rows.
    """
    values = np.asarray(implicates)
    present, sizes = np.unique(values, return_counts=True)
    if not present.size or models < 1:
        raise ValueError(f"cycle_implicates: {values.size} donors for {models} models")
    if sizes.min() != sizes.max():
        raise ValueError(
            f"cycle_implicates: implicates {present.tolist()} have {sizes.tolist()} donors; "
            "every family must be in each, so look for rows that were dropped"
        )
    return [values == present[model % present.size] for model in range(models)]


def group_folds(
    groups: ArrayLike, folds: int, *, seed: int = 0, name: str = "folds"
) -> NDArray[np.int64]:
    """Return the fold of each record, so that records of a group are never split.

    A group is a household, an SCF family (``YY1``) or a PSID lineage: whatever would leak
    from training to test. The fold belongs to the group's id, whatever the other records.

    Parameters
    ----------
    groups
        Shape (n,): integers or strings.
    folds
        How many folds, about equally likely; at least 2.

    Returns
    -------
    int64 of shape (n,), from 0 to folds - 1.

    Raises
    ------
    ValueError
        If `folds` is below 2 or the groups are no vector of integers or strings.
    """
    if folds < 2:
        raise ValueError(f"group_folds: {folds} folds leave nothing to test on")
    uniforms = keyed_uniforms(seed, (name, "fold"), groups)
    return np.minimum((uniforms * folds).astype(np.int64), folds - 1)


@dataclass(frozen=True)
class Combined:
    """An estimate from several imputations, by `combine`.

    Parameters
    ----------
    estimate
        Mean over imputations.
    variance
        Total variance: within plus (1 + 1/m) times between.
    missing_share
        Share of the variance that is due to imputation.
    degrees
        Degrees of freedom of the t distribution that intervals are read from.
    """

    estimate: float
    variance: float
    missing_share: float
    degrees: float


def combine(
    estimates: ArrayLike, variances: ArrayLike, complete_degrees: float = np.inf
) -> Combined:
    """Combine the estimates of m imputations by Rubin's rules.

    Parameters
    ----------
    estimates, variances
        Shape (m,), m >= 2: the estimate from each completed file and its sampling variance.
    complete_degrees
        Degrees of freedom there would be without imputation (replicates, or PSUs less strata).

    Raises
    ------
    ValueError
        If there are fewer than two imputations, the shapes differ, or a variance is negative.

    Notes
    -----
    Rubin (1987), section 3.3; degrees of freedom after Barnard and Rubin (1999). The between
    variance is right only if every imputation is of a model refitted on other donors (another
    `ImputeConfig.seed`, another implicate); draws from one model understate it.
    """
    points = np.asarray(estimates, dtype=np.float64)
    within = np.asarray(variances, dtype=np.float64)
    count = points.size
    if count < 2 or points.shape != within.shape or (within < 0).any():
        raise ValueError(
            f"combine: needs two or more estimates and as many variances that are not negative, "
            f"got shapes {points.shape} and {within.shape}"
        )
    between = (1 + 1 / count) * float(points.var(ddof=1))
    total = float(within.mean()) + between
    share = between / total if total > 0 else 0.0
    rubin = (count - 1) / share**2 if share > 0 else np.inf
    observed = (
        (complete_degrees + 1) / (complete_degrees + 3) * complete_degrees * (1 - share)
        if np.isfinite(complete_degrees)
        else np.inf
    )
    inverse = 1 / rubin + (1 / observed if observed > 0 else np.inf)
    degrees = 1 / inverse if inverse > 0 else np.inf
    return Combined(float(points.mean()), total, share, float(degrees))
