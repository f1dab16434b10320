"""The page on Social Security: what the panel costs, what is SSA's to the cent, and the rest."""

from pathlib import Path

import dashboard_release
import pandas as pd
import panel_tables
import pytest
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "social_security.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compared() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": ["automatic_amount"] * 3 + ["worker"],
            "item": ["pia_bend_1", "pia_bend_1", "exempt_at_fra", "max_70_1987"],
            "year": [1979, 1980, 2003, 2008],
            "month_of_year": [None, None, None, 1],
            "measure": ["amount"] * 3 + ["benefit"],
            "published_value": [180.0, 194.0, 30720.0, 1977.0],
            "computed_value": [180.0, 194.0, 30720.0, 1978.0],
            "gap": [0.0, 0.0, 0.0, 1.0],
            "note": [None, None, None, "the edition of 2008 is a dollar lower"],
            "source": "SSA",
        }
    )


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not shown.exception
    return shown


def test_figures_are_counted_and_those_apart_are_listed(root: Path) -> None:
    dashboard_release.write(root, val_oasdi_published=compared(), **panel_tables.none())
    shown = page()
    assert "no aged panel" in shown.info[0].value
    assert [each.value for each in shown.metric] == ["3 of 3", "0 of 1"]
    (apart,) = (each.value for each in shown.dataframe)
    assert list(apart["item"]) == ["max_70_1987"]
    assert shown.selectbox(key="amount").options == ["PIA bend 1", "exempt at full retirement age"]
    shown.selectbox(key="amount").set_value("exempt_at_fra").run()
    assert not shown.exception


def test_nothing_apart_and_nothing_compared_are_said(root: Path) -> None:
    dashboard_release.write(root, val_oasdi_published=compared().iloc[:3], **panel_tables.none())
    assert any("No published figure" in each.value for each in page().caption)
    dashboard_release.write(root, val_oasdi_published=compared().iloc[:0], **panel_tables.none())
    assert "compared nothing" in page().info[1].value


def test_a_panel_s_cost_and_beneficiaries_are_shown(root: Path) -> None:
    dashboard_release.write(root, val_oasdi_published=compared(), **panel_tables.of_panel())
    shown = page()
    (horizon,) = (each.value for each in shown.caption if "present value" in each.value)
    assert ".0" not in horizon
    assert not shown.info
    assert "reform" not in {each.proto.anchor for each in shown.header}
    told = {each.label: each.value for each in shown.metric}
    assert told["Actuarial balance"] == "−1.50%"
    errors = {each.label: each.delta for each in shown.metric}
    assert (errors["Actuarial balance"], errors["Income"]) == ("± 0.87", "")
    assert "Means of 2 imputations" in horizon
    assert told["Trust funds exhausted"] == "not yet"
    paid = shown.dataframe[0].value
    assert paid["benefit_group"].tolist() == ["retired_worker", "widow_nondisabled"]
    assert paid["persons"].tolist() == [50e6, 3e6]
    assert paid["published_persons"].tolist() == [50e6, 3e6]
    shown.select_slider(key="paid_year").set_value(2023).run()
    assert not shown.exception
    assert shown.dataframe[0].value["published_persons"].isna().all()


def test_a_reform_is_shown_beside_present_law(root: Path) -> None:
    tables = panel_tables.of_panel(reform=True)
    dashboard_release.write(root, val_oasdi_published=compared(), **tables)
    shown = page()
    assert "reform" in {each.proto.anchor for each in shown.header}
    told = {each.label: each.value for each in shown.metric}
    assert told["Balance under present law"] == "−1.50%"
    assert told["Balance under the reform"] == "−0.75%"
    assert told["Change of the balance"] == "+0.75%"
    assert told["Trust funds exhausted under present law"] == "2034–2036"
    assert told["Trust funds exhausted under the reform"] == "not yet"
    assert any("less.yml 0123456789, beside present law" in each.value for each in shown.caption)
    files = {each.proto.id.rpartition("-")[2] for each in shown.get("download_button")}
    assert {"reform.csv", "winners.csv"} <= files


def test_funds_exhausted_in_some_imputations_only_are_counted(root: Path) -> None:
    tables = panel_tables.of_panel()
    estimates = tables["val_panel_estimate"]
    gone = estimates.query("unit == 'year'").assign(
        figure="depletion_year", imputation_count=1, lowest_value=2034.0, highest_value=2034.0
    )
    tables["val_panel_estimate"] = pd.concat([estimates, gone])
    dashboard_release.write(root, val_oasdi_published=compared(), **tables)
    told = {each.label: each.value for each in page().metric}
    assert told["Trust funds exhausted"] == "2034, 1 of 2"
