"""Figures and words say what the tables say."""

from pathlib import Path

import dashboard_release
import pandas as pd
import pytest

from steelyard import report
from steelyard.report import figures
from steelyard.warehouse.query import QueryError, query_parquet


def title(figure: object) -> str:
    return " ".join(figure.to_dict()["title"]["text"])


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (14.834e12, "USD", "$14.8 T"),
        (-2.5e9, "USD", "−$2.50 B"),
        (74_580.0, "USD", "$74,580"),
        (0.115, "share", "11.5%"),
        (0.4879, "index", "0.488"),
        (161.3e6, "returns", "161 M"),
        (999_999.0, "persons", "999,999"),
        (None, "USD", "not measured"),
        (float("nan"), "share", "not measured"),
    ],
)
def test_figures_are_said_with_their_unit(value: float | None, unit: str, said: str) -> None:
    assert report.humane(value, unit) == said


def test_errors_carry_their_sign() -> None:
    assert report.signed_percent(0.0593) == "+5.9%"
    assert report.signed_percent(-0.2) == "−20.0%"
    assert report.signed_percent(float("nan")) == "not measured"


def test_a_gate_says_what_it_asks() -> None:
    asked = report.gate_words("effective_sample_share_at_least", 0.25906, 0.5)
    assert asked == "Effective sample share: 0.259, asked: at least 0.5"


def test_headline_title_counts_only_figures_that_have_ours() -> None:
    figure = figures.headline_errors(dashboard_release.headline())
    assert title(figure).startswith("1 of 2 headline figures lie nearer")


def test_family_title_counts_the_better_ones() -> None:
    families = dashboard_release.tables()["val_target_family"]
    assert title(figures.family_fit(families)).startswith("1 of 2 families")
    unsupported = families.assign(supported_count=0)
    assert title(figures.family_fit(unsupported)).startswith("0 of 0 families")


def test_curve_title_reads_the_curve_at_ten_percent() -> None:
    curve = pd.DataFrame(
        {
            "target_role": "fitted",
            "stage": ["before calibration"] * 2 + ["after calibration"] * 2,
            "threshold": [0.05, 0.1] * 2,
            "within_share": [0.1, 0.3, 0.6, 0.95],
        }
    )
    assert title(figures.error_curves(curve)) == "Targets within 10%: fitted 30% → 95%"


def test_weight_title_counts_those_near_their_weight() -> None:
    ratios = pd.DataFrame(
        {"lower": [0.1, 0.8, 4.0], "upper": [0.2, 1.25, 5.0], "household_share": [0.1, 0.7, 0.2]}
    )
    assert title(figures.weight_ratios(ratios)).startswith("70% of the households")


def test_a_loss_that_was_not_computed_is_not_drawn() -> None:
    history = dashboard_release.history()
    assert drawn(figures.solver_loss(history)) == {"fitted"}
    both = figures.solver_loss(history.assign(held_out_loss=[3.0, 2.0]))
    assert drawn(both) == {"fitted", "held out"}


def drawn(figure: object) -> set[str]:
    rows = [row for table in figure.to_dict()["datasets"].values() for row in table]
    return {row["measure"] for row in rows}


def test_every_figure_says_its_finding_to_screen_readers() -> None:
    figure = figures.solver_path(dashboard_release.history())
    assert figure.to_dict()["description"] == title(figure)
    assert "90% of all fitted targets" in title(figure)


def test_a_folder_of_parquet_answers_in_sql(tmp_path: Path) -> None:
    release = dashboard_release.write(tmp_path)
    sql = "select target_id from target where list_contains(cast($ids as varchar[]), target_id)"
    answer = query_parquet(release, sql, {"ids": ["three"]})
    assert list(answer["target_id"]) == ["three"]
    with pytest.raises(QueryError, match="no_such_table"):
        query_parquet(release, "select * from no_such_table")


@pytest.mark.parametrize("colour", [figures.ORANGE, figures.BLUE, figures.GREY])
def test_marks_stand_out_from_white_as_the_web_guidelines_ask(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_before_and_after_differ_in_lightness_too() -> None:
    light, dark = luminance(figures.ORANGE) + 0.05, luminance(figures.BLUE) + 0.05
    assert light / dark > 1.3


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
