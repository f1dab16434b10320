"""Vintages: what each variable looks like in every survey and year, and where it jumps.

Reads the Parquet files and manifest of ``releases/<target>/latest`` and nothing else.
"""

import streamlit as st
from release_page import ask, chosen_release, drawn, open_page

from steelyard.report.figures import vintages

FIRST = ("int_person", "employment_income", "mean")
WORDS = {
    "missing_share": "share of records whose value is not known",
    "zero_share": "share of zeros",
    "true_share": "share of yes",
    "category_share": "share of a code",
    "mean": "mean",
    "median_present": "median of values other than zero",
    "p99_present": "99th percentile of values other than zero",
    "total": "sum of weights",
}
JUMPS = """
    select table_name, column_name, dataset_id, statistic, category, previous_value,
        statistic_value, value_change, allowed_change, explanation
    from val_vintage_consistency where is_jump
    order by explanation is not null, table_name, column_name, dataset_id
"""
SOURCES = """
    select survey, first_vintage, last_vintage, publisher_columns, conversion, comparability
    from dictionary_source where table_name = $table_name and column_name = $column_name
    order by survey, first_vintage nulls first
"""


def show() -> None:
    """Let the reader choose a build; say what jumps, then show one variable."""
    release = chosen_release()
    told(release)
    variable(release)


def told(release: str) -> None:
    """Count the changes that were judged, and list the jumps."""
    jumps = ask(release, JUMPS)
    judged = ask(release, "select count(value_change) as changes from val_vintage_consistency").iat[
        0, 0
    ]
    if not judged:
        st.info("Every survey of this build has one vintage: there is nothing to compare.")
        return
    figures = {
        "Changes judged": judged,
        "Jumps": len(jumps),
        "Not explained": int(jumps["explanation"].isna().sum()),
    }
    for column, (name, count) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(name, f"{count:,}", border=True)
    if len(jumps):
        st.dataframe(jumps, hide_index=True, key="jumps")


def variable(release: str) -> None:
    """Draw one statistic of one variable, and say where the variable comes from."""
    known = ask(
        release,
        "select distinct table_name, column_name, statistic, coalesce(category, '') as category, "
        "unit from val_vintage_consistency order by all",
    )
    names = list(dict.fromkeys(zip(known["table_name"], known["column_name"], strict=True)))
    table, column = st.selectbox(
        "Variable",
        names,
        index=names.index(FIRST[:2]) if FIRST[:2] in names else 0,
        format_func=lambda name: f"{name[0]}.{name[1]}",
        key="variable",
    )
    own = known[(known["table_name"] == table) & (known["column_name"] == column)]
    choices = list(zip(own["statistic"], own["category"], strict=True))
    wanted = (FIRST[2], "")
    statistic, category = st.selectbox(
        "Statistic",
        choices,
        index=choices.index(wanted) if wanted in choices else 0,
        format_func=lambda choice: f"{WORDS[choice[0]]} {choice[1]}".strip(),
        key="statistic",
    )
    rows = ask(
        release,
        "from val_vintage_consistency where table_name = $table_name and column_name = $column_name"
        " and statistic = $statistic and coalesce(category, '') = $category order by all",
        table_name=table,
        column_name=column,
        statistic=statistic,
        category=category,
    )
    unit = "Share" if statistic.endswith("_share") else own["unit"].iat[0].capitalize() or "Value"
    st.vega_lite_chart(spec=drawn(vintages, rows, unit), key="chart")
    sources = ask(release, SOURCES, table_name=table, column_name=column)
    st.dataframe(sources, hide_index=True, key="sources")
    st.caption(
        "Under each survey's own weights; dollars are those of each year. Where a variable comes "
        "from: dictionary_source."
    )


open_page("vintages", "Surveys over the years", show)
