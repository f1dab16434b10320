"""Figures of releases and what they took, in the style of `steelyard.report.figures`."""

import altair as alt
import pandas as pd

from steelyard.report.figures import BLUE, FULL, GREY, ORANGE, PERCENT, ROW, _finished, _title

#: Variables that are drawn, those furthest apart first.
DRAWN = 20


def total_changes(columns: pd.DataFrame) -> alt.Chart | None:
    """Show by how much weighted totals differ between two releases.

    Parameters
    ----------
    columns
        ``table_name``, ``column_name``, ``old_total``, ``new_total``, one row a changed column.

    Returns
    -------
    None where no total differs.
    """
    told = columns[columns["old_total"].notna() & columns["old_total"].ne(0)]
    told = told.assign(
        variable=told["table_name"] + "." + told["column_name"],
        change=told["new_total"] / told["old_total"] - 1,
    )
    told = told[told["change"].ne(0)]
    if told.empty:
        return None
    drawn = told.reindex(told["change"].abs().sort_values(ascending=False).index).head(DRAWN)
    within = int((told["change"].abs() <= 0.01).sum())
    title = _title(
        f"{within} of {len(told)} weighted totals that differ, differ by 1% or less",
        f"Change of the weighted total, the {len(drawn)} largest",
        FULL,
    )
    bars = (
        alt.Chart(drawn[["variable", "change", "old_total", "new_total"]])
        .mark_bar(color=BLUE, height=12)
        .encode(
            x=alt.X("change:Q", title=None, axis=PERCENT),
            y=alt.Y("variable:N", sort=list(drawn["variable"]), title=None).axis(labelLimit=420),
            tooltip=["variable", alt.Tooltip("change", format="+.2%"), "old_total", "new_total"],
        )
    )
    rule = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=GREY).encode(x="x:Q")
    return _finished(alt.layer(bars, rule), title, height=ROW * len(drawn) + 40)


def stage_costs(stages: pd.DataFrame) -> alt.Chart:
    """Show how long the longest stages took in two builds.

    Parameters
    ----------
    stages
        Rows of `steelyard.release.stages.compare_stages`: stage, old_seconds, new_seconds, flag.
    """
    drawn = stages.sort_values("new_seconds", ascending=False).head(DRAWN)
    names = {"old_seconds": "earlier build", "new_seconds": "this build"}
    order = list(drawn["stage"])
    long = drawn.rename(columns=names).melt(["stage"], list(names.values()), "build", "seconds")
    flagged = stages["flag"].ne("").sum()
    title = _title(
        f"{flagged or 'No'} stage{'s' if flagged != 1 else ''} took 25% more than before",
        f"Seconds of the {len(drawn)} longest stages, from the release before to this · "
        "build_stage",
        FULL,
    )
    base = alt.Chart(long.dropna()).encode(
        x=alt.X("seconds:Q", title="seconds"),
        y=alt.Y("stage:N", sort=order, title=None).axis(labelLimit=420, grid=True),
    )
    points = base.mark_point(size=90, strokeWidth=2, opacity=1).encode(
        color=alt.Color(
            "build:N",
            scale=alt.Scale(domain=list(names.values()), range=[ORANGE, BLUE]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        fill=alt.Fill(
            "build:N",
            scale=alt.Scale(domain=list(names.values()), range=["white", BLUE]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=["stage", "build", alt.Tooltip("seconds", format=".1f")],
    )
    links = base.mark_line(color=GREY, strokeWidth=1.5).encode(detail="stage:N")
    return _finished(alt.layer(links, points), title, height=ROW * len(order) + 40)
