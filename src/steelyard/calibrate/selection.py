"""Which settings a calibration deserves: cross-validation over groups of targets.

Training loss always prefers the least regularisation. What calibration is for is the statistics
that no target names, so settings are judged by targets kept out of the fit, in whole groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from steelyard.calibrate.config import CalibrationConfig, Mask, Vector
from steelyard.calibrate.holdout import name_positions
from steelyard.calibrate.inputs import Inputs, checked
from steelyard.calibrate.solve import calibrate

#: What one solve is judged by, in the order of `Trial`.
MEASURES = ("within_10", "held_out_median", "held_out_p90", "effective_sample_share")


@dataclass(frozen=True)
class Trial:
    """One setting's place on the trade-off curve; every number is a mean over the folds.

    Parameters
    ----------
    config
        The setting.
    within_10
        Share of fitted targets with a relative error of at most 10 %.
    held_out_median, held_out_p90
        Median and 90th percentile of the size of the relative errors of held-out targets.
    effective_sample_share
        Kish effective sample size, relative to that of the initial weights.
    excess, standard_error
        How far ``held_out_median`` lies above that of the best setting, and the standard error
        of that difference. Folds differ from each other far more than settings do; a difference
        within each fold leaves that out.
    """

    config: CalibrationConfig
    within_10: float
    held_out_median: float
    held_out_p90: float
    effective_sample_share: float
    excess: float
    standard_error: float


@dataclass(frozen=True)
class Selection:
    """The trade-off curve and the choice made on it.

    Parameters
    ----------
    trials
        One a setting, in the order given.
    best
        The trial with the lowest held-out median.
    chosen
        Of the trials whose excess over the best is within its standard error, the one that
        keeps the largest effective sample.
    initial_median, initial_p90
        Held-out errors of the initial weights: what a setting has to beat.
    """

    trials: tuple[Trial, ...]
    best: Trial
    chosen: Trial
    initial_median: float
    initial_p90: float


def target_folds(groups: Sequence[str], folds: int = 5, salt: str = "") -> NDArray[np.int64]:
    """Deal whole groups into folds of nearly equal numbers of targets.

    The largest groups are dealt first, each to the fold with the fewest targets; groups of one
    size come in the order of their names' hashes.

    Parameters
    ----------
    groups
        Name of each target's group, (n_targets,); a target of its own name is a group of one.
    folds
        How many, 2 or more.
    salt
        Another salt deals another way.

    Returns
    -------
    int ndarray of shape (n_targets,), each target's fold from 0.

    Raises
    ------
    ValueError
        If there are fewer groups than folds, or fewer than two folds.
    """
    names, group_of, sizes = np.unique(
        np.asarray(groups, dtype=np.str_), return_inverse=True, return_counts=True
    )
    if not 2 <= folds <= names.size:
        raise ValueError(
            f"target_folds: {folds} folds of {names.size} groups; needs 2 folds or more, and a "
            "group for each"
        )
    position = name_positions(names.tolist(), salt)
    order = sorted(range(names.size), key=lambda of: (-sizes[of], position[str(names[of])]))
    dealt = np.zeros(names.size, dtype=np.int64)
    filled = np.zeros(folds, dtype=np.int64)
    for place in order:
        dealt[place] = np.argmin(filled)
        filled[dealt[place]] += sizes[place]
    return dealt[group_of]


def select(  # noqa: PLR0913  a problem, the settings, the folds
    matrix: "sparse.sparray | sparse.spmatrix",
    targets: ArrayLike,
    initial_weights: ArrayLike,
    configs: Sequence[CalibrationConfig],
    *,
    fold: ArrayLike,
    scale: ArrayLike | None = None,
    loss_weight: ArrayLike | None = None,
    progress: Callable[[int, int, dict[str, float]], None] | None = None,
) -> Selection:
    """Solve every setting once a fold, with that fold's targets held out, and choose.

    Parameters
    ----------
    matrix, targets, initial_weights, scale, loss_weight
        The problem, as of `calibrate`.
    configs
        The settings to compare: λ, dropout, epochs, bounds, solver, loss.
    fold
        (n_targets,) from `target_folds`; -1 keeps a target in every fit and out of the judgement.
    progress
        Called after every solve with the setting's position, the fold, and its measures.

    Returns
    -------
    Selection

    Raises
    ------
    ValueError
        If no setting is given, or for what `calibrate` refuses.

    Notes
    -----
    Breiman, Friedman, Olshen and Stone (1984), "Classification and regression trees", 3.4.3, for
    the one-standard-error rule; here the error is that of the paired difference. Takes folds times
    settings solves.
    """
    if not configs:
        raise ValueError("select: no configs to compare; give at least one CalibrationConfig")
    optional = {"scale": scale, "loss_weight": loss_weight}
    inputs = checked(matrix, targets, initial_weights, configs[0], optional)
    places = np.where((inputs.support > 0) & (inputs.loss_weight > 0), fold, -1)
    names = np.unique(places[places >= 0])
    before = (inputs.estimates(inputs.initial_weights) - inputs.targets) / inputs.scale
    measures = np.empty((len(configs), names.size, len(MEASURES)))
    for position, config in enumerate(configs):
        for column, name in enumerate(names):
            measures[position, column] = _measured(inputs, config, places == name)
            if progress is not None:
                told = zip(MEASURES, measures[position, column].tolist(), strict=True)
                progress(position, int(name), dict(told))
    initial = np.array([_spread(before[places == name]) for name in names]).mean(axis=0)
    return _chosen(configs, measures, (float(initial[0]), float(initial[1])))


def _measured(
    inputs: Inputs, config: CalibrationConfig, held_out: Mask
) -> tuple[float, float, float, float]:
    """Solve without the held-out targets, unseen even by early stopping; return `MEASURES`."""
    solved = calibrate(
        inputs.matrix,
        inputs.targets,
        inputs.initial_weights,
        config,
        scale=inputs.scale,
        loss_weight=np.where(held_out, 0.0, inputs.loss_weight),
    )
    fitted = np.abs(solved.relative_errors[solved.fitted])
    size_after = solved.diagnostics["effective_sample_size_after"]
    return (
        float(np.mean(fitted <= 0.1)),
        *_spread(solved.relative_errors[held_out]),
        size_after / solved.diagnostics["effective_sample_size_before"],
    )


def _spread(errors: Vector) -> tuple[float, float]:
    """Median and 90th percentile of the errors' size."""
    median, p90 = np.percentile(np.abs(errors), (50, 90))
    return float(median), float(p90)


def _chosen(
    configs: Sequence[CalibrationConfig],
    measures: NDArray[np.float64],
    initial: tuple[float, float],
) -> Selection:
    medians = measures[:, :, 1]
    best = int(medians.mean(axis=1).argmin())
    difference = medians - medians[best]
    spread = difference.std(axis=1, ddof=1) / np.sqrt(medians.shape[1])
    means = np.column_stack([measures.mean(axis=1), difference.mean(axis=1), spread])
    names = (*MEASURES, "excess", "standard_error")
    trials = tuple(
        Trial(config, **dict(zip(names, row.tolist(), strict=True)))
        for config, row in zip(configs, means, strict=True)
    )
    within = [trial for trial in trials if trial.excess <= trial.standard_error]
    chosen = max(within, key=lambda trial: trial.effective_sample_share)
    return Selection(trials, trials[best], chosen, *initial)
