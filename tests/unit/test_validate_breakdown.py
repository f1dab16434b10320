"""Amounts by source and group, worked by hand and against pandas."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.validate.breakdown import break_down

UNITS = pa.table(
    {
        "wages": [100.0, 0.0, 50.0, None],
        "losses": [-10.0, 0.0, 10.0, 5.0],
        "unknown": pa.array([None] * 4, pa.float64()),
        "state": ["06", "06", "01", "01"],
        "decile_before": ["01", "02", "02", None],
        "decile_after": ["02", "02", "01", "01"],
        "before": [1.0, 3.0, 2.0, 4.0],
        "after": [2.0, 0.0, 2.0, 4.0],
    }
)


def rows(breakdown: str, measure: str) -> dict[tuple[str, str], dict[str, float | None]]:
    found = break_down(UNITS, ["wages", "losses", "unknown"], ["state", "decile"], STAGES)
    return {
        (row["category"], row["weight_stage"]): row
        for row in found.to_pylist()
        if (row["breakdown"], row["measure"]) == (breakdown, measure)
    }


STAGES = ("before", "after")


def test_amounts_by_hand() -> None:
    # of 06: 1 unit with 100 and 3 without; of 01: 2 with 50, and 4 of whom nothing is known
    wages = rows("state", "wages")
    here, there = wages["06", "before"], wages["01", "before"]
    assert (here["units"], here["units_with"], here["amount"]) == (4.0, 1.0, 100.0)
    assert (here["share_with"], here["mean_of_all"], here["mean_of_those_with"]) == (0.25, 25, 100)
    assert (there["units"], there["units_with"], there["amount"]) == (2.0, 2.0, 100.0)
    assert here["amount_share"] == there["amount_share"] == 0.5
    assert here["record_count"] == 1
    assert wages["06", "after"]["units"] == 2.0
    everybody = rows("all", "wages")["all", "before"]
    assert (everybody["units"], everybody["amount"], everybody["amount_share"]) == (6.0, 200.0, 1.0)


def test_deciles_move_with_the_weights_and_nobody_without_one_counts() -> None:
    wages = rows("decile", "wages")
    assert wages["01", "before"]["amount"] == 100.0
    assert wages["01", "after"]["amount"] == 100.0
    assert wages["02", "after"]["amount"] == 200.0
    assert wages["02", "before"]["units"] == 5.0


def test_nothing_known_has_no_rows_and_nothing_at_all_no_share() -> None:
    assert rows("all", "unknown") == {}
    losses = rows("all", "losses")["all", "before"]
    assert (losses["amount"], losses["units_with"]) == (30.0, 7.0)
    none = rows("state", "losses")["06", "after"]
    assert none["amount"] == -20.0


def test_sums_are_those_of_pandas() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": np.where(rng.random(500) < 0.4, 0, rng.normal(10, 30, 500)),
            "place": rng.choice([*"abcde"], 500),
            "weight": rng.random(500),
        }
    )
    table = pa.Table.from_pandas(frame, preserve_index=False)
    found = break_down(table, ["amount"], ["place"], ["weight"]).to_pandas()
    ours = found[found["breakdown"] == "place"].set_index("category")
    held = (frame["amount"] * frame["weight"]).groupby(frame["place"]).sum()
    weight = frame.groupby("place")["weight"].sum()
    assert ours["amount"].to_dict() == pytest.approx(held.to_dict())
    assert ours["mean_of_all"].to_dict() == pytest.approx((held / weight).to_dict())
    assert ours["amount_share"].sum() == pytest.approx(1)
