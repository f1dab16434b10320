"""Poverty, inequality and burdens: ours beside what was published and beside the base survey.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import pandas as pd
import streamlit as st
from release_page import ask, chosen_release, figure, open_page

from steelyard.report import humane, signed_percent
from steelyard.report.figures_distribution import (
    PUBLISHED,
    STAGES,
    burden_rates,
    burden_shares,
    poverty_rates,
)

AGES = {
    "all": "Everybody",
    "under_18": "Under 18",
    "18_to_64": "18 to 64",
    "65_plus": "65 and over",
}
POVERTY = """
    select category, weight_stage, poverty_rate as value, known_share, poor_count
    from val_poverty
    where measure = $measure and breakdown in ('all', 'age')
"""
RATES = """
    select benchmark_id, label, published_value, publisher, source_table, period
    from val_benchmark
    where role = 'benchmark' and label like $label
"""
FIGURES = """
    select
        benchmark.label, benchmark.unit, benchmark.role, benchmark.published_value,
        benchmark.initial_value, benchmark.calibrated_value, benchmark.relative_gap,
        benchmark.headline_metric, benchmark.is_same_concept,
        errors.lower_value, errors.upper_value,
        benchmark.publisher, benchmark.source_table, benchmark.period,
        benchmark.comparability
    from val_benchmark as benchmark
    left join val_headline_error as errors on benchmark.headline_metric = errors.metric
    order by benchmark.role, benchmark.publisher, benchmark.benchmark_id
"""
BURDENS = "select * from val_burden where income_group != 'all' order by weight_stage, position"
STAGE_WORDS = {"calibrated_weight": "after calibration", "initial_weight": "before calibration"}


def show() -> None:
    """Show poverty by both measures, inequality, burdens, and every benchmark."""
    release = chosen_release()
    st.header("Poverty", anchor="poverty")
    left, right = st.columns(2)
    with left:
        poverty(release, "official", "Official poverty rate%")
    with right:
        poverty(release, "supplemental", "Supplemental poverty rate%")
    inequality(release)
    # A fragment shows what is missing as a traceback: it is asked for here.
    burdens(ask(release, BURDENS))
    benchmarks(release)


def poverty(release: str, measure: str, label: str) -> None:
    """Draw the poverty of all and by age; say so where the base does not know it."""
    rows = ask(release, POVERTY, measure=measure)
    if rows["value"].isna().all():
        st.info(
            f"**{measure.capitalize()} poverty is not known in this build**: its base carries no "
            "resources and thresholds of SPM units."
        )
        return
    published = ask(release, RATES, label=label)
    said = {
        name: place
        for place, words in AGES.items()
        for name in published["label"]
        if name.endswith(f", {words.lower()}") or (place == "all" and "," not in name)
    }
    ages = published.assign(
        category=published["label"].map(said), stage=PUBLISHED, value=published["published_value"]
    ).dropna(subset=["category"])
    ours = rows.assign(stage=rows["weight_stage"].map(STAGES))
    both = pd.concat([ours, ages[["category", "stage", "value"]]], ignore_index=True)
    both["group"] = pd.Categorical(both["category"].map(AGES), list(AGES.values()), ordered=True)
    both = both.sort_values("group").astype({"group": str})
    known = rows.loc[rows["category"] == "all", "known_share"].min()
    partly = "" if known > 0.999 else f" Known of {known:.0%} of people: copy 0."
    source = ", ".join(sorted({f"{row.publisher} {row.source_table}" for row in ages.itertuples()}))
    figure(
        poverty_rates(both, measure),
        both[["group", "stage", "value"]],
        f"poverty_{measure}",
        f"val_poverty; published: {source or 'not in this release'}. No poverty rate is "
        f"fitted.{partly}",
    )


def inequality(release: str) -> None:
    """Set figures that have a standard error, and those of inequality, beside published ones."""
    st.header("Inequality and its uncertainty", anchor="inequality")
    rows = ask(release, FIGURES)
    told = rows[(rows["role"] == "benchmark") & rows["headline_metric"].notna()]
    units = told["unit"]
    table = pd.DataFrame(
        {
            "Published": [*map(humane, told["published_value"], units)],
            "Before": [*map(humane, told["initial_value"], units)],
            "After": [*map(humane, told["calibrated_value"], units)],
            "95% of samples": [
                "not replicated"
                if pd.isna(row.lower_value)
                else f"{humane(row.lower_value, row.unit)} to {humane(row.upper_value, row.unit)}"
                for row in told.itertuples()
            ],
            "Source": told["publisher"] + ", " + told["source_table"],
        }
    )
    st.table(table.set_index(told["label"].rename("Figure")))
    st.caption(
        "val_benchmark and val_headline_error: the interval is of sampling alone, from bootstrap "
        "replicates that are each calibrated anew, not of imputation or of what was published."
    )


@st.fragment
def burdens(found: pd.DataFrame) -> None:
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
    rows = found[found["weight_stage"] == (stage or "calibrated_weight")]
    caption = (
        "val_burden: people ranked by household income over the square root of household size, as "
        "CBO ranks them; corporate and excise taxes are not in it, nor benefits in kind. No "
        "distribution of taxes is published that this release could be held to."
    )
    left, right = st.columns(2)
    with left:
        figure(burden_rates(rows), rows, "burden_rates", caption)
    with right:
        figure(burden_shares(rows), rows, "burden_shares", "val_burden")


def benchmarks(release: str) -> None:
    """List every benchmark, with what differs between the two figures."""
    st.header("Every benchmark", anchor="benchmarks")
    rows = ask(release, FIGURES)
    asked = rows[rows["role"] == "benchmark"]
    answered = asked[asked["calibrated_value"].notna()]
    same = answered[answered["is_same_concept"]]
    near = int((same["relative_gap"].abs() <= 0.05).sum())
    st.markdown(
        f"**{near} of {len(same)} benchmarks of the same concept and year lie within 5%.** "
        f"{len(answered) - len(same)} more are of something else or another year, and what differs "
        f"is the finding; {len(asked) - len(answered)} this build cannot answer. No weight is "
        "fitted to any of these rows; some repeat what is fitted elsewhere, and say so."
    )
    told = pd.DataFrame(
        {
            "benchmark": rows["label"],
            "published": [*map(humane, rows["published_value"], rows["unit"])],
            "ours before": [*map(humane, rows["initial_value"], rows["unit"])],
            "ours": [*map(humane, rows["calibrated_value"], rows["unit"])],
            "gap": ["" if pd.isna(gap) else signed_percent(gap) for gap in rows["relative_gap"]],
            "same": rows["is_same_concept"],
            "what differs": rows["comparability"],
            "year": rows["period"],
            "source": rows["publisher"] + ", " + rows["source_table"],
        }
    )
    for role, words in (("benchmark", None), ("method", "Another file, to compare methods by")):
        if words:
            st.subheader(words, anchor=False)
        st.dataframe(
            told[rows["role"] == role],
            hide_index=True,
            key=f"benchmarks_{role}",
            column_config={"what differs": st.column_config.TextColumn(width="large")},
        )


open_page("poverty and inequality", "Who is poor, who has most, who pays", show)
