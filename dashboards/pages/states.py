"""States: a map of equal squares, errors before and after, and ours beside what was published.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import pandas as pd
import streamlit as st
from release_page import ask, chosen_release, drawn, figure, open_page, part, percent, table

from steelyard.report.figures import AFTER, BEFORE
from steelyard.report.figures_states import (
    STATES,
    error_map,
    level_map,
    state_errors,
    state_scatter,
)
from steelyard.report.questions import STATE_FIGURES

MEASURES = """
    select
        measure_id, any_value(variable) as variable, any_value(statistic) as statistic,
        any_value(other_constraints) as other_constraints, any_value(unit) as unit,
        any_value(target_family) as target_family,
        bool_or(target_role = 'held_out') as is_held_out
    from val_state_figure
    group by measure_id
    order by
        any_value(variable = 'adjusted_gross_income' and unit = 'USD') desc,
        any_value(variable = 'civilian_population'),
        length(any_value(other_constraints)), measure_id
"""
AGREEMENT = """
    select * from val_state_agreement
    order by measure_id, weight_stage
"""
WORST = 25  # measures in the picture of errors; the table has all
VIEWS = {
    "after": "error after calibration",
    "before": "error before calibration",
    "published": "published, per head",
    "ours": "ours, per head",
    "heaviest": "carried by one record",
}


def show() -> None:
    """Show a measure in every state, then how well all measures agree."""
    release = chosen_release()
    measures = ask(release, MEASURES)
    if measures.empty:
        st.info("No figure of states is in this release.")
    else:
        one_measure(release, measures.assign(words=measures.apply(words, axis=1)))
    poverty(release)
    agreement(release, measures)


def words(row: pd.Series) -> str:
    """Name a measure for a reader."""
    name = str(row["variable"]).replace("_", " ")
    number = "" if row["statistic"] == "amount" else f", number of {row['unit']}"
    among = str(row["other_constraints"]).replace("is_filer = true", "").strip("; ")
    among = f" · {among}" if among else ""
    source = str(row["target_family"]).rpartition("/")[2].replace("_", " ")
    held = " · held out" if row["is_held_out"] else ""
    return f"{name}{number}{among} ({source}){held}"


@part
def one_measure(release: str, measures: pd.DataFrame) -> None:
    """Let the reader choose a measure and what the squares show."""
    st.header("One measure in every state", anchor="measure")
    names = dict(zip(measures["measure_id"], measures["words"], strict=True))
    measure = st.selectbox(
        "Measure", list(names), format_func=names.get, key="measure", bind="query-params"
    )
    view = st.segmented_control(
        "Squares show",
        list(VIEWS),
        format_func=VIEWS.get,
        default="after",
        key="view",
        bind="query-params",
    )
    view = view or "after"
    rows = ask(release, STATE_FIGURES, measure=measure)
    name = names[measure].partition(" (")[0].capitalize()
    unit = str(rows["unit"].iat[0])
    estimate = "initial_estimate" if view == "before" else "calibrated_estimate"
    if view in ("after", "before"):
        told = rows.assign(error=rows[estimate] / rows["published_value"] - 1)
        picture = drawn(error_map, told[["geoid", "error"]], name, VIEWS[view].partition(" ")[2])
    elif view == "heaviest":
        told = rows.assign(value=rows["heaviest_share"])
        picture = drawn(level_map, told[["geoid", "value"]], f"{name}, {VIEWS[view]}", "share")
    else:
        told = rows.assign(
            value=rows["published_value" if view == "published" else estimate] / rows["residents"]
        )
        picture = drawn(
            level_map, told[["geoid", "value"]], f"{name}, {VIEWS[view]}", unit_of(unit)
        )
    one, two = st.columns(2)
    with one:
        figure(picture, told, "map", source_of(rows))
    with two:
        beside(release, measure, rows, name, unit)


def source_of(rows: pd.DataFrame) -> str:
    """Say where a measure is from, and which states hang on one record."""
    source = f"val_state_figure; published: {rows['target_family'].iat[0]}"
    source += "; grey: no figure, or set aside." if len(rows) < len(STATES) else "."
    alone = sorted(
        STATES.get(code, code) for code in rows.loc[rows["heaviest_share"] >= 0.5, "geoid"]
    )
    return source + (
        f" One record carries half or more of it in {', '.join(alone)}." if alone else ""
    )


def beside(release: str, measure: str, rows: pd.DataFrame, name: str, unit: str) -> None:
    """Set ours beside what was published, per head; say so where there is nothing to compare."""
    heads = pd.DataFrame(
        {
            "state": rows["geoid"].map(STATES),
            "published": rows["published_value"] / rows["residents"],
            BEFORE: rows["initial_estimate"] / rows["residents"],
            AFTER: rows["calibrated_estimate"] / rows["residents"],
        }
    )
    if heads["published"].max() - heads["published"].min() < 1e-3:
        st.info("Residents per resident are one everywhere: nothing is left to compare.")
        return
    agreed = ask(
        release,
        "select rank_correlation from val_state_agreement "
        "where measure_id = $measure and weight_stage = 'calibrated_weight'",
        measure=measure,
    )["rank_correlation"]
    rank = float(agreed.iat[0]) if len(agreed) else float("nan")
    figure(drawn(state_scatter, heads, name, unit, rank), heads, "scatter", source_of(rows))


def unit_of(unit: str) -> str:
    """Say counts per head as shares of people."""
    return "USD" if unit == "USD" else "share"


def poverty(release: str) -> None:
    """Map the official poverty rate, for which no state's figure is in the release."""
    st.header("Poverty by state", anchor="poverty")
    rows = ask(
        release,
        "select category as geoid, poverty_rate as value, poor_count from val_poverty "
        "where measure = 'official' and breakdown = 'state' "
        "and weight_stage = 'calibrated_weight' and poverty_rate is not null",
    )
    if rows.empty:
        st.info("No state is known in this release.")
        return
    few = sorted(STATES.get(code, code) for code in rows.loc[rows["poor_count"] < 100, "geoid"])
    thin = f" Fewer than 100 poor records: {', '.join(few)}." if few else ""
    figure(
        drawn(level_map, rows, "Official poverty rate after calibration", "share"),
        rows,
        "poverty",
        f"val_poverty, under calibrated weights; no state's rate is fitted.{thin}",
    )


def agreement(release: str, measures: pd.DataFrame) -> None:
    """Show how well states agree, by more than the correlation of levels."""
    st.header("Every measure", anchor="agreement")
    rows = ask(release, AGREEMENT)
    if rows.empty:
        return
    errors = rows.pivot_table(
        index="measure_id", columns="weight_stage", values="mean_absolute_percentage_error"
    ).reset_index()
    errors = errors.rename(columns={"initial_weight": BEFORE, "calibrated_weight": AFTER})
    names = dict(zip(measures["measure_id"], measures.apply(words, axis=1), strict=True))
    full = errors["measure_id"].map(names)
    short = full.str.replace(r" \([^()]*\)", "", regex=True)
    errors["measure"] = short.where(~short.duplicated(keep=False), full)
    errors = errors.sort_values(AFTER, ascending=False)
    st.caption(
        f"The {min(WORST, len(errors))} measures that are furthest off after calibration, of "
        f"{len(errors)}."
    )
    figure(
        drawn(state_errors, errors.head(WORST)[["measure", BEFORE, AFTER]]),
        errors,
        "errors",
        "val_state_agreement. Levels correlate wherever populations do: the table has what is left "
        "per head, and of ranks.",
    )
    shown = rows.assign(
        measure=rows["measure_id"].map(names),
        weights=rows["weight_stage"].map(
            {"initial_weight": "before", "calibrated_weight": "after"}
        ),
    )
    columns = {
        "n_areas": "states",
        "mean_absolute_percentage_error": percent("mean error"),
        "median_absolute_percentage_error": percent("median error"),
    }
    columns |= {
        name: st.column_config.NumberColumn(words, format="%.3f")
        for name, words in (
            ("correlation", "levels"),
            ("log_correlation", "logarithms"),
            ("per_head_correlation", "per head"),
            ("rank_correlation", "ranks per head"),
        )
    }
    table(shown[["measure", "weights", *columns]], "agreement", **columns)


open_page("states", "How near each state is", show)
