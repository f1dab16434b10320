"""Weights: how far calibration moved them, what that cost, and what it moved beside them.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import pandas as pd
import streamlit as st
from release_page import (
    ask,
    chosen_release,
    drawn,
    figure,
    manifest_of,
    open_page,
    part,
    percent,
    plain,
    table,
)
from target_queries import PLACES

from steelyard.report import humane
from steelyard.report.figures import solver_loss, solver_path, weight_ratios
from steelyard.report.figures_weights import drift, effective_samples, left_out

# Grain: one row per bin [lower, upper) of weight ratios, four bins to a doubling.
RATIOS = """
with

binned as (

    select floor(log2(weight_ratio) * 4) as bin
    from household
    where weight_ratio > 0

)

select
    power(2, bin / 4) as lower,
    power(2, (bin + 1) / 4) as upper,
    count(*) / sum(count(*)) over () as household_share

from binned
group by bin
order by bin
"""
GROUPS = """
    select group_kind, group_id, record_count, effective_sample_share,
        calibrated_effective_records, heaviest_100_share, zero_share, at_bounds_share,
        weight_ratio_p5, weight_ratio_p50, weight_ratio_p95
    from val_weight_group
    where group_kind = $kind
    order by group_id
"""
DRIFT = """
    select entity, characteristic, category, is_targeted, known_share, initial_share,
        calibrated_share, share_change, moved_share
    from val_drift
    order by moved_share desc, characteristic, category
"""
CONFLICTS = """
    select conflict_rank, sentence, price, overlap, household_count
    from val_conflict
    order by conflict_rank
"""
LEFT_OUT = """
    select group_name, target_count, initial_median_error, left_out_median_error,
        fitted_median_error, rest_median_error
    from val_left_out
    where group_kind = $kind
    order by group_name
"""
KINDS = {"state": "states", "income_decile": "income deciles"}
LEFT_OUT_KINDS = {"family": "families", "state": "states"}


def show() -> None:
    """Lay out the page, from the ratios to the scrutiny of the fit."""
    release = chosen_release()
    known = ask(release, "select metric, value from val_weight_distribution")
    weight = dict(zip(known["metric"], known["value"], strict=True))
    key_figures(weight)
    ratios(release, weight)
    groups(release)
    drifted(release)
    conflicts(release)
    solver(release)
    scrutiny(release)


def key_figures(weight: dict[str, float]) -> None:
    """Show what the weights' evenness is, and how much a few records carry."""
    figures = {
        "Effective sample kept": (weight["effective_sample_share"], "share"),
        "Effective households": (weight["effective_sample_size"], "households"),
        "Heaviest 100 carry": (weight["top_100_share"], "share"),
        "Households without weight": (weight["zero_share"], "share"),
    }
    for column, (label, (value, unit)) in zip(st.columns(4), figures.items(), strict=True):
        column.metric(label, humane(value, unit), border=True)


def ratios(release: str, weight: dict[str, float]) -> None:
    """Draw how far the weights moved, with the percentiles of the ratio."""
    bins = ask(release, RATIOS)
    figure(drawn(weight_ratios, bins), bins, "weight-ratios", "Source: household")
    percentiles = {
        float(name.removeprefix("ratio_percentiles_")): value
        for name, value in weight.items()
        if name.startswith("ratio_percentiles_")
    }
    row = {f"P{at:g}": f"{percentiles[at]:.2f}" for at in sorted(percentiles)}
    st.caption("Percentiles of the ratio of calibrated to initial weight, over households")
    table(pd.DataFrame([row]), "percentiles")


@part
def groups(release: str) -> None:
    """Draw the effective sample of every state or income decile."""
    st.header("Where the sample thinned", anchor="groups")
    kind = st.segmented_control(
        "By",
        list(KINDS),
        default="state",
        format_func=lambda kind: KINDS[kind],
        key="by",
        bind="query-params",
        required=True,
    )
    found = ask(release, GROUPS, kind=kind)
    if found.empty:
        st.info(f"This release has no households by {KINDS[kind]}.")
        return
    places = ask(release, PLACES).set_index("geoid")["place_name"]
    named = found.assign(name=found["group_id"].map(places).fillna(found["group_id"]))
    if kind == "state":
        named = named.sort_values("effective_sample_share")
    figure(
        drawn(effective_samples, named, KINDS[kind]),
        found,
        f"effective-{kind}",
        "Source: val_weight_group; deciles are of money income under the initial weights",
    )


def drifted(release: str) -> None:
    """Draw what calibration moved among characteristics, targeted or not."""
    st.header("What else moved", anchor="drift")
    rows = ask(release, DRIFT)
    by = ["entity", "characteristic", "is_targeted", "moved_share"]
    figure(drawn(drift, rows[by].drop_duplicates()), rows, "drift", "Source: val_drift")
    with st.expander("Every category"):
        table(
            rows,
            "categories",
            known_share=percent("known"),
            initial_share=percent("before"),
            calibrated_share=percent("after"),
            share_change=percent("change"),
            moved_share=percent("moved in all"),
        )


def conflicts(release: str) -> None:
    """Tell which sets of targets fight over the same households, the dearest first."""
    st.header("Targets that fight each other", anchor="conflicts")
    found = ask(release, CONFLICTS)
    if found.empty:
        st.info("None: no two sets of targets pull the same households apart.")
        return
    told = "\n".join(f"1. {plain(sentence)}" for sentence in found["sentence"].head(5))
    st.markdown(told)
    if len(found) > 5:
        with st.expander(f"All {len(found)} conflicts"):
            table(found, "conflicts", sentence=st.column_config.TextColumn(width="large"))


def solver(release: str) -> None:
    """Show how the solver got there."""
    st.header("How the solver got there", anchor="solver")
    steps = ask(release, "select * from val_history order by epoch")
    left, right = st.columns(2)
    with left:
        figure(drawn(solver_path, steps), steps, "solver-path", "Source: val_history")
    with right:
        figure(drawn(solver_loss, steps), steps, "solver-loss", "Source: val_history")
    manifest = manifest_of(release)
    if "solver" in manifest:
        st.caption(f"Solver {plain(manifest['solver'])}: {plain(manifest['solver_reason'])}.")


def scrutiny(release: str) -> None:
    """Show what happens to targets the weights are not told of, or are told wrong, if tried."""
    tried = {kind: ask(release, LEFT_OUT, kind=kind) for kind in LEFT_OUT_KINDS}
    placebo = ask(
        release,
        "select weight_stage, fitted_count, held_out_count, own_median_error, "
        "held_out_median_error, held_out_p90_error, effective_sample_share from val_placebo",
    )
    if placebo.empty and all(rows.empty for rows in tried.values()):
        st.caption("Leaving groups out, and fitting to wrong figures, was not tried in this build.")
        return
    st.header("Is the fit more than memory?", anchor="scrutiny")
    for kind, rows in tried.items():
        if len(rows):
            words = LEFT_OUT_KINDS[kind]
            figure(drawn(left_out, rows, words), rows, f"left-out-{words}", "Source: val_left_out")
    if len(placebo):
        st.markdown(
            "**Told wrong figures, the weights should not come nearer to the held-out ones**"
        )
        table(
            placebo,
            "placebo",
            own_median_error=percent("from what they were told"),
            held_out_median_error=percent("from held-out figures"),
            held_out_p90_error=percent("nine of ten within"),
            effective_sample_share=percent("effective sample"),
        )


open_page("weights", "What calibration did to the weights", show)
