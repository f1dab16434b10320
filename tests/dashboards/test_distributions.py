"""The pages on distributions, on poverty and on states: what they say, and of what they do not."""

import json
from pathlib import Path
from typing import Any

import distribution_release
import pytest
from streamlit.testing.v1 import AppTest

from steelyard.report import figures_distribution, figures_states

PAGES = Path(__file__).resolve().parents[2] / "dashboards" / "pages"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def page(name: str) -> AppTest:
    shown = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60).run()
    assert not shown.exception
    return shown


def findings(shown: AppTest) -> list[str]:
    """Titles of the charts, in the page's order."""
    specs = [json.loads(chart.proto.spec) for chart in shown.get("vega_lite_chart")]
    return [" ".join(spec["title"]["text"]) for spec in specs]


def said(elements: Any) -> str:
    return " ".join(str(element.value) for element in elements)


# --------------------------------------------------------------------------------- distributions


def test_amounts_are_set_beside_published_ones_and_divided() -> None:
    distribution_release.write()
    shown = page("distributions")
    first, second, third = findings(shown)
    assert first.startswith("After calibration 1 of 2 amounts on returns lie within 5%")
    assert "Earned income tax credit (not fitted) at +7.8%" in first
    assert second == (
        "Wages and salaries: mean over all tax units is largest in Decile 10 (richest) ($9,900); "
        "calibration moves Decile 1 (poorest) most, by +21.0%"
    )
    assert third == "1 of 2 amounts are imputed for more than half of their dollars"
    assert "Table 1.4, Table 2.5" in said(shown.caption)


def test_another_source_statistic_and_division_are_drawn() -> None:
    distribution_release.write()
    shown = page("distributions")
    shown.selectbox(key="measure").set_value("eitc")
    shown.selectbox(key="by").set_value("age")
    shown.selectbox(key="statistic").set_value("share_with").run()
    assert not shown.exception
    assert findings(shown)[1].startswith(
        "Earned income tax credit: share of tax units that have it is largest in 75 and over"
    )
    assert "Fewer than 100 records: 75 and over." in said(shown.caption)


# -------------------------------------------------------------------------- poverty and inequality


def test_poverty_stands_beside_the_survey_and_the_published_rate() -> None:
    distribution_release.write()
    shown = page("poverty_inequality")
    assert findings(shown)[0] == (
        "Official poverty: 12.0% base survey, 12.0% before calibration, 12.0% after calibration, "
        "11.5% published"
    )
    assert "Supplemental poverty is not known in this build" in said(shown.info)
    assert "0.480 to 0.500" in shown.table[0].value.to_string()
    assert "not replicated" in shown.table[0].value.to_string()
    assert "2 of 3 benchmarks of the same concept and year lie within 5%" in said(shown.markdown)
    assert "1 this build cannot answer" in said(shown.markdown)
    benchmarks, methods = (each.value for each in shown.dataframe)
    assert "Ours is null: why" in benchmarks.to_string()
    assert methods["benchmark"].tolist() == ["Another file: Gini"]


def test_burdens_say_what_the_lowest_and_the_highest_pay() -> None:
    distribution_release.write()
    shown = page("poverty_inequality")
    assert (
        "5.0% of the income of the lowest fifth and 15.0% of that of the top 1"
        in findings(shown)[1]
    )
    assert findings(shown)[2].startswith("The top 1 percent have 30% of income and pay 18%")
    shown.segmented_control(key="stage").set_value("initial_weight").run()
    assert not shown.exception


# -------------------------------------------------------------------------------------- states


def test_states_are_mapped_and_compared_per_head() -> None:
    distribution_release.write()
    shown = page("states")
    tiles, scatter, poverty, errors = findings(shown)
    assert "2 of 3 states lie within 10%" in tiles
    assert "the furthest is NY at −20.0%" in tiles
    assert "off by 7.3% on average" in scatter
    assert "rank correlation 0.50" in scatter
    assert "from 11.0% in CA to 15.0% in AL" in poverty
    assert "brings 2 of 2 measures nearer" in errors
    assert "Fewer than 100 poor records: CA." in said(shown.caption)
    assert "One record carries half or more of it in NY." in said(shown.caption)
    shown.segmented_control(key="view").set_value("heaviest").run()
    assert "carried by one record: from 1.0% in CA to 60.0% in NY" in findings(shown)[0]
    shown.segmented_control(key="view").set_value("published").run()
    assert not shown.exception
    assert "per head: from $43 in TX to $63 in NY" in findings(shown)[0]


def test_a_release_without_figures_of_states_says_so() -> None:
    empty = distribution_release.states().iloc[:0]
    agreement = distribution_release.agreement().iloc[:0]
    distribution_release.write(val_state_figure=empty, val_state_agreement=agreement)
    assert "No figure of states" in said(page("states").info)


def test_every_state_has_one_square() -> None:
    tiles = figures_states.tiles()
    assert len(tiles) == 51 == tiles["geoid"].nunique() == tiles["state"].nunique()
    assert not tiles.duplicated(["row", "column"]).any()
    assert set(tiles["geoid"]) == set(figures_states.STATES)


# ------------------------------------------------------------------------- what may be missing


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("distributions", "val_distribution"),
        ("poverty_inequality", "val_poverty"),
        ("poverty_inequality", "val_burden"),
        ("states", "val_state_figure"),
    ],
)
def test_a_release_of_another_version_is_an_error_in_words(name: str, table: str) -> None:
    distribution_release.write(**{table: None})
    assert table.replace("_", r"\_") in page(name).error[0].value


@pytest.mark.parametrize("name", ["distributions", "poverty_inequality", "states"])
def test_no_release_says_how_to_make_one(name: str) -> None:
    assert "make release" in page(name).error[0].value


def test_pictures_hold_no_more_than_what_they_show() -> None:
    """A picture is a few kilobytes of numbers, so that it can stand in a report."""
    rows = distribution_release.burden()
    rows = rows[(rows["weight_stage"] == "calibrated_weight") & (rows["position"] > 0)]
    for draw in (figures_distribution.burden_rates, figures_distribution.burden_shares):
        assert len(draw(rows).to_json()) < 10_000
