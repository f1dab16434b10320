"""Figures of states: equal squares instead of shapes, so that no state is hidden by its size."""

import math

import altair as alt
import pandas as pd

from steelyard.report.figures import (
    AFTER,
    BEFORE,
    BLUE,
    FULL,
    GREY,
    HALF,
    LEGEND,
    ORANGE,
    _before_after,
    _finished,
    _title,
)
from steelyard.report.words import humane, signed_percent

#: Where each state's square lies, roughly as on a map: the 50 states and the District of Columbia.
GRID = """
AK .  .  .  .  .  .  .  .  .  ME
.  .  .  .  .  .  .  .  .  VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT .
CA UT CO NE MO KY WV VA MD DE .
.  AZ NM KS AR TN NC SC DC .  .
.  .  .  OK LA MS AL GA .  .  .
HI .  .  TX .  .  .  .  FL .  .
"""
_FIPS = (
    "AL01 AK02 AZ04 AR05 CA06 CO08 CT09 DE10 DC11 FL12 GA13 HI15 ID16 IL17 IN18 IA19 KS20 KY21 "
    "LA22 ME23 MD24 MA25 MI26 MN27 MS28 MO29 MT30 NE31 NV32 NH33 NJ34 NM35 NY36 NC37 ND38 OH39 "
    "OK40 OR41 PA42 RI44 SC45 SD46 TN47 TX48 UT49 VT50 VA51 WA53 WV54 WI55 WY56"
)
#: Two-digit FIPS code to postal abbreviation.
STATES = {word[2:]: word[:2] for word in _FIPS.split()}
SIDE = 52  # of a square, in pixels


def tiles() -> pd.DataFrame:
    """Return the place of each state: geoid, state (postal), row, column."""
    codes = {state: geoid for geoid, state in STATES.items()}
    places = [
        (codes[state], state, row, column)
        for row, line in enumerate(GRID.split("\n")[1:-1])
        for column, state in enumerate(line.split())
        if state != "."
    ]
    return pd.DataFrame(places, columns=["geoid", "state", "row", "column"])


def error_map(rows: pd.DataFrame, measure: str, stage: str) -> alt.Chart:
    """Show by how much ours of each state is off the published figure.

    Parameters
    ----------
    rows
        Rows of ``val_state_figure`` of one measure: geoid, error (relative). States without a row
        are grey.
    measure, stage
        What is measured and under which weights, in words.
    """
    told = tiles().merge(rows, on="geoid", how="left")
    told["said"] = told["error"].map(signed_percent)
    known = told.dropna(subset=["error"])
    near = int((known["error"].abs() <= 0.1).sum())
    worst = known.iloc[int(known["error"].abs().to_numpy().argmax())]
    title = _title(
        f"{measure}: {near} of {len(known)} states lie within 10% of the published figure "
        f"{stage}; the furthest is {worst['state']} at {worst['said']}",
        "Ours over published, less 1; blue is too much, orange too little",
        HALF,
    )
    scale = alt.Scale(
        domain=[-0.25, 0, 0.25], range=[ORANGE, "#F7F7F7", BLUE], clamp=True, type="linear"
    )
    colour = alt.Color("error:Q", scale=scale, legend=None)
    return _map(told, colour, title, abs_limit=0.18)


def level_map(rows: pd.DataFrame, measure: str, unit: str) -> alt.Chart:
    """Show a level, a rate or an amount per head, of each state.

    Parameters
    ----------
    rows
        geoid, value.
    measure
        What is measured, in words.
    unit
        ``share``, ``USD`` or what is counted.
    """
    told = tiles().merge(rows, on="geoid", how="left")
    told["said"] = [humane(value, unit) for value in told["value"]]
    known = told.dropna(subset=["value"]).sort_values("value")
    low, high = known.iloc[0], known.iloc[-1]
    title = _title(
        f"{measure}: from {low['said']} in {low['state']} to {high['said']} in {high['state']}",
        "The darker, the more",
        HALF,
    )
    middle = float(known["value"].min() + known["value"].max()) / 2
    colour = alt.Color("value:Q", scale=alt.Scale(scheme="blues"), legend=None)
    return _map(told, colour, title, field="value", middle=middle)


def state_scatter(rows: pd.DataFrame, measure: str, unit: str, correlation: float) -> alt.Chart:
    """Show ours beside the published figure of every state, per head, before and after.

    Parameters
    ----------
    rows
        state, published, and ours as `BEFORE` and `AFTER`, all per resident.
    measure, unit
        What is measured, in words, and its unit.
    correlation
        Spearman's, per head, after calibration; NaN is left out of the title.
    """
    long = rows.melt(["state", "published"], [BEFORE, AFTER], "stage", "ours")
    for name in ("published", "ours"):
        long[f"{name} said"] = [humane_small(value, unit) for value in long[name]]
    error = (rows[AFTER] / rows["published"] - 1).abs().mean()
    told = "" if math.isnan(correlation) else f"; rank correlation {correlation:.2f}"
    title = _title(
        f"{measure}, per head: states are off by {error:.1%} on average after calibration{told}",
        "Per resident; on the line ours is what was published",
        HALF,
    )
    ends = pd.DataFrame({"x": [rows["published"].min(), rows["published"].max()]})
    line = alt.Chart(ends).mark_line(color=GREY, strokeDash=[5, 4]).encode(x="x:Q", y="x:Q")
    form = "$~s" if unit == "USD" else ".3~g"
    zero = alt.Scale(zero=False)
    dots = (
        alt.Chart(long)
        .mark_point(size=60, strokeWidth=2, opacity=1)
        .encode(
            x=alt.X("published:Q", title="Published", scale=zero).axis(format=form),
            y=alt.Y("ours:Q", title="Ours", scale=zero).axis(format=form),
            color=alt.Color(
                "stage:N",
                scale=alt.Scale(domain=[BEFORE, AFTER], range=[ORANGE, BLUE]),
                legend=LEGEND,
            ),
            fill=alt.Fill(
                "stage:N",
                scale=alt.Scale(domain=[BEFORE, AFTER], range=["white", BLUE]),
                legend=LEGEND,
            ),
            tooltip=[
                "state",
                "stage",
                alt.Tooltip("published said:N", title="published"),
                alt.Tooltip("ours said:N", title="ours"),
            ],
        )
    )
    names = (
        alt.Chart(long[long["stage"] == AFTER])
        .mark_text(dx=9, align="left", fontSize=10, color=GREY)
        .encode(x="published:Q", y="ours:Q", text="state:N")
    )
    return _finished(alt.layer(line, dots, names), title, height=420)


def state_errors(rows: pd.DataFrame) -> alt.Chart:
    """Show the mean error over states of each measure, before and after.

    Parameters
    ----------
    rows
        measure, and the mean absolute percentage error as `BEFORE` and `AFTER`.
    """
    better = int((rows[AFTER] < rows[BEFORE]).sum())
    title = _title(
        f"Calibration brings {better} of {len(rows)} measures nearer to the published figures of "
        "the states",
        "Mean over states of the error without its sign",
        FULL,
    )
    return _before_after(rows, "measure", title, [], zero=False)


def humane_small(value: float, unit: str) -> str:
    """Say an amount or a count per head."""
    return humane(value, unit) if unit == "USD" else f"{value:.3g}"


def _map(
    told: pd.DataFrame,
    colour: alt.Color,
    title: alt.TitleParams,
    *,
    field: str = "error",
    middle: float = 0.0,
    abs_limit: float | None = None,
) -> alt.Chart:
    dark = (
        f"abs(datum.{field}) > {abs_limit}"
        if abs_limit is not None
        else f"datum.{field} > {middle}"
    )
    base = alt.Chart(told).encode(
        x=alt.X("column:O", axis=None), y=alt.Y("row:O", axis=None), tooltip=["state", "said"]
    )
    squares = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.condition(f"isValid(datum.{field})", colour, alt.value("#D9D9D9"))
    )
    ink = alt.condition(dark, alt.value("white"), alt.value("black"))
    names = base.mark_text(dy=-7, fontWeight="bold", fontSize=12).encode(text="state:N", color=ink)
    said = base.mark_text(dy=9, fontSize=10).encode(text="said:N", color=ink)
    rows = int(told["row"].max()) + 1
    return _finished(alt.layer(squares, names, said), title, height=rows * SIDE + 70)
