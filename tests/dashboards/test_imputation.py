"""The page on imputation shows draws, scores beside baselines, and what an invented world knows."""

from pathlib import Path

import dashboard_release
import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from steelyard.release import write_release
from steelyard.report import figures

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "imputation.py"
MANIFEST = {
    "build_target": "demo",
    "income_year": 2022,
    "is_synthetic": True,
    "synthetic_sources": "demo_survey",
}


def draws() -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "imputation": ["imp_scf", "imp_scf", "imp_sipp_person"],
            "variable": ["net_worth", "net_worth", "tip_income"],
            "copy_id": [0, 1, 0],
            "donor_dataset_id": ["demo_scf_2022", "demo_scf_2022", "demo_sipp_2022"],
            "imputation_run_id": ["abc", "abc", "def"],
            "donor_count": [5000, 5000, 2125],
            "effective_donor_count": [3953.4, 3953.4, 1335.0],
            "recipient_count": [600, 600, 1200],
            "outside_support_share": [0.003, 0.004, 0.0],
            "ks_distance": [0.05, 0.06, 0.01],
        }
    )
    for figure in ("zero_share", "mean", "median", "p99"):
        rows = rows.assign(**{f"donor_{figure}": 1.0, f"imputed_{figure}": 1.5})
    return rows


def scores() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "imputation": "imp_scf",
            "method": ["forest", "ols", "forest", "ols"],
            "variable": "net_worth",
            "statistic": ["pinball_skill", "pinball_skill", "ks", "ks"],
            "detail": pd.Series([None] * 4, dtype="string"),
            "score": [0.2, -1e9, 0.01, 0.4],
        }
    )


def truth() -> pd.DataFrame:
    return pd.DataFrame({"variable": ["net_worth"], "copy_id": [0], "ks_distance": [0.07]})


def release(drawn: pd.DataFrame, scored: pd.DataFrame, true: pd.DataFrame) -> None:
    frames = {
        "val_imputation": drawn,
        "val_imputation_score": scored,
        "val_imputation_truth": true,
    }
    with duckdb.connect() as connection:
        write_release(
            Path("releases") / "demo",
            {name: connection.from_df(frame) for name, frame in frames.items()},
            MANIFEST | {"sources": dashboard_release.sources()},
        )


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not shown.exception
    return shown


def test_draws_scores_and_truth_of_an_imputation_are_shown() -> None:
    release(draws(), scores(), truth())
    shown = page()
    assert {each.label: each.value for each in shown.metric} == {
        "Donors": "5,000",
        "Effective donors": "3,953",
        "Recipients": "600",
        "Outside the donors' support": "0.4%",
    }
    drawn, true = (each.value for each in shown.dataframe)
    assert drawn["copy_id"].tolist() == [0, 1]
    assert true["variable"].tolist() == ["net_worth"]
    said = " ".join(each.value for each in shown.caption)
    assert "demo_scf_2022, run abc" in said
    assert "Not drawn, because below -1: 1" in said
    assert "demo_survey" in shown.warning[0].value


def test_another_statistic_is_drawn_whole() -> None:
    release(draws(), scores(), truth())
    shown = page()
    shown.selectbox(key="statistic").set_value("ks").run()
    assert not shown.exception
    assert "Not drawn" not in " ".join(each.value for each in shown.caption)


def test_an_imputation_that_was_not_judged_says_so() -> None:
    release(draws(), scores(), truth())
    shown = page()
    shown.selectbox(key="imputation").set_value("imp_sipp_person").run()
    assert not shown.exception
    assert "not judged" in shown.info[0].value
    assert len(shown.dataframe) == 1


def test_nothing_imputed_and_no_release_are_said() -> None:
    assert "make release" in page().error[0].value
    release(draws().iloc[:0], scores().iloc[:0], truth().iloc[:0])
    assert "Nothing was imputed" in page().info[0].value


def test_the_figure_counts_methods_and_variables() -> None:
    rows = scores()[scores()["statistic"] == "ks"]
    title = figures.imputation_scores(rows, "gap").to_dict()["title"]
    assert "2 methods on 1 variable of donors" in " ".join(title["text"])
    assert "gap" in title["subtitle"]
    nothing = figures.imputation_scores(rows.assign(score=float("nan")), "gap").to_dict()
    assert "0 methods on 0 variables" in " ".join(nothing["title"]["text"])
