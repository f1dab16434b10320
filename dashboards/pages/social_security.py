"""Social Security: what the engine computes beside what SSA published.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import streamlit as st
from release_page import ask, chosen_release, drawn, figure, open_page, part, table

from steelyard.report.figures_oasdi import published_beside_computed

COUNTS = """
    select subject, count(*) as figures, count(*) filter (where gap = 0) as exact
    from val_oasdi_published
    group by subject
    order by subject
"""
ITEMS = """
    select distinct item from val_oasdi_published
    where subject = 'automatic_amount'
    order by item = 'pia_bend_1' desc, item
"""
SERIES = """
    select year, published_value, computed_value, gap
    from val_oasdi_published
    where subject = 'automatic_amount' and item = $item
    order by year
"""
APART = """
    select item, year, month_of_year, measure, published_value, computed_value, gap, note, source
    from val_oasdi_published
    where gap is distinct from 0
    order by abs(gap) desc nulls last, item, year
"""
SUBJECTS = {
    "automatic_amount": "Amounts by the law's formulas",
    "worker": "Figures of workers whose earnings are known",
}


def show() -> None:
    """Say how many published figures are met to the cent, draw one amount, list the rest."""
    release = chosen_release()
    st.info(
        "No release holds a panel yet: this page is about the benefit formulas, not about people "
        "of the file.",
        icon=":material/info:",
    )
    counts = ask(release, COUNTS)
    if counts.empty:
        st.info("This build compared nothing with Social Security's publications.")
        return
    for column, row in zip(st.columns(len(counts)), counts.itertuples(), strict=True):
        column.metric(
            f"{SUBJECTS.get(row.subject, row.subject)}, to the cent",
            f"{row.exact:,} of {row.figures:,}",
            border=True,
        )
    series(release)
    apart(release)


@part
def series(release: str) -> None:
    """Draw one amount over the years."""
    items = ask(release, ITEMS)["item"]
    if items.empty:
        return
    item = st.selectbox("Amount", items, format_func=words, key="amount", bind="query-params")
    rows = ask(release, SERIES, item=item)
    figure(
        drawn(published_beside_computed, rows, words(item)),
        rows,
        item,
        "Source: val_oasdi_published; SSA",
    )


def apart(release: str) -> None:
    """List the figures that are not met to the cent."""
    rows = ask(release, APART)
    if rows.empty:
        st.caption("No published figure is computed otherwise.")
        return
    st.markdown(f"**{len(rows)} published figures are computed otherwise, or not at all**")
    table(
        rows,
        "apart",
        published_value=st.column_config.NumberColumn("published", format="dollar"),
        computed_value=st.column_config.NumberColumn("computed", format="dollar"),
        gap=st.column_config.NumberColumn("computed less published", format="dollar"),
    )


def words(item: str) -> str:
    """Name an amount for readers."""
    return item.replace("_", " ").replace("pia", "PIA").replace("fra", "full retirement age")


open_page("Social Security", "Social Security's formulas, ours and SSA's", show)
