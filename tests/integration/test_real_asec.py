"""Real ASEC person records go through the models' own SQL, and the survey's identities hold.

The folder beside the checkout has persons only. Household and family rows are made from them
here: one household row per PH_SEQ with the weight and state of nowhere in particular, one family
row per family pointer. What is asserted about persons and SPM units is about real records.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from model_sql import ROOT, Models, put_figures

from steelyard.sources.crosswalk import load_crosswalk, read_vintages
from steelyard.sources.doors import Doors
from steelyard.sources.landing import Landing
from steelyard.sources.registry import load_registry

SAMPLE = ROOT.parent / "shared" / "data" / "us" / "cps_asec" / "pppub20_sample.csv"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not SAMPLE.is_file(), reason=f"no real ASEC records at {SAMPLE}"),
]

UNITS = """
create table cps_asec_household as
select
    'cps_asec_2019' as _dataset_id, 2020 as _survey_year, 2019 as _income_year,
    PH_SEQ as H_SEQ, '1' as H_HHTYPE,
    cast(count(*) as varchar) as H_NUMPER, '1' as H_TENURE, '1' as HPRES_MORT,
    max(MARSUPWT) as HSUP_WGT, '1' as GESTFIPS, '0' as GTCO, '3' as GTMETSTA,
    '0' as HPUBLIC, '0' as HLORENT, '0' as HENGVAL, '0' as HTOTVAL, '0' as HPROP_VAL,
    '0' as HFDVAL, '1' as H_LIVQRT
from real_person group by PH_SEQ;

create table cps_asec_family as
select distinct
    'cps_asec_2019' as _dataset_id, 2020 as _survey_year, 2019 as _income_year,
    PH_SEQ as FH_SEQ, pointer as FFPOS, '0' as FSUP_WGT,
    case when pointer = PF_SEQ then A_FAMTYP else '3' end as FTYPE, '1' as FPERSONS,
    '0' as FRELU18, cast(null as varchar) as FTOTVAL, cast(null as varchar) as FPOVCUT,
    cast(null as varchar) as FAMLIS
from real_person cross join lateral (values (PF_SEQ), (PHF_SEQ)) as pointers (pointer)
where pointer <> PF_SEQ or A_FAMTYP <> '3';
"""


def put_persons(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Drop the file as the person file of 2020, land it, and read it through the crosswalks.

    `real_person` has all 840 columns as they landed, the sources those that the models read.
    """
    drop = folder / "drop" / "cps_asec_2020_person"
    drop.mkdir(parents=True)
    shutil.copy(SAMPLE, drop / "pppub20.csv")
    landing = Landing(load_registry(), Doors(folder, folder / "cache"), folder / "cache" / "landed")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STEELYARD_DROP", raising=False)
        files = landing.land_all(["cps_asec_2020_person"])
    connection.execute(f"create table real_person as from read_parquet('{files[0][1].path}')")
    for record in ("person", "person_allocation"):
        rows = read_vintages(load_crosswalk(ROOT, "cps_asec", record), files)
        connection.register("rows", rows)
        connection.execute(f"create table cps_asec_{record} as from rows")
        connection.unregister("rows")


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[tuple]]:
    models = Models(duckdb.connect())
    put_persons(models.connection, tmp_path_factory.mktemp("real"))
    models.connection.execute(UNITS)
    put_figures(models.connection)
    models.build("int_person__cps_asec", "int_spm_unit__cps_asec", "int_tax_unit__cps_asec")
    models.build("val_tax_unit_construction", "val_poverty_recomputed", "val_spm_threshold")
    return models.ask


def test_all_columns_land_and_the_crosswalk_reads_its_own(query):
    """840 columns as text; of the vintage 2020 the crosswalk lacks the broadband subsidy only."""
    columns = query("select column_name, column_type from (describe real_person)")
    assert len(columns) == 840
    assert {kind for _, kind in columns} == {"VARCHAR"}
    assert query(
        "select distinct _dataset_id, _survey_year, _income_year from cps_asec_person"
    ) == [("cps_asec_2019", 2020, 2019)]
    empty = [
        name
        for (name,) in query("select column_name from (describe cps_asec_person)")
        if query(f"select count({name}) from cps_asec_person") == [(0,)]
    ]
    assert empty == ["spm_bbsubval"]
    # The replicate file's key: the place of the record is 40 plus the person's.
    assert query("select count(*) from real_person where PPPOS::int != 40 + P_SEQ::int") == [(0,)]


def test_a_key_that_a_spreadsheet_has_cut_stays_text_and_links_nobody(query):
    """The sample went through a spreadsheet: 22 digits became 8.3E+21, shared by many."""
    assert query("select longitudinal_person_key from stg_cps_asec__person limit 1") == [
        ("8.32961E+21",)
    ]
    assert query("""
        select count(distinct longitudinal_person_key) from stg_cps_asec__person
    """) == [(182,)]
    assert query("select count(*) from int_previous_year__cps_asec") == [(0,)]


@pytest.mark.parametrize(
    ("flags", "origin", "told", "allocated"),
    [
        ("I_SSVAL", "social_security", "reported", 41),
        ("I_INTVAL", "taxable_interest_income", "rule", 174),
        ("I_DIVVAL", "qualified_dividend_income", "rule", 34),
        ("I_RNTVAL", "rental_income", "reported", 10),
        ("I_UCVAL", "unemployment_compensation", "reported", 4),
        ("I_VETVAL", "veterans_benefits", "reported", 5),
        ("I_RETCBVAL", "retirement_contributions", "reported", 41),
        ("I_PENVAL1, I_PENVAL2, I_ANNVAL", "taxable_private_pension_income", "rule", 12),
    ],
)
def test_origins_are_those_of_the_real_flags(query, flags, origin, told, allocated):
    raised = " or ".join(f"cast({flag} as integer) > 0" for flag in flags.split(", "))
    assert query(f"select count(*) from real_person where {raised}") == [(allocated,)]
    assert dict(
        query(f"select {origin}_origin, count(*) from int_person__cps_asec group by all")
    ) == {
        "structural_zero": 77,
        told: 501 - 77 - allocated,
        "allocated": allocated,
    }


def test_earnings_of_one_in_five_workers_are_allocated(query):
    ((workers, allocated),) = query("""
        select count(*), count(*) filter (where employment_income_origin = 'allocated')
        from int_person__cps_asec where employment_income > 0
    """)
    assert 0.15 < allocated / workers < 0.45


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
    ((before,),) = query(f"select {weighted} from real_person")
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
        inner join real_person as raw on
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
    pointing = query("select count(*) from real_person where cast(A_SPOUSE as integer) > 0")
    resolved = query("""
        select count(*) from int_person__cps_asec as persons
        inner join int_person__cps_asec as spouses
            on persons.spouse_person_id = spouses.person_id
            and spouses.spouse_person_id = persons.person_id
            and persons.household_id = spouses.household_id
    """)
    assert pointing == resolved == [(212,)]


@pytest.mark.parametrize(
    ("pointer", "person", "count"),
    [
        ("A_SPOUSE", "spouse_person_id", 212),
        ("PECOHAB", "partner_person_id", 56),
        ("PEPAR1", "parent1_person_id", 133),
        ("PEPAR2", "parent2_person_id", 104),
    ],
)
def test_every_pointer_of_the_sample_leads_to_a_person_at_home(query, pointer, person, count):
    assert query(f"select count(*) from real_person where cast({pointer} as integer) > 0") == [
        (count,)
    ]
    assert query(f"""
        select count(*) from int_person__cps_asec as persons
        inner join int_person__cps_asec as others
            on persons.{person} = others.person_id and persons.household_id = others.household_id
    """) == [(count,)]


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


def test_official_poverty_of_every_real_person_is_the_survey_s_own(query):
    """All 501 agree with PERLIS, by thresholds carried from 2022 to 2019 by the CPI-U."""
    assert query("""
        select person_count, survey_poor_count, poor_count, disagreement_count, offender_count
        from val_poverty_recomputed where measure = 'official'
    """) == [(501, 74, 74, 0, 0)]
    assert query("""
        select distinct threshold from int_poverty_threshold
        where calendar_year = 2019 and family_size = 4 and related_children = 2
    """) == [(25926.0,)]


def test_supplemental_poverty_of_every_real_person_is_rebuilt(query):
    """Resources, scale and threshold are the survey's to the dollar in all 218 units."""
    assert query("""
        select person_count, survey_poor_count, poor_count, disagreement_count,
            income_compared_count, largest_income_gap, largest_threshold_gap
        from val_poverty_recomputed where measure = 'spm'
    """) == [(501, 55, 55, 0, 501, 0.0, 0.0)]
    assert query("""
        select tenure_code, unit_count, unexplained_count, implied_threshold, gap
        from val_spm_threshold order by tenure_code
    """) == [(1, 74, 0, 29234.0, 0.0), (2, 101, 0, 24980.0, 0.0), (3, 43, 0, 28881.0, 0.0)]
    assert query("""
        select count(*) from int_poverty_spm__cps_asec
        where equivalence_scale != survey_equivalence_scale or money_income != survey_money_income
    """) == [(0,)]


def persons_in_same_units(query, mode):
    ((same,),) = query(f"""
        select record_count from val_tax_unit_construction
        where mode = '{mode}' and universe = 'all'
            and measure = 'person_same_unit' and category = 'same'
    """)
    return same


def test_real_tax_units_are_close_to_those_of_the_census(query):
    """Of 501 persons; the census's account is nearer, being the survey's own in words."""
    assert persons_in_same_units(query, "survey") == 501
    assert persons_in_same_units(query, "census") == 462
    assert persons_in_same_units(query, "rules") == 450
    units = dict(
        query("""
            select mode, record_count from val_tax_unit_construction
            where universe = 'all' and measure = 'unit'
        """)
    )
    assert units == {"survey": 285, "census": 278, "rules": 279}


def test_the_census_differs_by_couples_who_need_not_file_and_by_the_first_parent(query):
    """Both of the survey's habits that its description leaves out, and nothing else.

    Nobody is claimed by another person than in the survey, except that of two unmarried parents
    the survey always lets the one named first claim; and it splits couples of nonfilers.
    """
    claims = query("""
        select
            records.line_number,
            ours.claimant_person_id % 100 = persons.sequence,
            records.claimant_line_number = records.parent1_line_number
        from stg_cps_asec__person as records
        inner join int_tax_unit_claim__cps_asec as ours
            on records.person_id = ours.person_id and ours.mode = 'census'
        inner join (
            select household_id, line_number, person_id % 100 as sequence
            from stg_cps_asec__person
        ) as persons
            on
                records.household_id = persons.household_id
                and records.claimant_line_number = persons.line_number
        left outer join int_kinship__cps_asec as parents
            on parents.person_id = ours.claimant_person_id
        where
            records.claimant_line_number is not null
            and parents.spouse_person_id is null
    """)
    assert len(claims) > 30
    assert sum(not same for _, same, _ in claims) == 8
    assert all(is_first for _, same, is_first in claims if not same)
    assert query("""
        select count(*) from int_tax_unit_account__cps_asec as ours
        inner join int_kinship__cps_asec as kinship using (dataset_id, person_id)
        where
            ours.mode = 'census'
            and not ours.is_same_unit
            and kinship.spouse_person_id is not null
            and ours.survey_filing_status != 'nonfiler'
    """) == [(0,)]


def test_with_the_first_parent_only_split_couples_are_left(tmp_path):
    models = Models(duckdb.connect())
    put_persons(models.connection, tmp_path)
    models.connection.execute(UNITS)
    put_figures(models.connection)
    models.build("params_tax_unit_mode")
    models.connection.execute("update params_tax_unit_mode set prefers_first_parent = true")
    models.build("val_tax_unit_construction")
    assert persons_in_same_units(models.ask, "census") == 484
    assert models.ask("""
        select count(*) from int_tax_unit_account__cps_asec
        where mode = 'census' and not is_same_unit and survey_filing_status != 'nonfiler'
    """) == [(0,)]
