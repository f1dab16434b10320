"""The summary of a file under several weights: spread of weights, poverty, inequality, tops."""

from collections.abc import Iterator, Mapping
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


def summarise(households: pa.Table, families: pa.Table, returns: pa.Table) -> pa.Table:
    """Compute each statistic under initial and calibrated weights.

    Parameters
    ----------
    households
        ``household_size``, ``household_money_income`` and the weights.
    families
        ``family_size``, ``official_money_income``, ``official_poverty_threshold``, weights.
    returns
        Tax units that file: ``adjusted_gross_income`` and the weights.

    Returns
    -------
    Table with ``metric``, ``weight_stage`` and ``value``: official poverty counts persons;
    Gini and median are of household money income (Gini bottom-coded at zero too); the top share
    is of adjusted gross income among returns.
    """
    rows = [
        {"metric": metric, "weight_stage": stage, "value": value}
        for stage in STAGES
        for metric, value in _metrics(
            _columns(households), _columns(families), _columns(returns), stage
        )
    ]
    return pa.Table.from_pylist(rows)


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
