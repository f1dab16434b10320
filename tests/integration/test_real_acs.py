"""Real ACS records go through the models' own SQL, nothing is lost, and their errors are sensible.

Housing: 4,841 rows in the raw layout of the file of 2006 to 2010, one area of Oregon. It is told
in bands (TAXP, VAL), and has passed through other hands: 628 units are there twice, each copy with
half the weight and with the whole replicate weights. Persons: excerpts of the files of 2018 and
2019, without keys and households, so that each person is given a unit of his or her own here.
"""

from collections.abc import Callable

import duckdb
import pytest
from model_sql import ROOT, Models

from steelyard.sources.crosswalk import load_crosswalk

FOLDER = ROOT.parent / "shared" / "data" / "us" / "acs"
HOUSING = FOLDER / "psam_households_raw_layout_sample.csv"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not HOUSING.is_file(), reason=f"no real ACS records at {HOUSING}"),
]

MODELS = (
    "stg_acs__household",
    "stg_acs__household_replicate",
    "stg_acs__person",
    "int_kinship__acs",
    "int_household__acs",
    "int_person__acs",
    "int_family__acs",
)
Query = Callable[[str], list[tuple]]
#: What the excerpts have under the file's own names and codes.
EXCERPT = {
    "serialno": "'2019HU' || lpad(cast(row_number() over () as varchar), 7, '0')",
    "sporder": "'01'",
    "adjinc": "'1010145'",
    "pwgtp": "PWGTP",
    "agep": "AGEP",
    "sex": "SEX",
    "msp": "MSP",
    "rac1p": "RAC1P",
    "hisp": "cast(cast(HISP as integer) + 1 as varchar)",
    "relshipp": "case HOUSING_TYPE when '2' then '37' when '3' then '38' else '20' end",
    "pincp": "cast(cast(cast(PINCP as double) as bigint) as varchar)",
    "povpip": "POVPIP",
    "type": "HOUSING_TYPE",
    "state": "left(PUMA, 2)",
    "puma": "right(PUMA, 5)",
}


def build(raw: dict[str, str]) -> Query:
    """Build the models over raw records: by record, a select list and where it is from."""
    connection = duckdb.connect()
    for record in ("household", "household_replicate", "person"):
        names = load_crosswalk(ROOT, "acs", record).columns
        nothing = ", ".join(f"cast(null as varchar) as {name}" for name in names)
        added = "'acs_0' as _dataset_id, 2010 as _survey_year, 2010 as _income_year"
        connection.execute(f"create table acs_{record} as select {nothing}, {added} where false")
        if record in raw:
            connection.execute(f"insert into acs_{record} by name select {raw[record]}")
    models = Models(connection)
    models.build(*MODELS)
    return models.ask


@pytest.fixture(scope="module")
def homes() -> Query:
    """The housing sample, by the crosswalk's names of 2007: the last year told in bands."""
    raw = {}
    for record in ("household", "household_replicate"):
        sources = load_crosswalk(ROOT, "acs", record).sources(2007)
        named = ", ".join(f"{source} as {name}" for name, source in sources.items() if source)
        raw[record] = (
            f"{named}, 'acs_2010' as _dataset_id, 2010 as _survey_year, 2010 as _income_year "
            f"from read_csv('{HOUSING}', all_varchar = true)"
        )
    return build(raw)


@pytest.fixture(scope="module", params=[2018, 2019])
def persons(request: pytest.FixtureRequest) -> Query:
    excerpt = FOLDER / f"ma{request.param}_nist_excerpt.csv"
    dataset = f"'acs_{request.param}' as _dataset_id, 2019 as _survey_year, 2019 as _income_year"
    source = f"from read_csv('{excerpt}', all_varchar = true, nullstr = 'N')"
    named = ", ".join(
        f"{value} as {name}"
        for name, value in EXCERPT.items()
        if name not in ("type", "state", "puma")
    )
    unit = ", ".join(f"{EXCERPT[name]} as {name}" for name in ("serialno", "type", "state", "puma"))
    return build(
        {
            "person": f"{named}, {dataset} {source}",
            "household": f"{unit}, '1' as np, WGTP as wgtp, {dataset} {source}",
        }
    )


def test_every_real_unit_survives(homes: Query) -> None:
    assert homes("select count(*), count(distinct household_id) from stg_acs__household") == [
        (4841, 4213)
    ]
    assert homes("select count(*), fsum(design_weight) from int_household__acs") == [
        (4841, 77_536.0)
    ]
    assert homes(
        "select count(*) from int_household__acs where tenure_type is null or is_group_quarters"
    ) == [(0,)]
    assert homes("select distinct state_fips, puma from int_household__acs") == [("41", "4100600")]


def test_adjinc_is_applied_as_another_hand_applied_it(homes: Query) -> None:
    """Whoever prepared the sample adjusted income too, then deflated it: by one factor."""
    rows = homes(f"""
        select min(ratio), max(ratio), count(distinct income_adjustment)
        from (
            select
                cast(raw.HHINCADJ as double) / homes.household_money_income as ratio,
                records.income_adjustment
            from read_csv('{HOUSING}', all_varchar = true) as raw
            inner join stg_acs__household as records
                on cast(raw.SERIALNO as bigint) = records.household_id
            inner join int_household__acs as homes using (household_id)
            where abs(homes.household_money_income) > 1000
        )
    """)
    ((least, most, factors),) = rows
    assert factors == 5
    assert most / least == pytest.approx(1.0, rel=2e-5)


def test_bands_become_amounts_that_lie_in_them(homes: Query) -> None:
    ((units, outside),) = homes("""
        select count(*), count(*) filter (
            where homes.real_estate_taxes < taxes.lower
            or homes.real_estate_taxes >= coalesce(taxes.upper, 1e9)
            or homes.property_value < property_values.lower
            or homes.property_value >= coalesce(property_values.upper, 1e9)
        )
        from stg_acs__household as records
        inner join int_household__acs as homes using (household_id, design_weight)
        inner join codes_acs_property_tax as taxes on records.property_tax_code = taxes.code
        inner join codes_acs_property_value as property_values
            on records.property_value_code = property_values.code
        where homes.tenure_type like 'owned%'
    """)
    assert units > 3000
    assert outside == 0
    # Dearer homes pay more tax, at a rate that property taxes have: the two lists are in order.
    rates = homes("""
        select property_value, median(real_estate_taxes) from int_household__acs
        where tenure_type like 'owned%' and property_value between 100000 and 700000
        group by property_value order by property_value
    """)
    taxes = [tax for _, tax in rates]
    assert taxes == sorted(taxes)
    assert all(0.005 < tax / value < 0.02 for value, tax in rates)


def test_tenants_pay_rent_and_owners_taxes(homes: Query) -> None:
    rows = homes("""
        select tenure_type, count(*), count(rent), min(rent), count(real_estate_taxes),
            max(rent), max(real_estate_taxes)
        from int_household__acs group by tenure_type order by tenure_type
    """)
    for tenure, units, rents, least, taxes, most_rent, most_tax in rows:
        assert units == rents == taxes
        assert (least > 0) == (tenure == "rented")
        assert (most_rent > 0, most_tax > 0) == (tenure == "rented", tenure.startswith("owned"))
    ((raw,),) = homes(
        "select fsum(cast(rntp as double) * 12 * cast(adjhsg as double) / 1e6) from acs_household"
    )
    ((made,),) = homes("select fsum(rent) from int_household__acs")
    assert made == pytest.approx(raw, rel=1e-12)


def standard_error(query: Query, value: str) -> tuple[float, float, float]:
    """A mean, its standard error from the replicates, and from linearisation."""
    ((mean, error, linear),) = query(f"""
        with units as (
            -- The two copies of a unit share its weight; each has its replicate weights whole.
            select
                household_id,
                fsum(weights.replicate_weight_000) as replicate_weight_000,
                max(columns('replicate_weight_0[0-7][1-9]|replicate_weight_0[1-8]0'))
            from stg_acs__household_replicate as weights group by household_id
        ),
        answers as (
            select household_id, any_value({value}) as answer
            from int_household__acs as homes
            inner join stg_acs__household as records using (household_id) group by household_id
        ),
        long as (
            unpivot (from units inner join answers using (household_id))
            on columns('replicate_weight_.*') into name replicate value weight
        ),
        means as (
            select replicate, fsum(weight * answer) / fsum(weight) as mean
            from long group by replicate
        ),
        whole as (select mean from means where replicate = 'replicate_weight_000')
        select
            any_value(whole.mean),
            sqrt(4 / 80 * fsum((means.mean - whole.mean) ** 2)),
            (
                select sqrt(fsum((weight * (answer - whole.mean)) ** 2)) / fsum(weight)
                from long, whole where replicate = 'replicate_weight_000'
            )
        from means cross join whole
    """)
    return mean, error, linear


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("cast(tenure_type = 'owned_with_mortgage' as integer)", 0.40, 0.44),
        ("cast(tenure_type = 'owned_outright' as integer)", 0.20, 0.24),
        ("cast(records.has_snap as integer)", 0.11, 0.14),
        ("homes.household_money_income", 58_000, 63_000),
        ("homes.vehicles_owned", 1.5, 2.5),
    ],
)
def test_replicate_weights_give_sensible_errors(
    homes: Query, value: str, low: float, high: float
) -> None:
    """About those of a simple sample: a little less where the weights are controlled to totals."""
    mean, error, linear = standard_error(homes, value)
    assert low < mean < high
    assert 0.6 < error / linear < 1.2


def test_replicates_are_of_the_factors_that_the_method_gives(homes: Query) -> None:
    """A quarter near 0.3, half near 1, a quarter near 1.7; a few weights below zero."""
    rows = homes("""
        with long as (
            unpivot (
                select household_id, fsum(replicate_weight_000) as whole,
                    max(columns('replicate_weight_0[0-7][1-9]|replicate_weight_0[1-8]0'))
                from stg_acs__household_replicate group by household_id
            ) on columns('replicate_weight_.*') into name replicate value weight
        )
        select avg(cast(weight / whole < 0.65 as integer)),
            avg(cast(weight / whole between 0.65 and 1.35 as integer)),
            avg(cast(weight / whole > 1.35 as integer)), min(weight), count(distinct replicate)
        from long where whole >= 10
    """)
    ((few, usual, many, least, count),) = rows
    assert (few, usual, many) == (
        pytest.approx(0.25, abs=0.04),
        pytest.approx(0.5, abs=0.04),
        pytest.approx(0.25, abs=0.04),
    )
    assert least < 0
    assert count == 80


def test_every_real_person_survives(persons: Query) -> None:
    ((raw, weight),) = persons("select count(*), fsum(cast(pwgtp as double)) from acs_person")
    assert raw > 7000
    assert persons("select count(*), fsum(person_weight) from int_person__acs") == [(raw, weight)]
    assert persons("select count(*), sum(family_size) from int_family__acs") == [(raw, raw)]
    assert persons("""
        select count(*) from int_person__acs
        where race is null or marital_status is null and age >= 15 or is_hispanic is null
    """) == [(0,)]


def test_incomes_are_blank_under_15_and_adjusted_above(persons: Query) -> None:
    assert persons("""
        select count(*) filter (where (age < 15) <> (total_money_income is null)),
            count(*) filter (where total_money_income < 0) > 0
        from int_person__acs
    """) == [(0, True)]
    ((raw,),) = persons(
        "select fsum(cast(pwgtp as double) * cast(pincp as double)) * 1.010145 from acs_person"
    )
    ((made,),) = persons("select fsum(person_weight * total_money_income) from int_person__acs")
    assert made == pytest.approx(raw, rel=1e-12)


def test_the_oldest_have_one_age_and_an_open_band(persons: Query) -> None:
    ages = [age for (age,) in persons("select distinct age from int_person__acs order by age")]
    top = ages[-1]
    # Exact to 91, then the mean of those of 92 and over.
    assert ages[-2] == 91
    assert top > 92
    assert persons("""
        select distinct is_age_topcoded, age_upper is null from int_person__acs where age >= 90
    """) == [(True, True)]


def test_poverty_is_unknown_in_institutions_and_dormitories(persons: Query) -> None:
    rows = persons("""
        select
            households.is_group_quarters,
            avg(cast(families.is_poor is null as integer)) as unknown,
            fsum(persons.person_weight) filter (where families.is_poor)
            / fsum(persons.person_weight) filter (where families.is_poor is not null) as poor,
            max(households.design_weight) as heaviest
        from int_person__acs as persons
        inner join int_family__acs as families using (family_id)
        inner join int_household__acs as households
            on persons.household_id = households.household_id
        group by households.is_group_quarters order by households.is_group_quarters
    """)
    (_, unknown_homes, poor, heaviest), (_, unknown_quarters, _, weightless) = rows
    assert unknown_homes < 0.002
    assert unknown_quarters > 0.75
    assert 0.03 < poor < 0.08
    assert heaviest > 0 == weightless
