"""The worksheet, and the engine between two SQL queries."""

from importlib.resources import files

import duckdb
import numpy as np
import pytest

from steelyard.oasdi import (
    BadInput,
    People,
    Relation,
    Ties,
    birth_month,
    default_parameters,
    explain,
    month,
)
from steelyard.oasdi.faces import own_benefits, parameters_from_seeds
from steelyard.oasdi.parameters import TABLES
from steelyard.oasdi.tables import packaged_table

YEARS = np.arange(1986, 2026)
LAW = default_parameters()
EARNED = 0.8 * LAW.average_wage_index.at(np.minimum(YEARS, 2024)) / 100


def couple():
    earnings = np.stack([EARNED, np.zeros(40)])
    born = np.array([birth_month(1959, 3), birth_month(1960, 8)]).ravel()
    people = People(
        earnings, 1986, born, claim=np.array([month(2026, 1), 2**31]), keys=["ann", "bo"]
    )
    ties = Ties(
        np.array([0]),
        np.array([1]),
        np.array([int(Relation.SPOUSE)]),
        np.array([int(month(2026, 1))]),
        start=int(month(1990)),
    )
    return people, ties


def test_worksheet_adds_up_line_by_line():
    people, ties = couple()
    sheet = explain(people, 0, month=int(month(2026, 1)), ties=ties)
    indexed = [line for line in sheet.lines if line.step.startswith("Indexed earnings")]
    counted = [line.amount for line in indexed if "not counted" not in line.note]
    assert len(indexed) == 40 and len(counted) == 35
    assert sheet.amount("Sum of the 35") == pytest.approx(sum(counted))
    assert sheet.amount("AIME") == np.floor(sum(counted) / 420)
    assert sheet.amount("after the increase of 2025") == sheet.amount("Primary insurance amount")
    assert sheet.amount("Paid for the month") == np.floor(sheet.amount("Retirement benefit"))
    text = str(sheet)
    assert text.startswith("Person ann, born 1959-03, benefit for 2026-01")
    assert "claimed 2026-01: 0 months early, 0 months of credit" in text


def test_worksheet_of_a_spouse_shows_the_family_lines():
    people, ties = couple()
    worker = explain(people, 0, month=int(month(2026, 1)), ties=ties)
    spouse = explain(people, 1, month=int(month(2026, 1)), ties=ties)
    half = spouse.amount("Original benefit as spouse")
    assert half == np.floor(worker.amount("Primary insurance amount") * 5) / 10
    assert 0 < spouse.amount("Paid for the month") < half
    with pytest.raises(BadInput, match="row 7 does not exist"):
        explain(people, 7, month=int(month(2026, 1)))


def test_projected_increases_are_marked_in_the_worksheet():
    people, _ = couple()
    sheet = explain(people, 0, month=int(month(2029, 1)))
    projected = [line.note for line in sheet.lines if "projected" in line.note]
    assert projected == ["2.7 %, projected", "2.4 %, projected", "2.4 %, projected"]


PERSONS = """
    select * from (values
        ('ann', 1959, 3, 15, 2026, 1, null, null, null, null),
        ('bo', 1960, 8, 1, null, null, null, null, null, null),
        ('cy', 1965, 2, null, 2049, 6, null, null, null, null)
    ) as given (person_id, birth_year, birth_month, birth_day, claim_year, claim_month,
        onset_year, onset_month, death_year, death_month)
"""


def sql_tables():
    session = duckdb.connect()
    session.execute(f"create table persons as {PERSONS}")
    session.execute(
        "create table histories (person_id text, earnings_year int, covered_earnings double)"
    )
    for name in ("ann", "cy"):
        session.executemany(
            "insert into histories values (?, ?, ?)",
            [(name, int(year), float(paid)) for year, paid in zip(YEARS, EARNED, strict=True)],
        )
    return session


def test_benefits_between_two_queries():
    session = sql_tables()
    persons = session.execute("from persons").to_arrow_table()
    histories = session.execute("from histories").to_arrow_table()
    benefit = own_benefits(persons, histories, benefit_year=2026, benefit_month=1)
    people, ties = couple()
    sheet = explain(people, 0, month=int(month(2026, 1)), ties=ties)
    rows = session.execute(
        "select person_id, own_benefit, reason from benefit order by person_id"
    ).fetchall()
    assert rows == [
        ("ann", sheet.amount("Paid for the month"), None),
        ("bo", 0.0, None),
        ("cy", 0.0, "claim after the month of attaining 70"),
    ]
    assert benefit.column_names[:3] == ["person_id", "benefit_year", "benefit_month"]


def test_tables_that_do_not_fit_are_refused():
    session = sql_tables()
    persons = session.execute("from persons").to_arrow_table()
    histories = session.execute("from histories").to_arrow_table()
    with pytest.raises(BadInput, match="persons: columns missing: death_month"):
        own_benefits(persons.drop_columns("death_month"), histories, benefit_year=2026)
    twice = session.execute("from histories union all from histories").to_arrow_table()
    with pytest.raises(BadInput, match="come more than once"):
        own_benefits(persons, twice, benefit_year=2026)
    stranger = session.execute("select 'zoe' as person_id, * exclude person_id from histories")
    with pytest.raises(BadInput, match=r"80 row\(s\) of nobody in persons, first \['zoe'"):
        own_benefits(persons, stranger.to_arrow_table(), benefit_year=2026)


def test_parameters_come_from_the_warehouse_as_from_the_package():
    session = duckdb.connect()
    folder = files("steelyard.oasdi") / "data"
    seeds = {
        f"params_ssa_{name}": session.execute(
            f"from read_csv('{folder / f'params_ssa_{name}.csv'}')"
        ).to_arrow_table()
        for name in TABLES
    }
    law = parameters_from_seeds(seeds, "high_cost")
    same = default_parameters("high_cost")
    np.testing.assert_array_equal(law.contribution_base.values, same.contribution_base.values)
    np.testing.assert_array_equal(law.ages, same.ages)
    assert packaged_table("cola")["year"][0] == "1975"
