"""Every kind of wrong fact is refused, with what would be right."""

from pathlib import Path

import pytest
from facts_fixture import FACT, fact, vocabulary, write_facts

from steelyard.sources.facts import read_facts
from steelyard.sources.facts_check import check_facts
from steelyard.sources.facts_problem import Problem, nearest

VOCABULARY = vocabulary()


def problems(folder: Path, *facts: dict[str, str]) -> list[Problem]:
    return check_facts(read_facts(write_facts(folder, *facts)), VOCABULARY)


def only_problem(folder: Path, *facts: dict[str, str]) -> str:
    found = problems(folder, *facts)
    assert len(found) == 1, [str(problem) for problem in found]
    return str(found[0])


def test_a_correct_fact_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, fact()) == []


@pytest.mark.parametrize(
    ("column", "wrong", "near"),
    [
        ("variable", "employment_incme", "employment_income"),
        ("publisher", "IRS S0I", "IRS SOI"),
        ("publisher", "irs soi", "IRS SOI"),
        ("unit", "usd", "USD"),
        ("geography_level", "nation", "national"),
        ("universe", "filer", "filers"),
        ("statistic", "total", None),
        ("unit", "dollars", None),
        ("period_type", "taxyear", "tax_year"),
        ("assertion", "publshed", "published"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    tmp_path: Path, column: str, wrong: str, near: str | None
) -> None:
    message = only_problem(tmp_path, fact(**{column: wrong}))
    assert message.startswith(f"seeds/facts/irs_soi/wages.csv:2: {column} {wrong!r} is not known")
    assert "allowed: " in message
    assert near is None or f"nearest: {near};" in message


def test_an_entity_that_does_not_carry_the_variable_is_refused(tmp_path: Path) -> None:
    message = only_problem(tmp_path, fact(entity="person"))
    assert "entity 'person' does not carry employment_income" in message
    assert "allowed: tax_unit" in message


def test_a_state_code_that_lost_its_zero_is_refused(tmp_path: Path) -> None:
    message = only_problem(tmp_path, fact(geography_level="state", geoid="6"))
    assert "geoid '6' is not a geoid of level state" in message
    assert "leading zero: 06" in message


@pytest.mark.parametrize(
    ("geoid", "says"),
    [
        ("california", "; California is 06"),
        ("Californa", "; California is 06"),
        ("03", "; allowed: 01, 02, 04, 05, 06, 08, 09, 10, ... (51 in all)"),
        ("US", "; allowed: 01, 02, 04, 05, 06, 08, 09, 10, ... (51 in all)"),
    ],
)
def test_a_state_that_is_no_code_is_told_what_would_be(
    tmp_path: Path, geoid: str, says: str
) -> None:
    message = only_problem(tmp_path, fact(geography_level="state", geoid=geoid))
    assert message.endswith(f"geoid {geoid!r} is not a geoid of level state{says}")


def test_the_nearest_name_is_found_in_any_case() -> None:
    assert nearest("ADJUSTED gross-income", ("adjusted_gross_income", "age")) == (
        "adjusted_gross_income"
    )
    assert nearest("xyz", ("adjusted_gross_income", "age")) == ""


@pytest.mark.parametrize(
    ("period", "remedy"),
    [("15.11.2022", "; write 2022; a day belongs in `note`"), ("FY22", "")],
)
def test_a_date_is_not_a_period(tmp_path: Path, period: str, remedy: str) -> None:
    message = only_problem(tmp_path, fact(period=period))
    assert message.endswith(f"period {period!r} is not a year such as 2022{remedy}")


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("9,738,951", "drop thousands separators"),
        ("$9738", "drop thousands separators and currency signs"),
        ("11.1%", "drop the percent sign, and use statistic rate, unit percent"),
        ("9.739E+12", "a spreadsheet has rounded it"),
        ("1e9", "a spreadsheet has rounded it"),
        ("9 738 951", "drop thousands separators"),
        ("9738,5", "decimals have a point"),
        ("(9738)", "write a minus sign, not brackets"),
        ("\u22129738", "type a plain hyphen for the minus sign"),
        ("#REF!", "is not a plain decimal number"),
        ("n/a", "is not a plain decimal number"),
        ("inf", "is not a plain decimal number"),
    ],
)
def test_a_value_that_is_not_a_number_is_refused(tmp_path: Path, value: str, remedy: str) -> None:
    message = only_problem(tmp_path, fact(value=value))
    assert f"value {value!r} is not a plain decimal number" in message
    assert remedy in message


def test_a_percent_as_a_total_is_refused(tmp_path: Path) -> None:
    count = {"statistic": "count", "unit": "returns"}
    assert "a percent given as a total?" in only_problem(tmp_path, fact(**count, value="11.1"))
    average = fact(**count, value="11.1", period_type="monthly_average")
    assert problems(tmp_path, average) == []
    message = only_problem(tmp_path, fact(unit="percent"))
    assert "unit 'percent' does not go with statistic amount of tax_unit; nearest" not in message
    assert "allowed: USD" in message
    rate = {"statistic": "rate", "unit": "percent"}
    assert problems(tmp_path, fact(**rate, value="11.1")) == []
    assert "is more than 100 percent" in only_problem(tmp_path, fact(**rate, value="11100"))


def test_counts_have_the_unit_of_their_entity_and_no_sign(tmp_path: Path) -> None:
    count = {"statistic": "count", "unit": "persons"}
    assert "allowed: returns" in only_problem(tmp_path, fact(**count))
    message = only_problem(tmp_path, fact(statistic="count", unit="returns", value="-4"))
    assert "is negative, and a count cannot be" in message
    assert problems(tmp_path, fact(value="-4")) == []


@pytest.mark.parametrize(
    ("constraints", "says"),
    [
        ("adjusted_gross_incme < 5", "nearest: adjusted_gross_income"),
        ("25000 <= adjusted_gross_income < 10000", "is an empty band"),
        ("5 <= adjusted_gross_income < 5", "is an empty band"),
        ("filing_status = JOINT", "gives filing_status the value 'JOINT'; nearest: joint"),
        ("filing_status = single|maried", "the value 'maried'"),
        ("filing_status >= 2", "compares filing_status, which is text, by size"),
        ("is_filer = yes", "allowed: true, false"),
        ("is_filer = TRUE", "nearest: true"),
        ("state_fips = 6", "allowed: 01, 02"),
        ("Filing_Status = joint", "names are in lower case"),
        ("filing_status = 'joint'", "values without quotes"),
        ("age = old", "compares age, a number, with 'old'"),
        ("age = 3|4", "one number"),
        ("age == 5", "is not a condition"),
        ("age in 5", "is not a condition"),
        ("age != 5", "is not a condition"),
        ("age", "is not a condition"),
        ("age < old", "which is not a number"),
        ("65 <= age >= 85", "turns around"),
        ("age < 5;", "is not a condition"),
    ],
)
def test_a_wrong_condition_is_refused(tmp_path: Path, constraints: str, says: str) -> None:
    message = only_problem(tmp_path, fact(constraints=constraints))
    assert f"wages.csv:2: constraints {constraints!r}" in message
    assert says in message


def test_curly_quotes_are_refused(tmp_path: Path) -> None:
    message = only_problem(tmp_path, fact(note="the \u201ccontrol\u201d"))
    assert "note" in message
    assert "holds a spreadsheet's curly quote" in message


def test_what_a_fact_cannot_lack_is_said(tmp_path: Path) -> None:
    empty = [problem.column for problem in problems(tmp_path, fact(vintage="", citation_url=""))]
    assert sorted(empty) == ["citation_url", "vintage"]
    optional = fact(source_cell="", constraints="", standard_error="", note="")
    assert problems(tmp_path, optional) == []


def test_the_same_fact_twice_is_refused(tmp_path: Path) -> None:
    message = only_problem(tmp_path, fact(), fact(value="1"))
    assert "wages.csv:3: fact_id" in message
    assert "stands already in seeds/facts/irs_soi/wages.csv:2" in message


def test_two_values_for_one_figure_are_refused(tmp_path: Path) -> None:
    first = fact(constraints="age < 65; filing_status = single|joint")
    second = fact(fact_id="b", value="5", constraints="filing_status = joint|single;age < 65.0")
    message = only_problem(tmp_path, first, second)
    assert f"wages.csv:2 gives as {FACT['value']}; keep one of the two" in message
    assert only_problem(
        tmp_path, fact(), fact(fact_id="b", source_table="publication 1304 table 1.4")
    )
    other_table = fact(fact_id="b", source_table="Publication 1304 Table 1.2")
    assert problems(tmp_path, fact(), other_table) == []
