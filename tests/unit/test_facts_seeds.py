"""The project's own facts and code lists."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml
from facts_fixture import CODES, ROOT, vocabulary

from steelyard.sources.facts import load_benchmarks, load_facts, read_facts
from steelyard.sources.facts_check import check_facts
from steelyard.sources.facts_problem import FactsError
from steelyard.sources.facts_schema import ALLOWED, FACT_COLUMNS, parse_constraints


def rows(name: str) -> Iterator[dict[str, str]]:
    with (CODES / f"codes_target_{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def facts() -> pa.Table:
    return load_facts(ROOT)


def test_twelve_thousand_facts_of_2022_for_the_nation_and_every_state(facts: pa.Table) -> None:
    of_2022 = facts.filter(pc.equal(facts["period"], "2022"))
    assert of_2022.num_rows >= 12_000
    states = of_2022.filter(pc.equal(of_2022["geography_level"], "state"))
    assert len(set(states["geoid"].to_pylist())) == 51
    assert of_2022.num_rows - states.num_rows >= 4_000
    assert all(url.startswith("https://") for url in facts["citation_url"].to_pylist())


def test_broad_ages_are_the_sums_of_the_finer_ones(facts: pa.Table) -> None:
    """Rows that a base without ages is asked for say what the rows by age and sex add up to."""
    broad: dict[tuple[str, str], int] = {}
    summed: dict[tuple[str, str], int] = defaultdict(int)
    for fact in facts.filter(pc.equal(facts["period"], "2022")).to_pylist():
        family = fact["fact_id"].split("/2022/")[0]
        if family == "census/population_by_broad_age":
            broad[fact["geoid"], fact["constraints"]] = int(fact["value"])
        elif family.startswith("census/") and "; sex = " in (fact["constraints"] or ""):
            ages = [int(each) for each in re.findall(r"\d+", fact["constraints"])]
            if fact["constraints"].startswith("age < "):
                ages = [0]
            if ages[0] >= 65:
                summed[fact["geoid"], "age_lower >= 65"] += int(fact["value"])
            elif ages[0] < 18 and fact["geography_level"] == "national":
                summed[fact["geoid"], "age_lower < 18"] += int(fact["value"])
    assert len(broad) == 53
    assert broad == dict(summed)


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
    (shown,) = (line for line in text.splitlines() if "irs_soi/example.csv:2: " in line)
    assert str(problem).startswith(shown.strip().removesuffix("..."))


def test_the_reference_names_every_column_and_what_it_may_hold() -> None:
    page = (ROOT / "docs" / "reference" / "facts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)
    assert [name for name, _ in rows[: len(FACT_COLUMNS)]] == list(FACT_COLUMNS)
    said = dict(rows)
    for column, names in ALLOWED.items():
        assert [name for name in names if f"`{name}`" not in said[column]] == [], column


KINDS = {"varchar": "text", "boolean": "boolean", "double": "number", "integer": "number"}
#: Keys, weights and what says where a record or a value came from: nothing to count people by.
NO_ATTRIBUTE = re.compile(
    r".*_(id|origin|weight)|line_number|rules_engine|(survey|income)_year|unit_id"
)


@pytest.mark.parametrize(
    ("relation", "folder"),
    [
        ("ext_household", "imputation"),
        ("ext_person", "imputation"),
        ("ext_spm_unit", "imputation"),
        ("ext_tax_unit", "imputation"),
        ("rul_tax_unit", "rules"),
        ("cal_unit_household", "calibration"),
        ("cal_unit_person", "calibration"),
        ("cal_unit_spm_unit", "calibration"),
        ("cal_unit_tax_unit", "calibration"),
    ],
)
def test_conditions_may_name_every_column_of_a_unit(relation: str, folder: str) -> None:
    described = [
        model
        for file in (ROOT / "models" / folder).glob("*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
        if model["name"] == relation
    ]
    (model,) = described
    known = {name: column.kind for name, column in vocabulary().constraint_columns.items()}
    expected = {
        column["name"]: KINDS[column["data_type"]]
        for column in model["columns"]
        if not NO_ATTRIBUTE.fullmatch(column["name"])
    }
    assert expected
    assert {name: known.get(name) for name in expected} == expected


def test_districts_are_a_set_of_their_own(facts: pa.Table) -> None:
    with (ROOT / "seeds" / "params" / "params_target_set.csv").open(encoding="utf-8") as file:
        sets = {row["target_family"]: row["target_set"] for row in csv.DictReader(file)}
    families = [name[len("seeds/facts/") : -len(".csv")] for name in facts["seed_file"].to_pylist()]
    levels = facts["geography_level"].to_pylist()
    districts = {
        family for family, level in zip(families, levels, strict=True) if "district" in level
    }
    assert districts == {
        family for family, name in sets.items() if name == "congressional_districts"
    }
    assert set(sets) <= set(families)
    counts = {
        level: len(
            {
                geoid
                for at, geoid in zip(levels, facts["geoid"].to_pylist(), strict=True)
                if at == level
            }
        )
        for level in set(levels)
    }
    assert counts == {
        "national": 1,
        "state": 51,
        "congressional_district_118": 436,
        "congressional_district_119": 436,
    }


def test_districts_add_up_to_the_nation(facts: pa.Table) -> None:
    cells = zip(
        *(
            facts[name].to_pylist()
            for name in (
                "geography_level",
                "variable",
                "statistic",
                "constraints",
                "period",
                "value",
            )
        ),
        strict=True,
    )
    total: dict[tuple[str, ...], float] = defaultdict(float)
    for *cell, value in cells:
        total[tuple(word or "" for word in cell)] += float(value)
    census = total["national", "population", "count", "", "2024"]
    survey = total["congressional_district_119", "population", "count", "", "2024"]
    assert survey == pytest.approx(census, rel=0.001)
    assert census > 3e8
    sexes = [
        total["congressional_district_119", "population", "count", f"sex = {sex}", "2024"]
        for sex in ("female", "male")
    ]
    assert sum(sexes) == pytest.approx(survey, rel=1e-6)


def test_benchmarks_name_what_they_measure_and_who_says_so() -> None:
    benchmarks = load_benchmarks(ROOT)
    said = set(
        zip(benchmarks["publisher"].to_pylist(), benchmarks["variable"].to_pylist(), strict=True)
    )
    assert {
        ("Census Bureau", "official_poverty"),
        ("Census Bureau", "spm_poverty"),
        ("Census Bureau", "household_money_income"),
        ("CBO", "federal_revenue_individual_income_taxes"),
        ("JCT", "tax_expenditure_salt_deduction"),
        ("Treasury", "tax_expenditure_eitc"),
        ("PolicyEngine", "enhanced_cps_spm_poverty"),
        ("BLS", "cpi_u"),
        ("SSA", "national_average_wage_index"),
    } <= said
    assert all(url.startswith("https://") for url in benchmarks["citation_url"].to_pylist())


def test_what_the_build_compares_itself_with_is_published_once() -> None:
    """Every question of `params_benchmark` finds its figure, of one year or of several."""
    with (ROOT / "seeds" / "params" / "params_benchmark.csv").open(encoding="utf-8") as file:
        asked = [
            (row["publisher"], row["variable"], row["statistic"], row["constraints"])
            for row in csv.DictReader(file)
        ]
    published = {
        (row["publisher"], row["variable"], row["statistic"], row["constraints"] or "")
        for row in load_benchmarks(ROOT).to_pylist()
    }
    assert asked
    assert sorted(set(asked) - published) == []


def test_a_benchmark_cannot_be_a_fact_nor_a_fact_a_benchmark(tmp_path: Path) -> None:
    (tmp_path / "seeds" / "codes").parent.mkdir()
    (tmp_path / "seeds" / "codes").symlink_to(CODES)
    for name, other, load in (
        ("facts_benchmarks", "facts", load_facts),
        ("facts", "facts_benchmarks", load_benchmarks),
    ):
        folder = tmp_path / "seeds" / other
        folder.mkdir()
        file = {"facts": "ssa/benefits_paid.csv", "facts_benchmarks": "census/poverty.csv"}[name]
        (folder / "moved.csv").write_bytes((ROOT / "seeds" / name / file).read_bytes())
        with pytest.raises(FactsError, match=r"variable '\w+' is not known"):
            load(tmp_path)
