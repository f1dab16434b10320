"""Bootstrap replicates of a calibration; `steelyard.validate.replicate_error` judges by them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.calibrate.config import Mask
from steelyard.calibrate.nearby import Answers, Columns, Neighbourhood

#: Steps with the main answer's Hessian: after one, what curvature leaves is a bias as large as the
#: standard error itself.
_CHORDS = 3

#: Share of its first mismatch that a replicate may keep: steps with an old Hessian can run away.
_LEFT = 0.1


def bootstrap_factors(
    strata: ArrayLike,
    clusters: ArrayLike,
    count: int,
    random: np.random.Generator,
    *,
    spread: float = 1.0,
) -> Columns:
    """Return factors by which each replicate multiplies the initial weights.

    In a stratum of n clusters, n - 1 are drawn with replacement; a cluster drawn r times has the
    factor 1 + ε (r n / (n - 1) - 1). A stratum of one cluster keeps its weight, and adds nothing
    to the variance.

    Parameters
    ----------
    strata, clusters
        (n_households,), names. A cluster is drawn as a whole, and lies in one stratum: copies of
        one record are one cluster.
    count
        Number of replicates.
    random
        Where draws come from.
    spread
        ε in (0, 1]: 1 is the bootstrap itself; less moves the weights less, keeps them positive,
        and variances are divided by ε².

    Returns
    -------
    ndarray of shape (n_households, count)

    Raises
    ------
    ValueError
        If shapes differ, ε or the count is out of range, or clusters lie in several strata.

    Notes
    -----
    Rao, Wu and Yue (1992), "Some recent work on resampling methods for complex surveys", Survey
    Methodology 18; ε after Fay, in Judkins (1990), Journal of Official Statistics 6.
    """
    if count < 2 or not 0 < spread <= 1:
        raise ValueError(f"bootstrap: count >= 2 and 0 < spread <= 1, got {count} and {spread}")
    names, places = np.unique(np.asarray(clusters), return_inverse=True)
    stratum = np.unique(np.asarray(strata), return_inverse=True)[1]
    if stratum.shape != places.shape:
        raise ValueError(f"bootstrap: {stratum.size} strata but {places.size} clusters")
    of_cluster = np.zeros(names.size, dtype=np.int64)
    of_cluster[places] = stratum
    torn = np.unique(names[places[of_cluster[places] != stratum]])
    if torn.size:
        shown = ", ".join(map(str, torn[:3]))
        raise ValueError(f"bootstrap: {torn.size} clusters lie in several strata (first: {shown})")
    factors = np.ones((names.size, count))
    for members in _members(of_cluster):
        size = members.size
        if size > 1:
            drawn = random.multinomial(size - 1, np.full(size, 1 / size), size=count)
            factors[members] = 1 + spread * (drawn.T * size / (size - 1) - 1)
    return factors[places]


def survey_factors(
    clusters: ArrayLike, survey: ArrayLike, factors: ArrayLike, *, spread: float = 1.0
) -> Columns:
    """Return factors by which the survey's own replicates multiply the initial weights.

    Parameters
    ----------
    clusters
        (n_households,), which household of the survey each is a copy of.
    survey
        (n_surveyed,), households of the survey, each once.
    factors
        (n_surveyed, count), replicate weight over weight.
    spread
        ε in (0, 1]: factors f become 1 + ε (f - 1), and variances are divided by ε².

    Returns
    -------
    ndarray of shape (n_households, count)

    Raises
    ------
    ValueError
        If a household has no replicates, or a factor is negative or not finite.
    """
    names, told = np.asarray(survey), np.asarray(factors, dtype=np.float64)
    order = np.argsort(names, kind="stable")
    wanted = np.asarray(clusters)
    places = np.minimum(np.searchsorted(names[order], wanted), len(names) - 1)
    missing = names[order][places] != wanted
    if missing.any():
        raise ValueError(
            f"replicates: {missing.sum()} households have none in the survey's file, the first "
            f"{wanted[missing][:3].tolist()}"
        )
    bad = ~(np.isfinite(told) & (told >= 0)).all(axis=1)
    if bad.any():
        raise ValueError(
            f"replicates: {bad.sum()} households have a negative or unknown weight in one, the "
            f"first {names[bad][:3].tolist()}"
        )
    return np.asarray(1 + spread * (told[order][places] - 1), dtype=np.float64)


def replicate(
    near: Neighbourhood,
    factors: Columns,
    survey: Mask,
    *,
    tolerance: float | None = None,
    batch: int = 5,
) -> Answers:
    """Calibrate every replicate anew, from the main answer.

    Parameters
    ----------
    near
        The solved problem.
    factors
        (n_households, n_replicates).
    survey
        bool (number of fitted targets,): goals that are the survey's own, as statistics held at
        what they are under the initial weights. They are no truths, and each replicate has its own.
    tolerance
        Largest relative mismatch of a target at which a replicate is solved. By default three
        steps are taken with the main answer's Hessian, and where those leave more than a tenth of
        what there was, Newton's own until no more is left; ``mismatch`` says what is left.
    batch
        Replicates solved together; memory grows with it.
    """
    goals = np.repeat(near.goals[:, None], factors.shape[1], axis=1)
    totals = near.problem.fitted.contributions.T @ (factors - 1)
    goals[survey] += totals[survey]
    answers = []
    for first in range(0, factors.shape[1], batch):
        drawn, aims = factors[:, first : first + batch], goals[:, first : first + batch]
        if tolerance is None:
            answers.append(_quickly(near, drawn, aims))
        else:
            answers.append(near.solve(factors=drawn, goals=aims, tolerance=tolerance))
    return Answers(
        np.hstack([answer.weights for answer in answers]),
        np.hstack([answer.mismatch for answer in answers]),
        max(answer.steps for answer in answers),
    )


def _quickly(near: Neighbourhood, factors: Columns, goals: Columns) -> Answers:
    """Take a few cheap steps, and solve the replicates that those do not bring near."""
    limit = _LEFT * near.chords(factors, goals, 0).mismatch
    quick = near.chords(factors, goals, _CHORDS)
    weights, mismatch, steps = quick.weights, quick.mismatch.copy(), quick.steps
    for column in np.flatnonzero(mismatch > limit):
        one = slice(column, column + 1)
        solved = near.solve(
            factors=factors[:, one], goals=goals[:, one], tolerance=float(limit[column])
        )
        weights[:, one], mismatch[one] = solved.weights, solved.mismatch
        steps = max(steps, solved.steps)
    return Answers(weights, mismatch, steps)


def _members(groups: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
