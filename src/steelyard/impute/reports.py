"""How draws compare with the donors they come from, and how good a model is out of sample."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from steelyard.impute.baselines import BASELINES
from steelyard.impute.copies import WEIGHT, CopyPlan, carried
from steelyard.impute.cross_validation import Folds, SpecImputer, cross_validate
from steelyard.impute.evaluation import (
    ks_distance,
    rank_correlation,
    top_share,
    weighted_quantile,
    zero_share,
)
from steelyard.impute.scorecard import Judgement, with_skill
from steelyard.impute.support import UnseenCategoryWarning
from steelyard.impute.uniforms import keyed_uniforms

OURS = "forest"
FIGURES = ("zero_share", "mean", "median", "p99")
#: Statistics that a scorecard goes into detail about, and a release does not.
DETAILED = ("decile_mean_true", "decile_mean_imputed", "pit_share")
DRAWS = pa.schema(
    [
        ("imputation", pa.string()),
        ("variable", pa.string()),
        ("copy_id", pa.int64()),
        ("donor_dataset_id", pa.string()),
        ("imputation_run_id", pa.string()),
        ("donor_count", pa.int64()),
        ("effective_donor_count", pa.float64()),
        ("recipient_count", pa.int64()),
        ("outside_support_share", pa.float64()),
        ("ks_distance", pa.float64()),
        *(
            (f"{side}_{figure}", pa.float64())
            for figure in FIGURES
            for side in ("donor", "imputed")
        ),
    ]
)
SCORES = pa.schema(
    [
        ("imputation", pa.string()),
        ("method", pa.string()),
        ("variable", pa.string()),
        ("statistic", pa.string()),
        ("detail", pa.string()),
        ("score", pa.float64()),
    ]
)
TRUTH = pa.schema(
    [
        ("variable", pa.string()),
        ("copy_id", pa.int64()),
        ("record_count", pa.int64()),
        ("ks_distance", pa.float64()),
        ("rank_correlation", pa.float64()),
        ("known_rank_correlation_error", pa.float64()),
        *(
            (f"{side}_{figure}", pa.float64())
            for figure in (*FIGURES, "top_share")
            for side in ("true", "imputed")
        ),
    ]
)


def describe_draws(
    plan: CopyPlan, donors: pa.Table, recipients: pa.Table, draws: pa.Table
) -> pa.Table:
    """Compare what was drawn with what the donors told, variable by variable.

    Parameters
    ----------
    plan, donors, recipients
        As for `draw_copies`; recipients with ``design_weight`` too.
    draws
        What it gave.

    Returns
    -------
    Table with the columns of `DRAWS`, a row for each variable that was drawn and copy. Where the
    recipients are other people than the donors, so is what they should have: a distance of the
    distributions is a question, not yet an error. The support is that of the predictors: a
    recipient is outside if one of them is beyond all donors' values.
    """
    if not draws.num_rows:
        return DRAWS.empty_table()
    known = carried(donors, recipients, plan)
    given, asked, drawn = donors.to_pandas(), recipients.to_pandas(), draws.to_pandas()
    weights = given[WEIGHT].to_numpy(dtype=np.float64)
    facts = {
        "imputation": plan.spec.name,
        "donor_count": len(given),
        "effective_donor_count": float(weights.sum() ** 2 / (weights**2).sum()),
    }
    keys = [plan.key, *(["copy_id"] if "copy_id" in asked else [])]
    rows = []
    for copy_id, own in drawn.groupby("copy_id"):
        of_copy = own.merge(asked[[*keys, WEIGHT, *known.spec.predictors]], on=keys)
        outside = _outside(given, of_copy, known.spec.predictors)
        for variable in known.variables:
            pair = [
                (part[variable].to_numpy(dtype=np.float64), part[WEIGHT].to_numpy(np.float64))
                for part in (given, of_copy)
            ]
            rows.append(
                facts
                | {
                    "variable": variable,
                    "copy_id": int(copy_id),
                    "donor_dataset_id": own["donor_dataset_id"].iloc[0],
                    "imputation_run_id": own["imputation_run_id"].iloc[0],
                    "recipient_count": len(own),
                    "outside_support_share": outside,
                    "ks_distance": ks_distance(*pair[0], *pair[1]),
                }
                | dict(_figures("donor", *pair[0]))
                | dict(_figures("imputed", *pair[1]))
            )
    return pa.Table.from_pylist(rows, schema=DRAWS)


def called(described: pa.Table, imputation: str, names: Mapping[str, str]) -> pa.Table:
    """Give what `describe_draws` says of a model the names that readers know.

    Parameters
    ----------
    described
        Table with the columns of `DRAWS`.
    imputation
        What the imputation is called.
    names
        A variable of the model to its released name; the others are left out.
    """
    rows = described.to_pylist()
    kept = [
        row | {"imputation": imputation, "variable": names[row["variable"]]}
        for row in rows
        if row["variable"] in names
    ]
    return pa.Table.from_pylist(kept, schema=DRAWS)


def score_models(
    plan: CopyPlan, donors: pa.Table, *, most_donors: int, folds: int, draws: int
) -> pa.Table:
    """Judge a model on donors that it has not seen, beside every baseline.

    Parameters
    ----------
    plan, donors
        As for `draw_copies`. Of a survey with implicates, each family is judged once.
    most_donors
        Donors that take part, chosen by chance; 0 judges nothing.
    folds, draws
        As in `Folds`.

    Returns
    -------
    Table with the columns of `SCORES`: what `scorecard` says of the amounts that are drawn; those
    taken along with them, and categories, are left out. ``method`` is `OURS` or the name of a
    baseline.
    """
    if not donors.num_rows or not most_donors:
        return SCORES.empty_table()
    spec = carried(donors, donors, plan).spec
    amounts = tuple(target.name for target in spec.targets if target.kind == "amount")
    if not amounts:
        return SCORES.empty_table()
    table = _some(donors.to_pandas(), plan, most_donors)
    numbers = [*spec.predictors, *spec.names, WEIGHT]
    table[numbers] = table[numbers].astype(np.float64)
    judgement = Judgement(
        predictors=spec.predictors,
        targets=amounts,
        weight=WEIGHT,
        group="family_id" if "family_id" in table else None,
        deciles_of=tuple(name for name in ("age", "employment_income") if name in spec.predictors),
        seed=spec.config.seed,
    )
    split = Folds(count=folds, implicate="implicate" if "implicate" in table else None, draws=draws)
    unjudged = tuple(name for name in spec.names if name not in amounts)
    ours: dict[str, Any] = {OURS: SpecImputer(spec, unjudged)}
    # A baseline may well draw what no float can hold: it has no score then.
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        # Of so few donors some lack a code that others have: that is no news here.
        warnings.simplefilter("ignore", UnseenCategoryWarning)
        own = cross_validate(ours, table, judgement, split)
        # What tells draws from the truth costs more than all the rest: ours alone are put to it.
        others = cross_validate(BASELINES, table, replace(judgement, two_sample_draws=0), split)
    plain = others[~others["statistic"].str.endswith("_skill")]
    found = with_skill(pd.concat([own, plain], ignore_index=True))
    kept = found[~found["statistic"].isin(DETAILED)].rename(
        columns={"model": "method", "target": "variable", "value": "score"}
    )
    kept["score"] = kept["score"].where(np.isfinite(kept["score"]))
    kept.insert(0, "imputation", plan.spec.name)
    return pa.Table.from_pandas(kept, schema=SCORES, preserve_index=False)


def _some(table: pd.DataFrame, plan: CopyPlan, most: int) -> pd.DataFrame:
    """Choose donors by chance, whole families, in the order they stand in."""
    family = table["family_id"] if "family_id" in table else table[plan.key]
    ids = np.unique(family)
    if len(ids) > most:
        place = keyed_uniforms(plan.spec.config.seed, (plan.spec.name, "judged"), ids)
        ids = ids[np.argsort(place, kind="stable")[:most]]
    return table[family.isin(ids)].reset_index(drop=True)


def _outside(donors: pd.DataFrame, recipients: pd.DataFrame, predictors: Sequence[str]) -> float:
    """Return the weighted share of recipients with a predictor beyond all donors' values."""
    names = list(predictors)
    given, asked = (part[names].to_numpy(dtype=np.float64) for part in (donors, recipients))
    is_outside = ((asked < given.min(axis=0)) | (asked > given.max(axis=0))).any(axis=1)
    return float(np.average(is_outside, weights=recipients[WEIGHT]))


def _figures(side: str, values: Any, weights: Any) -> Iterator[tuple[str, float]]:
    yield f"{side}_zero_share", zero_share(values, weights)
    yield f"{side}_mean", float(np.average(values, weights=weights))
    median, top = weighted_quantile(values, weights, [0.5, 0.99])
    yield f"{side}_median", float(median)
    yield f"{side}_p99", float(top)


def compare_with_truth(
    truth: pa.Table, imputed: pa.Table, key: str, known: Sequence[str]
) -> pa.Table:
    """Compare imputed values with the true ones of the same records.

    Parameters
    ----------
    truth
        One row a record: the key and true values.
    imputed
        One row a record and copy: key, ``copy_id``, ``design_weight``, the `known` columns, and
        imputed values under the names of the true ones.
    key
        Column that identifies a record.
    known
        What a survey reports of the record: the truth hangs together with it, and so must what
        is imputed.

    Returns
    -------
    Table with the columns of `TRUTH`, a row for each variable and copy. Rank correlations are
    Spearman's, weighted; with several known columns, the errors' largest is told.
    """
    if not truth.num_rows:
        return TRUTH.empty_table()
    true, drawn = truth.to_pandas(), imputed.to_pandas()
    rows = []
    for copy_id, own in drawn.groupby("copy_id"):
        both = own.merge(true, on=key, suffixes=("", "_true"), validate="one_to_one")
        weights = both[WEIGHT].to_numpy(dtype=np.float64)
        for variable in [name for name in true.columns if name != key and name in own]:
            pair = {
                "true": both[f"{variable}_true"].to_numpy(dtype=np.float64),
                "imputed": both[variable].to_numpy(dtype=np.float64),
            }
            ranks = rank_correlation(
                np.column_stack([*pair.values(), both[list(known)].to_numpy(np.float64)]), weights
            )
            errors = ranks[1, 2:] - ranks[0, 2:]
            rows.append(
                {
                    "variable": variable,
                    "copy_id": int(copy_id),
                    "record_count": len(both),
                    "ks_distance": ks_distance(pair["true"], weights, pair["imputed"], weights),
                    "rank_correlation": float(ranks[0, 1]),
                    "known_rank_correlation_error": float(errors[np.abs(errors).argmax()]),
                }
                | {
                    name: figure
                    for side, values in pair.items()
                    for name, figure in (
                        *_figures(side, values, weights),
                        (f"{side}_top_share", top_share(values, weights)),
                    )
                }
            )
    return pa.Table.from_pylist(rows, schema=TRUTH)
