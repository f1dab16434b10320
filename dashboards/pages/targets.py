"""Targets: what was published, where, what ours is, what bears on it, and what it was before.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import re
import zlib
from typing import Any

import pandas as pd
import streamlit as st
from release_page import (
    ask,
    chosen_release,
    download,
    drawn,
    figure,
    head_start,
    open_page,
    part,
    percent,
    plain,
    table,
)
from target_queries import (
    ACHIEVED,
    BANDS,
    CURVES,
    EVERY_TARGET,
    FAMILIES,
    FIGHTS,
    HISTORY,
    ONE,
    PLACES,
    SHOWN,
    SUPPORT,
    TARGETS,
)

from steelyard.report import humane
from steelyard.report.figures import error_curves, family_fit
from steelyard.warehouse.query import QueryError

ROLES = ["fitted", "held_out", "unsupported", "inactive"]
FIT = """
    select target_family, geography_level, target_role, target_count, supported_count,
        initial_within_10_count, within_1_count, within_5_count, within_10_count
    from val_target_family
    order by target_family, geography_level, target_role
"""
COMPACT = st.column_config.NumberColumn


def show() -> None:
    """Let the reader find any target and look at one; then say how near all of them are."""
    release = chosen_release()
    browse(release)
    fit(release)


@part
def browse(release: str) -> None:
    """List what meets the reader's filters; the address of the page holds them all."""
    asked = filters(release)
    found = ask(release, TARGETS, support=SUPPORT, shown=SHOWN, **asked)
    count = int(found["found"].iat[0]) if len(found) else 0
    cut = f"; the first {SHOWN} are shown" if count > SHOWN else ""
    st.caption(
        f"**{count:,} targets**, largest error first, after them those that fewer than {SUPPORT} "
        f"households bear on{cut}. Choose a row to see where it comes from."
    )
    # Another list is another table: a row chosen in this one means nothing in that one.
    name = f"targets-{zlib.crc32(repr((release, asked)).encode()):x}"
    picked = listed(found, name)
    download(lambda: ask(release, EVERY_TARGET, support=SUPPORT, **asked), "targets", "All as CSV")
    chosen = chosen_target(name, None if picked is None else found["target_id"].iat[picked])
    if chosen is not None:
        one(release, chosen)


def filters(release: str) -> dict[str, Any]:
    """Ask which targets the reader wants."""
    families, bands = ask(release, FAMILIES), ask(release, BANDS)
    places = ask(release, PLACES).set_index("geoid")["place_name"]
    link = {"bind": "query-params"}
    first, second, third, fourth = st.columns([3, 3, 2, 3])
    return {
        "words": first.text_input(
            "Search", key="words", placeholder="label, variable, publisher, table", **link
        ),
        "families": second.multiselect("Family", families["target_family"], key="families", **link),
        "places": third.multiselect(
            "Geography", list(places.index), format_func=places.get, key="places", **link
        ),
        "bands": fourth.multiselect(
            "Band of income or age", bands["band"], format_func=in_words, key="bands", **link
        ),
        "roles": st.pills(
            "Role",
            ROLES,
            selection_mode="multi",
            default=ROLES[:2],
            format_func=lambda role: role.replace("_", " "),
            key="roles",
            **link,
        ),
    }


def listed(found: pd.DataFrame, name: str) -> int | None:
    """Show the list and return the place of the row that the reader chose."""
    event = st.dataframe(
        found.drop(columns=["found", "target_id"]).assign(
            target_label=found["target_label"].map(in_words),
            target_role=found["target_role"].str.replace("_", " "),
        ),
        hide_index=True,
        key=name,
        height=320,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "target_label": st.column_config.TextColumn("target", width=330),
            "target_role": "role",
            "published_value": COMPACT("published", format="compact"),
            "initial_estimate": COMPACT("ours before", format="compact"),
            "calibrated_estimate": COMPACT("ours after", format="compact"),
            "initial_relative_error": percent("error before"),
            "calibrated_relative_error": percent("error after"),
            "support_count": COMPACT("households", format="localized"),
        },
    )
    head_start()
    rows: list[int] = event.selection.rows
    return rows[0] if rows and rows[0] < len(found) else None


def chosen_target(name: str, picked: str | None) -> str | None:
    """Return the target of the row chosen last, or of the page's address, and write it there."""
    if picked is not None:
        st.session_state["picked"] = (name, picked)
        st.query_params["target"] = picked
    elif st.session_state.get("picked") == (name, st.query_params.get("target")):
        del st.query_params["target"]
    chosen: str | None = st.query_params.get("target")
    return chosen


def one(release: str, target_id: str) -> None:
    """Say all that is known of a target."""
    found = ask(release, ONE, target_id=target_id)
    if found.empty:
        st.info(f"This release has no target `{target_id}`.")
        return
    target = found.iloc[0]
    with st.container(border=True):
        st.subheader(plain(in_words(target["target_label"])), anchor=False)
        st.markdown(finding(target))
        estimates(target)
        left, right = st.columns(2)
        left.markdown(citation(target))
        right.markdown(definition(target))
        fights(release, target_id)
        history(release, target_id)
        st.caption(f"`{target_id}` · tables target, val_conflict, val_target_history")


def finding(target: Any) -> str:
    """Say in a sentence how near ours is, or why there is none."""
    role = target["target_role"].replace("_", " ")
    if pd.isna(target["calibrated_relative_error"]):
        reason = target["reason_left_out"] or "it is zero, so no error is relative to it"
        return f"**Nothing to compare** ({role}): {plain(reason)}."
    after, before = (
        lies(target["calibrated_relative_error"]),
        lies(target["initial_relative_error"]),
    )
    told = "" if role == "fitted" else "; the weights were not told of it"
    return f"**Ours lies {after} what was aimed at; before calibration, {before}** ({role}{told})."


def lies(error: float) -> str:
    """Say on which side of a figure ours lies, and how far off."""
    return f"{abs(error):.1%} {'below' if error < 0 else 'above'}"


def estimates(target: Any) -> None:
    """Set the published figure, ours before and after, and what bears on it side by side."""
    unit = target["unit"]
    figures = {
        "Published": (target["published_value"], unit),
        "Aimed at": (target["target_value"], unit),
        "Ours before": (target["initial_estimate"], unit),
        "Ours after": (target["calibrated_estimate"], unit),
        "Households that bear on it": (target["support_count"], "households"),
    }
    for column, (label, (value, of)) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(label, humane(value, of))


def citation(target: Any) -> str:
    """Lead back to the publisher's cell and to the row of the seed."""
    place = ", ".join(
        plain(text) for text in (target["source_table"], target["source_cell"]) if pd.notna(text)
    )
    lines = [
        f"**Citation** [{plain(target['publisher'])}: {place}]({target['citation_url']})",
        f"Edition {plain(target['vintage'])}, for {target['period_type'].replace('_', ' ')} "
        f"{target['period']}",
        f"Row `{target['seed_row']}`",
    ]
    if told := aimed(target):
        lines.append(f"From published to aimed at: {told}")
    return "  \n".join(lines)


def aimed(target: Any) -> str:
    """Name the factors between the published figure and the one that is aimed at."""
    factors = {
        "grown to the year of the build": ("growth_factor", "growth_source"),
        "scaled to a control total": ("control_factor", "control_tables"),
        "reconciled with sums of others": ("reconciliation_factor", None),
    }
    told = []
    for words, (column, source) in factors.items():
        factor = target[column]
        if pd.notna(factor) and round(factor, 4) != 1:
            by = f" ({plain(target[source])})" if source and pd.notna(target[source]) else ""
            told.append(f"{words}, × {factor:.4f}{by}")
    return "; ".join(told)


def definition(target: Any) -> str:
    """Say what is counted or summed, among whom, and what it costs the fit."""
    lines = [
        f"**Definition** {target['statistic']} of `{target['variable']}`, by "
        f"{target['entity'].replace('_', ' ')}",
        f"Among {plain(target['universe'])}, {target['geography_level']} `{target['geoid']}`",
        f"Where {in_words(target['all_constraints'])}" if target["all_constraints"] else "Of all",
        f"Family `{target['target_family']}`",
    ]
    if pd.notna(target["shadow_price"]):
        change = target["shadow_price"] * target["target_value"] / 100
        lines.append(
            f"Shadow price: the least loss changes by {change:+.2g} if told one percent more"
        )
    return "  \n".join(lines)


def fights(release: str, target_id: str) -> None:
    """Tell the conflicts that the target is in."""
    found = ask(release, FIGHTS, target_id=target_id)
    if len(found):
        told = "\n".join(f"- {plain(sentence)}" for sentence in found["sentence"])
        st.markdown(f"**In conflict with others over the same households**\n{told}")


def history(release: str, target_id: str) -> None:
    """Show which value the target had since when; a release of an older version knows none."""
    try:
        periods = ask(release, HISTORY, target_id=target_id)
    except QueryError:
        st.caption("This release was written before histories were released.")
        return
    if periods.empty:
        return
    since = f"{periods['valid_from'].iat[-1]:%Y-%m-%d %H:%M}"
    if len(periods) == 1:
        st.markdown(f"**History** one value, first built with here on {since}; never revised since")
        return
    st.markdown(f"**History** {len(periods)} versions; the one in force since {since}")
    table(
        periods.iloc[::-1],
        "history",
        valid_from=st.column_config.DatetimeColumn("from", format="YYYY-MM-DD HH:mm"),
        valid_to=st.column_config.DatetimeColumn("to", format="YYYY-MM-DD HH:mm"),
        published_value=COMPACT("published", format="localized"),
        vintage="edition",
        source_table="table",
        source_cell="cell",
        revised_columns="what was revised",
    )


def fit(release: str) -> None:
    """Show how near the weights come to all targets, told and untold, and to each family."""
    st.header("How near, all together", anchor="fit")
    curves, families = ask(release, CURVES, support=SUPPORT), ask(release, FIT)
    left, right = st.columns(2)
    with left:
        figure(drawn(error_curves, curves), curves, "errors", "Source: target")
    with right:
        st.markdown("**Share of targets within 1, 5 and 10%, and the median error**")
        table(
            ask(release, ACHIEVED, support=SUPPORT).replace("held_out", "held out"),
            "achieved",
            within_1=percent("1%"),
            within_5=percent("5%"),
            within_10=percent("10%"),
            median_error=percent("median"),
        )
        st.caption(
            f"Errors are relative and absolute, of targets that {SUPPORT} households or more bear "
            "on. Held-out targets were published like the others and kept from the solver."
        )
    figure(drawn(family_fit, families), families, "families", "Source: val_target_family")


def in_words(condition: str) -> str:
    """Write a condition as people do: ``10,000 ≤ AGI < 25,000``."""
    signs = condition.replace("<=", "≤").replace(">=", "≥").replace("|", " or ")
    words = signs.replace("adjusted_gross_income", "AGI").replace("_", " ")
    return re.sub(r"\b\d{4,}\b", lambda number: f"{int(number[0]):,}", words)


open_page("targets", "Every published figure, and ours beside it", show)
