"""The dictionary's pages are what the files say, and they name everything they should."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from steelyard.cli import main
from steelyard.release.variable_pages import COMMAND, render_pages, spans
from steelyard.release.variables import (
    DictionaryError,
    Survey,
    Table,
    find_variables,
    load_surveys,
    load_tables,
)

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "reference" / "variables"
MODELS = "models/harmonized/_toy__models.yml"
VARIABLES = "seeds/xwalks/xwalk_cps_asec_variable.csv"
HEAD = "table_name,variable,first_vintage,last_vintage,source_columns,conversion,comparability\n"
BREAK = "survey,table_name,variable,vintage,reason,source\n"


@pytest.fixture(scope="module")
def tables() -> list[Table]:
    return load_tables(ROOT)


@pytest.fixture(scope="module")
def surveys() -> dict[str, Survey]:
    return load_surveys(ROOT)


def test_committed_pages_are_what_the_command_writes(
    tables: list[Table], surveys: dict[str, Survey]
) -> None:
    written = render_pages(tables, surveys)
    committed = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    stale = [name for name, text in written.items() if committed.get(name) != text]
    assert (stale, committed.keys() - written.keys()) == ([], set()), f"run {COMMAND}"


def test_every_harmonised_table_with_a_contract_has_a_page(tables: list[Table]) -> None:
    with_contracts = {
        model["name"]
        for file in (ROOT / "models" / "harmonized").glob("_*__models.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
        if model.get("config", {}).get("contract", {}).get("enforced")
    }
    assert with_contracts - {table.name for table in tables} == {"int_dataset"}


def test_every_crosswalk_is_of_a_survey_with_pages(surveys: dict[str, Survey]) -> None:
    """A survey whose columns have a crosswalk, and variables none, is in no dictionary."""
    with_columns = {
        path.stem.removeprefix("xwalk_").removesuffix("_column")
        for path in (ROOT / "seeds" / "xwalks").glob("xwalk_*_column.csv")
    }
    assert with_columns == surveys.keys()


def test_every_variable_has_its_section_and_its_place_in_the_index(
    tables: list[Table], surveys: dict[str, Survey]
) -> None:
    pages = render_pages(tables, surveys)
    for table in tables:
        headings = re.findall(r"^### (\w+)$", pages[f"{table.name}.md"], re.MULTILINE)
        assert sorted(headings) == sorted(variable.name for variable in table.variables)
        for variable in table.variables:
            assert f"({table.name}.md#{variable.name})" in pages["index.md"]


def test_ticks_are_the_vintages_of_the_crosswalk(
    tables: list[Table], surveys: dict[str, Survey]
) -> None:
    ((table, variable),) = find_variables(tables, "int_spm_unit.broadband_subsidy")
    asec = surveys["cps_asec"].vintages
    assert variable.vintages("cps_asec") == {year for year in asec if year >= 2022}
    section = render_pages(tables, surveys)["int_spm_unit.md"]
    section = section.split("### broadband_subsidy\n")[1].split("### ")[0]
    lines = section.splitlines()
    heads, row = (
        [cell.strip() for cell in next(each for each in lines if each.startswith(start)).split("|")]
        for start in ("| survey |", "| `cps_asec` |")
    )
    ticked = {int(year) for year, mark in zip(heads, row, strict=True) if mark == "✓"}
    assert ticked == variable.vintages("cps_asec")
    assert table.name == "int_spm_unit"


def test_a_renamed_column_is_named_with_its_years(tables: list[Table]) -> None:
    ((_, variable),) = find_variables(tables, "int_household.state_fips")
    (acs,) = [source for source in variable.sources if source.survey == "acs"]
    assert acs.names[2022] == ("ST",)
    assert acs.names[2023] == ("STATE",)


def test_codes_say_which_of_the_publisher_become_them(tables: list[Table]) -> None:
    ((_, variable),) = find_variables(tables, "int_person.race")
    codes = {(code.survey, code.code): (code.label, code.value) for code in variable.codes}
    assert codes["cps_asec", "1"] == ("White only", "white")
    assert {survey for survey, _ in codes} <= {source.survey for source in variable.sources}


@pytest.mark.parametrize(
    ("years", "all_years", "said"),
    [
        ([2019, 2020, 2021, 2023], [2019, 2020, 2021, 2022, 2023], "2019–2021, 2023"),
        ([1997, 1999, 2001], [1996, 1997, 1999, 2001, 2003], "1997–2001"),
        ([2006], [2006], "2006"),
        ([], [2006], ""),
    ],
)
def test_spans_run_over_a_surveys_own_vintages(
    years: list[int], all_years: list[int], said: str
) -> None:
    assert spans(years, all_years) == said


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A checkout of one table of one column, which the ASEC fills."""
    for folder in ("models/harmonized", "seeds/xwalks", "seeds/codes", "seeds/params"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "seeds/xwalks/xwalk_cps_asec_column.csv", tmp_path / "seeds" / "xwalks")
    columns = [
        {
            "name": name,
            "description": name,
            "data_type": "varchar",
            "config": {"meta": {"theme": theme}},
        }
        for name, theme in (("dataset_id", "identity"), ("income_year", "kin"), ("wages", "income"))
    ]
    model = {"name": "int_toy", "description": "A toy.", "columns": columns}
    model["config"] = {"meta": {"grain": "one row", "universe": "everybody"}}
    (tmp_path / MODELS).write_text(yaml.safe_dump({"models": [model]}), encoding="utf-8")
    (tmp_path / VARIABLES).write_text(f"{HEAD}toy,wages,,,wsal_val,as it is,\n", encoding="utf-8")
    (tmp_path / "seeds/params/params_declared_break.csv").write_text(BREAK, encoding="utf-8")
    return tmp_path


def test_a_toy_is_read(toy: Path) -> None:
    (table,) = load_tables(toy)
    variable = table.variables[-1]
    assert (variable.universe, variable.sources[0].names[2023]) == ("everybody", ("WSAL_VAL",))


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


WRONG = {
    "no theme": (
        replaced(MODELS, "theme: income", "theme: none"),
        "int_toy.wages: its YAML says no theme",
    ),
    "a column that is not read": (
        replaced(VARIABLES, "wsal_val", "wsal_vall"),
        "xwalk_cps_asec_variable.csv: int_toy.wages: no file of 2019 to 2025 has a wsal_vall",
    ),
    "a variable that is not there": (
        replaced(VARIABLES, "toy,wages", "toy,wage"),
        "no harmonised column int_toy.wage",
    ),
    "a break of nothing": (
        replaced(
            "seeds/params/params_declared_break.csv",
            BREAK,
            f"{BREAK}cps_asec,int_toy,salary,2020,why,where\n",
        ),
        "params_declared_break: no harmonised column int_toy.salary",
    ),
    "other columns": (
        replaced(VARIABLES, "conversion,", "how,"),
        "its columns are table_name, variable,",
    ),
    "a survey that nobody knows": (
        lambda root: (root / VARIABLES).rename(
            root / "seeds" / "xwalks" / "xwalk_census_variable.csv"
        ),
        "the registry knows no file of survey 'census'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_file_and_column(toy: Path, name: str) -> None:
    change, message = WRONG[name]
    change(toy)
    with pytest.raises(DictionaryError, match=re.escape(message)):
        load_tables(toy)


def test_the_command_shows_a_variable_and_suggests_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["dictionary", "int_person.employment_income"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("int_person\n")
    assert "`WSAL_VAL`" in shown
    assert "**Unit** USD per year" in shown
    assert main(["dictionary", "employmnt_income"]) == 1
    assert "nearest: employment_income" in capsys.readouterr().err


def test_the_command_writes_the_pages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["dictionary", "--write", str(tmp_path)]) == 0
    names = {path.name for path in tmp_path.glob("*.md")}
    assert f"{len(names)} pages written" in capsys.readouterr().out
    assert {"index.md", "int_person.md"} <= names
