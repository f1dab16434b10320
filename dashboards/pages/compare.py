"""Two releases of a build side by side: figures, variables, targets, gates, and what they took."""

from pathlib import Path

import pandas as pd
import streamlit as st
from release_page import (
    RELEASES,
    download,
    drawn,
    figure,
    manifest_of,
    open_page,
    part,
    percent,
    table,
)

from steelyard.release import ReleaseError, compare_targets, released_targets
from steelyard.release.changelog import draft_changelog
from steelyard.release.comparison import Comparison, compare_figures, with_records
from steelyard.release.stages import GROWTH, compare_stages, read_stages, releases_by_age
from steelyard.report import humane, signed_percent
from steelyard.report.figures_release import stage_costs, total_changes

KINDS = ["revised", "gained", "lost"]
POINTERS = ("latest", "stable")


@st.cache_data(show_spinner=False, max_entries=20)
def outlined(old: str, new: str) -> Comparison:
    """Compare what two releases publish; a version never changes."""
    return compare_figures(Path(old), Path(new))


@st.cache_data(show_spinner="Comparing record by record", max_entries=20)
def compared(old: str, new: str) -> Comparison:
    """Compare their records too."""
    return with_records(outlined(old, new), Path(old), Path(new))


@st.cache_data(show_spinner=False, max_entries=20)
def revised(old: str, new: str) -> pd.DataFrame:
    """Compare the published figures of two releases."""
    return compare_targets(released_targets(Path(old)), released_targets(Path(new)))


def show() -> None:
    """Let the reader choose two releases, and lay out what differs, the most telling first."""
    pair = chosen_pair()
    if pair is None:
        return
    old, new = pair
    found = outlined(str(old), str(new))
    targets = revised(str(old), str(new))
    counts = {
        "Targets revised": int((targets["change"] == "revised").sum()),
        "Targets gained": int((targets["change"] == "gained").sum()),
        "Targets lost": int((targets["change"] == "lost").sum()),
        "Gates that differ": len(found.gates),
    }
    first, *columns = st.columns(len(counts) + 1)
    for column, (label, count) in zip(columns, counts.items(), strict=True):
        column.metric(label, f"{count:,}", border=True)
    if found.ingredients:
        names = ", ".join(f"`{name}`" for name in found.ingredients)
        st.caption(f"Made from another {names}.")
    headlines(found)
    gates(found)
    place = st.container()
    published(targets, old, new)
    stages(old, new)
    with place:
        st.header("Variables", anchor="variables")
        found = compared(str(old), str(new))  # takes seconds, and nothing else waits for it
        changed = found.columns[found.columns["change"] == "changed"]
        variables(found, changed)
    first.metric("Columns changed", f"{len(changed):,}", border=True)
    changelog(found)


@part
def changelog(found: Comparison) -> None:
    """Draft the changelog's section on data, when the reader asks for it."""
    if st.toggle("The changelog's section on data, drafted", key="draft", bind="query-params"):
        st.code(draft_changelog(found), language="markdown")


def chosen_pair() -> tuple[Path, Path] | None:
    """Return the two releases that the reader chooses, each whole; None if there is only one."""
    builds = sorted(
        (pointer.parent.name for pointer in RELEASES.glob("*/latest") if pointer.is_dir()),
        key=lambda build: (build == "demo", build),
    )
    if not builds:
        raise ReleaseError("There is no release; run `make release` in the checkout first.")
    build = st.sidebar.selectbox("Build", builds, key="build", bind="query-params")
    folder = RELEASES / build
    releases = {path.name: path for path in releases_by_age(folder)}
    if len(releases) < 2:
        st.info(
            f"`{next(iter(releases))}` is the only release of `{build}`. Change something and "
            "build again: both will be here to compare. `steelyard targets diff` compares days."
        )
        return None
    labels = {name: label(path, folder) for name, path in releases.items()}
    names = list(releases)
    latest = (folder / "latest").resolve().name
    stable = (folder / "stable").resolve().name
    others = [name for name in names if name != latest]
    before = stable if stable in others else others[0]
    left, right = st.columns(2)
    old = left.selectbox("From", names, names.index(before), format_func=labels.get, key="old")
    new = right.selectbox("To", names, names.index(latest), format_func=labels.get, key="new")
    if old == new:
        st.info("Choose two different releases.")
        return None
    return releases[old], releases[new]


def label(release: Path, folder: Path) -> str:
    """Name a release by when it was made, and by what leads to it; an altered one is refused."""
    manifest = manifest_of(str(release))
    led = [name for name in POINTERS if (folder / name).resolve().name == release.name]
    made = manifest["made"]["at"][:16].replace("T", " ")
    return " · ".join([f"{made} UTC", release.name, *led])


def headlines(found: Comparison) -> None:
    """Set the headline figures of both side by side."""
    st.header("Headline figures", anchor="headlines")
    rows = found.headlines
    units = rows["unit"]
    told = {
        name: [*map(humane, rows[f"{name}_value"], units)] for name in ("published", "old", "new")
    }
    change = rows["new_value"] / rows["old_value"].where(rows["old_value"] != 0) - 1
    st.table(
        pd.DataFrame(
            {
                "Figure": rows["label"],
                "Published": told["published"],
                "From": told["old"],
                "To": told["new"],
                "Change": [*map(signed_percent, change)],
            }
        )
        .replace(r"\$", r"\\$", regex=True)
        .set_index("Figure")
    )


def gates(found: Comparison) -> None:
    """List the gates whose measure, limit or verdict differs."""
    st.header("Gates", anchor="gates")
    if found.gates.empty:
        st.caption("Every gate has the same limit, measure and verdict in both.")
        return
    table(
        found.gates,
        "gates",
        was_met="was met",
        is_met="is met",
        old_limit="limit, from",
        new_limit="limit, to",
        old_measure="measured, from",
        new_measure="measured, to",
    )


def variables(found: Comparison, changed: pd.DataFrame) -> None:
    """Show which columns differ: records, totals, distributions."""
    for row in found.records.itertuples():
        st.markdown(
            f"`{row.table_name}`: {row.new_rows:,} records, was {row.old_rows:,}; "
            f"{row.gained:,} gained, {row.lost:,} lost."
        )
    for words, names in (("gained", found.tables_gained), ("lost", found.tables_lost)):
        if names:
            st.markdown(f"Tables {words}: {', '.join(f'`{name}`' for name in names)}.")
    if found.columns.empty:
        st.caption("No column of a record that both have differs.")
        return
    chart = drawn(total_changes, changed)
    if chart:
        figure(chart, changed, "totals", "Tables of records of both releases; weighted totals.")
    table(
        found.columns.sort_values(["distance", "records_changed"], ascending=False),
        "variables",
        table_name="table",
        column_name="variable",
        records_changed=st.column_config.NumberColumn("records changed", format="localized"),
        old_total=st.column_config.NumberColumn("total, from", format="compact"),
        new_total=st.column_config.NumberColumn("total, to", format="compact"),
        distance=st.column_config.NumberColumn(
            "distance",
            format="%.4f",
            help="Kolmogorov and Smirnov's, between the weighted distributions",
        ),
    )


def published(listed: pd.DataFrame, old: Path, new: Path) -> None:
    """List the published figures that were revised, gained and lost."""
    st.header("Targets", anchor="targets")
    if listed.empty:
        st.caption("Every published figure is the same in both.")
        return
    kinds = st.pills("Change", KINDS, selection_mode="multi", default=KINDS, key="kinds")
    table(
        listed[listed["change"].isin(kinds)],
        "targets",
        target_id=st.column_config.TextColumn("target", width="large"),
        source_table="table",
        value_before=st.column_config.NumberColumn("from", format="localized"),
        value_after=st.column_config.NumberColumn("to", format="localized"),
        relative_change=percent("change by"),
        revised_columns="what was revised",
    )
    st.caption(f"Published figures of {old.name} and {new.name}, before any ageing.")
    download(lambda: listed, f"revisions-{old.name}-{new.name}", "Download every difference as CSV")


def stages(old: Path, new: Path) -> None:
    """Show what the builds took, stage by stage, and flag what grew."""
    st.header("What the builds took", anchor="stages")
    try:
        rows = compare_stages(read_stages(old), read_stages(new))
    except ReleaseError as error:
        st.info(str(error))
        return
    flagged = rows[rows["flag"] != ""]
    if len(flagged):
        said = ", ".join(f"`{row.stage}` ({row.flag})" for row in flagged.itertuples())
        st.warning(f"{GROWTH:.0%} more than before: {said}.", icon=":material/trending_up:")
    else:
        st.success(f"No stage took {GROWTH:.0%} more time, memory or rows than before.")
    figure(drawn(stage_costs, rows), rows, "costs", "build_stage of both releases")
    table(
        rows,
        "stages",
        **{
            name: st.column_config.NumberColumn(words, format=form)
            for name, words, form in (
                ("old_seconds", "seconds, from", "%.1f"),
                ("new_seconds", "seconds, to", "%.1f"),
                ("seconds_change", "seconds, change", "percent"),
                ("old_grown_bytes", "memory, from", "bytes"),
                ("new_grown_bytes", "memory, to", "bytes"),
                ("grown_bytes_change", "memory, change", "percent"),
                ("old_row_count", "rows, from", "localized"),
                ("new_row_count", "rows, to", "localized"),
                ("row_count_change", "rows, change", "percent"),
            )
        },
    )


open_page("compare", "Two releases side by side", show)
