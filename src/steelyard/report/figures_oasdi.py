"""Figures on Social Security: what was published, and what the engine computes."""

import altair as alt
import pandas as pd

from steelyard.report.figures import BLUE, FULL, ORANGE, _finished, _title


def published_beside_computed(rows: pd.DataFrame, name: str) -> alt.Chart:
    """Draw one amount over the years: published as a line, computed as points upon it.

    Parameters
    ----------
    rows
        Rows of ``val_oasdi_published`` of one item and measure: year, published_value,
        computed_value, gap.
    name
        What the amount is, for the title.
    """
    exact, known = int((rows["gap"] == 0).sum()), int(rows["computed_value"].notna().sum())
    names = {"published_value": "published by SSA", "computed_value": "computed"}
    long = rows.rename(columns=names).melt("year", list(names.values()), "kind", "value").dropna()
    look = {"domain": list(names.values()), "range": [ORANGE, BLUE]}
    base = alt.Chart(long).encode(
        x=alt.X("year:Q", title=None).axis(format="d", tickMinStep=1),
        y=alt.Y("value:Q", title="Dollars").axis(format="$,.0f").scale(zero=False),
        color=alt.Color(
            "kind:N", scale=alt.Scale(**look), legend=alt.Legend(title=None, orient="top")
        ),
        tooltip=["year", "kind", alt.Tooltip("value", format="$,.2f")],
    )
    line = base.transform_filter(alt.datum.kind == names["published_value"]).mark_line()
    points = base.transform_filter(alt.datum.kind == names["computed_value"]).mark_point(size=40)
    title = _title(
        f"{name}: {exact} of {known} years are SSA's to the cent",
        "Dollars of each year",
        FULL,
    )
    return _finished(alt.layer(line, points), title, height=320)
