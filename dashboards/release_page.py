"""What pages over one release have in common: they choose it, check it, ask it, or say why not."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from steelyard.release import ReleaseError, latest_release, verify
from steelyard.warehouse.query import QueryError, query_parquet

RELEASES = Path("releases")
#: Seconds that a browser has for a page's title, and for its first figure, before it gets the rest.
TITLE_START, HEAD_START = 0.05, 0.35


@st.cache_data(show_spinner="Checking the files against their checksums", max_entries=50)
def checked(release: str, files: list[tuple[str, int, int]]) -> dict[str, Any]:
    """Verify a release, again whenever a file's size or time changes (``files``)."""
    return verify(Path(release))


@st.cache_data(show_spinner=False, max_entries=500)
def ask(release: str, sql: str, **parameters: Any) -> pd.DataFrame:
    """Query a release; a version never changes, so an answer is asked for once."""
    return query_parquet(Path(release), sql, parameters)


@st.cache_data(show_spinner=False, max_entries=500)
def _drawn(_draw: Callable[..., alt.Chart | None], name: str, *told: Any) -> dict[str, Any]:
    """Draw; ``name`` says which function draws, which alone cannot be compared."""
    chart = _draw(*told)
    specification: dict[str, Any] = {} if chart is None else chart.to_dict()
    # Altair's own size of charts is another than the page's.
    specification.pop("config", None)
    return specification


def drawn(draw: Callable[..., alt.Chart | None], *told: Any) -> dict[str, Any]:
    """Return in Vega-Lite what a function of `steelyard.report` makes of its arguments.

    To describe and check a chart takes a tenth of a second, so that the same is drawn once. Empty
    where there is nothing to draw.
    """
    return _drawn(draw, f"{draw.__module__}.{draw.__qualname__}", *told)


def open_page(name: str, title: str, show: Callable[[], None]) -> None:
    """Show a page, or say in one message why there is none."""
    st.set_page_config(page_title=f"Steelyard: {name}", page_icon="⚖️", layout="wide")
    st.title(title, anchor=False)
    if st.session_state.get("page_before") != name:
        st.session_state["page_before"] = name
        st.session_state.pop("is_begun", None)
        time.sleep(TITLE_START)
    with _or_one_message():
        show()


def part(show: Callable[..., None]) -> Callable[..., None]:
    """Make of a function a part of a page that runs alone when something in it is changed."""

    @st.fragment
    @functools.wraps(show)
    def guarded(*arguments: Any) -> None:
        # What is raised in a fragment does not reach the page around it.
        with _or_one_message():
            show(*arguments)

    return guarded


@contextmanager
def _or_one_message() -> Iterator[None]:
    """Say in one message why there is nothing to show."""
    try:
        yield
    except ReleaseError as error:
        message = f"**Nothing to show.** {plain(error)}"
    except QueryError as error:
        message = (
            "**This release has not what the page reads**: it was written by another version of "
            f"Steelyard. Build it again with this one. {plain(error)}"
        )
    else:
        return
    st.error(message, icon=":material/error:")
    st.stop()


def chosen_release() -> str:
    """Let the reader choose a build, the demo last; check it; warn if its release is invented."""
    builds = builds_here()
    if not builds:
        raise ReleaseError(
            f"There is no release in {RELEASES.resolve()}; run `make release` in the checkout "
            "first."
        )
    release = str(latest_release(RELEASES / _build(builds)))
    manifest = manifest_of(release)
    if manifest["is_synthetic"]:
        st.warning(_synthetic_words(manifest), icon=":material/science:")
    return release


def builds_here() -> list[str]:
    """Name the builds that have a release, the demo last."""
    found = [pointer.parent.name for pointer in RELEASES.glob("*/latest") if pointer.is_dir()]
    return sorted(found, key=lambda build: (build == "demo", build))


def stamps(release: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of every file of a release: what changes when a file does."""
    found = [(file.name, file.stat()) for file in sorted(release.iterdir())]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]


def manifest_of(release: str) -> dict[str, Any]:
    """Return the manifest of a release whose every file is what was released.

    All of it is hashed before the first figure is shown; after that, once more when a file's size
    or time is another than when it was hashed.
    """
    manifest: dict[str, Any] = checked(release, stamps(Path(release)))
    return manifest


def figure(chart: dict[str, Any], rows: pd.DataFrame, name: str, source: str) -> None:
    """Draw a chart as wide as its place, its source beneath, and its rows to take away.

    The buttons over the chart, seen on hover, save it as PNG and copy it as Vega-Lite.

    Parameters
    ----------
    chart
        As `drawn` returns it. Its title says the finding, its subtitle the unit.
    rows
        What is drawn, in numbers.
    name
        Unique on the page; the CSV is called so.
    source
        The tables and publications that the chart shows.
    """
    st.vega_lite_chart(spec=chart, width="stretch", key=name)
    if "opening" in st.session_state:
        st.session_state["opening"].append((chart, source))
    head_start()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(source)
        download(lambda: rows, name, "CSV")


def head_start() -> None:
    """Let the browser draw a page's first figure before the rest of the page reaches it.

    It would lay out all that it has first, and the reader would look at a frame, or at the page
    before, for half a second. What is changed on a page that is open waits for nothing.
    """
    if "is_begun" not in st.session_state:
        st.session_state["is_begun"] = True
        time.sleep(HEAD_START)


def table(rows: pd.DataFrame, name: str, **columns: Any) -> None:
    """Show rows that can be sorted, searched and saved as CSV; ``columns`` says how, by name."""
    st.dataframe(rows, hide_index=True, key=name, column_config=columns)
    head_start()


def download(rows: Callable[[], pd.DataFrame], name: str, label: str) -> None:
    """Offer rows as CSV; they are asked for when the reader wants them."""
    st.download_button(
        label,
        lambda: rows().to_csv(index=False),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"{name}.csv",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def percent(label: str) -> Any:
    """Show a column of shares as percentages."""
    return st.column_config.NumberColumn(label, format="percent")


def plain(text: object) -> str:
    """Keep text from being read as Markdown or mathematics."""
    return str(text).replace("$", r"\$").replace("_", r"\_").replace("*", r"\*").replace("~", r"\~")


def _build(builds: list[str]) -> str:
    """Let the reader choose; the next page begins with what was chosen on the one before."""
    before = st.session_state.get("build_before")
    if "build" not in st.session_state and "build" not in st.query_params and before in builds:
        st.session_state["build"] = before
    build: str = st.sidebar.selectbox("Build", builds, key="build", bind="query-params")
    st.session_state["build_before"] = build
    return build


def _synthetic_words(manifest: dict[str, Any]) -> str:
    """Say which sources are invented, and what follows for the figures."""
    names = f"`{manifest['synthetic_sources']}`"
    if any(not source["is_synthetic"] for source in manifest["sources"]):
        return (
            f"**Synthetic in part.** Invented: {names}. What was imputed from it (the columns "
            "`<variable>_origin` say where) describes nobody, and figures that rest on it are no "
            "estimates."
        )
    return (
        "**Synthetic.** The records of this release are invented; no figure here describes the "
        f"United States. Invented: {names}."
    )
