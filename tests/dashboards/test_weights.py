"""The page on weights says what calibration cost, where, and what it moved beside the targets."""

import json
from pathlib import Path

import dashboard_release
import pandas as pd
import pytest
import weight_tables
from streamlit.testing.v1 import AppTest

from steelyard.report import figures_weights

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "weights.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    dashboard_release.write(tmp_path, **weight_tables.tables())
    return tmp_path


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not shown.exception
    return shown


def told(shown: AppTest) -> str:
    return "\n".join(each.value for each in [*shown.markdown, *shown.caption])


def title(figure: object) -> str:
    return " ".join(figure.to_dict()["title"]["text"])


def test_key_figures_and_percentiles_are_those_of_the_table(root: Path) -> None:
    shown = page()
    assert {each.label: each.value for each in shown.metric} == {
        "Effective sample kept": "61.0%",
        "Effective households": "2",
        "Heaviest 100 carry": "0.8%",
        "Households without weight": "25.0%",
    }
    assert shown.dataframe[0].value.iloc[0].to_dict() == {
        "P0": "0.10",
        "P50": "1.00",
        "P100": "10.00",
    }


def test_conflicts_are_told_in_words_the_dearest_first(root: Path) -> None:
    words = told(page())
    assert "1. fight 1 over households" in words
    assert "fight 6" not in words


def test_peace_is_said(root: Path) -> None:
    none = weight_tables.conflicts().iloc[:0]
    dashboard_release.write(root, **weight_tables.tables() | {"val_conflict": none})
    assert any("no two sets of targets" in each.value for each in page().info)


def test_deciles_can_be_asked_for(root: Path) -> None:
    shown = page()
    shown.button_group(key="by").set_value("income_decile").run()
    assert not shown.exception
    assert any(key.key == "effective-income_decile.csv" for key in shown.get("download_button"))


def test_what_was_not_tried_is_not_shown(root: Path) -> None:
    assert any(each.value == "Is the fit more than memory?" for each in page().header)
    nothing = {
        "val_left_out": weight_tables.left_out().iloc[:0],
        "val_placebo": weight_tables.placebo().iloc[:0],
    }
    dashboard_release.write(root, **weight_tables.tables() | nothing)
    shown = page()
    assert not any(each.value == "Is the fit more than memory?" for each in shown.header)
    assert "was not tried in this build" in told(shown)


@pytest.mark.parametrize(
    ("ratios", "said"),
    [([0.1, 0.499, 0.5, 0.9, 1.1, 1.999, 2.0, 10.0], "50%"), ([0.0, 1.0, 1.0, 1.0], "100%")],
)
def test_half_and_twice_the_weight_are_edges_of_the_bins(
    root: Path, ratios: list[float], said: str
) -> None:
    households = pd.DataFrame({"weight_ratio": ratios})
    dashboard_release.write(root, **weight_tables.tables() | {"household": households})
    specs = [json.loads(figure.proto.spec) for figure in page().get("vega_lite_chart")]
    titles = [" ".join(spec["title"]["text"]) for spec in specs]
    assert f"{said} of the households keep between half and twice their weight" in titles


def test_titles_say_the_finding() -> None:
    states = (
        weight_tables.groups().query("group_kind == 'state'").assign(name=["California", "Utah"])
    )
    assert title(figures_weights.effective_samples(states, "states")) == (
        "1 of 2 states keep half of their effective sample or more; California keeps least, 40%"
    )
    moved = weight_tables.drift()[["entity", "characteristic", "is_targeted", "moved_share"]]
    assert title(figures_weights.drift(moved.drop_duplicates())).startswith(
        "Of what no target names, tenure type moved most: 5.0%"
    )
    assert title(figures_weights.drift(moved[moved["is_targeted"]])).startswith(
        "Targets name every"
    )
    assert title(figures_weights.left_out(weight_tables.left_out(), "families")).startswith(
        "1 of 2 families are nearer than before"
    )
