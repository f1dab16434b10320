"""Receipts are aligned to published counts and sums, and amounts stay as they were drawn."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from steelyard.impute.receipts import align_bands, align_receipts, spread_evenly, taxed_benefits

SIZE = 40_000


def candidates(seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "propensity": rng.uniform(0.05, 0.6, SIZE),
        "amounts": rng.lognormal(9, 1, SIZE),
        "weights": rng.uniform(50, 150, SIZE),
        "start": rng.uniform(),
    }


def test_count_and_total_are_met() -> None:
    given = candidates()
    chosen = align_receipts(**given, count=600_000.0, total=6e9)
    weights, amounts = given["weights"][chosen], given["amounts"][chosen]
    assert weights.sum() == pytest.approx(600_000, rel=0.01)
    assert weights @ amounts == pytest.approx(6e9, rel=0.01)


def test_every_stretch_has_the_receivers_it_is_due() -> None:
    rng = np.random.default_rng(5)
    chances, order = rng.uniform(size=SIZE) ** 2, rng.permutation(SIZE)
    chosen = spread_evenly(chances, order, start=0.3)
    due = np.concatenate(([0], np.cumsum(chances[order])))
    there = np.concatenate(([0], np.cumsum(chosen[order])))
    for first, last in rng.integers(0, SIZE, (200, 2)).tolist():
        assert abs(there[last] - there[first] - (due[last] - due[first])) < 1


def test_each_has_its_own_chance() -> None:
    chances = np.random.default_rng(6).uniform(size=500)
    order, starts = np.arange(500), (np.arange(2_000) + 0.5) / 2_000
    often = np.mean([spread_evenly(chances, order, start) for start in starts], axis=0)
    assert often == pytest.approx(chances, abs=1e-3)


def test_the_likelier_receive_more_often() -> None:
    given = candidates()
    chosen = align_receipts(**given, count=400_000.0, total=400_000 * given["amounts"].mean())
    likely = given["propensity"] > 0.4
    assert chosen[likely].mean() > 2 * chosen[given["propensity"] < 0.2].mean()


def test_a_total_out_of_reach_leaves_the_count() -> None:
    given = candidates()
    chosen = align_receipts(**given, count=400_000.0, total=1e18)
    assert given["weights"][chosen].sum() == pytest.approx(400_000, rel=0.03)
    assert np.median(given["amounts"][chosen]) > 2 * np.median(given["amounts"])


def test_fewer_receive_where_the_count_would_have_too_many_dollars() -> None:
    given = candidates()
    # The smallest 4,000 of all have more than this between them.
    chosen = align_receipts(**given, count=400_000.0, total=1e8)
    weights, amounts = given["weights"][chosen], given["amounts"][chosen]
    assert weights @ amounts == pytest.approx(1e8, rel=0.2)
    assert weights.sum() < 200_000
    assert np.median(amounts) < np.median(given["amounts"]) / 2


def test_more_than_all_is_all_and_less_than_none_is_none() -> None:
    given = candidates()
    assert align_receipts(**given, count=1e9, total=1e12).all()
    assert not align_receipts(**given, count=-5.0, total=1e12).any()


def test_impossible_candidates_are_refused() -> None:
    given = candidates()
    with pytest.raises(ValueError, match="amount is not above 0 for 1 of 40000"):
        align_receipts(**given | {"amounts": np.append(given["amounts"][1:], 0)}, count=1, total=1)
    with pytest.raises(ValueError, match="propensity is not inside"):
        align_receipts(**given | {"propensity": given["propensity"] * 2}, count=1, total=1)


def table(reported: int, published: float) -> pa.Table:
    given = candidates()
    return pa.table(
        {
            "income": ["pension"] * SIZE,
            "tax_unit_id": np.arange(SIZE),
            "copy_id": [1] * SIZE,
            "is_reported": np.arange(SIZE) < reported,
            "adjusted_gross_income_lower": [1.0] * SIZE,
            "design_weight": given["weights"],
            "propensity": given["propensity"],
            "amount": given["amounts"],
            "amount_on_return": given["amounts"],
            "income_before_benefits": given["amounts"],
            "exempt_interest": [0.0] * SIZE,
            "social_security": [0.0] * SIZE,
            "base_amount": [25_000.0] * SIZE,
            "adjusted_base_amount": [34_000.0] * SIZE,
            "return_count": [published] * SIZE,
            "published_amount": [published * given["amounts"].mean()] * SIZE,
        }
    )


def test_reporters_keep_what_they_told() -> None:
    few = align_bands(table(2_000, 600_000), seed=1).to_pandas()
    assert few["is_reported"].sum() == 2_000
    assert len(few) * 100 == pytest.approx(600_000, rel=0.05)
    many = align_bands(table(20_000, 600_000), seed=1).to_pandas()
    assert many["is_reported"].sum() == len(many) == 20_000


def test_what_was_imputed_may_be_taken_away() -> None:
    kept = align_bands(table(20_000, 600_000), seed=1, imputed=("pension",)).to_pandas()
    assert kept["is_reported"].all()
    assert len(kept) * 100 == pytest.approx(600_000, rel=0.05)


def test_who_was_imputed_too_much_is_replaced() -> None:
    records = table(2_000, 600_000)
    told = np.arange(SIZE) < 2_000
    amounts = np.where(told, 1e6, 1.0) * records["amount"].to_numpy()
    at = records.column_names.index("amount")
    rich = records.set_column(at, "amount", pa.array(amounts))
    assert align_bands(rich, seed=1).to_pandas()["is_reported"].sum() == 2_000
    replaced = align_bands(rich, seed=1, imputed=("pension",)).to_pandas()
    assert replaced["is_reported"].sum() == 0
    assert len(replaced) * 100 == pytest.approx(600_000, rel=0.05)


@pytest.mark.parametrize(
    ("income", "benefits", "joint", "taxed"),
    # Worksheet of IRS Publication 915: none, half of what is above, 85 percent, and no more.
    [
        (17_700, 1_500, False, 0),
        (22_000, 30_000, True, 2_500),
        (30_000, 24_000, False, 11_300),
        (90_000, 20_000, True, 17_000),
    ],
)
def test_benefits_are_taxed_as_the_worksheet_says(
    income: float, benefits: float, joint: bool, taxed: float
) -> None:
    base, adjusted = (32_000.0, 44_000.0) if joint else (25_000.0, 34_000.0)
    given = (np.array([each]) for each in (income, 0.0, benefits, base, adjusted))
    assert taxed_benefits(*given).tolist() == [taxed]


def test_what_was_received_counts_in_the_bands_of_the_next_income() -> None:
    half, all_ = np.arange(SIZE) < SIZE // 2, np.full(SIZE, 1e9)
    pension = table(0, 0).to_pandas().assign(amount=40_000.0, amount_on_return=40_000.0)
    pension = pension.assign(return_count=np.where(half, 1e9, 0), published_amount=all_ * 1e6)
    pension = pension.assign(adjusted_gross_income_lower=np.where(half, 2.0, 1.0))
    # 40,000 and a thousand, with 20,000 of benefits, make a return of 58,000; alone it has 1,000.
    other = pension.assign(income="ira", amount=1_000.0, amount_on_return=1_000.0)
    other = other.assign(income_before_benefits=1_000.0, social_security=20_000.0)
    rich = np.arange(SIZE) == SIZE - 1
    other = other.assign(
        adjusted_gross_income_lower=np.where(rich, 57_999.0, 0.0),
        return_count=np.where(rich, 1e9, 0),
        published_amount=np.where(rich, 1e12, 0),
    )
    both = pa.Table.from_pandas(pd.concat([pension, other]), preserve_index=False)
    kept = align_bands(both, seed=1).to_pandas().groupby("income")["tax_unit_id"].agg(set)
    assert kept["pension"] == kept["ira"] == set(range(SIZE // 2))


def test_each_copy_stands_for_everybody_and_has_receivers_of_its_own() -> None:
    records = table(2_000, 600_000).to_pandas()
    both = pd.concat([records, records.assign(copy_id=2)])
    kept = align_bands(pa.Table.from_pandas(both, preserve_index=False), seed=1).to_pandas()
    first, second = (set(kept.loc[kept["copy_id"] == each, "tax_unit_id"]) for each in (1, 2))
    told = set(range(2_000))
    assert told <= first & second
    for receivers in (first, second):
        assert len(receivers) * 100 == pytest.approx(600_000, rel=0.05)
    assert len(first & second - told) < len(first - told) / 2
    alone = align_bands(table(2_000, 600_000), seed=1).to_pandas()
    assert set(alone["tax_unit_id"]) == first


def test_order_decides_nothing() -> None:
    records = table(2_000, 600_000)
    shuffled = records.take(np.random.default_rng(3).permutation(SIZE))
    first = align_bands(records, seed=1).to_pandas()["tax_unit_id"]
    assert set(align_bands(shuffled, seed=1).to_pandas()["tax_unit_id"]) == set(first)


def test_states_have_their_part_and_bands_keep_theirs() -> None:
    given = candidates()
    weights, dollars = given["weights"], given["amounts"]
    band, state = np.arange(SIZE) % 4, np.arange(SIZE) // 4 % 2
    of_bands = np.array([100e3, 200e3, 50e3, 150e3])
    of_states, worth = np.array([150e3, 350e3]), np.array([0.8, 1.1]) * dollars.mean()
    told = table(0, 0).drop_columns(["return_count", "published_amount"])
    columns = {
        "adjusted_gross_income_lower": band * 1000.0,
        "return_count": of_bands[band],
        "published_amount": of_bands[band] * (of_states @ worth) / 500e3,
        "state_fips": np.array(["01", "02"])[state],
        "state_return_count": of_states[state],
        "state_amount": (of_states * worth)[state],
    }
    for name, values in columns.items():
        at = told.column_names.index(name) if name in told.column_names else None
        told = told if at is None else told.remove_column(at)
        told = told.append_column(name, pa.array(values))
    # What is drawn is random; the mean of many draws is what was aligned.
    draws = [align_bands(told, seed=each).column("tax_unit_id").to_numpy() for each in range(12)]
    stands_for = weights * np.bincount(np.concatenate(draws), minlength=SIZE) / len(draws)
    assert np.bincount(state, stands_for).tolist() == pytest.approx(of_states.tolist(), rel=0.02)
    assert np.bincount(state, stands_for * dollars).tolist() == pytest.approx(
        (of_states * worth).tolist(), rel=0.04
    )
    assert np.bincount(band, stands_for).tolist() == pytest.approx(of_bands.tolist(), rel=0.02)
