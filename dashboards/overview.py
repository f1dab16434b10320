"""Overview of a release: what it says, how far to trust it, and what it was made from.

Reads the Parquet files and the manifest of ``releases/<target>/latest`` and nothing else, so a
build that runs at the same time is not disturbed.
"""

from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from overview_queries import ACHIEVED, CURVES, RATIOS, TARGETS
from release_page import RELEASES, ask

from steelyard.release import ReleaseError, latest_release, verify
from steelyard.report import gate_words, humane, signed_percent
from steelyard.report.figures import (
    error_curves,
    family_fit,
    headline_errors,
    solver_loss,
    solver_path,
    weight_ratios,
)
from steelyard.warehouse.query import QueryError

SUPPORT = 30  # households that must bear on a target before its error says anything
WORST = 5  # known weaknesses that are told before the table of all
SHOWN = 500  # rows of the target table that the browser gets; the CSV has all
ROLES = ["fitted", "held_out", "unsupported", "inactive"]
BEFORE, AFTER = "before calibration", "after calibration"


@st.cache_data(show_spinner="Checking the files against their checksums", max_entries=20)
def checked(release: str, files: list[tuple[str, int, int]]) -> dict[str, Any]:
    """Verify a release, again whenever a file's size or time changes (``files``)."""
    return verify(Path(release))


def main() -> None:
    """Show the page, or say in one message why there is none."""
    st.set_page_config(page_title="Steelyard", page_icon="⚖️", layout="wide")
    try:
        release = chosen_release()
        manifest = checked(str(release), stamps(release))
        show(str(release), manifest)
    except ReleaseError as error:
        st.error(f"**No release to show.** {plain(error)}", icon=":material/error:")
    except QueryError as error:
        st.error(
            f"**This release has not what the page reads**: it was written by another version. "
            f"Build it again with this one. {plain(error)}",
            icon=":material/error:",
        )


def stamps(release: Path) -> list[tuple[str, int, int]]:
    """List names, sizes and times of a release's files."""
    found = [(file.name, file.stat()) for file in sorted(release.iterdir())]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]


def chosen_release() -> Path:
    """Let the reader choose a build; the demo world comes last."""
    builds = [pointer.parent.name for pointer in RELEASES.glob("*/latest") if pointer.is_dir()]
    if not builds:
        raise ReleaseError(
            f"There is none in {RELEASES.resolve()}; run `make release` in the checkout first."
        )
    builds.sort(key=lambda build: (build == "demo", build))
    st.sidebar.title("Steelyard", anchor=False)
    build = st.sidebar.selectbox("Build", builds, key="build", bind="query-params")
    return latest_release(RELEASES / build)


def show(release: str, manifest: dict[str, Any]) -> None:
    """Lay out the page, from what it says to what it was made from."""
    contents()
    weights = ask(release, "select metric, value from val_weight_distribution")
    weight = dict(zip(weights["metric"], weights["value"], strict=True))
    achieved = ask(release, ACHIEVED, support=SUPPORT)
    title(manifest)
    key_figures(manifest, achieved, weight)
    headline(release)
    gates(release)
    weaknesses(release)
    fit(release, achieved)
    targets(release)
    weighing(release, weight, manifest)
    identity(release, manifest)


def contents() -> None:
    """Link to the sections."""
    places = {
        "Headline figures": "headline",
        "Gates": "gates",
        "What not to rely on": "weaknesses",
        "Target fit": "fit",
        "Every target": "targets",
        "Weights and solver": "weights",
        "What it was made from": "identity",
    }
    st.sidebar.markdown("\n".join(f"- [{name}](#{place})" for name, place in places.items()))


def title(manifest: dict[str, Any]) -> None:
    """Name the release, and say before anything else if its people are invented."""
    st.title(f"Release {manifest['version']}", anchor=False)
    st.caption(
        f"Build `{manifest['build_target']}` · incomes of {manifest['income_year']} · "
        f"made {manifest['made']['at'][:16].replace('T', ' ')} UTC · Steelyard "
        f"{manifest['steelyard_version']} at commit `{manifest['git_commit'][:10]}`"
    )
    if manifest["is_synthetic"]:
        st.warning(synthetic_words(manifest), icon=":material/science:")


def synthetic_words(manifest: dict[str, Any]) -> str:
    """Say which sources are invented, and what follows for the figures."""
    names = plain(manifest["synthetic_sources"])
    real = [source for source in manifest["sources"] if not source["is_synthetic"]]
    if real:
        return (
            f"**Synthetic in part.** Invented: {names}. What was imputed from it (the columns "
            "`<variable>_origin` say where) describes nobody, and figures that rest on it are no "
            "estimates."
        )
    return (
        "**Synthetic.** The records of this release are invented; no figure here describes the "
        f"United States. Synthetic sources: {names}."
    )


def key_figures(manifest: dict[str, Any], achieved: pd.DataFrame, weight: dict[str, float]) -> None:
    """Show five figures by which a reader decides whether to read on."""
    shares = achieved.set_index(["role", "stage"])["within_10"]
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
    figures = ask(release, "select * from val_headline order by role = 'benchmark', label")
    chart(headline_errors(figures))
    units = figures["unit"]
    table = pd.DataFrame(
        {
            "Published": [*map(humane, figures["published_value"], units)],
            "Before": [*map(humane, figures["initial_value"], units)],
            "After": [*map(humane, figures["calibrated_value"], units)],
            "Error": [*map(signed_percent, figures["calibrated_relative_error"])],
            "Role": figures["role"].str.replace("_", " "),
            "Source": figures["publisher"] + ", " + figures["source"],
            "Comparability": figures["comparability"].fillna(""),
        }
    )
    st.table(table.map(plain).set_index(figures["label"].rename("Figure")))


def gates(release: str) -> None:
    """Say of each gate whether it is met, and why it stands there."""
    st.header("Gates", anchor="gates")
    rows = ask(release, "select * from val_gate order by is_met, gate")
    columns = st.columns(2)
    for place, row in enumerate(rows.itertuples()):
        badge = ":green-badge[met]" if row.is_met else ":red-badge[not met]"
        words = gate_words(row.gate, row.measured_value, row.limit_value)
        columns[place % 2].markdown(f"{badge} **{plain(words)}**  \n{plain(row.reason)}")


def weaknesses(release: str) -> None:
    """Say what a reader should not rely on, the worst first."""
    st.header("What not to rely on", anchor="weaknesses")
    found = ask(release, "select * from val_weakness order by weakness_rank")
    st.markdown("\n".join(f"1. {plain(sentence)}" for sentence in found["sentence"].head(WORST)))
    if len(found) > WORST:
        with st.expander(f"All {len(found)} known weaknesses"):
            st.dataframe(
                found.drop(columns="weakness_rank"),
                hide_index=True,
                column_config={
                    "severity": percent("severity"),
                    "sentence": st.column_config.TextColumn("in words", width="large"),
                },
            )


def fit(release: str, achieved: pd.DataFrame) -> None:
    """Show how near the weights come to the published facts, told and untold."""
    st.header("Target fit", anchor="fit")
    left, right = st.columns(2)
    with left:
        chart(error_curves(ask(release, CURVES, support=SUPPORT)))
    with right:
        st.markdown("**Share of targets within 1, 5 and 10%, and the median error**")
        st.dataframe(
            achieved.assign(stage=achieved["stage"].str.split().str[0]),
            hide_index=True,
            column_config={
                "within_1": percent("1%"),
                "within_5": percent("5%"),
                "within_10": percent("10%"),
                "median_error": percent("median"),
            },
        )
        st.caption(
            f"Errors are relative and absolute, of targets that {SUPPORT} households or more bear "
            "on. Held-out targets were published like the others and kept from the solver."
        )
    families = ask(release, "select * from val_target_family")
    chart(family_fit(families))
    with st.expander("Families of targets as a table"):
        st.dataframe(families, hide_index=True, height="content")


@st.fragment
def targets(release: str) -> None:
    """Let the reader find any target: what was published, where, and what ours is."""
    st.header("Every target", anchor="targets")
    names = ask(release, "select distinct target_family from target order by target_family")
    geoids = ask(release, "select distinct geoid from target order by geoid = 'US' desc, geoid")
    one, two, three = st.columns(3)
    link = {"bind": "query-params"}
    words = one.text_input("Search", key="words", placeholder="label, variable, publisher", **link)
    families = two.multiselect("Family", names["target_family"], key="families", **link)
    places = three.multiselect("Geography (FIPS)", geoids["geoid"], key="places", **link)
    roles = st.pills("Role", ROLES, selection_mode="multi", default=ROLES[:2], key="roles", **link)
    asked = {"words": words, "families": families, "places": places, "roles": roles}
    found = ask(release, TARGETS, support=SUPPORT, **asked)
    cut = f"; the first {SHOWN} are shown" if len(found) > SHOWN else ""
    st.caption(
        f"{len(found):,} targets, largest error first, after them those that fewer than {SUPPORT} "
        f"households bear on{cut}"
    )
    st.dataframe(
        found.head(SHOWN),
        hide_index=True,
        column_config={
            "target_label": st.column_config.TextColumn("target", width="large"),
            "target_role": "role",
            "published_value": st.column_config.NumberColumn("published", format="compact"),
            "target_value": st.column_config.NumberColumn("aimed at", format="compact"),
            "initial_estimate": st.column_config.NumberColumn("ours before", format="compact"),
            "calibrated_estimate": st.column_config.NumberColumn("ours after", format="compact"),
            "initial_relative_error": percent("error before"),
            "calibrated_relative_error": percent("error after"),
            "support_count": st.column_config.NumberColumn("households"),
            "citation_url": st.column_config.LinkColumn("citation"),
        },
    )
    st.download_button(
        "Download all of these as CSV",
        lambda: found.to_csv(index=False),
        file_name=f"targets-{Path(release).name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def weighing(release: str, weight: dict[str, float], manifest: dict[str, Any]) -> None:
    """Show what the fit cost in weights, and how the solver got there."""
    st.header("Weights and solver", anchor="weights")
    chart(weight_ratios(ask(release, RATIOS)))
    ratios = {
        int(name.rpartition("_")[2]): value
        for name, value in weight.items()
        if name.startswith("ratio_percentiles_")
    }
    row = pd.DataFrame({f"P{at}": [f"{ratios[at]:.2f}"] for at in sorted(ratios)})
    st.dataframe(row, hide_index=True)
    st.caption("Percentiles of the ratio of calibrated to initial weight, over households")
    history = ask(release, "select * from val_history order by epoch")
    left, right = st.columns(2)
    with left:
        chart(solver_path(history))
    with right:
        chart(solver_loss(history))
    st.caption(f"Solver {plain(manifest['solver'])}: {plain(manifest['solver_reason'])}.")


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
    sources = ask(
        release,
        "select title, producer, vintage, licence, row_count, raw_sha256, url "
        "from build_source order by source",
    )
    st.dataframe(
        sources,
        hide_index=True,
        height="content",
        column_config={
            "title": st.column_config.TextColumn("source", width="large"),
            "producer": st.column_config.TextColumn(width="medium"),
            "row_count": st.column_config.NumberColumn("rows", format="localized"),
            "raw_sha256": "SHA-256 of the file",
            "url": st.column_config.LinkColumn("publisher's file"),
        },
    )
    st.caption("Ask the release yourself; every figure above is a row of it, or a count of rows:")
    latest = RELEASES / manifest["build_target"] / "latest"
    st.code(f"select * from '{latest}/val_headline.parquet'", language="sql")


def percent(label: str) -> Any:
    """Show a column of shares as percentages."""
    return st.column_config.NumberColumn(label, format="percent")


def chart(figure: alt.Chart) -> None:
    """Draw a figure as wide as its place."""
    st.altair_chart(figure, width="stretch")


def plain(text: object) -> str:
    """Keep text from being read as Markdown or mathematics."""
    return str(text).replace("$", r"\$").replace("_", r"\_").replace("*", r"\*").replace("~", r"\~")


main()
