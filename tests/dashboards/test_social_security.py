"""The page on Social Security counts what is SSA's to the cent, and lists the rest."""

from pathlib import Path

import dashboard_release
import pandas as pd
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
    dashboard_release.write(root, val_oasdi_published=compared())
    shown = page()
    assert "No release holds a panel yet" in shown.info[0].value
    assert [each.value for each in shown.metric] == ["3 of 3", "0 of 1"]
    (apart,) = (each.value for each in shown.dataframe)
    assert list(apart["item"]) == ["max_70_1987"]
    assert shown.selectbox(key="amount").options == ["PIA bend 1", "exempt at full retirement age"]
    shown.selectbox(key="amount").set_value("exempt_at_fra").run()
    assert not shown.exception


def test_nothing_apart_and_nothing_compared_are_said(root: Path) -> None:
    dashboard_release.write(root, val_oasdi_published=compared().iloc[:3])
    assert any("No published figure" in each.value for each in page().caption)
    dashboard_release.write(root, val_oasdi_published=compared().iloc[:0])
    assert "compared nothing" in page().info[1].value
