"""The summary of a file is what a person with a pencil gets, under each stage of the weights."""

import pandas as pd
import pyarrow as pa
import pytest

from steelyard.validate.summary import summarise, summarise_replicates, summarise_weights

HOUSEHOLDS = pa.table(
    {
        "household_size": [1, 2, 4],
        "household_money_income": [-100.0, 100.0, 200.0],
        "initial_weight": [1.0, 1.0, 1.0],
        "calibrated_weight": [1.0, 1.0, 2.0],
    }
)
FAMILIES = pa.table(
    {
        "family_size": [1, 2, 4, 3],
        "official_money_income": [50.0, 100.0, 200.0, 0.0],
        "official_poverty_threshold": [60.0, 100.0, 150.0, None],
        "initial_weight": [1.0, 1.0, 1.0, 1.0],
        "calibrated_weight": [3.0, 1.0, 1.0, 9.0],
    }
)
RETURNS = pa.table(
    {
        "adjusted_gross_income": [10.0] * 99 + [1010.0],
        "initial_weight": [1.0] * 100,
        "calibrated_weight": [1.0] * 99 + [2.0],
    }
)


@pytest.fixture(scope="module")
def summary() -> pd.DataFrame:
    table = summarise(HOUSEHOLDS, FAMILIES, RETURNS).to_pandas()
    return table.pivot(index="metric", columns="weight_stage", values="value")


@pytest.mark.parametrize(
    ("metric", "initial", "calibrated"),
    [
        ("population", 7, 11),
        ("households", 3, 4),
        ("median_household_income", 100, 150),
        # Σ |a - b| w w / (2 W² mean): (200 + 300 + 100) / (9 * 200 / 3).
        ("gini_household_income", 1.0, (200 + 2 * 300 + 2 * 100) / (16 * 100)),
        ("gini_household_income_bottom_coded", 400 / 900, (100 + 2 * 200 + 2 * 100) / (16 * 125)),
        # Below the line, not at it; families without a threshold are not counted.
        ("official_poverty_rate", 1 / 7, 3 / 9),
        ("top_1_percent_agi_share", 1010 / 2000, 1010 * 1.01 / 3010),
    ],
)
def test_each_statistic_by_hand(
    summary: pd.DataFrame, metric: str, initial: float, calibrated: float
) -> None:
    assert summary.loc[metric, "initial_weight"] == pytest.approx(initial)
    assert summary.loc[metric, "calibrated_weight"] == pytest.approx(calibrated)


def test_the_metrics_are_these(summary: pd.DataFrame) -> None:
    assert len(summary) == 7
    assert summary.notna().all(axis=None)


def test_the_move_of_the_weights_by_hand() -> None:
    described = summarise_weights(HOUSEHOLDS).to_pandas().set_index("metric")["value"]
    assert described["total"] == 4
    assert described["effective_sample_size"] == pytest.approx(16 / 6)
    assert described["effective_sample_share"] == pytest.approx(16 / 6 / 3)
    assert described["top_100_share"] == 1
    assert described["zero_share"] == 0
    assert described["ratio_percentiles_50"] == 1
    assert described["ratio_percentiles_99"] == pytest.approx(1.98)


def test_each_replicate_is_summarised_with_its_weights() -> None:
    households = pa.table(
        {"household_size": [1, 2, 3], "household_money_income": [10.0, 20.0, 60.0]}
    )
    families = pa.table(
        {
            "household_index": [2, 0, 1],
            "family_size": [3, 1, 2],
            "official_money_income": [60.0, 10.0, 20.0],
            "official_poverty_threshold": [30.0, 15.0, 15.0],
        }
    )
    returns = pa.table({"household_index": [2, 0], "adjusted_gross_income": [50.0, 5.0]})
    weights = pa.table({"replicate": [1, 1, 1, 2, 2, 2], "weight": [1.0, 1, 1, 0, 2, 4]})
    told = summarise_replicates(households, families, returns, weights).to_pylist()
    values = {(row["metric"], row["replicate"]): row["value"] for row in told}
    assert values["population", 1] == 6
    assert values["population", 2] == 16
    assert values["official_poverty_rate", 1] == pytest.approx(1 / 6)
    assert values["official_poverty_rate", 2] == 0
    with pytest.raises(ValueError, match="5 weights in 2 replicates, but there are 3 households"):
        summarise_replicates(households, families, returns, weights.slice(0, 5))
