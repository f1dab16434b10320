"""The donors as a model knows them: checked, inside their constraints, in drawing order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.constraints import bounded, bounds, is_fractional, referred
from steelyard.impute.scores import class_scores, standard_scores
from steelyard.impute.spec import ModelSpec, Target
from steelyard.impute.tables import (
    Table,
    as_feature,
    categories,
    donor_weights,
    features,
    named_ids,
    select,
)
from steelyard.impute.uniforms import keyed_uniforms


@dataclass(frozen=True)
class Donors:
    """Donors of positive weight.

    Parameters
    ----------
    columns
        Predictors, then targets in the order in which they are drawn.
    features
        float32 of shape (n_donors, len(columns)): what trees read. A category of strings stands
        by its code.
    values
        For each target shape (n_donors,), in the type drawn: what donors hand on.
    codes, labels
        For each category shape (n_donors,) and what the codes stand for.
    rows
        int64 of shape (n_donors,): each donor's row in the table it came from.
    weights
        Shape (n_donors,), positive.
    referred
        Shape (n_donors,) each: the predictors that caps refer to.
    emphasis
        Shape (n_donors,): the donors' weights in a Bayesian bootstrap, of mean about 1.
    """

    columns: tuple[str, ...]
    features: NDArray[np.float32]
    values: dict[str, NDArray[Any]]
    codes: dict[str, NDArray[np.int64]]
    labels: dict[str, NDArray[Any]]
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    referred: dict[str, NDArray[np.float64]]
    emphasis: NDArray[np.float64] | None = None

    def amounts(self, target: str) -> NDArray[np.float64]:
        """Return what donors hand on as float64, (n_donors,)."""
        return self.values[target].astype(np.float64)

    def class_features(self, target: str, values: NDArray[Any]) -> NDArray[np.float32]:
        """Return what trees read for values of a category, (n,)."""
        labels = self.labels[target]
        return _class_feature(labels)[np.searchsorted(labels, values)]

    def scores(self, targets: Sequence[Target], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the scores of targets for some donors, (len(rows), n_scores).

        Ranks of amounts and indicators of categories, each target with variance 1 in all.
        """
        weights = self.weights[rows]
        columns = []
        for target in targets:
            if target.kind == "category":
                codes = self.codes[target.name][rows]
                columns.append(class_scores(codes, len(self.labels[target.name])))
            else:
                columns.append(standard_scores(self.amounts(target.name)[rows], weights)[:, None])
        return np.ascontiguousarray(np.concatenate(columns, axis=1))


def prepare(donor: Table, spec: ModelSpec, weight: str | None) -> Donors:
    """Check the donors and bring them inside the constraints that recipients will obey.

    Raises
    ------
    ValueError
        As `select`, `donor_weights`, `categories` and `bounds`; if the weight is among the
        predictors or targets, or a category of strings cannot be zero where it must.
    """
    names = [*spec.predictors, *spec.names]
    if weight in names:
        raise ValueError(f"fit: ['{weight}'] named more than once among {[*names, weight]}")
    known = features(donor, spec.predictors, "donor")
    weights = donor_weights(donor, weight)
    targets = [target for block in spec.order for target in block]
    predicted = {name: known[:, place] for place, name in enumerate(spec.predictors)}
    caps = referred_columns(donor, spec, "donor")
    values: dict[str, NDArray[Any]] = {}
    codes: dict[str, NDArray[np.int64]] = {}
    labels: dict[str, NDArray[Any]] = {}
    wide = [known]
    for target in targets:
        is_zero = np.zeros(len(donor), dtype=np.bool_)
        if target.only_if is not None:
            is_zero = _is_false(target, {**predicted, **values}[target.only_if])
        if target.kind == "category":
            values[target.name] = _category(donor, target, is_zero)
            labels[target.name], codes[target.name] = np.unique(
                values[target.name], return_inverse=True
            )
            column = _class_feature(labels[target.name])[codes[target.name]]
        else:
            values[target.name] = _amount(donor, target, caps, is_zero)
            column = as_feature(values[target.name].astype(np.float64), target.name, "donor")
        wide.append(column[:, None])
    rows = np.flatnonzero(weights > 0)
    return Donors(
        (*spec.predictors, *(target.name for target in targets)),
        np.ascontiguousarray(np.concatenate(wide, axis=1)[rows]),
        {name: column[rows] for name, column in values.items()},
        {name: column[rows] for name, column in codes.items()},
        labels,
        rows,
        weights[rows],
        {name: column[rows] for name, column in caps.items()},
    )


def referred_columns(table: Table, spec: ModelSpec, role: str) -> dict[str, NDArray[np.float64]]:
    """Return the predictors that caps and totals refer to, as exact as they came, (n,) each."""
    names = [name for name in referred(spec.targets) if name in spec.predictors]
    found = select(table, names, role)
    return {name: found[name].to_numpy(np.float64) for name in names}


def bootstrapped(
    donors: Donors, ids: NDArray[Any], seed: int, names: tuple[str | int, ...]
) -> Donors:
    """Return the donors weighted by a Bayesian bootstrap (Rubin 1981) over groups.

    Parameters
    ----------
    donors
        As they came.
    ids
        Shape (n_donors,): each donor's group. A group counts as one draw, and its weight belongs
        to its id, wherever it stands and whoever else is there.
    seed, names
        As for `keyed_uniforms`.
    """
    emphasis = -np.log1p(-keyed_uniforms(seed, names, ids))
    # A weight of exactly nothing would leave a leaf without weight.
    emphasis = np.maximum(emphasis, np.finfo(np.float64).eps)
    return replace(donors, weights=donors.weights * emphasis, emphasis=emphasis)


def group_ids(donor: Table, groups: str | ArrayLike | None) -> NDArray[Any]:
    """Return the group of each row of the donor table; the row itself where none is named."""
    if groups is None:
        return np.arange(len(donor))
    return named_ids(donor, groups, "donor", "group")


def _class_feature(labels: NDArray[Any]) -> NDArray[np.float32]:
    """Return what trees read for each class: a number itself, a string's place."""
    if labels.dtype.kind in "iufb":
        return labels.astype(np.float32)
    return np.arange(len(labels), dtype=np.float32)


def _is_false(target: Target, condition: NDArray[Any]) -> NDArray[np.bool_]:
    if condition.dtype.kind not in "iufb":
        raise ValueError(
            f"fit: only_if of {target.name!r} is {target.only_if!r}, a category of strings; "
            "give it numeric codes, of which 0 means no"
        )
    return np.asarray(condition == 0, dtype=np.bool_)


def _category(donor: Table, target: Target, is_zero: NDArray[np.bool_]) -> NDArray[Any]:
    codes, labels = categories(donor, target.name)
    if target.only_if is None:
        return labels[codes]
    if labels.dtype.kind not in "iufb":
        raise ValueError(
            f"fit: only_if of {target.name!r} would make a string zero; give numeric codes"
        )
    return np.where(is_zero, np.zeros(1, labels.dtype), labels[codes])


def _amount(
    donor: Table,
    target: Target,
    caps: dict[str, NDArray[np.float64]],
    is_zero: NDArray[np.bool_],
) -> NDArray[Any]:
    given = select(donor, [target.name], "donor")[target.name].to_numpy()
    if is_fractional(target):
        given = given.astype(np.float64)
    inside = bounded(given, *bounds(target, caps, len(given), "donor"))
    return np.where(is_zero, np.zeros(1, inside.dtype), inside)
