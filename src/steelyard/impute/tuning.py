"""Choose a forest's settings by cross-validation; needs Optuna, which the models do not."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import optuna
import pandas as pd
from numpy.typing import NDArray
from optuna.trial import TrialState

from steelyard.frame import stream
from steelyard.impute.config import ImputeConfig
from steelyard.impute.cross_validation import Folds, split
from steelyard.impute.evaluation import weighted_pinball, weighted_quantile
from steelyard.impute.identity import content_hash
from steelyard.impute.imputer import ForestImputer
from steelyard.impute.scorecard import Judgement

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Space:
    """Settings to choose from; a pair is the least and the greatest.

    Parameters
    ----------
    min_leaf, trees
        Tried on a logarithmic scale.
    feature_share, sample_share
        Tried evenly.
    max_depth
        Every depth to try; None is no limit.
    """

    min_leaf: tuple[int, int] = (3, 40)
    trees: tuple[int, int] = (40, 160)
    feature_share: tuple[float, float] = (0.2, 1.0)
    sample_share: tuple[float, float] = (0.1, 0.95)
    max_depth: tuple[int | None, ...] = (None, 6, 9, 12, 16)

    def choose(self, trial: optuna.Trial, base: ImputeConfig) -> ImputeConfig:
        """Return `base` with the settings of a trial."""
        return replace(
            base,
            min_leaf=trial.suggest_int("min_leaf", *self.min_leaf, log=True),
            trees=trial.suggest_int("trees", *self.trees, log=True),
            feature_share=trial.suggest_float("feature_share", *self.feature_share),
            sample_share=trial.suggest_float("sample_share", *self.sample_share),
            max_depth=trial.suggest_categorical("max_depth", self.max_depth),
        )

    def check(self, base: ImputeConfig, donors: int, outcomes: int) -> dict[str, Any]:
        """Return the settings of `base` that are tried; raise if the space leaves one out."""
        told: dict[str, Any] = {"min_leaf": base.leaf_of(donors, outcomes)}
        for setting in ("min_leaf", "trees", "feature_share", "sample_share"):
            low, high = getattr(self, setting)
            told.setdefault(setting, getattr(base, setting))
            if not low <= told[setting] <= high:
                raise ValueError(
                    f"tune: {setting} of the base is {told[setting]}, outside {low} to {high}; "
                    "the base is the first trial, so widen the space"
                )
        if base.max_depth not in self.max_depth:
            raise ValueError(f"tune: max_depth {base.max_depth} is not among {self.max_depth}")
        return told | {"max_depth": base.max_depth}


@dataclass(frozen=True)
class Budget:
    """How long to look.

    Parameters
    ----------
    trials
        Trials in all, those of earlier runs in `storage` included.
    seconds
        No trial is begun after as many; None is no bound. The result then depends on the
        machine's speed.
    is_pruned
        Give up a trial whose mean loss over the folds so far is worse than the median of
        earlier trials at that fold.
    storage
        Where trials are kept, so that a run that was interrupted goes on: an Optuna address
        such as ``sqlite:///tuning.db``. None keeps them in memory.
    slack
        Standard errors by which a trial may lose to the best and still be chosen for its larger
        leaves; 0 chooses the best.
    """

    trials: int = 40
    seconds: float | None = None
    is_pruned: bool = False
    storage: str | None = None
    slack: float = 1.0


@dataclass(frozen=True)
class Tuned:
    """What was chosen.

    Parameters
    ----------
    config
        The settings chosen.
    loss
        Their loss; 1 is that of ignoring the predictors.
    trials
        DataFrame, one row a trial: ``number``, ``state``, ``loss``, ``loss_error`` (standard
        error, over folds, of its difference from the best), and the settings. The first is the
        base.
    """

    config: ImputeConfig
    loss: float
    trials: pd.DataFrame = field(compare=False)


def tune(
    donor: pd.DataFrame,
    judgement: Judgement,
    folds: Folds,
    base: ImputeConfig,
    space: Space = Space(),
    budget: Budget = Budget(),
) -> Tuned:
    """Choose the settings with the least weighted pinball loss on families not fitted on.

    The loss is the mean over targets of the pinball loss, mean over `judgement.probabilities`,
    relative to that of the fitted families' unconditional quantiles, so that no target counts
    more for its unit; then the mean over folds. Quantiles are those given the predictors alone.

    Parameters
    ----------
    donor, judgement, folds
        As for `cross_validate`; draws are not needed and not made.
    base
        Settings to begin from, and those that are not tried.
    space, budget
        What to try, and how long.

    Returns
    -------
    The trial with the largest leaves (``min_leaf / sample_share``: donors hung on the smallest
    leaf) among those that lose to the best by no more than `budget.slack` standard errors; of
    equals the better. This is the rule of one standard error of Breiman, Friedman, Olshen and
    Stone (1984): pinball loss hardly minds small leaves, and weighted totals, which hang on few
    donors, do. Trials follow each other by Optuna's tree-structured Parzen estimator, seeded
    anew for each by `base.seed` and its number: the same trials are made whether or not the run
    was interrupted.

    Raises
    ------
    ValueError
        If the base lies outside the space, there is not one trial to make, or as `split`.
    """
    if budget.trials < 1:
        raise ValueError(f"tune: {budget.trials} trials; make one or more")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    parts = list(split(donor.reset_index(drop=True), judgement, folds))
    outcomes = len(_fitted_together(judgement.targets, base)[0])
    first = space.check(base, len(parts[0][0]), outcomes)
    # Later settings of the same search find its trials; another search does not.
    name = content_hash(judgement, folds, base, space, donor[_columns(judgement)])[:16]
    pruner = optuna.pruners.MedianPruner(5) if budget.is_pruned else optuna.pruners.NopPruner()
    study = optuna.create_study(
        study_name=name, storage=budget.storage, load_if_exists=True, pruner=pruner
    )
    _search(study, budget, base, first, lambda trial: _loss(parts, judgement, space, base, trial))
    trials = _table(study)
    chosen = _chosen(trials, budget.slack)
    told = study.get_trials(deepcopy=False, states=FINISHED)[chosen]
    config = space.choose(optuna.trial.FixedTrial(told.params), base)
    return Tuned(config, float(trials["loss"].iloc[chosen]), trials)


def _search(
    study: optuna.Study,
    budget: Budget,
    base: ImputeConfig,
    first: Mapping[str, Any],
    loss_of: Callable[[optuna.Trial], float | None],
) -> None:
    """Make the trials that are left of the budget; without one yet, `first` is the first."""
    started = time.monotonic()
    while (number := len(study.get_trials(deepcopy=False, states=FINISHED))) < budget.trials:
        late = budget.seconds is not None and time.monotonic() - started > budget.seconds
        if number and late:
            break
        seed = int(stream(base.seed, base.name, "tune", number).integers(2**31))
        study.sampler = optuna.samplers.TPESampler(seed=seed)
        if not number:
            study.enqueue_trial(dict(first))
        trial = study.ask()
        loss = loss_of(trial)
        study.tell(trial, loss, state=TrialState.PRUNED if loss is None else TrialState.COMPLETE)


def _columns(judgement: Judgement) -> list[str]:
    group = [] if judgement.group is None else [judgement.group]
    return [*judgement.predictors, *judgement.targets, judgement.weight, *group]


def _loss(
    parts: list[tuple[pd.DataFrame, pd.DataFrame]],
    judgement: Judgement,
    space: Space,
    base: ImputeConfig,
    trial: optuna.Trial,
) -> float | None:
    """Return the mean loss over folds, None if the trial was given up."""
    config = space.choose(trial, base)
    losses: list[float] = []
    for place, (fitted_on, judged_by) in enumerate(parts):
        losses.append(_relative_loss(fitted_on, judged_by, judgement, config))
        trial.report(float(np.mean(losses)), place)
        if trial.should_prune():
            trial.set_user_attr("losses", losses)
            return None
    trial.set_user_attr("losses", losses)
    return float(np.mean(losses))


def _relative_loss(
    fitted_on: pd.DataFrame, judged_by: pd.DataFrame, judgement: Judgement, config: ImputeConfig
) -> float:
    """Return the mean over targets of pinball loss over that of unconditional quantiles."""
    weights = judged_by[judgement.weight].to_numpy(dtype=np.float64)
    probabilities = judgement.probabilities

    def loss(target: str, quantiles: NDArray[np.float64]) -> float:
        own = judged_by[target].to_numpy(dtype=np.float64)
        return float(weighted_pinball(own, quantiles, probabilities, weights).mean())

    ratios = []
    for targets in _fitted_together(judgement.targets, config):
        fitted = ForestImputer(config).fit(
            fitted_on, judgement.predictors, targets, judgement.weight
        )
        for target, found in fitted.quantiles(judged_by, probabilities).items():
            flat = weighted_quantile(fitted_on[target], fitted_on[judgement.weight], probabilities)
            reference = loss(target, np.broadcast_to(flat, found.shape))
            ratios.append(loss(target, found) / reference if reference > 0 else 1.0)
    return float(np.mean(ratios))


def _fitted_together(targets: tuple[str, ...], config: ImputeConfig) -> list[tuple[str, ...]]:
    """Return targets by forest: quantiles given the predictors need no sequence."""
    return [targets] if config.mode == "joint" else [(target,) for target in targets]


def _table(study: optuna.Study) -> pd.DataFrame:
    trials = study.get_trials(deepcopy=False, states=FINISHED)
    best = np.asarray(study.best_trial.user_attrs["losses"])
    rows = []
    for number, trial in enumerate(trials):
        losses = np.asarray(trial.user_attrs["losses"])
        behind = losses - best[: len(losses)]
        told = {
            "number": number,
            "state": trial.state.name.lower(),
            "loss": float(losses.mean()),
            "loss_error": float(behind.std(ddof=1) / len(behind) ** 0.5) if len(behind) > 1 else 0,
        }
        rows.append(told | trial.params)
    return pd.DataFrame(rows)


def _chosen(trials: pd.DataFrame, slack: float) -> int:
    """Return the row of the trial with the largest leaves among those as good as the best."""
    whole = trials[trials["state"] == "complete"]
    limit = whole["loss"].min() + slack * whole["loss_error"]
    good = whole[whole["loss"] <= limit]
    leaf = good["min_leaf"] / good["sample_share"]
    return int(good.assign(leaf=-leaf).sort_values(["leaf", "loss", "number"]).index[0])
