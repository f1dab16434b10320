"""The page on vintages counts the jumps, draws a variable, and says where it comes from."""

from pathlib import Path

import dashboard_release
import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from steelyard.release import write_release
from steelyard.report import figures

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "vintages.py"
MANIFEST = {
    "build_target": "demo",
    "income_year": 2022,
    "is_synthetic": True,
    "synthetic_sources": "demo_survey",
}


def compared(**changes: object) -> pd.DataFrame:
    """Three vintages of a variable's mean, and of the share of a code of another."""
    mean = pd.DataFrame(
        {
            "column_name": "employment_income",
            "statistic": "mean",
            "category": None,
            "unit": "USD per year",
            "survey_year": [2021, 2022, 2023],
            "statistic_value": [100.0, 105.0, 10_500.0],
            "standard_error": [2.0, 2.0, 200.0],
            "previous_value": [None, 100.0, 105.0],
            "value_change": [None, 0.0, 99.0],
            "is_jump": [False, False, True],
            "explanation": None,
        }
    )
    share = mean.assign(
        column_name="race",
        statistic="category_share",
        category="white",
        unit="",
        statistic_value=0.7,
        is_jump=False,
    )
    rows = pd.concat([mean, share], ignore_index=True)
    return rows.assign(
        table_name="int_person",
        survey="survey",
        dataset_id="demo_survey_" + (rows["survey_year"] - 1).astype(str),
        income_year=rows["survey_year"] - 1,
        allowed_change=0.3,
        **changes,
    )


def release(rows: pd.DataFrame) -> None:
    source = pd.DataFrame(
        {
            "table_name": ["int_person"],
            "column_name": ["employment_income"],
            "survey": ["survey"],
            "first_vintage": [2021],
            "last_vintage": [2023],
            "publisher_columns": ["WSAL_VAL"],
            "conversion": ["as it is"],
            "comparability": [""],
        }
    )
    with duckdb.connect() as connection:
        tables = {
            "val_vintage_consistency": connection.from_df(rows),
            "dictionary_source": connection.from_df(source),
        }
        write_release(
            Path("releases") / "demo", tables, MANIFEST | {"sources": dashboard_release.sources()}
        )


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not shown.exception
    return shown


def metrics(shown: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in shown.metric}


def test_jumps_are_counted_and_listed() -> None:
    release(compared())
    shown = page()
    assert metrics(shown) == {"Changes judged": "4", "Jumps": "1", "Not explained": "1"}
    jumps, sources = (each.value for each in shown.dataframe)
    assert jumps["dataset_id"].tolist() == ["demo_survey_2022"]
    assert sources["publisher_columns"].tolist() == ["WSAL_VAL"]
    assert "demo_survey" in shown.warning[0].value


def test_a_declared_break_is_no_longer_unexplained() -> None:
    release(compared(explanation="other questions"))
    assert metrics(page())["Not explained"] == "0"


def test_another_variable_can_be_chosen() -> None:
    release(compared())
    shown = page()
    shown.selectbox(key="variable").set_value(("int_person", "race")).run()
    assert not shown.exception
    assert shown.selectbox(key="statistic").value == ("category_share", "white")


def test_one_vintage_leaves_nothing_to_compare() -> None:
    rows = compared()
    release(rows[rows["survey_year"] == 2021])
    assert "nothing to compare" in page().info[0].value


def test_without_a_release_the_page_says_what_to_do() -> None:
    assert "make release" in page().error[0].value


@pytest.mark.parametrize(
    ("jumps", "said"),
    [
        ([False, False, False], "None of 2 changes"),
        ([False, False, True], "1 of 2 changes"),
        ([False, True, True], "2 changes from a survey's vintage before are jumps"),
    ],
)
def test_the_title_counts_the_jumps(jumps: list[bool], said: str) -> None:
    rows = compared()
    rows = rows[rows["statistic"] == "mean"].assign(is_jump=jumps)
    title = figures.vintages(rows, "USD per year").to_dict()["title"]
    assert said in " ".join(title["text"])
    assert "USD per year" in title["subtitle"]
