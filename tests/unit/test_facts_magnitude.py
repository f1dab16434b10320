"""Thousands given as dollars, and the reverse, stand out among their neighbours."""

from collections.abc import Iterator

import pytest
from facts_fixture import ROOT, fact

from steelyard.sources.facts import read_facts
from steelyard.sources.facts_magnitude import implausible_rows
from steelyard.sources.facts_schema import FACT_COLUMNS

BANDS = [1, 10_000, 25_000, 50_000, 75_000, 100_000]
BAND_TOTALS = [120_000_000, 900_000_000, 1_900_000_000, 1_800_000_000, 5_000_000_000]


def bands() -> Iterator[dict[str, str]]:
    edges = zip(BANDS, BANDS[1:], BAND_TOTALS, strict=False)
    for lower, upper, total in edges:
        condition = f"{lower} <= adjusted_gross_income < {upper}"
        yield fact(constraints=condition, value=str(total))


def states(areas: int = 20) -> Iterator[dict[str, str]]:
    for area in range(1, areas + 1):
        for cell in (1, 2):
            yield fact(
                geography_level="state",
                geoid=f"{area:02}",
                constraints=f"eitc_children = {cell}",
                value=str(area * cell * 1_000_000),
            )


def odd(rows: list[dict[str, str]], files: list[str] | None = None) -> list[tuple[int, str]]:
    return implausible_rows(rows, files or ["a.csv"] * len(rows))


@pytest.mark.parametrize("factor", [0.001, 1000])
def test_a_band_in_other_units_than_its_neighbours(factor: float) -> None:
    rows = list(bands())
    assert odd(rows) == []
    rows[2]["value"] = str(float(rows[2]["value"]) * factor)
    (index, message), *_ = odd(rows)
    assert index == 2
    assert ("below" if factor < 1 else "above") in message


def test_a_state_in_thousands_among_states() -> None:
    rows = list(states())
    assert odd(rows) == []
    rows[7]["value"] = str(int(rows[7]["value"]) // 1000)
    assert [index for index, _ in odd(rows)] == [7]
    assert "times below what the other areas lead to expect" in odd(rows)[0][1]


def test_a_total_in_thousands_above_its_bands() -> None:
    rows = [fact(value=str(sum(BAND_TOTALS))), *bands()]
    assert odd(rows) == []
    rows[0]["value"] = str(sum(BAND_TOTALS) // 1000)
    assert [index for index, _ in odd(rows)] == [0]
    assert "given in thousands?" in odd(rows)[0][1]


def test_a_whole_file_in_thousands_against_another_file() -> None:
    rows = [fact(), fact(source_table="other", value="9738950972")]
    (found,) = odd(rows, ["a.csv", "b.csv"])
    assert found[0] == 1
    assert "1,000 times below what a.csv says of the same total" in found[1]


def test_zeros_and_losses_are_no_offence() -> None:
    rows = list(bands())
    rows[1]["value"], rows[0]["value"] = "0", "-130000000"
    assert odd(rows) == []


def test_most_published_figures_are_missed_when_divided_by_a_thousand() -> None:
    facts = read_facts(ROOT / "seeds" / "facts")
    rows = [
        {name: cell or "" for name, cell in zip(FACT_COLUMNS, cells, strict=True)}
        for cells in zip(*(facts[name].to_pylist() for name in FACT_COLUMNS), strict=True)
    ]
    files = facts["seed_file"].to_pylist()
    table = "seeds/facts/irs_soi/historic_table_2_totals.csv"
    inside = [index for index, file in enumerate(files) if file == table]
    tried = inside[::300]
    for index in tried:
        rows[index] = rows[index] | {"value": str(float(rows[index]["value"]) / 1000)}
    found = {index for index, _ in implausible_rows(rows, files)}
    assert found <= set(tried)
    assert len(found) >= 0.9 * len(tried)
