"""Laws of the harmonised ASEC that hold whatever the households: the models' SQL on drawn records.

Households hold three generations, mothers of 16, same-sex and separated couples, partners'
children, foster children and strays, and pointers that lead in circles, to nobody, or to oneself.
"""

import random
from typing import Any

import duckdb
import pytest
from asec_households import Row, households, numbered, put_records, weightless
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_sql import Models, put_figures

slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
few = settings(max_examples=12, deadline=None, suppress_health_check=slow)
#: Two files an example.
fewer = settings(max_examples=8, deadline=None, suppress_health_check=slow)
samples = st.lists(households(), min_size=1, max_size=4)
ENTITIES = ("person", "household", "family", "spm_unit", "tax_unit")
#: What an analyst reads of a dataset, and the steps that both modes of tax units take.
TABLES = (
    *(f"int_{entity}__cps_asec" for entity in ENTITIES),
    "int_tax_unit_link__cps_asec",
    "int_tax_unit_claim__cps_asec",
    "int_tax_unit_placement__cps_asec",
    "int_tax_unit_composition__cps_asec",
    "int_poverty_family__cps_asec",
)
COUNTS = ("val_tax_unit_construction", "val_poverty_recomputed")
Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def models() -> Models:
    """All models, with figures and seeds at hand; sources change from example to example."""
    made = Models(duckdb.connect(config={"threads": 1}))
    put_figures(made.connection)
    made.build("stg_facts__fact", "int_poverty_threshold")
    figures = set(made.queries)
    put_records(made.connection, {2020: []})
    made.build(*TABLES, *COUNTS, "int_kinship__cps_asec")
    made.queries = {name: sql for name, sql in made.queries.items() if name not in figures}
    return made


def harmonise(models: Models, surveys: dict[int, list[Row]], *, reverse: bool = False) -> None:
    put_records(models.connection, surveys, reverse=reverse)
    models.rebuild()


def tables(models: Models, names: tuple[str, ...] = TABLES, where: str = "true") -> Tables:
    return {name: models.ask(f"from {name} where {where} order by all") for name in names}


# --- one file -------------------------------------------------------------------------------


@few
@given(drawn=samples)
def test_every_person_is_in_one_unit_of_every_type(models: Models, drawn: list[list[Row]]) -> None:
    people = numbered(drawn)
    harmonise(models, {2020: people})
    assert models.ask("select count(*), count(distinct person_id) from int_person__cps_asec") == [
        (len(people), len(people))
    ]
    for entity in ENTITIES[1:]:
        assert models.ask(f"""
            select count(*) from int_person__cps_asec as persons
            where 1 != (
                select count(*) from int_{entity}__cps_asec as units
                where units.dataset_id = persons.dataset_id
                    and units.{entity}_id = persons.{entity}_id
                    and units.household_id = persons.household_id
            )
        """) == [(0,)], entity
    assert models.ask("""
        select mode, count(*), count(distinct person_id)
        from int_tax_unit_placement__cps_asec group by mode order by mode
    """) == [("census", len(people), len(people)), ("rules", len(people), len(people))]


@few
@given(drawn=samples)
def test_tax_units_have_a_head_at_home_and_claims_end(
    models: Models, drawn: list[list[Row]]
) -> None:
    harmonise(models, {2020: numbered(drawn)})
    assert (
        models.ask("""
        select mode, tax_unit_id from int_tax_unit_placement__cps_asec
        group by mode, tax_unit_id
        having count(distinct household_id) != 1
            or count(*) filter (where tax_unit_role = 'head' and person_id = tax_unit_id) != 1
            or count(*) filter (where tax_unit_role = 'spouse') > 1
    """)
        == []
    )
    assert (
        models.ask("""
        select claims.person_id from int_tax_unit_claim__cps_asec as claims
        inner join int_tax_unit_placement__cps_asec as placed using (mode, dataset_id, person_id)
        inner join stg_cps_asec__person as claimed using (dataset_id, person_id)
        inner join stg_cps_asec__person as claimants
            on claims.claimant_person_id = claimants.person_id
        where placed.tax_unit_role != 'dependent'
            or claimants.age <= claimed.age
            or claimants.household_id != claimed.household_id
    """)
        == []
    )
    assert (
        models.ask("""
        select mode, tax_unit_id from int_tax_unit_composition__cps_asec
        where head_person_id != tax_unit_id
            or (filing_status = 'joint') != (spouse_person_id is not null)
            or (filing_status in ('head_of_household', 'surviving_spouse') and n_dependents = 0)
            or (mode = 'census' and filing_status in ('separate', 'surviving_spouse'))
            or n_members != 1 + (spouse_person_id is not null)::int + n_dependents
            or eitc_children > n_dependents
    """)
        == []
    )
    assert (
        models.ask("""
        select person_id from int_tax_unit_placement__cps_asec
        where tax_unit_role = 'spouse'
        group by person_id having count(*) != 2
    """)
        == []
    ), "couples are the same by both modes"


@few
@given(drawn=samples)
def test_pointers_are_mutual_and_ids_are_apart(models: Models, drawn: list[list[Row]]) -> None:
    harmonise(models, {2020: numbered(drawn)})
    for tie in ("spouse", "partner"):
        assert (
            models.ask(f"""
            select pointing.person_id
            from int_kinship__cps_asec as pointing
            left outer join int_kinship__cps_asec as pointed
                on pointing.{tie}_person_id = pointed.person_id
            where pointing.{tie}_person_id is not null and (
                pointed.{tie}_person_id is distinct from pointing.person_id
                or pointed.household_id is distinct from pointing.household_id
                or pointing.{tie}_person_id = pointing.person_id
            )
        """)
            == []
        ), tie
    assert (
        models.ask("""
        select person_id from int_kinship__cps_asec
        where person_id in (parent1_person_id, parent2_person_id)
    """)
        == []
    )
    for entity in ENTITIES:
        assert (
            models.ask(f"""
            select {entity}_id from int_{entity}__cps_asec
            group by dataset_id, {entity}_id having count(*) > 1
        """)
            == []
        ), entity


@few
@given(drawn=samples)
def test_totals_are_conserved_from_raw_to_harmonised(
    models: Models, drawn: list[list[Row]]
) -> None:
    people = numbered(drawn)
    harmonise(models, {2020: people})
    kept = {
        "WSAL_VAL": "employment_income",
        "SEMP_VAL": "self_employment_income",
        "INT_VAL": "taxable_interest_income + tax_exempt_interest_income",
        "SS_VAL": "social_security",
        "UC_VAL": "unemployment_compensation",
        "PNSN_VAL": "taxable_private_pension_income + tax_exempt_private_pension_income",
        "CAP_VAL": "long_term_capital_gains + short_term_capital_gains",
        "DST_VAL1": "taxable_ira_distributions",
        "PTOTVAL": "total_money_income",
    }
    for raw, harmonized in kept.items():
        before = sum(row.get(raw, 0) * row["MARSUPWT"] / 100 for row in people)
        ((after,),) = models.ask(
            f"select fsum(person_weight * ({harmonized})) from int_person__cps_asec"
        )
        assert after == pytest.approx(before, rel=1e-9), raw
    before = sum(row["household_weight"] / 100 for row in people if row["P_SEQ"] == 1)
    ((after,),) = models.ask("select fsum(design_weight) from int_household__cps_asec")
    assert after == pytest.approx(before, rel=1e-9)


# --- two files ------------------------------------------------------------------------------


@fewer
@given(drawn=samples, seed=st.integers(0, 2**32), threads=st.sampled_from([1, 4]))
def test_the_order_of_rows_and_the_number_of_threads_change_nothing(
    models: Models, drawn: list[list[Row]], seed: int, threads: int
) -> None:
    people = numbered(drawn)
    harmonise(models, {2020: people})
    before = tables(models, TABLES + COUNTS)
    random.Random(seed).shuffle(people)
    models.connection.execute(f"set threads = {threads}")
    harmonise(models, {2020: people}, reverse=True)
    models.connection.execute("set threads = 1")
    assert tables(models, TABLES + COUNTS) == before


@fewer
@given(drawn=samples, others=samples)
def test_households_that_stand_for_nobody_change_no_total_and_no_other_unit(
    models: Models, drawn: list[list[Row]], others: list[list[Row]]
) -> None:
    people = numbered(drawn)
    extra = weightless(numbered(others, first=len(drawn) + 1))
    ours = f"household_id <= {len(drawn)}"
    harmonise(models, {2020: people})
    before, counted = tables(models, of_households(TABLES)), weighted(models)
    harmonise(models, {2020: extra + people})
    assert tables(models, of_households(TABLES), ours) == before
    assert weighted(models) == counted


@fewer
@given(drawn=st.lists(households(), min_size=2, max_size=4), data=st.data())
def test_taking_a_household_away_changes_no_other(
    models: Models, drawn: list[list[Row]], data: st.DataObject
) -> None:
    people = numbered(drawn)
    gone = data.draw(st.integers(1, len(drawn)))
    harmonise(models, {2020: people})
    before = tables(models, of_households(TABLES), f"household_id != {gone}")
    harmonise(models, {2020: [row for row in people if row["PH_SEQ"] != gone]})
    assert tables(models, of_households(TABLES)) == before


@fewer
@given(drawn=samples, others=samples)
def test_another_vintage_with_the_same_numbers_changes_nothing(
    models: Models, drawn: list[list[Row]], others: list[list[Row]]
) -> None:
    people = numbered(drawn)
    harmonise(models, {2020: people})
    before = tables(models, TABLES + COUNTS)
    harmonise(models, {2023: numbered(others), 2020: people})
    assert tables(models, TABLES + COUNTS, "dataset_id = 'cps_asec_2019'") == before


def of_households(names: tuple[str, ...]) -> tuple[str, ...]:
    """Tables that name the household of each row."""
    return tuple(
        name for name in names if not name.startswith(("int_tax_unit_link", "int_tax_unit_claim"))
    )


def weighted(models: Models) -> Tables:
    """All weighted counts that are not zero, to a millionth: the order of adding is the rest."""
    return {
        "units": models.ask("""
            select * exclude (record_count)
                replace (round(weighted_count, 6) as weighted_count,
                    round(weighted_share, 9) as weighted_share)
            from val_tax_unit_construction
            where weighted_count != 0 order by all
        """),
        "poverty": models.ask("""
            select measure, round(weighted_persons, 6), round(weighted_survey_poor, 6),
                round(weighted_poor, 6), round(weighted_disagreements, 6)
            from val_poverty_recomputed order by all
        """),
    }
