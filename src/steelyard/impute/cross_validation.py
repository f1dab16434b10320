"""Fit on some families, judge on the others, every model on the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from steelyard.impute.implicates import cycle_implicates, group_folds
from steelyard.impute.imputer import fit_model
from steelyard.impute.interface import FittedImputer, Imputer
from steelyard.impute.scorecard import ALL, COLUMNS, Judgement, scorecard, told_apart, with_skill
from steelyard.impute.spec import ModelSpec
from steelyard.impute.tables import Table


@dataclass(frozen=True)
class Folds:
    """How donors are split.

    Parameters
    ----------
    count
        Folds by group, at least 2.
    implicate
        Column of the implicate where the donor survey has several: fold k is fitted and judged
        on the k-th, and so round, so each family is judged once. None: every row is a family.
    key
        Column of unique keys that draws belong to. None: the row number.
    draws
        Draws of each held-out record.
    """

    count: int = 5
    implicate: str | None = None
    key: str | None = None
    draws: int = 20


@dataclass(frozen=True)
class SpecImputer:
    """A `ModelSpec` among the imputers; its predictors and targets must be those judged.

    Parameters
    ----------
    spec
        What is fitted.
    unjudged
        Targets of it that are drawn and not judged (categories, which have no quantiles).
    """

    spec: ModelSpec
    unjudged: tuple[str, ...] = ()

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedImputer:
        """Fit the model that the spec describes.

        Raises
        ------
        ValueError
            If the spec draws other targets or uses other predictors, or as `fit_model`.
        """
        judged = [name for name in self.spec.names if name not in self.unjudged]
        asked, told = (*predictors, *targets), (*self.spec.predictors, *judged)
        if asked != told:
            raise ValueError(f"model {self.spec.name!r} is about {told}, judged are {asked}")
        return fit_model(donor, self.spec, weight)


@dataclass
class HeldOut:
    """What models said of records they had not seen, fold after fold."""

    truth: list[pd.DataFrame] = field(default_factory=list)
    draws: list[list[pd.DataFrame]] = field(default_factory=list)
    quantiles: list[dict[str, NDArray[np.float64]]] = field(default_factory=list)

    def scores(self, model: str, judgement: Judgement) -> pd.DataFrame:
        """Return the scorecard of all held-out records together.

        Only the classifier works fold by fold: a donor of one fold is a true record of another,
        so that in all folds together it would take what it has seen as true for true again.
        """
        drawn = [pd.concat(parts, ignore_index=True) for parts in zip(*self.draws, strict=True)]
        quantiles = {
            target: np.concatenate([part[target] for part in self.quantiles])
            for target in judgement.targets
        }
        truth = pd.concat(self.truth, ignore_index=True)
        plain = replace(judgement, two_sample_draws=0)
        scores = scorecard(truth, drawn, quantiles, plain, model=model)
        if not judgement.two_sample_draws:
            return scores
        by_fold = [
            told_apart(*pair, judgement) for pair in zip(self.truth, self.draws, strict=True)
        ]
        row = (model, ALL, "two_sample_auc", None, float(np.mean(by_fold)))
        return pd.concat([scores, pd.DataFrame([row], columns=COLUMNS)], ignore_index=True)


def split(
    donor: pd.DataFrame, judgement: Judgement, folds: Folds
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield donors to fit on and records to judge by, for each fold; no family is in both.

    Raises
    ------
    ValueError
        As `group_folds` and `cycle_implicates`, or if a fold has no families on one side.
    """
    fold = group_folds(judgement.groups(donor), folds.count, seed=judgement.seed)
    everybody = [np.ones(len(donor), dtype=np.bool_)] * folds.count
    chosen = (
        everybody
        if folds.implicate is None
        else cycle_implicates(donor[folds.implicate].to_numpy(), folds.count)
    )
    for held, rows in enumerate(chosen):
        parts = donor[rows & (fold != held)], donor[rows & (fold == held)]
        if not len(parts[0]) or not len(parts[1]):
            raise ValueError(
                f"cross_validate: fold {held} of {folds.count} fits on {len(parts[0])} records "
                f"and judges by {len(parts[1])}; give more families or fewer folds"
            )
        yield parts


def cross_validate(
    imputers: Mapping[str, Imputer],
    donor: pd.DataFrame,
    judgement: Judgement,
    folds: Folds = Folds(),
) -> pd.DataFrame:
    """Return the scorecard of every model on families that it was not fitted on.

    Parameters
    ----------
    imputers
        Settings by the model's name; each is fitted anew on every fold.
    donor
        Shape (n, any), in a fixed order, with the columns that `judgement` and `folds` name.
    judgement, folds
        What is judged, and how families are split.

    Returns
    -------
    The models' `scorecard` one below the other; with skills where ``unconditional`` is among
    the models (`with_skill`).

    Raises
    ------
    ValueError
        As `split`, the models' ``fit`` and ``draw``, and `scorecard`.
    """
    held = {name: HeldOut() for name in imputers}
    for fitted_on, judged_by in split(donor.reset_index(drop=True), judgement, folds):
        key = judged_by.index.to_numpy() if folds.key is None else folds.key
        for name, imputer in imputers.items():
            fitted = imputer.fit(
                fitted_on.reset_index(drop=True),
                judgement.predictors,
                judgement.targets,
                judgement.weight,
            )
            part = held[name]
            part.truth.append(judged_by)
            part.draws.append(
                [fitted.draw(judged_by, seed=seed, key=key) for seed in range(folds.draws)]
            )
            part.quantiles.append(fitted.quantiles(judged_by, judgement.probabilities))
    scores = pd.concat(
        [part.scores(name, judgement) for name, part in held.items()], ignore_index=True
    )
    return with_skill(scores) if "unconditional" in imputers else scores
