"""The models over an aged panel say what its files say, and nothing where there is none."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from ageing_fixture import BASE_YEAR, base, plan
from model_sql import Models

from steelyard.flows.accounts import write_accounts
from steelyard.flows.partitions import Store
from steelyard.oasdi import NEVER
from steelyard.panel.begin import begin
from steelyard.panel.published import default_published
from steelyard.panel.step import age_one_year

LAST = BASE_YEAR + 2
MODELS = (
    "pnl_balance",
    "pnl_benefit",
    "pnl_death",
    "pnl_event",
    "pnl_finance",
    "pnl_marriage",
    "pnl_partition",
    "pnl_person",
    "pnl_reform_balance",
    "pnl_reform_effect",
    "pnl_reform_winner",
    "val_panel_alignment",
    "val_panel_balance",
    "val_panel_beneficiary",
    "val_panel_estimate",
    "val_panel_finance",
    "val_panel_maximum",
    "val_panel_population",
    "val_panel_reform",
    "val_panel_reform_balance",
    "val_panel_reform_winner",
    "val_panel_replacement",
    "val_panel_year",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two imputations of a small panel, as the flow writes them."""
    root = tmp_path_factory.mktemp("checkout") / "panels" / "demo" / f"{BASE_YEAR}-0123456789"
    here, asked = Store(root), plan()
    for imputation in (1, 2):
        made = begin(base(), asked, imputation)
        here.write(made, imputation=imputation, year=BASE_YEAR, key="made")
        for year in range(BASE_YEAR + 1, LAST + 1):
            parts = here.parts(imputation, year - 1)
            made = age_one_year(parts, year, asked, imputation)
            here.write(made, imputation=imputation, year=year, key="made")
    said = {"panel": root.name, "scenario": "intermediate", "reform": None, "seed": 7}
    (root / "manifest.json").write_text(json.dumps(said | {"release": "2022-abcdef"}))
    (root.parent / "latest").symlink_to(root.name)
    write_accounts(root, asked)
    return here


@pytest.fixture(scope="module")
def models(store: Store) -> Iterator[Models]:
    with duckdb.connect() as connection, chdir(store.root.parents[2]):
        found = Models(connection)
        found.build(*MODELS)
        yield found


def tables(store: Store, year: int) -> tuple[pa.Table, pa.Table]:
    """Persons and benefits of the first imputation."""
    return store.read(1, year, "person"), store.read(1, year, "benefit")


def test_without_a_panel_all_have_their_columns_and_no_rows(models: Models, tmp_path: Path) -> None:
    with duckdb.connect() as connection, chdir(tmp_path):
        empty = Models(connection)
        empty.build(*MODELS)
        for name in MODELS:
            assert empty.ask(f"select count(*) from {name}") == [(0,)], name
            columns = empty.ask(f"select column_name, column_type from (describe {name})")
            assert columns == models.ask(
                f"select column_name, column_type from (describe {name})"
            ), name


def test_no_panel_is_read_where_none_is_wanted(store: Store) -> None:
    with duckdb.connect() as connection, chdir(store.root.parents[2]):
        found = Models(connection, panel=None)
        found.build("pnl_person")
        assert found.ask("select count(*) from pnl_person") == [(0,)]


def test_every_year_of_every_imputation_is_there(models: Models, store: Store) -> None:
    found = models.ask(
        "select imputation, panel_year, panel, person_count from pnl_partition order by all"
    )
    assert found == [
        (imputation, year, store.root.name, store.read(imputation, year, "person").num_rows)
        for imputation in (1, 2)
        for year in range(BASE_YEAR, LAST + 1)
    ]


def test_persons_are_told_in_words_and_months_in_years(models: Models, store: Store) -> None:
    person, _ = tables(store, LAST)
    columns = {name: person[name].to_numpy() for name in person.column_names}
    rows = models.connection.sql(
        f"from pnl_person where imputation = 1 and panel_year = {LAST} order by person_id"
    ).df()
    assert list(rows["person_id"]) == list(columns["person_id"])
    assert list(rows["age"]) == list(LAST - columns["birth_month"] // 12)
    names = np.array(["single", "married", "widowed", "divorced"])
    assert list(rows["marital_status"]) == list(names[columns["marital"]])
    for column, told in (("claim_month", "claim"), ("onset_month", "onset")):
        known = columns[column] < NEVER
        assert known.any()
        assert list(rows[f"{told}_year"].notna()) == list(known)
        month = rows[f"{told}_year"] * 12 + rows[f"{told}_month"] - 1
        assert list(month[known]) == list(columns[column][known])
    assert list(rows["spouse_person_id"].isna()) == list(columns["spouse_id"] < 0)
    assert list(rows["education"].isna()) == list(columns["education"] < 0)


def test_a_marriage_lasts_or_says_what_ended_it(models: Models, store: Store) -> None:
    marriage = store.read(1, LAST, "marriage").to_pandas()
    counted = models.ask(
        "select ended_by, count(*), count(end_year) from pnl_marriage "
        f"where imputation = 1 and panel_year = {LAST} group by ended_by order by ended_by"
    )
    by = marriage["ended_by"].value_counts()
    assert counted == [("death", by[2], by[2]), ("divorce", by[1], by[1]), (None, by[0], 0)]
    ((month,),) = models.ask(
        "select max(start_year * 12 + start_month - 1) from pnl_marriage "
        f"where imputation = 1 and panel_year = {LAST}"
    )
    assert month == marriage["start_month"].max()


def test_the_population_is_that_of_persons_beside_the_trustees(
    models: Models, store: Store
) -> None:
    person, _ = tables(store, LAST)
    age = LAST - person["birth_month"].to_numpy() // 12
    chosen = person["is_female"].to_numpy(zero_copy_only=False) & (age >= 30) & (age < 35)
    ((persons, published, error),) = models.ask(
        "select persons, published_persons, relative_error from val_panel_population "
        f"where imputation = 1 and panel_year = {LAST} and sex = 'female' and age_lower = 30"
    )
    assert persons == pytest.approx(person["weight"].to_numpy()[chosen].sum(), rel=1e-9)
    assert published == pytest.approx(default_published().people(LAST)[30:35, 1].sum())
    assert error == pytest.approx(persons / published - 1)
    whole = models.ask(
        "select age_upper is null, age_lower from val_panel_population "
        f"where imputation = 1 and panel_year = {LAST} and sex = 'female' order by age_lower desc"
    )
    assert whole[0] == (True, 100)


def test_events_are_added_up_over_their_groups(models: Models, store: Store) -> None:
    events = store.read(1, LAST, "event").to_pandas()
    deaths = events[events["event"] == "death"]
    ((groups, wanted, happened, factor, is_met),) = models.ask(
        "select group_count, wanted, happened, alignment_factor, is_met "
        f"from val_panel_alignment where imputation = 1 and panel_year = {LAST} and event = 'death'"
    )
    assert (groups, wanted) == (len(deaths), pytest.approx(deaths["wanted"].sum()))
    assert happened == pytest.approx(deaths["happened"].sum())
    known = deaths[np.isfinite(deaths["factor"])]
    assert factor == pytest.approx(np.average(known["factor"], weights=known["wanted"]))
    record = store.read(1, LAST, "person")["base_weight"][0].as_py()
    assert is_met == (abs(happened - wanted) <= max(0.01 * wanted, record))


def test_a_factor_drifts_when_its_last_years_are_far_from_its_first() -> None:
    years = range(2022, 2036)
    rows = [
        (1, year, event, "all", 100.0, 100.0, 0.0, factor)
        for year in years
        for event, factor in (("birth", 0.0), ("death", 0.0 if year < 2030 else 0.5))
    ]
    with duckdb.connect() as connection:
        found = Models(connection)
        found.built |= {"pnl_event", "pnl_person"}
        connection.execute(
            "create table pnl_event (imputation int, panel_year int, event varchar, "
            "event_group varchar, wanted double, happened double, relative_error double, "
            "alignment_factor double)"
        )
        connection.executemany("insert into pnl_event values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("create table pnl_person as select 1 as imputation, 10.0 as base_weight")
        found.build("val_panel_alignment")
        drifting = found.ask(
            "select event, min(panel_year) from val_panel_alignment where is_drifting group by all"
        )
    # Three of the last five years at a half are a mean of 0.3, beyond the quarter.
    assert drifting == [("death", 2032)]


def test_beneficiaries_are_counted_and_averaged_by_type_and_sex(
    models: Models, store: Store
) -> None:
    rows = paid(store)
    rows = rows[rows["withheld"] < rows["total_benefit"] * rows["months"] - 1]
    found = {
        (group, sex): (records, persons, average)
        for group, sex, records, persons, average in models.ask(
            "select benefit_group, sex, record_count, persons, average_benefit "
            f"from val_panel_beneficiary where imputation = 1 and panel_year = {LAST}"
        )
    }
    for name, kind, record in (
        ("retired_worker", "retired_worker", None),
        ("disabled_worker", "disabled_worker", None),
        ("widow_nondisabled", "widow", None),
        ("child_of_disabled_worker", "child", "disabled"),
    ):
        chosen = rows[rows["is_female"] & (rows["benefit_type"] == kind)]
        chosen = chosen if record is None else chosen[chosen["record_type"] == record]
        records, persons, average = found[name, "female"]
        assert records == len(chosen) > 0
        assert persons == pytest.approx(chosen["weight"].sum(), rel=1e-9)
        assert average == pytest.approx(
            np.average(chosen["total_benefit"], weights=chosen["weight"])
        )
    assert sum(persons for _, persons, _ in found.values()) == pytest.approx(rows["weight"].sum())


def test_replacement_is_averaged_by_tenths_of_lifetime_earnings(
    models: Models, store: Store
) -> None:
    rows = paid(store)
    rows = rows[(rows["benefit_type"] == "retired_worker") & (rows["aime"] > 0)]
    rows = rows.dropna(subset=["replacement_rate"]).sort_values(["aime", "person_id"])
    reached = rows["weight"].cumsum() - rows["weight"] / 2
    tenth = (10 * reached / rows["weight"].sum()).astype(int)
    expected = [
        np.average(group["replacement_rate"], weights=group["weight"])
        for _, group in rows.groupby(tenth)
    ]
    ours = models.ask(
        "select replacement_share from val_panel_replacement "
        f"where imputation = 1 and panel_year = {LAST} order by decile"
    )
    assert [share for (share,) in ours] == pytest.approx(expected, rel=1e-5)


def paid(store: Store) -> pd.DataFrame:
    """Benefits of the last year with who is paid."""
    person, benefits = (table.to_pandas() for table in tables(store, LAST))
    return benefits.merge(person[["person_id", "is_female", "weight"]], on="person_id")


def test_finances_are_those_of_the_flow_and_add_up(models: Models) -> None:
    rows = models.ask(
        "select imputation, panel_year, cost_rate_difference, "
        "due_to_beneficiaries_per_worker + due_to_benefit_over_earnings, trustees_cost_rate "
        "from val_panel_finance order by all"
    )
    assert [row[:2] for row in rows] == [
        (imputation, year) for imputation in (1, 2) for year in range(BASE_YEAR, LAST + 1)
    ]
    for _, _, difference, parts, _ in rows:
        assert difference == pytest.approx(parts)
    # 2024: outgo of 1,484.753 billion (Supplement 2025, Table 4.A3) over the Trustees' payroll.
    assert rows[2][4] == pytest.approx(14.38, abs=0.1)
    assert models.ask("select count(*) from val_panel_balance") == [(2,)]


def test_weights_are_described_against_the_base_and_the_year_before(
    models: Models, store: Store
) -> None:
    now, before = (store.read(1, year, "person").to_pandas() for year in (LAST, LAST - 1))
    ratio = now["weight"] / now["base_weight"]
    both = now.merge(before, on="person_id", suffixes=("", "_before"))
    change = np.log(both["weight"] / both["weight_before"])
    ((effective, moved),) = models.ask(
        "select effective_sample_share, yearly_weight_change from val_panel_year "
        f"where imputation = 1 and panel_year = {LAST}"
    )
    assert effective == pytest.approx(ratio.sum() ** 2 / (len(ratio) * (ratio**2).sum()), rel=1e-9)
    assert moved == pytest.approx(np.sqrt((change**2).mean()), rel=1e-6)


def test_the_share_below_the_maximum_is_that_of_workers(models: Models, store: Store) -> None:
    person, _ = tables(store, BASE_YEAR)
    men = person.filter(pc.and_(person["worked"], pc.invert(person["is_female"])))
    earnings, weight = men["earnings"].to_numpy(), men["weight"].to_numpy()
    share = weight[earnings < 147_000].sum() / weight.sum()
    ((found, published),) = models.ask(
        "select below_maximum_share, published_share from val_panel_maximum "
        f"where imputation = 1 and earnings_year = {BASE_YEAR} and sex = 'male'"
    )
    assert found == pytest.approx(share)
    assert 0.85 < published < 0.96
    first, last = models.ask(
        "select min(earnings_year), max(earnings_year) from val_panel_maximum"
    )[0]
    assert (first, last) == (1951, LAST)
