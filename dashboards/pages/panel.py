"""Panel: the population aged year by year, beside what it was aligned to.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import pandas as pd
import streamlit as st
from release_page import ask, chosen_release, drawn, figure, open_page, part, percent, plain, table

from steelyard.report.figures_panel import event_path, factors, pyramid, weight_spread

NAMED = """
    select any_value(panel) as panel, max(imputation) as imputations,
        min(panel_year) as first_year, max(panel_year) as last_year,
        any_value(scenario) as scenario, any_value(reform) as reform,
        any_value(person_count) filter (where panel_year = last.year) as persons
    from val_panel_year cross join (select max(panel_year) as year from val_panel_year) as last
"""
POPULATION = """
    select sex, age_lower, age_upper, any_value(published_persons) as published_persons,
        avg(persons) as persons, avg(base_weight_persons) as base_weight_persons
    from val_panel_population
    where panel_year = $year
    group by sex, age_lower, age_upper
    order by sex, age_lower
"""
JUDGED = """
    select event, any_value(unit) as unit, max(abs(relative_error)) as largest_error,
        any_value(tolerance_share) as tolerance_share,
        count(*) filter (where not is_met) as years_off,
        avg(factor_change) filter (where panel_year = $year) as factor_change,
        any_value(drift_limit) as drift_limit,
        coalesce(bool_or(is_drifting) filter (where panel_year = $year), false) as is_drifting
    from val_panel_alignment
    group by event
    order by is_drifting desc, years_off desc, event
"""
EVENT = """
    select panel_year, avg(wanted) as wanted, avg(happened) as happened,
        avg(alignment_factor) as alignment_factor
    from val_panel_alignment
    where event = $event
    group by panel_year
    order by panel_year
"""
FACTORS = """
    select panel_year, event, avg(alignment_factor) as alignment_factor,
        bool_or(is_drifting) as is_drifting
    from val_panel_alignment
    where alignment_factor is not null
    group by panel_year, event
    order by panel_year, event
"""
WEIGHTS = """
    select panel_year, avg(columns('weight_ratio_.*|effective_sample_share|yearly_weight_change'))
    from val_panel_year
    group by panel_year
    order by panel_year
"""


def show() -> None:
    """Name the panel; show its people, its events, what moves them, and its weights."""
    release = chosen_release()
    named = ask(release, NAMED).iloc[0]
    if not named["panel"]:
        st.info(
            "**This release has no aged panel.** Make one: `steelyard panel`, and build again.",
            icon=":material/info:",
        )
        return
    identity(named)
    years = list(range(int(named["first_year"]), int(named["last_year"]) + 1))
    people(release, years)
    events(release, years[-1])
    moved(release)


def identity(named: pd.Series) -> None:
    """Say which panel it is."""
    figures = {
        "Years": f"{named['first_year']} to {named['last_year']}",
        "Imputations": f"{named['imputations']}",
        "Records in the last year": f"{named['persons']:,}",
        "Scenario": named["scenario"],
    }
    for column, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(name, value, border=True)
    law = named["reform"] or "present law"
    st.caption(
        f"Panel {plain(named['panel'])}, {plain(law)}. "
        "Where there are several imputations, their mean is shown."
    )


@part
def people(release: str, years: list[int]) -> None:
    """Draw the pyramid of a year."""
    st.header("Its people", anchor="people")
    year = st.select_slider("Year", years, value=years[-1], key="people_year", bind="query-params")
    rows = ask(release, POPULATION, year=year)
    figure(
        drawn(pyramid, rows, year),
        rows,
        "population",
        "Source: val_panel_population; SSA, Trustees",
    )


@part
def events(release: str, last: int) -> None:
    """List all events, those that drift first; draw the one that is chosen."""
    st.header("Its events", anchor="events")
    judged = ask(release, JUDGED, year=last)
    drifting = list(judged.loc[judged["is_drifting"], "event"])
    if drifting:
        st.warning(
            f"**Factors drift: {plain(', '.join(drifting))}.** What chances have to be moved by is "
            "farther from what it was in the first years than the limit: alignment hides that they "
            "no longer hold.",
            icon=":material/warning:",
        )
    table(
        judged,
        "events",
        largest_error=percent("largest error"),
        tolerance_share=percent("tolerated"),
        years_off=st.column_config.NumberColumn("years beyond it"),
        is_drifting=st.column_config.CheckboxColumn("drifts"),
    )
    units = dict(zip(judged["event"], judged["unit"], strict=True))
    event = st.selectbox("Event", sorted(units), key="event", bind="query-params")
    rows = ask(release, EVENT, event=event)
    figure(
        drawn(event_path, rows, event.replace("_", " "), units[event]),
        rows,
        "event",
        "Source: val_panel_alignment",
    )


def moved(release: str) -> None:
    """Draw what chances, and weights, were moved by."""
    rows = ask(release, FACTORS)
    figure(drawn(factors, rows), rows, "factors", "Source: val_panel_alignment")
    st.header("Its weights", anchor="weights")
    spread = ask(release, WEIGHTS)
    figure(drawn(weight_spread, spread), spread, "weights", "Source: val_panel_year")


open_page("Panel", "The population, year by year", show)
