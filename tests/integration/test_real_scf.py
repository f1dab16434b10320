"""The real SCF of 2019, four fifths of its families, goes through landing and the models' own SQL.

Nothing is lost, every asset and debt is in one item in every row, and what the Federal Reserve
published of the survey (Bulletin, September 2020) is found again as far as four fifths can tell.
"""

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from model_sql import Models

from steelyard.sources.crosswalk import load_crosswalk, read_vintages
from steelyard.sources.doors import DemoWorld, Doors
from steelyard.sources.landing import Landing
from steelyard.sources.registry import load_registry

ROOT = Path(__file__).resolve().parents[2]
EXTRACT = ROOT.parent / "shared" / "data" / "us" / "scf" / "SCFP2019_four_fifths.csv.gz"
FAMILIES = 4_622

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not EXTRACT.is_file(), reason=f"no real SCF extract at {EXTRACT}"),
]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The models, over the extract as a person would drop it."""
    root = tmp_path_factory.mktemp("checkout")
    drop = root / "drop" / "scf_2019"
    drop.mkdir(parents=True)
    shutil.copy(EXTRACT, drop)
    cache = root / "build" / "cache"
    landing = Landing(load_registry(), Doors(root, cache, DemoWorld()), cache / "landed")
    landed = landing.land_all(["scf_2019"])
    connection = duckdb.connect()
    records = read_vintages(load_crosswalk(ROOT, "scf", "family"), landed)
    connection.register("records", records)
    connection.execute("create table scf_family as from records")
    connection.register("raw", pa.dataset.dataset(landed[0][1].path))
    found = Models(connection)
    found.build("int_economic_unit__scf")
    return found


def test_every_family_arrives_with_its_five_implicates(models: Models) -> None:
    assert models.ask("""
        select count(*), count(distinct economic_unit_id), min(implicate), max(implicate)
        from int_economic_unit__scf where dataset_id = 'scf_2019' and income_year = 2018
    """) == [(5 * FAMILIES, FAMILIES, 1, 5)]
    assert models.ask("""
        select count(*) from (
            select economic_unit_id from int_economic_unit__scf
            group by economic_unit_id having count(distinct implicate) <> 5
        )
    """) == [(0,)]


@pytest.mark.parametrize(
    ("raw", "harmonized"),
    [
        ("1", "1"),
        ("ASSET", "assets"),
        ("DEBT", "debt"),
        ("NETWORTH", "net_worth"),
        ("LIQ + CDS", "bank_account_assets"),
        ("STOCKS + NMMF", "stock_assets"),
        ("VEHIC", "vehicles_value"),
        ("INCOME", "total_income"),
        ("WAGEINC", "employment_income"),
        ("KGINC", "capital_gains"),
        ("12 * RENT", "rent"),
        ("KIDS", "n_children"),
    ],
)
def test_weighted_totals_are_conserved(models: Models, raw: str, harmonized: str) -> None:
    names = {word: f"cast({word} as double)" for word in raw.split() if word.isupper()}
    summed = " ".join(names.get(word, word) for word in raw.split())
    ((before,),) = models.ask(f"select fsum(({summed}) * cast(WGT as double)) from raw")
    ((after,),) = models.ask(
        f"select fsum(({harmonized}) * design_weight) from int_economic_unit__scf"
    )
    assert before != 0
    assert after == pytest.approx(before, rel=1e-9)


@pytest.mark.parametrize(
    "identity",
    [
        "assets - debt - net_worth",
        "financial_assets + nonfinancial_assets - assets",
        "bank_account_assets + stock_assets + bond_assets + retirement_account_assets"
        " + other_financial_assets - financial_assets",
        "property_value + vehicles_value + business_assets + other_real_estate_assets"
        " + other_nonfinancial_assets - nonfinancial_assets",
        "mortgage_balance + other_real_estate_debt + credit_card_balance + auto_loan_balance"
        " + education_loan_balance + other_debt - debt",
    ],
)
def test_the_balance_sheet_holds_in_every_row(models: Models, identity: str) -> None:
    assert models.ask(
        f"select count(*) from int_economic_unit__scf where not abs({identity}) <= 1"
    ) == [(0,)]


def test_income_is_told_on_its_own_and_not_the_sum_of_its_parts(models: Models) -> None:
    """Every second row differs, few by more than a tenth: amounts are rounded one by one."""
    ((differing, by_a_tenth, in_all),) = models.ask("""
        with parts as (
            select
                total_income,
                design_weight,
                greatest(
                    employment_income + business_farm_income + interest_dividend_income
                    + capital_gains + social_security_retirement_income + transfer_other_income, 0
                ) as added
            from int_economic_unit__scf
        )
        select
            avg(cast(abs(total_income - added) > 1 as integer)),
            avg(cast(abs(total_income - added) > 0.1 * greatest(total_income, 1) as integer)),
            fsum(design_weight * (total_income - added)) / fsum(design_weight * total_income)
        from parts
    """)
    assert 0.45 < differing < 0.55
    assert by_a_tenth < 0.01
    assert in_all == pytest.approx(-0.0046, abs=0.0003)


def test_four_fifths_stand_for_four_fifths_of_the_families(models: Models) -> None:
    """The whole file's weights sum to 128.6 million families, and each implicate's to a fifth."""
    ((families,),) = models.ask("select fsum(design_weight) / 1e6 from int_economic_unit__scf")
    assert families / 128.6 == pytest.approx(0.8, abs=0.01)
    shares = models.ask("""
        select fsum(design_weight) / (select fsum(design_weight) from int_economic_unit__scf)
        from int_economic_unit__scf group by implicate
    """)
    assert [share for (share,) in shares] == pytest.approx([0.2] * 5, abs=0.001)


@pytest.mark.parametrize(
    ("value", "condition", "published"),
    [
        ("net_worth", "true", 121_700),
        ("net_worth", "race_ethnicity = 'white'", 188_200),
        ("net_worth", "race_ethnicity = 'black'", 24_100),
        ("net_worth", "race_ethnicity = 'hispanic'", 36_100),
        ("total_income", "true", 58_600),
    ],
)
def test_medians_of_every_implicate_are_near_the_published(
    models: Models, value: str, condition: str, published: float
) -> None:
    medians = models.ask(f"""
        with ranked as (
            select
                implicate,
                {value} as amount,
                sum(design_weight) over (partition by implicate order by {value}, economic_unit_id)
                / sum(design_weight) over (partition by implicate) as reach
            from int_economic_unit__scf where {condition}
        )
        select min(amount) from ranked where reach >= 0.5 group by implicate
    """)
    assert len(medians) == 5
    for (median,) in medians:
        assert median == pytest.approx(published, rel=0.06 if condition == "true" else 0.15)


@pytest.mark.parametrize(
    ("share", "published"),
    [
        ("is_homeowner", 0.649),
        ("debt > 0", 0.766),
        ("retirement_account_assets > 0", 0.505),
    ],
)
def test_shares_are_near_the_published(models: Models, share: str, published: float) -> None:
    ((got,),) = models.ask(f"""
        select fsum(design_weight * cast({share} as integer)) / fsum(design_weight)
        from int_economic_unit__scf
    """)
    assert got == pytest.approx(published, abs=0.01)


def test_means_are_near_the_published(models: Models) -> None:
    ((worth, income),) = models.ask("""
        select
            fsum(design_weight * net_worth) / fsum(design_weight),
            fsum(design_weight * total_income) / fsum(design_weight)
        from int_economic_unit__scf
    """)
    assert worth == pytest.approx(748_800, rel=0.05)
    assert income == pytest.approx(106_500, rel=0.03)


def test_before_2022_asian_families_are_other(models: Models) -> None:
    assert dict(
        models.ask("select race_ethnicity, count(*) from int_economic_unit__scf group by 1")
    ).keys() == {"white", "black", "hispanic", "other"}
    ((told_elsewhere,),) = models.ask("""
        select count(*) filter (where RACECL4 = '4' and RACE in ('1', '2', '3')) / count(*) from raw
    """)
    # Of more than one race, whatever the first named.
    assert told_elsewhere == pytest.approx(0.053, abs=0.005)
