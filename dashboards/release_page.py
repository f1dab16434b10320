"""What pages over one release have in common: they choose it, check it, ask it, or say why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from steelyard.release import ReleaseError, latest_release, verify
from steelyard.warehouse.query import QueryError, query_parquet

RELEASES = Path("releases")


@st.cache_data(show_spinner="Checking the files against their checksums", max_entries=20)
def checked(release: str, stamp: int) -> dict[str, Any]:
    """Verify a release, again whenever its checksums are written anew."""
    return verify(Path(release))


@st.cache_data(show_spinner=False, max_entries=200)
def ask(release: str, sql: str, **parameters: Any) -> pd.DataFrame:
    """Query a release; a version never changes, so an answer is asked for once."""
    return query_parquet(Path(release), sql, parameters)


def open_page(name: str, title: str, show: Callable[[], None]) -> None:
    """Show a page, or say in one message why there is none."""
    st.set_page_config(page_title=f"Steelyard: {name}", page_icon="⚖️", layout="wide")
    st.title(title, anchor=False)
    try:
        show()
    except (ReleaseError, QueryError) as error:
        st.error(f"**Nothing to show.** {error}", icon=":material/error:")


def chosen_release() -> str:
    """Let the reader choose a build, the demo last; warn if its release is invented."""
    builds = sorted(
        (pointer.parent.name for pointer in RELEASES.glob("*/latest") if pointer.is_dir()),
        key=lambda build: (build == "demo", build),
    )
    if not builds:
        raise ReleaseError("There is no release; run `make release` in the checkout first.")
    build = st.sidebar.selectbox("Build", builds, key="build", bind="query-params")
    release = latest_release(RELEASES / build)
    manifest = checked(str(release), (release / "SHA256SUMS").stat().st_mtime_ns)
    if manifest["is_synthetic"]:
        st.warning(
            f"**Synthetic.** Invented: {manifest['synthetic_sources']}.", icon=":material/science:"
        )
    return str(release)


def figure(chart: alt.Chart, rows: pd.DataFrame, name: str, source: str) -> None:
    """Draw a chart as wide as its place, its source beneath, and its rows to take away.

    The buttons over the chart, seen on hover, save it as PNG and copy it as Vega-Lite.

    Parameters
    ----------
    chart
        Its title says the finding, its subtitle the unit.
    rows
        What is drawn, in numbers.
    name
        Unique on the page; the CSV is called so.
    source
        The tables and publications that the chart shows.
    """
    st.altair_chart(chart, width="stretch", key=name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(source)
        st.download_button(
            "CSV",
            lambda: rows.to_csv(index=False),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"{name}.csv",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )


def table(rows: pd.DataFrame, name: str, **columns: Any) -> None:
    """Show rows that can be sorted, searched and saved as CSV; ``columns`` says how, by name."""
    st.dataframe(rows, hide_index=True, key=name, column_config=columns)


def percent(label: str) -> Any:
    """Show a column of shares as percentages."""
    return st.column_config.NumberColumn(label, format="percent")
