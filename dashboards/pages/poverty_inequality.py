"""Poverty, inequality and burdens: ours beside what was published and beside the base survey.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import pandas as pd
import streamlit as st
from release_page import ask, chosen_release, drawn, figure, open_page, part, plain, table

from steelyard.report import humane, interval_words
from steelyard.report.figures_distribution import burden_rates, burden_shares, poverty_rates
from steelyard.report.people import (
    BENCHMARKS,
    POVERTY,
    RATES,
    benchmark_words,
    benchmarks_kept,
    poverty_by_age,
)

BURDENS = "select * from val_burden where income_group != 'all' order by weight_stage, position"
STAGE_WORDS = {"calibrated_weight": "after calibration", "initial_weight": "before calibration"}


def show() -> None:
    """Show poverty by both measures, inequality, burdens, and every benchmark."""
    release = chosen_release()
    st.header("Poverty", anchor="poverty")
    left, right = st.columns(2)
    with left:
        poverty(release, "official")
    with right:
        poverty(release, "supplemental")
    inequality(release)
    burdens(release)
    benchmarks(release)


def poverty(release: str, measure: str) -> None:
    """Draw the poverty of all and by age; say so where the base does not know it."""
    rows, source = poverty_by_age(ask(release, POVERTY), ask(release, RATES), measure)
    if rows.empty:
        st.info(
            f"**{measure.capitalize()} poverty is not known in this build**: its base carries no "
            "resources and thresholds of SPM units."
        )
        return
    figure(drawn(poverty_rates, rows, measure), rows, f"poverty_{measure}", source)


def inequality(release: str) -> None:
    """Set figures that have a standard error, and those of inequality, beside published ones."""
    st.header("Inequality and its uncertainty", anchor="inequality")
    rows = ask(release, BENCHMARKS)
    told = rows[(rows["role"] == "benchmark") & rows["headline_metric"].notna()]
    units = told["unit"]
    shown = pd.DataFrame(
        {
            "Published": [*map(humane, told["published_value"], units)],
            "Before": [*map(humane, told["initial_value"], units)],
            "After": [*map(humane, told["calibrated_value"], units)],
            "95% interval": [*map(interval_words, told["lower_value"], told["upper_value"], units)],
            "Source": told["publisher"] + ", " + told["source_table"],
        }
    )
    st.table(shown.set_index(told["label"].rename("Figure")))
    st.caption(
        "val_benchmark and val_headline_error: the interval is of sampling, from replicates that "
        "are each calibrated anew, and of imputation where other draws were made; not of what was "
        "published."
    )


@part
def burdens(release: str) -> None:
    """Draw what taxes take, from the lowest fifth to the top percent."""
    st.header("Who pays", anchor="burdens")
    stage = st.segmented_control(
        "Weights",
        list(STAGE_WORDS),
        format_func=STAGE_WORDS.get,
        default="calibrated_weight",
        key="stage",
        bind="query-params",
    )
    rows = ask(release, BURDENS)
    rows = rows[rows["weight_stage"] == (stage or "calibrated_weight")]
    caption = (
        "val_burden: people ranked by household income over the square root of household size, as "
        "CBO ranks them; corporate and excise taxes are not in it, nor benefits in kind. No "
        "distribution of taxes is published that this release could be held to."
    )
    left, right = st.columns(2)
    with left:
        figure(drawn(burden_rates, rows), rows, "burden_rates", caption)
    with right:
        figure(drawn(burden_shares, rows), rows, "burden_shares", "val_burden")


def benchmarks(release: str) -> None:
    """List every benchmark, with what differs between the two figures."""
    st.header("Every benchmark", anchor="benchmarks")
    rows = ask(release, BENCHMARKS)
    st.markdown(plain(benchmarks_kept(rows)))
    told = benchmark_words(rows)
    for role, words in (("benchmark", None), ("method", "Another file, to compare methods by")):
        if words:
            st.subheader(words, anchor=False)
        table(
            told[rows["role"] == role],
            f"benchmarks_{role}",
            **{"what differs": st.column_config.TextColumn(width="large")},
        )


open_page("poverty and inequality", "Who is poor, who has most, who pays", show)
