"""The page on targets finds any target, and says of one all that is known."""

from pathlib import Path

import dashboard_release
import pandas as pd
import pytest
import weight_tables
from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "targets.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    dashboard_release.write(tmp_path, **weight_tables.tables())
    return tmp_path


def page(**address: str) -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60)
    shown.query_params.update(address)
    shown.run()
    assert not shown.exception
    return shown


def listed(shown: AppTest) -> pd.DataFrame:
    return next(each.value for each in shown.dataframe if "target_label" in each.value)


def labels(shown: AppTest) -> list[str]:
    return [label.split(",")[0].split(" ")[0] for label in listed(shown)["target_label"]]


def told(shown: AppTest) -> str:
    return "\n".join(text.value for text in shown.markdown)


def choose(shown: AppTest, row: int | None) -> AppTest:
    (key,) = (each.key for each in shown.dataframe if "target_label" in each.value)
    rows = [] if row is None else [row]
    shown.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    shown.run()
    assert not shown.exception
    return shown


def test_targets_are_found_by_words_family_place_band_and_role(root: Path) -> None:
    shown = page()
    assert labels(shown) == ["returns", "adjusted"]
    assert labels(shown.text_input(key="words").set_value("UTAH").run()) == ["returns"]
    shown.text_input(key="words").set_value("")
    shown.multiselect(key="families").set_value([dashboard_release.FAMILY]).run()
    assert labels(shown) == ["adjusted"]
    shown.multiselect(key="families").set_value([])
    shown.multiselect(key="places").set_value(["49"]).run()
    assert labels(shown) == ["returns"]
    shown.multiselect(key="bands").set_value(["age >= 65"]).run()
    assert labels(shown) == []
    assert shown.caption[0].value.startswith("**0 targets**")
    shown.button_group(key="roles").set_value(["inactive"]).run()
    assert labels(shown) == ["snap"]


def test_bands_and_places_are_offered_in_words_and_in_order(root: Path) -> None:
    shown = page()
    assert shown.multiselect(key="bands").options == [
        "AGI < 1,000",
        "1,000 ≤ AGI < 2,000",
        "age ≥ 65",
    ]
    assert shown.multiselect(key="places").options == ["United States", "Utah"]


def test_an_address_holds_the_filters_and_the_chosen_target(root: Path) -> None:
    shown = page(words="utah", target="two")
    assert shown.text_input(key="words").value == "utah"
    assert labels(shown) == ["returns"]
    assert shown.subheader[0].value == "returns · Utah"


def test_a_chosen_row_is_written_into_the_address_and_taken_out_of_it(root: Path) -> None:
    shown = choose(page(), 1)
    assert shown.query_params["target"] == "one"
    assert shown.subheader[0].value.startswith("adjusted gross income")
    shown = choose(shown, None)
    assert "target" not in shown.query_params
    assert not shown.subheader


def test_a_chosen_target_outlives_another_filter(root: Path) -> None:
    shown = choose(page(), 1)
    shown.text_input(key="words").set_value("utah").run()
    assert shown.query_params["target"] == "one"


def test_a_target_leads_back_to_its_publisher_and_its_row(root: Path) -> None:
    shown = page(target="one")
    words = told(shown)
    assert "[IRS SOI: Table 1.4, B9](https://example.org/published)" in words
    assert "`seeds/facts/facts.csv:2`" in words
    assert "Edition 2024, for tax year 2022" in words
    assert "grown to the year of the build, × 1.0200 (CBO)" in words
    assert "Where 1,000 ≤ AGI < 2,000; is filer = true" in words
    assert "the least loss changes by +0.002 if told one percent more" in words
    assert (
        "**Ours lies 4.0% above what was aimed at; before calibration, 50.0% above** (fitted)."
        in words
    )
    figures = {each.label: each.value for each in shown.metric}
    assert figures["Ours before"] == "$150"
    assert figures["Households that bear on it"] == "40"


def test_a_target_that_the_weights_were_not_told_says_so(root: Path) -> None:
    words = told(page(target="two"))
    assert "Ours lies 5.0% below what was aimed at; before calibration, 5.0% above" in words
    assert "the weights were not told of it" in words


def test_a_target_that_is_left_out_says_why(root: Path) -> None:
    shown = page(target="three")
    assert "**Nothing to compare** (inactive): another concept." in told(shown)
    assert {each.label: each.value for each in shown.metric}["Ours after"] == "not measured"


def test_conflicts_of_a_target_are_told_in_words(root: Path) -> None:
    assert told(page(target="two")).count("over households") == 1
    assert told(page(target="one")).count("over households") == 7
    assert "conflict" not in told(page(target="three"))


def test_history_says_which_value_stood_since_when(root: Path) -> None:
    shown = page(target="one")
    assert "**History** 2 versions; the one in force since 2026-02-03 10:30" in told(shown)
    periods = next(each.value for each in shown.dataframe if "revised_columns" in each.value)
    assert list(periods["published_value"]) == [100.0, 99.0]
    assert "one value, first built with here on 2025-01-01" in told(page(target="two"))


def test_a_release_without_histories_still_shows_the_target(root: Path) -> None:
    tables = weight_tables.tables()
    del tables["val_target_history"]
    gates = dashboard_release.tables()["val_gate"].assign(reason="another")
    dashboard_release.write(root, **tables, val_gate=gates)
    shown = page(target="one")
    assert shown.subheader
    assert any("before histories were released" in each.value for each in shown.caption)


def test_a_target_of_another_release_is_missed_in_words(root: Path) -> None:
    assert "no target `gone`" in page(target="gone").info[0].value


def test_the_fit_of_all_targets_stands_below(root: Path) -> None:
    shown = page()
    achieved = next(each.value for each in shown.dataframe if "within_10" in each.value)
    assert set(achieved["role"]) == {"fitted", "held out"}
    assert len(shown.get("download_button")) == 3


def test_without_targets_the_page_says_that_the_release_is_of_another_version(root: Path) -> None:
    dashboard_release.write(root, target=None)
    assert "written by another version" in page().error[0].value
