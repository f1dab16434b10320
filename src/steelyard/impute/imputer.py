"""Fit imputation models to donors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from steelyard.impute.config import ImputeConfig
from steelyard.impute.donors import bootstrapped, group_ids, prepare
from steelyard.impute.fitting import Fitter
from steelyard.impute.model import FittedModel
from steelyard.impute.ranking import fit_dependence, partner_positions
from steelyard.impute.spec import ModelSpec, Target
from steelyard.impute.tables import Table, named_ids

Fitted: TypeAlias = FittedModel


def fit_model(
    donor: Table,
    spec: ModelSpec,
    weight: str | None = None,
    *,
    pair: str | ArrayLike | None = None,
) -> FittedModel:
    """Fit the model that a spec describes.

    Parameters
    ----------
    donor
        DataFrame or pyarrow Table of shape (n_donors, any), in a fixed order (sort it by its
        key): the trees' samples go by row.
    spec
        What is drawn and how.
    weight
        Column of donor weights, not negative. Donors of weight zero stand for nobody and are
        left out.
    pair
        Column or array of ids that the two partners of a pair share, in copula mode: their
        ranks will be dependent as the donors' are.

    Raises
    ------
    ValueError
        As `select` and `donor_weights`; if the weight is among the predictors or targets, a
        condition is 0 for every donor, a cap lies below its floor, or pairs are given in
        another mode.
    """
    return _fit(donor, spec, weight, pair, None)


def fit_imputations(
    donor: Table,
    spec: ModelSpec,
    imputations: int,
    weight: str | None = None,
    *,
    groups: str | ArrayLike | None = None,
    pair: str | ArrayLike | None = None,
) -> Iterator[FittedModel]:
    """Fit one model after the other, each on a Bayesian bootstrap of the donors.

    Draws from one model tell how uncertain a value is, given the model; models fitted to other
    donors, as if drawn again, add how uncertain the model is. `combine` needs both.

    Parameters
    ----------
    donor, spec, weight, pair
        As in `fit_model`. Model number l is called ``name/l``, so its streams are its own.
    imputations
        How many models.
    groups
        Column or array of the donors' groups (family, household, lineage): a group is drawn as
        one. Without, each row is a group.

    Yields
    ------
    The models. Ask for the next when the last is drawn from: two need twice the memory.

    Raises
    ------
    ValueError
        As `fit_model`, and if `imputations` is below 1.

    Notes
    -----
    Rubin (1981): weights are multiplied by independent exponential numbers, which are also the
    donors' weights in choosing splits. Every donor stays in, so no class is lost by chance.
    """
    if imputations < 1:
        raise ValueError(f"fit_imputations: {imputations} imputations, not 1 or more")
    ids = group_ids(donor, groups)
    for number in range(imputations):
        named = replace(spec, name=f"{spec.name}/{number}")
        yield _fit(donor, named, weight, pair, ids)


def _fit(
    donor: Table,
    spec: ModelSpec,
    weight: str | None,
    pair: str | ArrayLike | None,
    groups: ArrayLike | None,
) -> FittedModel:
    if pair is not None and spec.mode != "copula":
        raise ValueError(f"fit: a pair key is for mode 'copula', not {spec.mode!r}")
    donors = prepare(donor, spec, weight)
    if groups is not None:
        names = (spec.name, "bootstrap")
        ids = np.asarray(groups)[donors.rows]
        donors = bootstrapped(donors, ids, spec.config.seed, names)
    blocks = Fitter(spec, donors).blocks()
    if spec.mode != "copula":
        return FittedModel(spec, donors, blocks)
    partners = None
    if pair is not None:
        ids = named_ids(donor, pair, "donor", "pair")[donors.rows]
        partners = partner_positions(ids, "donor")
    return FittedModel(spec, donors, blocks, fit_dependence(spec, donors, blocks, partners))


@dataclass(frozen=True)
class ForestImputer:
    """Fit a model whose targets are all plain amounts, named in a list.

    Parameters
    ----------
    config
        Settings; see `ImputeConfig`. Its name and mode are the model's.
    """

    config: ImputeConfig = field(default_factory=ImputeConfig)

    def fit(
        self,
        donor: Table,
        predictors: Sequence[str],
        targets: Sequence[str],
        weight: str | None = None,
    ) -> FittedModel:
        """Grow the forests on the donors.

        Parameters
        ----------
        donor, weight
            As in `fit_model`.
        predictors, targets
            Numeric columns. In sequential mode a target conditions on those before it.

        Raises
        ------
        ValueError
            As `ModelSpec` and `fit_model`.
        """
        spec = ModelSpec(
            self.config.name,
            tuple(predictors),
            tuple(Target(name) for name in targets),
            self.config.mode,
            config=self.config,
        )
        return fit_model(donor, spec, weight)
