"""Distributions: who has how much of what, before and after calibration, and where it comes from.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import pandas as pd
import streamlit as st
from release_page import ask, chosen_release, drawn, figure, open_page, part

from steelyard.report.figures_distribution import distribution_by_group, origins, sources_fit
from steelyard.report.figures_states import STATES

SOURCES = """
    with published as (
        select variable, target_role, published_value, publisher, source_table
        from target
        where
            geography_level = 'national' and statistic = 'amount' and unit = 'USD'
            and publisher = 'IRS SOI' and published_value != 0
        qualify row_number() over (
            partition by variable
            order by target_role = 'inactive', length(all_constraints), target_id
        ) = 1
    ), ours as (
        select
            measure, label, position,
            max(amount) filter (where weight_stage = 'initial_weight') as initial_amount,
            max(amount) filter (where weight_stage = 'calibrated_weight') as calibrated_amount
        from val_distribution
        where breakdown = 'filer' and category = 'filer'
        group by measure, label, position
    )
    select label, target_role, published_value, initial_amount, calibrated_amount, source_table
    from ours inner join published on measure = variable
    order by position
"""
GROUPS = {
    "decile": "decile of household money income",
    "age": "age of the head",
    "state": "state",
    "filer": "filing",
}
STATISTICS = {
    "mean_of_all": ("mean over all tax units", "USD"),
    "mean_of_those_with": ("mean over those that have it", "USD"),
    "share_with": ("share of tax units that have it", "share"),
    "amount_share": ("part of the whole amount", "share"),
    "amount": ("amount", "USD"),
}
ROWS = """
    select category, weight_stage, record_count, {statistic} as value
    from val_distribution
    where measure = $measure and breakdown = $breakdown
    order by category, weight_stage
"""
ORIGINS = """
    select table_name || '.' || variable as variable, origin, amount, units_with, records_with
    from val_origin
    where weight_stage = 'calibrated_weight'
    order by variable, origin
"""
FEW = 100  # records below which a group says little


def show() -> None:
    """Compare sources with what was published, then one of them by group, then say its origin."""
    release = chosen_release()
    sources(release)
    one_source(release)
    st.header("Where it comes from", anchor="origin")
    rows = ask(release, ORIGINS)
    if rows.empty:
        st.info("No imputable amount is in this release.")
        return
    figure(
        drawn(origins, rows),
        rows,
        "origins",
        "val_origin, under calibrated weights. Reported: as the survey has it; allocated: filled "
        "by the survey's producer; imputed: drawn from donors of another survey.",
    )


def sources(release: str) -> None:
    """Set what is on returns beside what the IRS counted there."""
    st.header("Amounts on returns", anchor="sources")
    rows = ask(release, SOURCES)
    if rows.empty:
        st.info("This release has no published amount to compare with.")
        return
    figure(
        drawn(sources_fit, rows),
        rows,
        "sources",
        "val_distribution and target; published: "
        + ", ".join(sorted(rows["source_table"].unique()))
        + ". In brackets: held out, or not fitted.",
    )


@part
def one_source(release: str) -> None:
    """Let the reader choose a source, a way to divide, and a statistic."""
    st.header("Who has it", anchor="who")
    known = ask(
        release, "select distinct measure, label, position from val_distribution order by position"
    )
    labels = dict(zip(known["measure"], known["label"], strict=True))
    left, middle, right = st.columns(3)
    link = {"bind": "query-params"}
    measure = left.selectbox("Of", list(labels), format_func=labels.get, key="measure", **link)
    breakdown = middle.selectbox("By", list(GROUPS), format_func=GROUPS.get, key="by", **link)
    statistic = right.selectbox(
        "Statistic",
        list(STATISTICS),
        format_func=lambda name: STATISTICS[name][0].capitalize(),
        key="statistic",
        **link,
    )
    rows = ask(
        release, ROWS.format(statistic=statistic), measure=measure, breakdown=breakdown
    ).assign(group=lambda found: found["category"].map(lambda name: words(name, breakdown)))
    words_of, unit = STATISTICS[statistic]
    if rows["value"].isna().all():
        st.info("Nobody has it in this release.")
        return
    figure(
        drawn(distribution_by_group, rows, labels[measure], words_of, unit),
        rows,
        "distribution",
        "val_distribution: tax units. Base survey: what was reported, before anything was imputed "
        f"in its place, scaled to the population.{thin(rows)}",
    )


def thin(rows: pd.DataFrame) -> str:
    """Warn of groups of few records."""
    few = rows[(rows["weight_stage"] == "calibrated_weight") & (rows["record_count"] < FEW)]
    if few.empty:
        return ""
    names = list(few["group"])
    return f" Fewer than {FEW} records: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}."


def words(category: str, breakdown: str) -> str:
    """Name a group for a reader."""
    if breakdown == "decile":
        ends = {1: " (poorest)", 10: " (richest)"}
        return f"Decile {int(category)}{ends.get(int(category), '')}"
    if breakdown == "state":
        return STATES.get(category, category)
    return category.replace("_plus", " and over").replace("_", " ").capitalize()


open_page("distributions", "Who has how much of what", show)
