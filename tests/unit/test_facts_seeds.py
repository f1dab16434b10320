"""The project's own facts and code lists."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc
import pytest
from facts_fixture import CODES, ROOT, vocabulary

from steelyard.sources.facts import load_facts, read_facts
from steelyard.sources.facts_check import check_facts
from steelyard.sources.facts_schema import parse_constraints


def rows(name: str) -> Iterator[dict[str, str]]:
    with (CODES / f"codes_target_{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_twelve_thousand_facts_of_2022_for_the_nation_and_every_state() -> None:
    facts = load_facts(ROOT)
    of_2022 = facts.filter(pc.equal(facts["period"], "2022"))
    assert of_2022.num_rows >= 12_000
    states = of_2022.filter(pc.equal(of_2022["geography_level"], "state"))
    assert len(set(states["geoid"].to_pylist())) == 51
    assert of_2022.num_rows - states.num_rows >= 4_000
    assert all(url.startswith("https://") for url in facts["citation_url"].to_pylist())


@pytest.mark.parametrize("name", ["universe", "variable"])
def test_conditions_of_the_code_lists_can_be_read(name: str) -> None:
    known = vocabulary().constraint_columns
    stated = [row for row in rows(name) if row["constraints"]]
    assert stated
    for row in stated:
        assert {part.variable for part in parse_constraints(row["constraints"])} <= set(known), row


def test_a_variable_says_where_its_values_are() -> None:
    known = vocabulary().constraint_columns
    for row in rows("variable"):
        assert bool(row["unit_column"]) == (row["part"] in {"value", "positive", "negative"}), row
        assert not row["unit_column"] or known[row["unit_column"]].kind == "number", row


def test_losses_are_the_negative_part_of_the_column_that_gains_are_the_positive_of() -> None:
    parts = {row["variable"]: (row["unit_column"], row["part"]) for row in rows("variable")}
    for variable, (column, part) in parts.items():
        if variable.endswith("_losses"):
            assert part == "negative"
            gains = {"capital_gains_losses": "capital_gains_gross"}.get(
                variable, variable.replace("_losses", "_gains")
            )
            assert parts[gains] == (column, "positive")


def test_the_how_to_shows_a_fact_that_the_door_accepts(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "add-a-target.md").read_text(encoding="utf-8")
    example = text.split("```csv\n")[1].split("```")[0]
    path = tmp_path / "seeds" / "facts" / "irs_soi" / "example.csv"
    path.parent.mkdir(parents=True)
    path.write_text(example, encoding="utf-8")
    facts = read_facts(path.parents[1])
    assert facts["fact_id"].to_pylist() == ["irs_soi/example/2022/06/single_over_50000"]
    assert check_facts(facts, vocabulary()) == []
    path.write_text(example.replace("rental_and_royalty_net_income", "employment_incme"))
    (problem,) = check_facts(read_facts(path.parents[1]), vocabulary())
    shown = text.split("```text\n")[1].splitlines()[1].strip().removesuffix("...")
    assert str(problem).startswith(shown)
