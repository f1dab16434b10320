"""What pages share: a figure comes with its source and its rows."""

import json

import pytest
import release_page
from streamlit.testing.v1 import AppTest

PAGE = """
import altair as alt
import pandas as pd
from release_page import drawn, figure, open_page, percent, table

def bars(rows):
    return alt.Chart(rows).mark_bar().encode(x="share:Q") if len(rows) else None

def show():
    rows = pd.DataFrame({"place": ["here", "there"], "share": [0.25, 0.75]})
    figure(drawn(bars, rows), rows, "shares", "val_place · Census")
    figure(drawn(bars, rows.assign(share=1.0)), rows, "wholes", "val_place")
    assert drawn(bars, rows.head(0)) == {}
    table(rows, "places", share=percent("share of all"))

open_page("test", "A page", show)
"""


@pytest.fixture
def page() -> AppTest:
    page = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not page.exception
    return page


def test_a_figure_stands_over_its_source_and_its_rows(page: AppTest) -> None:
    assert page.caption[0].value == "val_place · Census"
    button, _ = page.get("download_button")
    assert button.proto.label == "CSV"


def test_only_the_first_figure_of_a_visit_has_a_head_start(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(release_page.time, "sleep", waited.append)
    monkeypatch.setattr(release_page, "HEAD_START", 0.25)
    fresh = AppTest.from_string(PAGE, default_timeout=60).run()
    assert waited.count(0.25) == 1
    fresh.run()
    assert waited.count(0.25) == 1


def test_other_rows_are_drawn_otherwise(page: AppTest) -> None:
    shares, wholes = page.get("vega_lite_chart")
    assert json.loads(shares.proto.spec)["mark"] == json.loads(wholes.proto.spec)["mark"]
    assert "config" not in json.loads(shares.proto.spec)
    assert shares.proto.datasets[0].data.data != wholes.proto.datasets[0].data.data


def test_a_table_hides_the_index_and_names_its_columns(page: AppTest) -> None:
    (rows,) = page.dataframe
    assert list(rows.value["share"]) == [0.25, 0.75]
    assert '"share of all"' in rows.proto.columns
