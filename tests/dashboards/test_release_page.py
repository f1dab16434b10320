"""What pages share: a figure comes with its source and its rows."""

import pytest
from streamlit.testing.v1 import AppTest

PAGE = """
import altair as alt
import pandas as pd
from release_page import figure, open_page, percent, table

def show():
    rows = pd.DataFrame({"place": ["here", "there"], "share": [0.25, 0.75]})
    figure(alt.Chart(rows).mark_bar().encode(x="share:Q"), rows, "shares", "val_place · Census")
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
    (button,) = page.get("download_button")
    assert button.proto.label == "CSV"


def test_a_table_hides_the_index_and_names_its_columns(page: AppTest) -> None:
    (rows,) = page.dataframe
    assert list(rows.value["share"]) == [0.25, 0.75]
    assert '"share of all"' in rows.proto.columns
