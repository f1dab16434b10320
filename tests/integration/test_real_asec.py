"""Real ASEC person records go through the models' own SQL, and the survey's identities hold.

The folder beside the checkout has persons only. Household and family rows are made from them
here: one household row per PH_SEQ with the weight and state of nowhere in particular, one family
row per family pointer. What is asserted about persons and SPM units is about real records.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb
import jinja2
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT.parent / "shared" / "data" / "us" / "cps_asec" / "pppub20_sample.csv"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not SAMPLE.is_file(), reason=f"no real ASEC records at {SAMPLE}"),
]

MODELS = (
    "stg_cps_asec__household",
    "stg_cps_asec__family",
    "stg_cps_asec__person",
    "int_demography__cps_asec",
    "int_kinship__cps_asec",
    "int_distribution__cps_asec",
    "int_social_security__cps_asec",
    "int_income__cps_asec",
    "int_tax_unit_base__cps_asec",
    "int_tax_unit_claim__cps_asec",
    "int_tax_unit_member__cps_asec",
    "int_household__cps_asec",
    "int_person__cps_asec",
    "int_family__cps_asec",
    "int_spm_unit__cps_asec",
    "int_tax_unit_composition__cps_asec",
    "int_tax_unit_amount__cps_asec",
    "int_tax_unit__cps_asec",
)

RAW = f"""
create table cps_asec_person as
select
    'cps_asec_2019' as _dataset_id, 2020 as _survey_year, 2019 as _income_year,
    cast(null as varchar) as SPM_BBSUBVAL, *
from read_csv('{SAMPLE}', all_varchar = true);

create table cps_asec_household as
select
    'cps_asec_2019' as _dataset_id, 2020 as _survey_year, 2019 as _income_year,
    PH_SEQ as H_SEQ, '1' as H_HHTYPE,
    cast(count(*) as varchar) as H_NUMPER, '1' as H_TENURE, '1' as HPRES_MORT,
    max(MARSUPWT) as HSUP_WGT, '1' as GESTFIPS, '0' as GTCO, '3' as GTMETSTA,
    '0' as HPUBLIC, '0' as HLORENT, '0' as HENGVAL, '0' as HTOTVAL, '0' as HPROP_VAL,
    '0' as HFDVAL, '1' as H_LIVQRT
from cps_asec_person group by PH_SEQ;

create table cps_asec_family as
select distinct
    'cps_asec_2019' as _dataset_id, 2020 as _survey_year, 2019 as _income_year,
    PH_SEQ as FH_SEQ, pointer as FFPOS, '0' as FSUP_WGT,
    case when pointer = PF_SEQ then A_FAMTYP else '3' end as FTYPE, '1' as FPERSONS,
    '0' as FRELU18, '0' as FTOTVAL, '0' as FPOVCUT
from cps_asec_person cross join lateral (values (PF_SEQ), (PHF_SEQ)) as pointers (pointer)
where pointer <> PF_SEQ or A_FAMTYP <> '3';
"""


def render(path: Path) -> str:
    """Render one model as dbt would, with relations named after the nodes."""
    macros = "".join(macro.read_text() for macro in sorted((ROOT / "macros").glob("*.sql")))
    return (
        jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
        .from_string(macros + path.read_text())
        .render(
            ref=lambda name: name,
            source=lambda source, table: f"{source}_{table}",
            config=lambda **_: "",
            target={"name": "demo", "schema": "main"},
        )
    )


@pytest.fixture(scope="module")
def query() -> Callable[[str], list[tuple]]:
    connection = duckdb.connect()
    connection.execute(RAW)
    for folder in ("codes", "params"):
        for seed in sorted((ROOT / "seeds" / folder).glob(f"{folder}_*.csv")):
            connection.execute(f"create table {seed.stem} as from read_csv('{seed}')")
    for name in MODELS:
        (path,) = (ROOT / "models").rglob(f"{name}.sql")
        connection.execute(f"create table {name} as {render(path)}")
    return lambda sql: connection.execute(sql).fetchall()


def test_every_real_person_survives_staging_and_harmonisation(query):
    assert query("select count(*), count(distinct person_id) from stg_cps_asec__person") == [
        (501, 501)
    ]
    assert query("select count(*), count(distinct person_id) from int_person__cps_asec") == [
        (501, 501)
    ]


@pytest.mark.parametrize(
    ("raw", "harmonized"),
    [
        ("WSAL_VAL", "employment_income"),
        ("SEMP_VAL", "self_employment_income"),
        ("FRSE_VAL", "farm_income"),
        ("INT_VAL", "taxable_interest_income + tax_exempt_interest_income"),
        ("DIV_VAL", "qualified_dividend_income + non_qualified_dividend_income"),
        ("CAP_VAL", "long_term_capital_gains + short_term_capital_gains"),
        ("RNT_VAL", "rental_income"),
        ("SS_VAL", "social_security"),
        (
            "SS_VAL",
            "social_security_retirement + social_security_disability"
            " + social_security_survivors + social_security_dependents",
        ),
        (
            "PNSN_VAL + ANN_VAL",
            "taxable_private_pension_income + tax_exempt_private_pension_income",
        ),
        (
            "DST_VAL1 + DST_VAL2 + DST_VAL1_YNG + DST_VAL2_YNG",
            "taxable_ira_distributions + tax_exempt_ira_distributions + taxable_401k_distributions",
        ),
        ("DSAB_VAL", "disability_benefits"),
        ("OI_VAL + ED_VAL + FIN_VAL + SRVS_VAL", "alimony_income + other_income"),
        ("PTOTVAL", "total_money_income"),
    ],
)
def test_real_weighted_totals_are_conserved(query, raw, harmonized):
    summed = " + ".join(f"cast({column} as double)" for column in raw.split(" + "))
    weighted = f"fsum(({summed}) * cast(MARSUPWT as double) / 100)"
    ((before,),) = query(f"select {weighted} from cps_asec_person")
    ((after,),) = query(f"select fsum(({harmonized}) * person_weight) from int_person__cps_asec")
    assert before != 0
    assert after == pytest.approx(before, rel=1e-9)


def test_components_add_up_to_the_survey_total(query):
    """PTOTVAL is earnings and other income: no capital gains, no distributions before 58."""
    rows = query("""
        select persons.person_id, persons.total_money_income,
            persons.employment_income + persons.self_employment_income + persons.farm_income
            + persons.taxable_interest_income + persons.tax_exempt_interest_income
            + persons.qualified_dividend_income + persons.non_qualified_dividend_income
            + persons.rental_income + persons.social_security + persons.ssi_reported
            + persons.tanf_reported + persons.unemployment_compensation
            + persons.workers_compensation + persons.veterans_benefits
            + persons.disability_benefits + persons.child_support_received
            + persons.taxable_private_pension_income + persons.tax_exempt_private_pension_income
            + persons.taxable_ira_distributions + persons.tax_exempt_ira_distributions
            + persons.taxable_401k_distributions + persons.alimony_income + persons.other_income
            - records.young_distribution1 - records.young_distribution2 as components
        from int_person__cps_asec as persons
        inner join stg_cps_asec__person as records using (person_id)
    """)
    assert len(rows) == 501
    assert sum(total for _, total, _ in rows) > 0
    assert [row for row in rows if abs(row[1] - row[2]) > 1e-6] == []


def test_earnings_identity_of_the_raw_records(query):
    assert query("""
        select count(*) from int_person__cps_asec as persons
        inner join cps_asec_person as raw on
            persons.person_id = cast(raw.PH_SEQ as bigint) * 100 + cast(raw.P_SEQ as bigint)
        where persons.employment_income + persons.self_employment_income + persons.farm_income
            <> cast(raw.PEARNVAL as double)
    """) == [(0,)]


def test_spm_resources_rebuild_from_their_parts(query):
    rows = query("""
        select spm_unit_id, spm_resources, money_income + snap + school_meals + wic
            + energy_subsidy + housing_subsidy + coalesce(broadband_subsidy, 0) - federal_tax
            - payroll_tax - state_tax - work_childcare_expenses - medical_expenses
            - child_support_paid as rebuilt, broadband_subsidy, spm_threshold, is_spm_poor
        from int_spm_unit__cps_asec
        inner join (
            select spm_unit_id, min(spm_money_income) as money_income,
            from stg_cps_asec__person group by spm_unit_id
        ) using (spm_unit_id)
    """)
    assert len(rows) == 218
    assert [row for row in rows if abs(row[1] - row[2]) > 0.5] == []
    assert {row[3] for row in rows} == {None}, "absent before income year 2021: unknown, not zero"
    assert all((row[1] < row[4]) == row[5] for row in rows)


def test_every_spouse_pointer_is_resolved_and_mutual(query):
    pointing = query("select count(*) from cps_asec_person where cast(A_SPOUSE as integer) > 0")
    resolved = query("""
        select count(*) from int_person__cps_asec as persons
        inner join int_person__cps_asec as spouses
            on persons.spouse_person_id = spouses.person_id
            and spouses.spouse_person_id = persons.person_id
            and persons.household_id = spouses.household_id
    """)
    assert pointing == resolved == [(212,)]


def test_parents_are_resolved_by_line_number_not_position(query):
    ((pointing, resolved, differing),) = query("""
        select
            count(*) filter (where records.parent1_line_number is not null),
            count(*) filter (where persons.parent1_person_id is not null),
            count(*) filter (where persons.parent1_person_id % 100 <> records.parent1_line_number)
        from int_person__cps_asec as persons
        inner join stg_cps_asec__person as records using (person_id)
    """)
    assert pointing == resolved == 133
    assert differing > 0, "the sample has households whose line numbers are not positions"


def test_real_tax_units_are_close_to_those_of_the_census(query):
    """Where they differ, the Census splits couples who need not file, or gives the child of an
    unmarried couple to the parent named first and not to the one with the larger income."""
    ((census, ours, same),) = query("""
        with pairs as (
            select
                persons.tax_unit_id,
                raw.TAX_ID,
                min(raw.TAX_ID) over (partition by persons.tax_unit_id)
                = max(raw.TAX_ID) over (partition by persons.tax_unit_id)
                and min(persons.tax_unit_id) over (partition by raw.TAX_ID)
                = max(persons.tax_unit_id) over (partition by raw.TAX_ID) as is_same
            from int_person__cps_asec as persons
            inner join cps_asec_person as raw on
                persons.person_id = cast(raw.PH_SEQ as bigint) * 100 + cast(raw.P_SEQ as bigint)
        )
        select count(distinct TAX_ID), count(distinct tax_unit_id), avg(cast(is_same as integer))
        from pairs
    """)
    assert census == 285
    assert abs(ours - census) <= 10
    assert same > 0.85
