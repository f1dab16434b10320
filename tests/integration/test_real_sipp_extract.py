"""What the SIPP extracts of 1991, known from studies of pensions, can honestly be made into.

They are families, not person-months: made ready for models by others, without keys, weights,
months or status flags. Of the harmonised columns those are made that the extracts tell, and the
rest stays away. The survey's own files of 2021 on cannot be compared with them beyond that; what
is to be known is in `xwalk_sipp_variable`, in the lines of 1991.
"""

import csv
from pathlib import Path

import duckdb
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT.parent / "shared" / "data" / "us" / "sipp"
PENSION, PLANS = FOLDER / "sipp_1991_pension.parquet", FOLDER / "sipp_1991_k401ksubs.parquet"
CONTRACT = ROOT / "models" / "harmonized" / "_int_economic_unit__models.yml"
#: Harmonised columns by what the extract says of them; each has a line in the crosswalk.
HARMONIZED = {
    "age": "cast(age as integer)",
    "is_married_or_partnered": "marr = 1",
    "education": """
        case
            when educ < 12 then 'lt_hs' when educ < 13 then 'hs' when educ < 16 then 'some_college'
            else 'ba_or_more'
        end""",
    "is_homeowner": "hown = 1",
    "mortgage_balance": "cast(hmort as double)",
    "net_worth": "cast(tw as double)",
    "property_value": "cast(hval as double)",
    "retirement_account_assets": "cast(ira + a401 as double)",
    "total_income": "cast(inc as double)",
}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not PENSION.is_file(), reason=f"no SIPP extract at {PENSION}"),
]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    made = ", ".join(f"{sql} as {name}" for name, sql in HARMONIZED.items())
    found.execute(f"create table sipp_1991_extract as select {made} from '{PENSION}'")
    return found


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return connection.execute(sql).fetchall()


def test_columns_are_of_the_schema_and_explained(connection: duckdb.DuckDBPyConnection) -> None:
    models = yaml.safe_load(CONTRACT.read_text("utf-8"))["models"]
    (schema,) = [model["columns"] for model in models if model["name"] == "int_economic_unit"]
    types = {column["name"]: column["data_type"] for column in schema}
    made = dict(
        ask(
            connection,
            "select column_name, data_type from duckdb_columns()"
            " where table_name = 'sipp_1991_extract'",
        )
    )
    assert {name: kind.lower() for name, kind in made.items()} == {n: types[n] for n in HARMONIZED}
    with (ROOT / "seeds" / "xwalks" / "xwalk_sipp_variable.csv").open(encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["last_vintage"] == "1991"]
    assert {line["variable"] for line in lines} == set(HARMONIZED)
    assert {line["table_name"] for line in lines} == {"int_economic_unit"}


def test_nobody_is_lost_and_nothing_is_missing(connection: duckdb.DuckDBPyConnection) -> None:
    missing = " or ".join(f"{name} is null" for name in HARMONIZED)
    assert ask(
        connection,
        f"select count(*), count(*) filter (where {missing}) from sipp_1991_extract",
    ) == [(9_915, 0)]


def test_households_are_of_working_age_and_much_is_topcoded(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert ask(connection, "select min(age), max(age) from sipp_1991_extract") == [(25, 64)]
    assert ask(
        connection,
        "select max(property_value), count(*) filter (where property_value = 300000),"
        " max(mortgage_balance), count(*) filter (where mortgage_balance = 150000)"
        " from sipp_1991_extract",
    ) == [(300_000, 229, 150_000, 274)]
    assert ask(
        connection,
        "select count(*) from sipp_1991_extract where is_homeowner <> (property_value > 0)",
    ) == [(0,)]


def test_equity_and_wealth_add_up_in_the_raw_extract(connection: duckdb.DuckDBPyConnection) -> None:
    """Home equity and its sum with net financial assets are exact; total wealth has cars beside."""
    assert ask(
        connection,
        f"""
        select
            count(*) filter (where hequity <> hval - hmort),
            count(*) filter (where abs(tfa_he - (net_tfa + hequity)) > 1),
            count(*) filter (where abs(tfa - (nifa + ira + a401)) > 1),
            count(*) filter (where tw < tfa_he - 2000)
        from '{PENSION}'
        """,
    ) == [(0, 0, 88, 0)]


def test_the_smaller_extract_is_part_of_the_larger(connection: duckdb.DuckDBPyConnection) -> None:
    """Households of 10 to 200 thousand dollars, in thousands, with three columns squared."""
    ((count, found),) = ask(
        connection,
        f"""
        with small as (
            select round(inc * 1000) as inc, round(nettfa * 1000) as net, age, fsize, marr
            from '{PLANS}'
        ),

        large as (
            select distinct round(inc) as inc, round(net_tfa) as net, age, fsize, marr
            from '{PENSION}'
        )

        select count(*), count(large.age)
        from small left join large using (inc, net, age, fsize, marr)
        """,
    )
    assert (count, found) == (9_275, 9_275)
    assert ask(connection, f"select min(inc) > 10, max(inc) < 200 from '{PLANS}'") == [(True, True)]


def test_sex_is_not_harmonised_because_it_is_nobodys(connection: duckdb.DuckDBPyConnection) -> None:
    """One in eleven of the married is male: not the man of a couple, nor either at random."""
    ((married, single),) = ask(
        connection,
        f"select avg(male) filter (where marr = 1), avg(male) filter (where marr = 0)"
        f" from '{PENSION}'",
    )
    assert married == pytest.approx(0.092, abs=0.001)
    assert single == pytest.approx(0.381, abs=0.001)
    assert "is_female" not in HARMONIZED
