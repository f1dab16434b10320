"""Every figure of an imputation's quality in one long table: model, target, statistic, value.

The statistics:

- ``pinball`` (detail: the probability; null: their mean), ``crps``: losses in the target's
  unit; see `with_skill`;
- ``coverage_50``, ``coverage_90``: closed intervals between quantiles; ``central_50``,
  ``central_90``: shares of PIT in the middle 50 and 90 %, exact with mass points too;
- ``pit_ks``, ``pit_p_value``: distance of the PIT from uniform; ``pit_share``: histogram
  (detail: tenth, 1 to 10);
- ``ks``, ``wasserstein``, ``wasserstein_asinh``; ``zero_share_error``, ``gini_error``
  (imputed less true); ``top_1_share_error``, ``mean_error`` (imputed / true - 1), each mean
  over draws of what one draw shows; ``..._true`` beside them;
- ``decile_mean_error`` (detail: the predictor): weighted mean absolute error of the means by
  decile, over the mean absolute value; ``decile_mean_true`` and ``decile_mean_imputed``
  (detail: predictor and decile);
- ``rank_correlation_error``: mean over draws for a pair of targets (detail), and of each draw
  the largest (``_max``), root mean square (``_rmse``) and mean (``_mean``) absolute error
  over pairs; ``predictor_rank_correlation_error_...``: of targets with predictors;
- ``two_sample_auc``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from steelyard.impute import evaluation, forecast
from steelyard.impute.two_sample import two_sample_auc
from steelyard.impute.uniforms import keyed_uniforms

PROBABILITIES = (*(round(0.05 * step, 2) for step in range(1, 20)), 0.99)
COLUMNS = ["model", "target", "statistic", "detail", "value"]
#: The target of a statistic that is about all targets together.
ALL = "all"
#: Losses, of which a skill is 1 - loss / loss of a reference model.
LOSSES = ("pinball", "crps")

Figure = tuple[str, str | None, float]
Row = tuple[str, str, str | None, float]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """What is judged, and by which columns of the true records.

    Parameters
    ----------
    predictors, targets
        Column names.
    weight
        Column of weights, not negative.
    group
        Column of families (or lineages): never split between folds. None: each record alone.
    deciles_of
        Predictors by whose weighted deciles means of the targets are compared.
    probabilities
        Of the quantiles, ascending.
    two_sample_draws
        Draws that a classifier tries to tell from the truth; 0 leaves it out.
    seed
        Of the PIT's ties, the classifier and the folds.
    """

    predictors: tuple[str, ...]
    targets: tuple[str, ...]
    weight: str
    group: str | None = None
    deciles_of: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = PROBABILITIES
    two_sample_draws: int = 1
    seed: int = 0

    def groups(self, table: pd.DataFrame) -> ArrayLike:
        """Return the family of each record."""
        return np.arange(len(table)) if self.group is None else table[self.group].to_numpy()


def scorecard(
    truth: pd.DataFrame,
    draws: Sequence[pd.DataFrame],
    quantiles: Mapping[str, ArrayLike] | None,
    judgement: Judgement,
    *,
    model: str = "",
) -> pd.DataFrame:
    """Compare imputed values with true ones that the model has not seen.

    Parameters
    ----------
    truth
        Shape (n, any): the weight, the group, the predictors and the true targets.
    draws
        Two or more DataFrames of shape (n, n_targets or more), rows as in `truth`.
    quantiles
        For each target shape (n, n_probabilities) at `judgement.probabilities`; None where a
        model has none, which leaves out pinball losses and closed intervals.
    judgement
        What is judged.
    model
        Name to write beside the figures.

    Returns
    -------
    DataFrame with columns ``model``, ``target`` (``all`` for figures of all targets together),
    ``statistic``, ``detail`` (null where the statistic has none) and ``value``, in the order
    told at the head of this module. A figure that does not exist (the top share of a total that
    is not positive) is NaN.

    Raises
    ------
    ValueError
        If there are fewer than two draws, a draw has other rows than the truth or lacks a
        target, or no record has weight.
    """
    _check(truth, draws, judgement)
    weights = truth[judgement.weight].to_numpy(dtype=np.float64)
    rows: list[Row] = []
    for target in judgement.targets:
        own = truth[target].to_numpy(dtype=np.float64)
        drawn = np.stack([draw[target].to_numpy(dtype=np.float64) for draw in draws], axis=1)
        found = None if quantiles is None else np.asarray(quantiles[target], dtype=np.float64)
        figures = [
            *_by_quantile(own, found, weights, judgement.probabilities),
            *_by_record(own, drawn, weights, judgement.seed, target),
            *_marginal(own, drawn, weights),
            *_by_decile(own, drawn, weights, truth[list(judgement.deciles_of)]),
        ]
        rows += [(target, *figure) for figure in figures]
    rows += _dependence(truth, draws, weights, judgement)
    if judgement.two_sample_draws:
        rows.append((ALL, "two_sample_auc", None, told_apart(truth, draws, judgement)))
    return pd.DataFrame([(model, *row) for row in rows], columns=COLUMNS)


def with_skill(scores: pd.DataFrame, reference: str = "unconditional") -> pd.DataFrame:
    """Add ``pinball_skill`` and ``crps_skill``: 1 - loss / loss of the reference model.

    Parameters
    ----------
    scores
        Scorecards of several models of the same records, one below the other.
    reference
        The model that ignores the predictors: 0 is as good as it, 1 perfect.

    Raises
    ------
    ValueError
        If the reference has no losses in the table.
    """
    losses = scores[scores["statistic"].isin(LOSSES) & scores["detail"].isna()]
    base = losses[losses["model"] == reference].set_index(["target", "statistic"])["value"]
    if base.empty:
        raise ValueError(
            f"with_skill: no losses of {reference!r} among models "
            f"{sorted(scores['model'].unique())}"
        )
    keys = pd.MultiIndex.from_frame(losses[["target", "statistic"]])
    against = base.reindex(keys).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        skill = np.where(against > 0, 1 - losses["value"].to_numpy() / against, np.nan)
    added = losses.assign(value=skill, statistic=losses["statistic"] + "_skill")
    told_before = scores["statistic"].isin(added["statistic"].unique())
    return pd.concat([scores[~told_before], added], ignore_index=True)


def _check(truth: pd.DataFrame, draws: Sequence[pd.DataFrame], judgement: Judgement) -> None:
    if len(draws) < 2:
        raise ValueError(f"scorecard: {len(draws)} draws; give two or more")
    for number, draw in enumerate(draws):
        missing = [target for target in judgement.targets if target not in draw]
        if missing or len(draw) != len(truth):
            raise ValueError(
                f"scorecard: draw {number} has {len(draw)} rows for {len(truth)} true ones and "
                f"lacks targets {missing[:3]}"
            )
    if not (truth[judgement.weight] > 0).any():
        raise ValueError(f"scorecard: no record has weight {judgement.weight!r} above zero")


def _by_quantile(
    own: Vector, found: Vector | None, weights: Vector, probabilities: tuple[float, ...]
) -> Iterator[Figure]:
    if found is None:
        return
    losses = evaluation.weighted_pinball(own, found, probabilities, weights)
    yield "pinball", None, float(losses.mean())
    for probability, loss in zip(probabilities, losses, strict=True):
        yield "pinball", f"{probability:g}", float(loss)
    for share, low, high in ((50, 0.25, 0.75), (90, 0.05, 0.95)):
        if low in probabilities and high in probabilities:
            lower, upper = (found[:, probabilities.index(end)] for end in (low, high))
            yield f"coverage_{share}", None, forecast.coverage(own, lower, upper, weights)


def _by_record(
    own: Vector, drawn: Vector, weights: Vector, seed: int, target: str
) -> Iterator[Figure]:
    yield "crps", None, forecast.crps(own, drawn, weights)
    jump = keyed_uniforms(seed, ("scorecard", "pit", target), np.arange(len(own)))
    places = forecast.pit(own, drawn, jump)
    for share, low in ((50, 0.25), (90, 0.05)):
        yield f"central_{share}", None, forecast.coverage(places, low, 1 - low, weights)
    distance, p_value = forecast.uniformity(places, weights)
    yield "pit_ks", None, distance
    yield "pit_p_value", None, p_value
    tenths = np.minimum((places * 10).astype(np.int64), 9)
    shares = np.bincount(tenths, weights, minlength=10) / weights.sum()
    for number, share_of in enumerate(shares, start=1):
        yield "pit_share", str(number), float(share_of)


def _marginal(own: Vector, drawn: Vector, weights: Vector) -> Iterator[Figure]:
    def mean(statistic: Callable[[Vector], float]) -> float:
        return float(np.mean([statistic(column) for column in drawn.T]))

    yield "ks", None, mean(lambda values: evaluation.ks_distance(values, weights, own, weights))
    yield (
        "wasserstein",
        None,
        mean(lambda values: evaluation.wasserstein(values, weights, own, weights)),
    )
    asinh = np.arcsinh(own)
    yield (
        "wasserstein_asinh",
        None,
        mean(lambda values: evaluation.wasserstein(np.arcsinh(values), weights, asinh, weights)),
    )
    for name, statistic, is_ratio in (
        ("zero_share", evaluation.zero_share, False),
        ("gini", _or_nan(evaluation.gini), False),
        ("top_1_share", _or_nan(evaluation.top_share), True),
        ("mean", _mean, True),
    ):
        true = statistic(own, weights)
        imputed = float(np.mean([statistic(column, weights) for column in drawn.T]))
        error = imputed - true if not is_ratio else (imputed / true - 1 if true else np.nan)
        yield f"{name}_error", None, error
        yield f"{name}_true", None, true


def _mean(values: Vector, weights: Vector) -> float:
    return float(np.average(values, weights=weights))


def _or_nan(statistic: Callable[[Vector, Vector], float]) -> Callable[[Vector, Vector], float]:
    """Return the statistic, NaN where the weighted total is not positive."""

    def checked(values: Vector, weights: Vector) -> float:
        return statistic(values, weights) if values @ weights > 0 else float("nan")

    return checked


def _by_decile(
    own: Vector, drawn: Vector, weights: Vector, predictors: pd.DataFrame
) -> Iterator[Figure]:
    imputed = drawn.mean(axis=1)
    size = _mean(np.abs(own), weights)
    for name in predictors:
        groups = evaluation.tenth(predictors[name].to_numpy(), weights)
        error = 0.0
        for group in np.unique(groups[weights > 0]):
            inside = groups == group
            pair = [_mean(values[inside], weights[inside]) for values in (own, imputed)]
            error += abs(pair[1] - pair[0]) * weights[inside].sum() / weights.sum()
            yield "decile_mean_true", f"{name} {group}", pair[0]
            yield "decile_mean_imputed", f"{name} {group}", pair[1]
        yield "decile_mean_error", str(name), error / size if size else np.nan


def _dependence(
    truth: pd.DataFrame, draws: Sequence[pd.DataFrame], weights: Vector, judgement: Judgement
) -> list[Row]:
    """Return errors of rank correlations between targets and with predictors."""
    names = list(judgement.targets)
    known = truth[list(judgement.predictors)].to_numpy(dtype=np.float64)
    own = np.concatenate([truth[names].to_numpy(dtype=np.float64), known], axis=1)
    true = evaluation.rank_correlation(own, weights)[: len(names)]
    errors = []
    for draw in draws:
        table = np.concatenate([draw[names].to_numpy(dtype=np.float64), known], axis=1)
        errors.append(evaluation.rank_correlation(table, weights)[: len(names)] - true)
    every = np.stack(errors)
    first, second = np.triu_indices(len(names), 1)
    rows: list[Row] = [
        (ALL, "rank_correlation_error", f"{names[one]} {names[other]}", float(value))
        for (one, other), value in zip(
            combinations(range(len(names)), 2), every[:, first, second].mean(axis=0), strict=True
        )
    ]
    rows += _summaries("rank_correlation_error", every[:, first, second])
    between = every[:, :, len(names) :].reshape(len(draws), -1)
    return rows + _summaries("predictor_rank_correlation_error", between)


def _summaries(name: str, errors: Vector) -> list[Row]:
    """Return largest, root mean square and mean absolute error, each the mean over draws."""
    if not errors.shape[1]:
        return []
    size = np.abs(errors)
    return [
        (ALL, f"{name}_max", None, float(size.max(axis=1).mean())),
        (ALL, f"{name}_rmse", None, float(np.sqrt((size**2).mean(axis=1)).mean())),
        (ALL, f"{name}_mean", None, float(size.mean())),
    ]


def told_apart(truth: pd.DataFrame, draws: Sequence[pd.DataFrame], judgement: Judgement) -> float:
    """Return the mean `two_sample_auc` of the first ``judgement.two_sample_draws`` draws."""
    names, groups = list(judgement.targets), judgement.groups(truth)
    weights = truth[judgement.weight].to_numpy(dtype=np.float64)
    known = truth[list(judgement.predictors)].to_numpy(dtype=np.float64)
    true = np.concatenate([known, truth[names].to_numpy(dtype=np.float64)], axis=1)
    found = [
        two_sample_auc(
            true,
            np.concatenate([known, draw[names].to_numpy(dtype=np.float64)], axis=1),
            weights,
            groups,
            seed=judgement.seed,
        )
        for draw in draws[: judgement.two_sample_draws]
    ]
    return float(np.mean(found))
