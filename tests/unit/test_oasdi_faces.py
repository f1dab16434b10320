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
from steelyard.oasdi.faces import (
    automatic_amounts,
    own_benefits,
    own_benefits_in,
    parameters_from_seeds,
)
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


def single(earned, born, **events):
    """One person with earnings from 1951 on, as rows of `People`."""
    return People(np.atleast_2d(earned), 1951, birth_month(*born), **events)


def test_worksheet_of_case_a_reads_as_ssas_page():
    # https://www.ssa.gov/oact/ProgData/retirebenefit2.html, edition of 2026
    table = files("steelyard.oasdi") / "data" / "facts_ssa_example_earnings.csv"
    rows = [row.split(",") for row in table.read_text("utf-8").splitlines()]
    earned = [float(row[2]) for row in rows if row[0] == "case_a_2026"]
    person = People(np.array([earned]), 1986, birth_month(1964, 1, 2), claim=month(2026, 1))
    sheet = explain(person, 0, month=int(month(2026, 1)))
    told = {
        "Quarters of coverage": 160,
        "Eligibility year": 2026,
        "AIME": 5825,
        "90 % of AIME from 0 to 1,286": 1157.40,
        "32 % of AIME from 1,286 to 7,749": 1452.48,
        "15 % of AIME above 7,749": 0,
        "PIA of 2026": 2609.80,
        "Retirement benefit": 1826.80,
        "Paid for the month": 1826,
    }
    assert {step: sheet.amount(step) for step in told} == pytest.approx(told)
    assert "  1987         17,283.00    3.7905480       65,512.04  (not counted)" in str(sheet)
    assert "36 x 5/9 % + 24 x 5/12 % = 30.00 % off" in str(sheet)


def test_worksheet_of_the_disabled_leaves_out_years_after_onset():
    years = np.arange(1951, 2026)
    earned = np.where(years >= 1995, 30_000.0, 0.0)
    person = single(earned, (1970, 5), onset=month(2012, 3))
    sheet = explain(person, 0, month=int(month(2020, 1)))
    years = [line.step for line in sheet.lines if line.step.startswith("Indexed earnings")]
    assert years[-1] == "Indexed earnings 2012"
    assert "over" in next(line.note for line in sheet.lines if line.step == "AIME")
    assert sheet.amount("Disability benefit") == sheet.amount("Primary insurance amount")
    converted = explain(person, 0, month=int(month(2037, 6)))
    assert converted.amount("Retirement benefit") == converted.amount("Primary insurance amount")
    assert "replaces at full retirement age" in str(converted)


def test_worksheet_under_the_law_before_1979():
    years = np.arange(1951, 2026)
    earned = LAW.contribution_base.at(years).astype(float)
    person = single(earned, (1915, 3), claim=month(1980, 3))
    sheet = explain(person, 0, month=int(month(1980, 3)))
    assert sheet.amount("Average monthly wage") == 783
    assert sheet.amount("Amount of December 1978") == 520.4
    assert sheet.amount("after the increase of 1979") == 572.0
    guaranteed = single(earned, (1917, 1, 2), claim=month(1979, 1))
    sheet = explain(guaranteed, 0, month=int(month(1979, 1)))
    assert sheet.amount("PIA of 1979") < sheet.amount("Primary insurance amount") == 486.1
    assert sheet.amount("Paid for the month") == 388.9


def test_worksheet_of_somebody_not_insured():
    person = single(np.where(np.arange(1951, 2026) == 2000, 9e4, 0.0), (1960, 5))
    sheet = explain(person, 0, month=int(month(2026, 1)))
    assert "4  40 needed: not fully insured" in str(sheet)
    assert sheet.amount("Own record gives no benefit") == sheet.amount("Paid for the month") == 0


def test_worksheet_of_a_spouse_shows_the_family_lines():
    people, ties = couple()
    worker = explain(people, 0, month=int(month(2026, 1)), ties=ties)
    spouse = explain(people, 1, month=int(month(2026, 1)), ties=ties)
    half = spouse.amount("Original benefit as spouse")
    assert half == np.floor(worker.amount("Primary insurance amount") * 5) / 10
    assert 0 < spouse.amount("Paid for the month") < half
    with pytest.raises(BadInput, match="row 7 does not exist"):
        explain(people, 7, month=int(month(2026, 1)))


def test_worksheet_looks_no_farther_than_ties_lead():
    people, ties = couple()
    strangers = np.full((3, 40), np.nan)  # cannot be computed, and need not be
    crowd = People(
        np.vstack([strangers[:1], people.earnings, strangers[1:]]),
        1986,
        np.concatenate([[12 * 1800], people.birth, [12 * 1960, 12 * 1961]]),
        claim=np.concatenate([[0], people.claim, [0, 0]]),
        keys=["x", "ann", "bo", "y", "z"],
    )
    moved = Ties(
        np.array([1, 3]),
        np.array([2, 4]),
        np.repeat(int(Relation.SPOUSE), 2),
        np.repeat(int(month(2026, 1)), 2),
        start=int(month(1990)),
    )
    when = int(month(2026, 1))
    for row in (0, 1):
        alone = explain(people, row, month=when, ties=ties)
        assert str(explain(crowd, row + 1, month=when, ties=moved)) == str(alone)
    with pytest.raises(BadInput, match=r"birth before 1900 \(person x\)|missing or infinite"):
        explain(crowd, 0, month=when, ties=moved)


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


def test_months_asked_for_are_answered_in_their_order():
    session = sql_tables()
    persons = session.execute("from persons").to_arrow_table()
    histories = session.execute("from histories").to_arrow_table()
    asked = session.execute("""
        select * from (values ('ann', 2027, 3), ('bo', 2026, 1), ('ann', 2026, 1), ('ann', 2025, 1))
            as given (person_id, benefit_year, benefit_month)
    """).to_arrow_table()
    got = own_benefits_in(asked, persons, histories)
    alone = [
        own_benefits(persons, histories, benefit_year=y, benefit_month=m)["own_benefit"][
            row
        ].as_py()
        for row, y, m in ((0, 2027, 3), (1, 2026, 1), (0, 2026, 1), (0, 2025, 1))
    ]
    assert got["own_benefit"].to_pylist() == alone
    assert alone[0] > alone[2] > alone[3] == 0
    assert got.select(asked.column_names).to_pylist() == asked.to_pylist()
    with pytest.raises(BadInput, match="months asked for: columns missing: benefit_month"):
        own_benefits_in(asked.drop_columns("benefit_month"), persons, histories)
    with pytest.raises(BadInput, match=r"months asked for: 3 row\(s\) of nobody in persons"):
        own_benefits_in(asked, persons.slice(1), histories.slice(40))
    with pytest.raises(BadInput, match="months asked for: there are no rows"):
        own_benefits_in(asked.slice(0, 0), persons, histories)


def test_automatic_amounts_are_published_or_computed_and_never_differ():
    rows = automatic_amounts().to_pylist()
    both = [row for row in rows if row["computed_amount"] is not None]
    assert [row for row in both if row["amount"] != row["computed_amount"]] == []
    assert {row["parameter"] for row in both} == {row["parameter"] for row in rows}
    first = {row["year"] for row in rows if row["parameter"] == "pia_bend_1"}
    assert min(first) == 1979 and max(first) > 2100
    assert {row["is_projected"] for row in rows if row["year"] in (2026, 2027)} == {False, True}


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
