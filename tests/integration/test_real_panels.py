"""Real extracts of panels fill the columns of `int_person_year`, and say how earnings move.

What is asserted of the numbers is what was learned from them, as `docs/methodology/person-year.md`
states it; the demo panel is held against it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml
from model_sql import ROOT, Models
from panel_extracts import EXTRACTS, FULL_YEAR, PANELS

from steelyard.sources.crosswalk import load_crosswalk, read_vintages
from steelyard.sources.doors import DemoWorld, Doors
from steelyard.sources.landing import Landing
from steelyard.sources.registry import load_registry

CONTRACT = ROOT / "models" / "harmonized" / "_int_person_year__models.yml"
Query = Callable[..., list[tuple[Any, ...]]]

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not PANELS.is_dir(), reason=f"no real extracts of panels at {PANELS}"),
]


def land_demo_panel(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Read the demo PSID as a build would, into the tables that staging reads."""
    registry = load_registry()
    port = Landing(registry, Doors(folder, folder / "cache", DemoWorld(6000, 7)), folder / "landed")
    for record in ("family", "individual"):
        landed = port.land_all([f"demo_psid_*_{record}"])
        connection.register("rows", read_vintages(load_crosswalk(ROOT, "psid", record), landed))
        connection.execute(f"create table psid_{record} as from rows")
        connection.unregister("rows")


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Query:
    connection = duckdb.connect()
    described = {model["name"]: model for model in yaml.safe_load(CONTRACT.read_text())["models"]}
    columns = [f"{c['name']} {c['data_type']}" for c in described["int_person_year"]["columns"]]
    connection.execute(f"create table int_person_year ({', '.join(columns)})")
    for sql in EXTRACTS.values():
        connection.execute(f"insert into int_person_year by name {sql}")
    land_demo_panel(connection, tmp_path_factory.mktemp("panel"))
    models = Models(connection)
    models.build("int_person_year__psid")
    connection.execute("insert into int_person_year by name select * from int_person_year__psid")
    models.built.add("int_person_year")
    models.build("val_earnings_persistence", "val_earnings_mobility")
    return lambda sql, *values: connection.execute(sql, values).fetchall()


@pytest.mark.parametrize(
    ("panel", "rows", "persons", "first", "last"),
    [
        ("nlsy79", 164_573, 9_384, 1979, 2018),
        ("psid_heads_1976_1982", 4_165, 595, 1976, 1982),
        ("psid_men_1979_1988", 5_320, 532, 1978, 1987),
        ("psid_heads_1968_1990", 1_661, 85, 1968, 1990),
        ("psid_income_residuals", 17_563, 1_765, 1978, 1992),
    ],
)
def test_every_record_is_there_once(
    query: Query, panel: str, rows: int, persons: int, first: int, last: int
) -> None:
    assert query(
        "select count(*), count(distinct (person_id, income_year)), count(distinct person_id), "
        "min(income_year), max(income_year) from int_person_year where dataset_id = ?",
        panel,
    ) == [(rows, rows, persons, first, last)]
    assert query(
        "select count(*) from int_person_year where dataset_id = ? "
        "and (age <> income_year - birth_year or age not between 14 and 75 or earnings <= 0)",
        panel,
    ) == [(0,)]


def test_ages_of_the_men_settle_on_one_year_of_birth(query: Query) -> None:
    """Ages are told before or after the birthday; one man's fall by eighteen years is a slip."""
    file = PANELS / "psid_labor_1979_1988_men.csv"
    spans = query(
        f"select max(year - ageh) - min(year - ageh), count(*) from (from read_csv('{file}')) "
        "group by id"
    )
    assert sum(span > 2 for span, _ in spans) == 7
    assert max(span for span, _ in spans) == 20


def test_wages_of_1976_and_1977_are_cut_at_three_digits(query: Query) -> None:
    """One head in seven earns 9.98 dollars an hour, exactly, in these two years and in no other."""
    cut = dict(
        query(
            "select income_year, avg(cast(abs(earnings - ?) < 0.01 as integer)) "
            "from int_person_year where dataset_id = 'psid_heads_1976_1982' group by income_year",
            FULL_YEAR * 9.98,
        )
    )
    assert {year for year, share in cut.items() if share > 0.05} == {1976, 1977}
    assert {year: round(share, 2) for year, share in cut.items() if share > 0.05} == {
        1976: 0.14,
        1977: 0.16,
    }


def test_wages_of_the_heads_are_cents_an_hour(query: Query) -> None:
    """Taken so, the middle man's full year of 1979 is near the published median of men then."""
    ((middle,),) = query(
        "select median(earnings) from int_person_year "
        "where dataset_id = 'psid_heads_1976_1982' and income_year = 1979 and not is_female"
    )
    # Census Bureau, P60-129: men who worked full time all year, 1979: $17,062.
    assert middle == pytest.approx(17_062, rel=0.1)
    assert middle == pytest.approx(17_680)


def test_income_residuals_have_one_middle_in_all_years(query: Query) -> None:
    medians = query(
        "select median(earnings) from int_person_year "
        "where dataset_id = 'psid_income_residuals' group by income_year"
    )
    middle = np.array(medians).ravel()
    assert np.abs(middle / np.median(middle) - 1).max() < 0.02


def test_wages_of_the_nlsy_are_in_dollars_of_their_year(query: Query) -> None:
    """The middle wage rises with prices and age: from 2.95 dollars an hour to about twenty."""
    middle = dict(
        query(
            f"select income_year, median(earnings) / {FULL_YEAR} from int_person_year "
            "where dataset_id = 'nlsy79' group by income_year"
        )
    )
    assert middle[1979] == pytest.approx(2.95)
    assert middle[2018] == pytest.approx(20.19)


def test_hours_of_the_nlsy_are_summed_over_the_jobs_of_a_year(query: Query) -> None:
    """Forty hours with one job, about seventy-five with two: jobs held one after the other."""
    file = PANELS / "nlsy79_wages_four_fifths.parquet"
    middle = dict(
        query(
            f"select njobs, median(hours) from read_parquet('{file}') "
            "where hours is not null and not is_pred group by njobs"
        )
    )
    assert [middle[jobs] for jobs in (1, 2, 3)] == [40, 73, 110]


@pytest.mark.parametrize(
    ("panel", "correlations"),
    [
        ("nlsy79", {1: 0.71, 2: 0.70, 5: 0.58, 10: 0.50}),
        ("psid_heads_1976_1982", {1: 0.91, 2: 0.88, 5: 0.81}),
        ("psid_men_1979_1988", {1: 0.78, 2: 0.71, 5: 0.64}),
        ("psid_heads_1968_1990", {1: 0.78, 2: 0.68, 5: 0.58, 10: 0.52}),
        ("psid_income_residuals", {1: 0.78, 2: 0.71, 5: 0.59, 10: 0.47}),
    ],
)
def test_earnings_last_as_they_were_found_to(
    query: Query, panel: str, correlations: dict[int, float]
) -> None:
    found = dict(
        query(
            "select lag_years, log_correlation from val_earnings_persistence where dataset_id = ?",
            panel,
        )
    )
    assert {lag: round(value, 2) for lag, value in found.items()} == correlations


def transition(query: Query, panel: str, lag: int) -> np.ndarray:
    """Shares of each fifth then that are in each fifth later, among those with earnings."""
    rows = query(
        "select origin_group, destination_group, pair_count from val_earnings_mobility "
        "where dataset_id = ? and lag_years = ? and origin_group > 0 and destination_group > 0",
        panel,
        lag,
    )
    matrix = np.zeros((5, 5))
    for origin, destination, count in rows:
        matrix[origin - 1, destination - 1] = count
    return np.asarray(matrix / matrix.sum(axis=1, keepdims=True))


@pytest.mark.parametrize(("lag", "percent"), [(1, [77, 58, 48, 55, 78]), (5, [66, 43, 36, 44, 71])])
def test_men_stay_in_their_fifth_as_they_were_found_to(
    query: Query, lag: int, percent: list[int]
) -> None:
    stay = np.diag(transition(query, "psid_men_1979_1988", lag))
    assert (100 * stay).round().tolist() == percent


@pytest.mark.parametrize("panel", sorted(EXTRACTS))
def test_most_stay_where_they_are_and_few_cross(query: Query, panel: str) -> None:
    one, five = transition(query, panel, 1), transition(query, panel, 5)
    assert np.allclose(one.sum(axis=1), 1.0)
    assert (np.diag(one) > np.diag(five) - 0.02).all()
    for matrix in (one, five):
        # Staying is likelier at the ends, and the far corner likeliest of none.
        assert min(matrix[0, 0], matrix[4, 4]) > matrix[2, 2]
        assert max(matrix[0, 4], matrix[4, 0]) < 0.06
        assert (matrix[:, 2].argmax() == 2) and (np.diag(matrix) >= 0.25).all()


def test_earnings_of_the_demo_panel_last_as_long_as_real_ones(query: Query) -> None:
    """The demo panel's reports lie within the real ones at every distance, give or take."""
    found: dict[int, dict[str, float]] = {}
    for panel, lag, value in query(
        "select dataset_id, lag_years, log_correlation from val_earnings_persistence"
    ):
        found.setdefault(lag, {})[panel] = value
    for lag in (1, 2, 5, 10):
        demo = found[lag].pop("demo_psid")
        annual = [v for p, v in found[lag].items() if p not in ("nlsy79", "psid_heads_1976_1982")]
        assert min(annual) - 0.05 < demo < max(annual) + 0.06, lag


def test_fifths_of_the_demo_panel_are_left_as_often_as_real_ones(query: Query) -> None:
    """Total variation distance from the men of the PSID: part years move more in the demo."""
    for lag, bound in ((1, 0.20), (5, 0.20)):
        demo = transition(query, "demo_psid", lag)
        real = transition(query, "psid_men_1979_1988", lag)
        distance = np.abs(demo - real).sum(axis=1) / 2
        assert distance.max() < bound, (lag, distance.round(2))


def test_the_demo_panel_has_the_age_profile_of_men(query: Query) -> None:
    """Medians of men by ten years of age, beside those of their thirties.

    Younger men of the extract earn more than published medians: it has those always at work.
    """
    profile = {}
    for panel in ("demo_psid", "psid_men_1979_1988"):
        medians = dict(
            query(
                "select age // 10, median(earnings) from int_person_year where dataset_id = ? "
                "and not is_female and earnings > 0 and hours_worked > 1000 and age between 30 "
                "and 59 and income_year between 1978 and 1987 group by age // 10",
                panel,
            )
        )
        profile[panel] = {decade: value / medians[3] for decade, value in medians.items()}
    assert profile["demo_psid"] == {
        decade: pytest.approx(value, abs=0.15)
        for decade, value in profile["psid_men_1979_1988"].items()
    }


@pytest.mark.parametrize("panel", ["psid_men_1979_1988", "psid_income_residuals", "demo_psid"])
def test_earnings_spread_with_age(query: Query, panel: str) -> None:
    spread = [
        value
        for _, value in query(
            "select age // 10, var_samp(ln(earnings)) from int_person_year where dataset_id = ? "
            "and earnings > 0 and age between 30 and 59 and not coalesce(is_female, false) "
            "and coalesce(hours_worked, 2000) > 1000 group by age // 10 order by age // 10",
            panel,
        )
    ]
    assert spread == sorted(spread)
