"""Revisions: which published targets changed since an earlier release, and by how much.

Reads the Parquet files and manifests under ``releases/<target>`` and nothing else.
"""

from pathlib import Path

import pandas as pd
import streamlit as st
from release_page import RELEASES, download, manifest_of, open_page

from steelyard.release import (
    ReleaseError,
    compare_targets,
    latest_release,
    released_targets,
)

KINDS = ["revised", "gained", "lost"]


def made_at(release: Path) -> str:
    """Verify a release, and say when it was made."""
    made: str = manifest_of(str(release))["made"]["at"]
    return made[:16].replace("T", " ")


@st.cache_data(show_spinner=False, max_entries=20)
def compared(before: str, after: str) -> pd.DataFrame:
    """Compare the targets of two releases; a version never changes."""
    return compare_targets(released_targets(Path(before)), released_targets(Path(after)))


def show() -> None:
    """Let the reader choose since when, and list what changed."""
    builds = sorted(
        (pointer.parent.name for pointer in RELEASES.glob("*/latest") if pointer.is_dir()),
        key=lambda build: (build == "demo", build),
    )
    if not builds:
        raise ReleaseError("There is no release; run `make release` in the checkout first.")
    build = st.sidebar.selectbox("Build", builds, key="build", bind="query-params")
    latest = latest_release(RELEASES / build)
    dated = {path: made_at(path) for path in whole(RELEASES / build)}
    earlier = sorted(
        (path for path in dated if path.name != latest.name), key=lambda path: dated[path]
    )
    if not earlier:
        st.info(
            f"`{latest.name}` is the only release of `{build}`. Revise a fact and build again: "
            "both will be here to compare. `steelyard targets diff` compares days."
        )
        return
    before = st.selectbox(
        "Since the release of",
        earlier[::-1],
        format_func=lambda path: f"{dated[path]} UTC · {path.name}",
        key="before",
    )
    listed = compared(str(before), str(latest))
    for column, kind in zip(st.columns(len(KINDS)), KINDS, strict=True):
        column.metric(kind.capitalize(), f"{(listed['change'] == kind).sum():,}", border=True)
    kinds = st.pills("Change", KINDS, selection_mode="multi", default=KINDS[:1], key="kinds")
    found = listed[listed["change"].isin(kinds)]
    st.dataframe(
        found,
        hide_index=True,
        column_config={
            "target_id": st.column_config.TextColumn("target", width="large"),
            "source_table": "table",
            "value_before": st.column_config.NumberColumn("before", format="localized"),
            "value_after": st.column_config.NumberColumn("now", format="localized"),
            "relative_change": st.column_config.NumberColumn("change", format="percent"),
            "revised_columns": "what was revised",
        },
    )
    st.caption(f"Published figures of {before.name} and {latest.name}, before any ageing.")
    download(lambda: listed, f"revisions-{before.name}-{latest.name}", "Every difference as CSV")


def whole(folder: Path) -> list[Path]:
    """List the releases of a build that have targets."""
    found = sorted(path.parent for path in folder.glob("*/target.parquet"))
    return [path for path in found if not path.is_symlink()]


open_page("revisions", "Revisions of targets", show)
