"""Overview of a release: what it says, how far to trust it, and what it was made from.

Reads the Parquet files and the manifest of ``releases/<target>/latest`` and nothing else, so a
build that runs at the same time is not disturbed.
"""

from typing import Any

import pandas as pd
import streamlit as st
from release_page import (
    RELEASES,
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
from target_queries import ACHIEVED, SUPPORT

from steelyard.report import gate_words, humane, interval_words, signed_percent
from steelyard.report.figures import headline_errors

WORST = 5  # known weaknesses that are told before the table of all
LINK = {"bind": "query-params"}
BEFORE, AFTER = "before calibration", "after calibration"
HEADLINE = """
    select headlines.label, headlines.unit, publisher, source, headlines.role,
        headlines.published_value, initial_value, headlines.calibrated_value,
        calibrated_relative_error, comparability, lower_value, upper_value
    from val_headline as headlines
    left join val_headline_error using (metric)
    order by headlines.role = 'benchmark', headlines.label
"""


def show() -> None:
    """Lay out the page, from what the release says to what it was made from."""
    release = chosen_release()
    manifest = manifest_of(release)
    st.caption(
        f"Release `{manifest['version']}` · build `{manifest['build_target']}` · incomes of "
        f"{manifest['income_year']} · made {manifest['made']['at'][:16].replace('T', ' ')} UTC"
    )
    key_figures(release, manifest)
    headline(release)
    gates(release)
    weaknesses(release)
    identity(release, manifest)


def key_figures(release: str, manifest: dict[str, Any]) -> None:
    """Show five figures by which a reader decides whether to read on."""
    achieved = ask(release, ACHIEVED, support=SUPPORT)
    shares = achieved.set_index(["role", "stage"])["within_10"]
    weights = ask(release, "select metric, value from val_weight_distribution")
    weight = dict(zip(weights["metric"], weights["value"], strict=True))
    met, failed = manifest["gates_met_count"], manifest["gates_failed_count"]
    figures = [
        (
            f"{words} within 10%",
            humane(shares.get((role, AFTER)), "share"),
            f"{humane(shares.get((role, BEFORE)), 'share')} before",
            f"Of the targets that {SUPPORT} households or more bear on",
        )
        for role, words in (("fitted", "Fitted"), ("held_out", "Held out"))
    ]
    figures += [
        (
            "Effective sample",
            humane(weight["effective_sample_share"], "share"),
            f"{weight['effective_sample_size']:,.0f} households",
            "Kish's effective sample after calibration over the one before",
        ),
        (
            "Top 100 households",
            humane(weight["top_100_share"], "share"),
            "of all weight",
            "Share of the calibrated weight that the hundred heaviest records carry",
        ),
        (
            "Gates met",
            f"{met} of {met + failed}",
            f"{failed} not met" if failed else "all met",
            "What a release must hold before it may be trusted; each is listed below",
        ),
    ]
    for column, (label, value, note, explained) in zip(st.columns(5), figures, strict=True):
        column.metric(
            label, value, note, delta_color="off", delta_arrow="off", border=True, help=explained
        )


def headline(release: str) -> None:
    """Set headline figures beside the published ones."""
    st.header("Headline figures", anchor="headline")
    figures = ask(release, HEADLINE)
    figure(
        drawn(headline_errors, figures),
        figures,
        "headline",
        f"Source: val_headline; {', '.join(figures['publisher'].unique())}",
    )
    units = figures["unit"]
    told = pd.DataFrame(
        {
            "Published": [*map(humane, figures["published_value"], units)],
            "Before": [*map(humane, figures["initial_value"], units)],
            "After": [*map(humane, figures["calibrated_value"], units)],
            "95% interval": [
                kept_together(interval_words(*ends))
                for ends in zip(figures["lower_value"], figures["upper_value"], units, strict=True)
            ],
            "Error": [*map(signed_percent, figures["calibrated_relative_error"])],
            "Role": figures["role"].str.replace("_", " "),
            "Source": figures["publisher"] + ", " + figures["source"],
            "Comparability": figures["comparability"].fillna(""),
        }
    )
    told.insert(0, "Figure", figures["label"])
    st.markdown(in_markdown(told))


def kept_together(interval: str) -> str:
    """Let no line end between a number and its unit."""
    return interval.replace(" ", "\xa0").replace("\xa0to\xa0", " to ")


def in_markdown(rows: pd.DataFrame) -> str:
    """Write a table in one piece: a browser draws it in a tenth of the time of a cell each."""
    lines = [list(rows.columns), ["---"] * rows.shape[1], *rows.map(plain).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def gates(release: str) -> None:
    """Say of each gate whether it is met, and why it stands there."""
    st.header("Gates", anchor="gates")
    rows = ask(
        release,
        "select gate, measured_value, limit_value, is_met, reason from val_gate "
        "order by is_met, gate",
    )
    told = []
    for row in rows.itertuples():
        badge = ":green-badge[met]" if row.is_met else ":red-badge[not met]"
        words = gate_words(row.gate, row.measured_value, row.limit_value)
        told.append(f"{badge} **{plain(words)}**  \n{plain(row.reason)}")
    for side, column in enumerate(st.columns(2)):
        column.markdown("\n\n".join(told[side::2]))


@part
def weaknesses(release: str) -> None:
    """Say what a reader should not rely on, the worst first."""
    st.header("What not to rely on", anchor="weaknesses")
    found = ask(
        release,
        "select kind, subject, geography_level, severity, sentence from val_weakness "
        "order by weakness_rank",
    )
    st.markdown("\n".join(f"1. {plain(sentence)}" for sentence in found["sentence"].head(WORST)))
    if len(found) > WORST and st.toggle(f"All {len(found)} known weaknesses", key="weak", **LINK):
        table(
            found,
            "weaknesses",
            severity=percent("severity"),
            sentence=st.column_config.TextColumn("in words", width="large"),
        )


def identity(release: str, manifest: dict[str, Any]) -> None:
    """Name code, targets and sources by the hashes that identify them."""
    st.header("What it was made from", anchor="identity")
    names = {
        "version": "Release",
        "git_commit": "Commit",
        "lock_sha256": "Lock file, SHA-256",
        "seeds_sha256": "Seeds, SHA-256",
        "target_snapshot_id": "Snapshot of targets",
        "seed": "Seed of randomness",
        "libraries": "Libraries",
    }
    told = [f"**{name}** `{manifest[key]}`" for key, name in names.items() if key in manifest]
    st.markdown("  \n".join(told))
    latest = RELEASES / manifest["build_target"] / "latest"
    st.markdown(
        "Every figure above is a row of a table, or a count of rows; ask yourself: "
        f"`select * from '{latest}/val_headline.parquet'`"
    )
    sources(release)


@part
def sources(release: str) -> None:
    """List the raw files, when the reader asks for them."""
    found = ask(
        release,
        "select title, producer, vintage, licence, row_count, raw_sha256, url "
        "from build_source order by source",
    )
    if st.toggle(f"The {len(found)} raw files, with their hashes", key="raw", **LINK):
        table(
            found,
            "sources",
            title=st.column_config.TextColumn("source", width="large"),
            producer=st.column_config.TextColumn(width="medium"),
            row_count=st.column_config.NumberColumn("rows", format="localized"),
            raw_sha256="SHA-256 of the file",
            url=st.column_config.LinkColumn("publisher's file"),
        )


open_page("overview", "What this release says", show)
