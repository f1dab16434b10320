"""Lineage: where a figure comes from, back to its row, the models on the way and the raw files."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from release_page import ask, chosen_release, open_page, plain, table

from steelyard.release.lineage import (
    BENCHMARK,
    BENCHMARK_SEED,
    ORIGINS,
    arrows_among,
    figure_of,
    raw_files,
    way_to,
)
from steelyard.report import humane, signed_percent

CELLS = {
    "calibrated_estimate": "ours, after weighing",
    "initial_estimate": "ours, before weighing",
    "target_value": "what was aimed at",
    "published_value": "the published figure",
}
HEADLINES = """
select
    metric,
    label,
    unit,
    publisher,
    source,
    published_value,
    calibrated_value,
    target_id,
    seed_file,
    seed_line
from val_headline
order by role = 'benchmark', label
"""
FOUND = """
select
    target_id,
    target_label || ' · ' || publisher || ', ' || coalesce(source_table, '') as label
from target
where
    contains(
        lower(concat_ws(' ', target_label, publisher, source_table, target_id)), lower($words)
    )
order by target_id
limit 200
"""
KINDS = {
    "source": ("raw table", "#D55E00"),
    "seed": ("seed", "#D55E00"),
    "snapshot": ("snapshot", "#009E73"),
    "model": ("model", "#0072B2"),
}


def show() -> None:
    """Let the reader choose a figure, and follow it back."""
    release = chosen_release()
    st.markdown("Choose a headline or any published figure, and see all that it was made from.")
    kind = st.radio(
        "Figure",
        ["Headline", "Target"],
        key="kind",
        horizontal=True,
        bind="query-params",
        label_visibility="collapsed",
    )
    if kind == "Target":
        target_id = chosen_target(release)
        if target_id is None:
            return
    else:
        row = chosen_headline(release)
        target_id = row["target_id"]
        if pd.isna(target_id):
            benchmark(release, row)
            return
    fact = figure_of(Path(release), target_id).iloc[0]
    published(fact)
    cell = st.selectbox("Of which figure", list(CELLS), format_func=CELLS.get, key="cell")
    followed(release, ORIGINS[cell], f"target.{cell}")


def chosen_headline(release: str) -> dict[str, Any]:
    """Return the headline that the reader chooses."""
    rows = {row["label"]: row for row in ask(release, HEADLINES).to_dict("records")}
    label = st.selectbox("Headline", list(rows), key="headline", bind="query-params")
    return {str(name): value for name, value in rows[label].items()}


def chosen_target(release: str) -> str | None:
    """Return the target that the reader finds by words."""
    words = st.text_input(
        "Search", key="words", placeholder="label, publisher, table", bind="query-params"
    )
    found = ask(release, FOUND, words=words)
    if found.empty:
        st.info(f"No published figure has {words!r} in its name, publisher or table.")
        return None
    labels = dict(zip(found["target_id"], found["label"], strict=True))
    return st.selectbox("Target", list(labels), format_func=labels.get, key="target")


def published(fact: pd.Series) -> None:
    """Show the published figure, its row, its citation and its snapshot."""
    unit = fact["unit"]
    figures = [
        ("Published", humane(fact["published_value"], unit), fact["publisher"]),
        ("Aimed at", humane(fact["target_value"], unit), fact["target_role"].replace("_", " ")),
        ("Ours before", humane(fact["initial_estimate"], unit), None),
        (
            "Ours",
            humane(fact["calibrated_estimate"], unit),
            signed_percent(fact["calibrated_relative_error"]),
        ),
    ]
    for column, (label, value, note) in zip(st.columns(4), figures, strict=True):
        column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)
    place = ", ".join(str(fact[name]) for name in ("source_table", "source_cell") if fact[name])
    told = {
        "Figure": f"`{fact['target_id']}`",
        "Published in": f"[{plain(place)}]({fact['citation_url']}), edition {fact['vintage']}",
        "Row of the seed": f"`{fact['seed_file']}:{fact['seed_line']}`",
        "SHA-256 of that file": f"`{fact['seed_sha256']}`",
        "Snapshot of all facts": f"`{fact['target_snapshot_id']}`",
    }
    if pd.notna(fact["growth_factor"]):
        told["Aged by"] = f"{fact['growth_factor']:.4f}, {plain(fact['growth_source'])}"
    if pd.notna(fact["reason_left_out"]):
        told["Left out because"] = plain(fact["reason_left_out"])
    st.markdown("  \n".join(f"**{name}** {words}" for name, words in told.items()))


def benchmark(release: str, row: dict[str, Any]) -> None:
    """Show a headline that is never fitted: both sides of the comparison."""
    st.markdown(
        f"**{plain(row['label'])}** is a benchmark, which no weight is fitted to: "
        f"{humane(row['published_value'], row['unit'])} by {plain(row['publisher'])} "
        f"({plain(row['source'])}), ours {humane(row['calibrated_value'], row['unit'])}.  \n"
        f"The published figure is the row `{row['seed_file']}:{row['seed_line']}`; what it is "
        f"compared with is asked for in `seeds/params/{BENCHMARK_SEED}.csv`."
    )
    followed(release, BENCHMARK, f"{BENCHMARK}.value")


def followed(release: str, start: str, cell: str) -> None:
    """Draw and list what a model is made from, back to raw files."""
    way = way_to(Path(release), start)
    counts = way["kind"].value_counts()
    st.subheader("On the way")
    st.caption(
        f"`{cell}` is made by `{start}`, from {counts.get('model', 0):,} models (itself one), "
        f"{counts.get('seed', 0):,} seeds and {counts.get('source', 0):,} raw tables."
    )
    deepest = int(way["step"].max())
    steps = st.slider("Steps back in the drawing", 1, max(2, deepest), min(2, deepest), key="steps")
    near = way[way["step"] <= steps]
    arrows = arrows_among(Path(release), list(near["node"]))
    st.graphviz_chart(drawing(near, arrows), width="stretch")
    table(
        way.assign(kind=way["kind"].map({name: words for name, (words, _) in KINDS.items()})),
        "way",
        step=st.column_config.NumberColumn("steps back"),
        file=st.column_config.TextColumn("file", width="large"),
        sha256="SHA-256",
    )
    st.subheader("Raw files")
    files = raw_files(Path(release), way)
    if files.empty:
        st.caption("None of a survey: published figures stand in the checkout's seeds.")
        return
    table(
        files,
        "files",
        title=st.column_config.TextColumn("title", width="large"),
        raw_sha256="SHA-256",
        url=st.column_config.LinkColumn("publisher's file"),
    )


def drawing(nodes: pd.DataFrame, arrows: pd.DataFrame) -> str:
    """Say in Graphviz's language who reads whom: of each node the arrows that lead nearest."""
    step = dict(zip(nodes["node"], nodes["step"], strict=True))
    lines = [
        f'"{row.node}" [color="{KINDS[row.kind][1]}", '
        f'shape="{"box" if row.kind == "model" else "folder"}"]'
        for row in nodes.itertuples()
    ]
    lines += [
        f'"{row.parent}" -> "{row.node}"'
        for row in arrows.itertuples()
        if step[row.parent] == step[row.node] + 1
    ]
    style = 'rankdir="LR"; nodesep=0.1; node [fontname="sans-serif", fontsize=13, height=0.3]'
    return f"digraph {{ {style}; {'; '.join(lines)} }}"


open_page("lineage", "Where a figure comes from", show)
