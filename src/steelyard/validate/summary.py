"""The summary of a file under several weights: spread of weights, poverty, inequality, tops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from steelyard.validate.inequality import gini, top_share
from steelyard.validate.poverty import poverty_rate
from steelyard.validate.quantiles import weighted_quantile
from steelyard.validate.weights import weight_distribution

Vector = NDArray[np.float64]
STAGES = ("initial_weight", "calibrated_weight")


def summarise(
    households: pa.Table,
    families: pa.Table,
    returns: pa.Table,
    stages: Sequence[str] = STAGES,
) -> pa.Table:
    """Compute each statistic under initial and calibrated weights, or others.

    Parameters
    ----------
    households
        ``household_size``, ``household_money_income`` and the weights.
    families
        ``family_size``, ``official_money_income``, ``official_poverty_threshold``, weights.
    returns
        Tax units that file: ``adjusted_gross_income`` and the weights.
    stages
        Names of the columns of weights.

    Returns
    -------
    Table with ``metric``, ``weight_stage`` and ``value``: official poverty counts persons;
    Gini and median are of household money income (Gini bottom-coded at zero too); the top share
    is of adjusted gross income among returns.
    """
    rows = [
        {"metric": metric, "weight_stage": stage, "value": value}
        for stage in stages
        for metric, value in _metrics(
            _columns(households), _columns(families), _columns(returns), stage
        )
    ]
    return pa.Table.from_pylist(rows)


def summarise_replicates(
    households: pa.Table, families: pa.Table, returns: pa.Table, weights: pa.Table
) -> pa.Table:
    """Compute each statistic under the weights of each replicate.

    Parameters
    ----------
    households, families, returns
        As `summarise` takes them, without weights; families and returns with
        ``household_index``, the row of their household.
    weights
        ``replicate`` and ``weight``, ordered by replicate and household.

    Returns
    -------
    Table with ``metric``, ``replicate`` and ``value``.

    Raises
    ------
    ValueError
        If the replicates do not weigh each household once.
    """
    names = weights.column("replicate").to_numpy()
    count, size = np.unique(names).size, households.num_rows
    if names.size != count * size:
        raise ValueError(
            f"{names.size} weights in {count} replicates, but there are {size} households"
        )
    tables = [_columns(table) for table in (households, families, returns)]
    places = [np.arange(size)] + [
        table.column("household_index").to_numpy() for table in (families, returns)
    ]
    rows = []
    for row, weight in enumerate(weights.column("weight").to_numpy().reshape(count, size)):
        house, family, filed = (
            {**table, "weight": weight[place]} for table, place in zip(tables, places, strict=True)
        )
        rows += [
            {"metric": metric, "replicate": row + 1, "value": value}
            for metric, value in _metrics(house, family, filed, "weight")
        ]
    schema = {"metric": pa.string(), "replicate": pa.int32(), "value": pa.float64()}
    return pa.Table.from_pylist(rows, schema=pa.schema(list(schema.items())))


def summarise_weights(households: pa.Table) -> pa.Table:
    """Describe how far calibration moved the weights.

    Parameters
    ----------
    households
        ``initial_weight`` and ``calibrated_weight``, one row a household.

    Returns
    -------
    Table with ``metric`` and ``value``: percentiles of the ratio, effective sample sizes (Kish),
    share of weight in the top 100 records.
    """
    columns = _columns(households)
    described = weight_distribution(columns["calibrated_weight"], columns["initial_weight"])
    rows = []
    for name, value in asdict(described).items():
        if isinstance(value, Mapping):
            rows += [{"metric": f"{name}_{key}", "value": float(v)} for key, v in value.items()]
        else:
            rows.append({"metric": name, "value": float(value)})
    return pa.Table.from_pylist(rows)


def _columns(table: pa.Table) -> dict[str, Vector]:
    return {name: table.column(name).to_numpy().astype(np.float64) for name in table.column_names}


def _metrics(
    households: dict[str, Vector],
    families: dict[str, Vector],
    returns: dict[str, Vector],
    stage: str,
) -> Iterator[tuple[str, float]]:
    income, weight = households["household_money_income"], households[stage]
    yield "population", float(np.sum(households["household_size"] * weight))
    yield "households", float(np.sum(weight))
    yield "median_household_income", float(weighted_quantile(income, weight, 0.5))
    yield "gini_household_income", gini(income, weight)
    yield "gini_household_income_bottom_coded", gini(income, weight, bottom_code=0)
    known = ~np.isnan(families["official_poverty_threshold"])
    persons = families["family_size"] * families[stage]
    yield (
        "official_poverty_rate",
        poverty_rate(
            families["official_money_income"][known],
            persons[known],
            families["official_poverty_threshold"][known],
        ),
    )
    yield (
        "top_1_percent_agi_share",
        top_share(returns["adjusted_gross_income"], returns[stage], 0.01),
    )
