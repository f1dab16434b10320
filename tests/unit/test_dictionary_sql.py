"""Where a variable comes from, year by year: two crosswalks whose ranges end differently."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jinja2 import Template

MARTS = Path(__file__).resolve().parents[2] / "models" / "marts"
RANGE = "first_vintage int, last_vintage int"
COLUMN = f"record varchar, column_name varchar, {RANGE}, source_column varchar, note varchar"
VARIABLE = (
    f"table_name varchar, variable varchar, {RANGE}, source_columns varchar, conversion varchar, "
    "comparability varchar"
)
Line = tuple[Any, ...]
Ask = Callable[[Sequence[Line], Sequence[Line]], list[Line]]


@pytest.fixture
def sources() -> Ask:
    session = duckdb.connect()
    for name, kinds in (("column", COLUMN), ("variable", VARIABLE)):
        session.sql(f"create table crosswalk_{name} (survey varchar, {kinds})")

    def answer(columns: Sequence[Line], variables: Sequence[Line]) -> list[Line]:
        for name, lines in (("column", columns), ("variable", variables)):
            session.sql(f"delete from crosswalk_{name}")
            for line in lines:
                marks = ", ".join("?" for _ in line)
                session.execute(f"insert into crosswalk_{name} values ({marks})", line)
        for model in ("dictionary_raw_column", "dictionary_source"):
            sql = Template((MARTS / f"{model}.sql").read_text(encoding="utf-8")).render(
                crosswalks="crosswalk_{}".format, ref=str
            )
            session.sql(f"create or replace table {model} as {sql}")
        return session.sql(
            "select column_name, survey, first_vintage, last_vintage, publisher_columns, "
            "read_columns from dictionary_source order by all"
        ).fetchall()

    return answer


def column(name: str, first: int | None, last: int | None, source: str | None) -> Line:
    return ("s", "person", name, first, last, source, None)


def variable(name: str, first: int | None, last: int | None, sources: str | None) -> Line:
    return ("s", "int_person", name, first, last, sources, "as it is", None)


def test_a_range_is_cut_where_a_name_changes(
    sources: Ask,
) -> None:
    columns = [
        column("relation", None, 2018, "RELP"),
        column("relation", 2019, None, "RELSHIPP"),
        column("sex", None, None, "SEX"),
    ]
    said = sources(columns, [variable("relationship", 2017, 2021, "sex relation")])
    assert said == [
        ("relationship", "s", 2017, 2018, "SEX RELP", "sex relation"),
        ("relationship", "s", 2019, 2021, "SEX RELSHIPP", "sex relation"),
    ]


def test_an_open_range_stays_open_at_both_ends(
    sources: Ask,
) -> None:
    columns = [column("state", None, 2022, "ST"), column("state", 2023, None, "STATE")]
    said = sources(columns, [variable("state_fips", None, None, "state")])
    assert said == [
        ("state_fips", "s", 2023, None, "STATE", "state"),
        ("state_fips", "s", None, 2022, "ST", "state"),
    ]


def test_a_column_that_some_years_lack_has_no_name_there(
    sources: Ask,
) -> None:
    columns = [column("subsidy", None, 2021, None), column("subsidy", 2022, None, "SUBSIDY")]
    said = sources(columns, [variable("broadband", None, None, "subsidy")])
    assert [line[2:5] for line in said] == [(2022, None, "SUBSIDY"), (None, 2021, "")]


def test_columns_of_two_records_and_numbered_ones_are_named_once(
    sources: Ask,
) -> None:
    columns = [
        column("id", None, None, "SERIALNO"),
        ("s", "household", "id", None, 2019, "SERIALNO", None),
        ("s", "household", "id", 2020, None, "SERIALNO", None),
        column("job{1..12}_pay", None, None, "TJB{1..12}_PAY"),
    ]
    said = sources(
        columns,
        [
            variable("wages", 2020, 2021, "id job2_pay"),
            variable("all", 2020, 2021, "job{1..12}_pay"),
        ],
    )
    assert [line[4] for line in said] == ["TJB{1..12}_PAY", "SERIALNO TJB2_PAY"]


def test_what_is_made_of_no_column_is_there_too(
    sources: Ask,
) -> None:
    assert sources([], [variable("origin", 2019, None, None)]) == [
        ("origin", "s", 2019, None, "", "")
    ]
