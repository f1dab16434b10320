"""What a panel is made from is read, checked and refused before anything is written."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from release_fixture import MANIFEST

from steelyard.cli import main
from steelyard.flows import preparing
from steelyard.flows.assumptions import AssumptionError, lay_over, read_assumptions
from steelyard.flows.base import UnfitBuildError, read_base
from steelyard.flows.partitions import PanelError
from steelyard.flows.preparing import Request, prepare
from steelyard.panel.base import NEEDED
from steelyard.release import write_release
from steelyard.warehouse.query import QueryError

NEEDS = {"person": NEEDED}
YEARS = """
create table pnl_person_year as
select * from (values ('psid', 2, 2001, 10.0), ('psid', 2, 2000, 9.0), ('psid', 1, 2000, 8.0))
as made (dataset_id, person_id, income_year, earnings)
"""


def persons() -> pd.DataFrame:
    """Four hundred adults who work, every other one a woman."""
    rng, count = np.random.default_rng(5), 400
    ids = np.arange(1, count + 1)
    columns: dict[str, Any] = {name: 0.0 for name in NEEDED} | {
        "person_id": ids,
        "household_id": ids,
        "age": rng.integers(20, 76, count),
        "is_female": ids % 2 == 0,
        "education": "hs",
        "marital_status": "never",
        "spouse_person_id": -1,
        "parent1_person_id": -1,
        "parent2_person_id": -1,
        "employment_income": np.exp(rng.normal(10.5, 0.8, count)),
        "calibrated_weight": 1e6,
        "unread": 1,
    }
    return pd.DataFrame(columns)


def build(root: Path, table: pd.DataFrame, years: str = YEARS) -> None:
    with duckdb.connect() as connection:
        relation = connection.from_df(table).order("person_id")
        write_release(root / "releases" / "demo", {"person": relation}, MANIFEST)
    (root / "build" / "demo").mkdir(parents=True)
    with duckdb.connect(str(root / "build" / "demo" / "steelyard.duckdb")) as connection:
        connection.execute(years)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    build(root, persons())
    return root


def asked(root: Path, **changes: Any) -> Request:
    return Request(**{"root": str(root), "to": 2030, "persons": 100} | changes)


def test_the_base_is_of_the_release_and_of_its_build(checkout: Path) -> None:
    base = read_base("demo", NEEDS, checkout)
    assert base.release == (checkout / "releases" / "demo" / "latest").resolve().name
    assert (base.income_year, base.is_synthetic) == (2022, True)
    assert sorted(base.tables["person"].column_names) == sorted(NEEDED)
    years = base.tables["pnl_person_year"]
    assert years["person_id"].to_pylist() == [1, 2, 2]
    assert years["income_year"].to_pylist() == [2000, 2000, 2001]


def test_a_build_without_the_needed_columns_is_refused_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = persons().drop(columns="is_female").assign(education=pd.NA)
    build(tmp_path, table.astype({"education": "string"}))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UnfitBuildError, match="lacks is_female"):
        read_base("demo", NEEDS, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["panel", "--to", "2030"]) == 1
    told = capsys.readouterr().err
    assert "it lacks is_female (not there), education (null for everybody). Lives are " in told
    assert sorted(tmp_path.rglob("*")) == before


def test_a_survey_that_knows_no_second_parents_can_be_aged(tmp_path: Path) -> None:
    table = persons().assign(parent2_person_id=pd.NA)
    build(tmp_path, table.astype({"parent2_person_id": "Int64"}))
    read = read_base("demo", NEEDS, tmp_path)
    assert read.tables["person"]["parent2_person_id"].null_count == len(table)


@pytest.mark.parametrize(
    ("years", "told"),
    [
        ("create table other (x int)", "let `dbt build --target demo` end first"),
        (None, "there is no .*steelyard.duckdb; `dbt build --target demo` makes it"),
    ],
)
def test_a_build_that_has_not_ended_is_told(tmp_path: Path, years: str | None, told: str) -> None:
    build(tmp_path, persons(), years or YEARS)
    if years is None:
        (tmp_path / "build" / "demo" / "steelyard.duckdb").unlink()
    with pytest.raises(QueryError, match=told):
        read_base("demo", NEEDS, tmp_path)


def test_what_decides_a_panel_is_in_its_name(checkout: Path) -> None:
    panel = prepare(asked(checkout))
    assert panel.panels == checkout / "panels" / "demo"
    assert panel.name == f"2022-{panel.key[:10]}"
    assert panel.said["persons"] == 100
    further = prepare(asked(checkout, to=2060, imputations=5, side_by_side=2))
    assert further.name == panel.name
    names = {panel.name} | {
        prepare(asked(checkout, **change)).name
        for change in ({"seed": 1}, {"persons": 200}, {"scenario": "low_cost"})
    }
    assert len(names) == 4
    assert not (checkout / "panels").exists()


def test_a_reform_changes_what_is_paid_and_not_what_happens(checkout: Path, tmp_path: Path) -> None:
    file = tmp_path / "reform.yml"
    file.write_text("name: less\nfrom_year: 2028\ncola: {minus: 1.0}\n")
    plain, panel = prepare(asked(checkout)), prepare(asked(checkout, reform=str(file)))
    assert panel.name != plain.name
    assert panel.said["reform"].startswith("reform.yml ")
    assert panel.plan.baseline.cola.at(2029) == plain.plan.law.cola.at(2029)
    assert panel.plan.law.cola.at(2029) == plain.plan.law.cola.at(2029) - 10
    for text in ("name: none\nfrom_year: 2028\n", "{"):
        file.write_text(text)
        with pytest.raises(PanelError, match=r"reform\.yml: "):
            prepare(asked(checkout, reform=str(file), seed=len(text)))


def test_a_reform_and_its_baseline_are_prepared_from_one_reading(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, read = tmp_path / "reform.yml", []
    file.write_text("name: less\nfrom_year: 2028\ncola: {minus: 1.0}\n")

    def counted(*asked: Any) -> Any:
        read.append(asked)
        return read_base(*asked)

    monkeypatch.setattr("steelyard.flows.preparing.read_base", counted)
    prepare.cache_clear()
    preparing.base_of.cache_clear()
    reform, plain = (asked(checkout, reform=law) for law in (str(file), None))
    # The command prepares the reform, the flow its baseline, and then the reform.
    panels = [prepare(each) for each in (reform, plain, reform)]
    assert len(read) == 1
    assert panels[0] is panels[2]
    assert panels[0].base["person"] is panels[1].base["person"]


def scenario(folder: Path, text: str) -> Path:
    file = folder / "mine.csv"
    file.write_text(text)
    return file


def test_assumptions_lie_over_projected_years(checkout: Path, tmp_path: Path) -> None:
    rows = "".join(f"{year},{100_000 + year},{2.5}\n" for year in range(2022, 2041))
    file = scenario(tmp_path, "year,average_wage_index,cola_percent\n" + rows)
    plain = prepare(asked(checkout))
    panel = prepare(asked(checkout, scenario=str(file)))
    assert panel.name != plain.name
    assert panel.said["scenario"].startswith("mine.csv ")
    law = panel.plan.law
    assert law.average_wage_index.at(2030) == 10_203_000
    assert law.average_wage_index.at(2022) == plain.plan.law.average_wage_index.at(2022)
    assert law.average_wage_index.at(2041) == plain.plan.law.average_wage_index.at(2041)
    assert law.cola.at(2030) == 25
    outlook = panel.plan.published.trustees("intermediate")
    assert outlook.of("average_wage_index", 2030) == 102_030
    assert outlook.of("gdp", 2030) == plain.plan.published.trustees("intermediate").of("gdp", 2030)


def test_a_gap_names_the_first_missing_years(checkout: Path, tmp_path: Path) -> None:
    years = [year for year in range(2022, 2031) if year not in (2024, 2025, 2027, 2029)]
    rows = "".join(f"{year},1\n" for year in reversed(years))
    file = scenario(tmp_path, f"year,gdp\n{rows}")
    with pytest.raises(
        AssumptionError, match=r"4 years are missing, first of all 2024, 2025, 2027\. A"
    ):
        prepare(asked(checkout, scenario=str(file)))
    assert list(read_assumptions(file, 2022, 2023)["gdp"]) == sorted(years)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ":1: expected a column 'year'"),
        ("year\n2022\n", ":1: expected a column 'year'"),
        ("year,gdp,gdp\n", ":1: expected a column 'year'"),
        ("year,gnp\n2022,1\n", ":1: no assumptions are made of gnp; they may be of average"),
        ("year,gdp\n2022,1\n\n2022,2\n", ":4: year 2022 comes twice"),
        ("year,gdp\n2022.5,1\n", ":2: year 2022.5 is no year"),
        ("year,gdp\n2022,one\n", ":2: gdp is 'one', and no number"),
        ("year,gdp\n2022,inf\n", ":2: gdp is 'inf', and no number"),
        ("year,gdp\n2022,1,2\n", ":2: 2 cells expected, found 3"),
        ("year,gdp\n", "1 years are missing, first of all 2022. A panel"),
    ],
)
def test_what_is_no_table_of_years_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = scenario(tmp_path, text)
    with pytest.raises(AssumptionError) as error:
        read_assumptions(file, 2022, 2022)
    assert f"{file}{told}" in str(error.value) or told in str(error.value)


def test_tables_without_scenarios_stay() -> None:
    table = {"year": ["2022", "2023"], "gdp": ["1", "2"]}
    both = {"gdp": table, "law": {**table, "scenario": ["published", "intermediate"]}}
    laid = lay_over(both, {"gdp": {2022: 5.0, 2023: 6.0}}, "intermediate")
    assert laid["gdp"] == table
    assert laid["law"]["gdp"] == ["1", 6.0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"scenario": "best"}, "there is no scenario 'best': give one of low_cost, intermediate"),
        ({"to": 2022}, "begins with 2022 ends after it"),
        ({"to": 2101}, "a panel ends in 2100 at the latest"),
        ({"imputations": 0}, "has an imputation or more"),
        ({"reform": "nowhere.yml"}, "nowhere.yml: "),
    ],
)
def test_what_cannot_be_is_refused(checkout: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(PanelError, match=told):
        prepare(asked(checkout, **change))


def test_no_more_imputations_at_once_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "steelyard.flows.preparing.machine", lambda: {"core_count": 4, "memory_bytes": 30 * 2**30}
    )
    fitting = [Request(imputations=count).extent().side_by_side for count in (1, 2, 9)]
    assert fitting == [1, 2, 3]
    assert Request(side_by_side=7).extent().side_by_side == 7


def test_the_command_refuses_and_can_be_interrupted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["panel", "--serve", "0 3 * * 1", "--again-from", "2030"]) == 1
    assert main(["panel"]) == 1
    told = capsys.readouterr().err
    assert "steelyard panel: --again-from is for once" in told
    assert "steelyard panel: no release in releases/demo; run `dbt build --target demo`" in told

    def interrupt(_: Request) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("steelyard.flows.preparing.prepare", interrupt)
    assert main(["panel"]) == 130
    assert "finished years are kept" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
